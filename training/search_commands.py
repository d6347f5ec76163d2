"""`evaluate search` on the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

from .runs import read_pools, read_qrels, read_queries, read_run


def register(what: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare `evaluate search`."""
    searching = what.add_parser("search", help="retrieval on a built library: search, plain BM25 and every channel, and whether the probabilities hold")
    searching.add_argument("--home", type=Path, required=True, help="home of the service with store and snapshot")
    searching.add_argument("--queries", type=Path, required=True)
    searching.add_argument("--qrels", type=Path, default=None, help="TREC qrels, TSV, or the query file with `rel` (default: the query file)")
    searching.add_argument("--pools", type=Path, default=None, help="candidates per query; without it the whole library is searched")
    searching.add_argument("--with-self", action="store_true", help="keep cases that hold the draft verbatim")
    searching.add_argument("--within-cause", action="store_true", help="also with candidates restricted to the causes of each query's similar cases")
    searching.add_argument("--ablations", action="store_true", help="also without each part of search that can be switched off without a rebuild")
    searching.add_argument("--against", type=Path, default=None, metavar="RUN.trec", help="paired difference to an earlier run (NDCG@10, MAP)")
    searching.add_argument("--outside", action="store_true", help="also ask the bundled texts that no library of penalty cases answers")
    searching.add_argument("--out-folds", type=int, default=0, metavar="N", help="also ask N libraries rebuilt without some causes for these")
    searching.add_argument("--runs", type=Path, default=None, help="folder for TREC run files")
    searching.add_argument("--report", type=Path, default=None, metavar="FILE.html", help="page with plots and the worst queries")
    searching.set_defaults(run=evaluate_search)


def evaluate_search(arguments: argparse.Namespace) -> int:
    """Measure a built library, print the figures, write what was asked for."""
    from corpora.store import CaseStore  # the whole library stands behind it: other commands need none of it
    from indexes.library import Library
    from nlp_service.commands.base import progress_bar

    from .evaluate_search import Options, evaluate, save_runs
    from .out_of_library import outside_texts
    from .search_report import write_search_report
    from .search_systems import Bench
    from .search_tables import say

    queries, qrels = read_queries(arguments.queries), read_qrels(arguments.qrels or arguments.queries)
    pools = read_pools(arguments.pools, queries) if arguments.pools else None
    options = Options(
        name=arguments.queries.stem,
        within_cause=arguments.within_cause,
        ablations=arguments.ablations,
        against=(arguments.against.name, read_run(arguments.against)) if arguments.against else None,
        out_folds=max(0, arguments.out_folds),
        outside=outside_texts() if arguments.outside else (),
    )
    with CaseStore.open(arguments.home / "cases.db", create=False) as store, progress_bar() as tell:
        library = Library.open(arguments.home / "library", store)
        try:
            found, runs = evaluate(Bench(store, library, queries, pools, pools is None and not arguments.with_self), qrels, options, tell)
        finally:
            library.close()
    for line in say(found):
        print(line)  # noqa: T201
    if arguments.runs:
        save_runs(arguments.runs, runs)
    if arguments.report:
        write_search_report(arguments.report, found)
        print(f"→ {arguments.report}")  # noqa: T201
    return 0
