"""`evaluate search` on the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .runs import read_pools, read_qrels, read_queries


def register(what: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare `evaluate search`."""
    searching = what.add_parser("search", help="retrieval on a built library")
    searching.add_argument("--home", type=Path, required=True, help="home of the service with store and snapshot")
    searching.add_argument("--queries", type=Path, required=True)
    searching.add_argument("--qrels", type=Path, required=True, help="TREC qrels, TSV, or the query file with `rel`")
    searching.add_argument("--pools", type=Path, default=None, help="candidates per query; without it the whole library is searched")
    searching.add_argument("--with-self", action="store_true", help="keep cases that hold the draft verbatim")
    searching.add_argument("--runs", type=Path, default=None, help="folder for TREC run files")
    searching.set_defaults(run=evaluate_search)


def evaluate_search(arguments: argparse.Namespace) -> int:
    """Measure a built library and print every channel."""
    from corpora.store import CaseStore  # the whole library stands behind it: other commands need none of it
    from indexes.library import Library

    from .evaluate_search import FUSED, compare, figures, run_search, save_runs

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
