"""Tests of training.worst_queries: what came first and what should have."""

from __future__ import annotations

from types import SimpleNamespace

from indexes.calibration import Calibration
from training.search_systems import Bench, fused_run
from training.worst_queries import N_SHOWN, N_WORST, worst_queries


def quiet(stage: str, share: float) -> None:
    """Hear nothing."""


def test_the_worst_come_first_with_hits_and_wanted_cases(searched: SimpleNamespace) -> None:
    examined = Bench(searched.store, searched.library, searched.queries).ask("x", quiet)
    run = fused_run(examined, searched.library.view.fusion)
    values = {"q00": 0.5, "q01": 0.25, "q02": 0.5}
    qrels = {"q00": {"C-00000": 3}, "q01": {"C-00001": 1, "C-00005": 3, "gone": 2, "C-00009": 0}, "q02": {"C-00002": 3}}
    found = worst_queries(searched.store, examined, run, values, qrels, Calibration({}, 0.0, 0.5, "flat"))
    assert [one.query_id for one in found] == ["q01", "q00", "q02"]
    first = found[0]
    assert (first.figure, first.text) == (0.25, searched.queries[1]["text"])
    assert [hit.rank for hit in first.hits] == list(range(1, N_SHOWN + 1))
    assert [hit.case_id for hit in first.hits] == [case_id for case_id, _ in run["q01"][:N_SHOWN]]
    assert {hit.relevance for hit in first.hits} == {0.5}
    assert [(case.case_id, case.grade) for case in first.wanted] == [("C-00005", 3), ("gone", 2), ("C-00001", 1)]
    gone = first.wanted[1]
    assert (gone.title, gone.rank, gone.relevance) == ("", None, None)
    assert first.wanted[0].cause == "违法建设"
    assert first.wanted[0].rank == [case_id for case_id, _ in run["q01"]].index("C-00005") + 1


def test_only_so_many_are_shown(searched: SimpleNamespace, theme_queries) -> None:
    queries = theme_queries(N_WORST + 3)
    examined = Bench(searched.store, searched.library, queries).ask("x", quiet)
    qrels = {query["query_id"]: query["rel"] for query in queries}
    values = {query["query_id"]: 1.0 - number / 100 for number, query in enumerate(queries)}
    found = worst_queries(searched.store, examined, fused_run(examined, searched.library.view.fusion), values, qrels, Calibration({}, 0.0, 0.5, "x"))
    assert len(found) == N_WORST
    assert found[0].query_id == queries[-1]["query_id"]
    assert all(len(one.wanted) == N_SHOWN for one in found)
