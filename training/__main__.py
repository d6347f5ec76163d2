"""`python -m training COMMAND`: the researchers' side of the service."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from corpora.store import CaseStore, StoreError
from indexes.errors import LibraryError
from indexes.library import Library
from nlp_service.tagging.linear import ArtefactError
from nlp_service.tagging.schemes import SchemeError

from .evaluate_search import FUSED, compare, figures, run_search, save_runs
from .labelled_reports import LabelError
from .runs import DataError, read_pools, read_qrels, read_queries
from .tagger_commands import evaluate_tagger, fit_tagger


def parser() -> argparse.ArgumentParser:
    """Return the parser."""
    top = argparse.ArgumentParser(prog="python -m training", description="evaluate and train the models of the service")
    commands = top.add_subparsers(dest="command", required=True)
    evaluate = commands.add_parser("evaluate", help="measure a model or a library")
    what = evaluate.add_subparsers(dest="what", required=True)
    searching = what.add_parser("search", help="retrieval on a built library")
    searching.add_argument("--home", type=Path, required=True, help="home of the service with store and snapshot")
    searching.add_argument("--queries", type=Path, required=True)
    searching.add_argument("--qrels", type=Path, required=True, help="TREC qrels, TSV, or the query file with `rel`")
    searching.add_argument("--pools", type=Path, default=None, help="candidates per query; without it the whole library is searched")
    searching.add_argument("--with-self", action="store_true", help="keep cases that hold the draft verbatim")
    searching.add_argument("--runs", type=Path, default=None, help="folder for TREC run files")
    tagger = commands.add_parser("fit-tagger", help="fit the linear tagger of a scheme")
    tagger.add_argument("--scheme", required=True, help="name of a bundled scheme, or a YAML file")
    tagger.add_argument("--reports", type=Path, nargs="+", required=True, help="labelled reports (JSONL: text, tags, suspected, rejected, author)")
    tagger.add_argument("--out", type=Path, required=True, help="folder of the artefact")
    tagger.add_argument("--seed", type=int, default=0)
    tagging = what.add_parser("tagger", help="a tagger on labelled reports")
    tagging.add_argument("--scheme", required=True)
    tagging.add_argument("--model", type=Path, default=None, help="artefact; without it the rules alone")
    tagging.add_argument("--reports", type=Path, required=True)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; errors are one line."""
    arguments = parser().parse_args(argv)
    try:
        if arguments.command == "fit-tagger":
            return fit_tagger(arguments)
        return evaluate_tagger(arguments) if arguments.what == "tagger" else _search(arguments)
    except (DataError, LabelError, SchemeError, ArtefactError, LibraryError, StoreError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 2


def _search(arguments: argparse.Namespace) -> int:
    out = Console()
    queries, qrels = read_queries(arguments.queries), read_qrels(arguments.qrels)
    pools = read_pools(arguments.pools) if arguments.pools else None
    with CaseStore.open(arguments.home / "cases.db", create=False) as store:
        library = Library.open(arguments.home / "library", store)
        runs = run_search(store, library, queries, pools=pools, without_self=pools is None and not arguments.with_self)
        library.close()
    found = {name: figures(run, qrels) for name, run in runs.items()}
    metrics = list(found[FUSED].values)
    table = Table("system", *metrics, title=f"{len(queries)} queries, {'pools' if pools else 'whole library'}")
    for name, system in found.items():
        table.add_row(name, *(f"{system.interval(metric).mean:.3f}" for metric in metrics))
    out.print(table)
    for metric in ("NDCG@10", "MAP"):
        own = found[FUSED].interval(metric)
        out.print(f"fused {metric} {own.mean:.3f} [{own.low:.3f}, {own.high:.3f}]", highlight=False)
    best = max((name for name in found if name != FUSED), key=lambda name: found[name].interval("NDCG@10").mean)
    gain = compare(found[FUSED], found[best])
    out.print(f"fused − best single ({best}) NDCG@10: {gain.mean:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]", highlight=False)
    if arguments.runs:
        save_runs(arguments.runs, runs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
