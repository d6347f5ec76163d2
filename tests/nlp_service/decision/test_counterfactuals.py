"""Tests of nlp_service.decision.counterfactuals: pivots both ways and factors, counted; no usual disposal below five."""

from __future__ import annotations

from corpora.schema import Case
from corpora.violations import load_violations
from indexes.query import Read, SearchResult
from nlp_service.decision.counterfactuals import counterfactuals
from nlp_service.decision.neighbours import Neighbour
from nlp_service.drafts import Draft
from nlp_service.search import Answer

CX02 = load_violations()["CX02"]


def peer(number: int, level: int, facts: str = "厂房超建。", **pivots: bool) -> Neighbour:
    return Neighbour(Case(f"P-{number}", facts=facts, pivots=pivots), 2, 0.9, 1.0, level, None, (), (), None)


def found(items: list[Neighbour], text: str = "厂房超建", pivots: dict | None = None) -> list[tuple[str, bool, int, str | None, str]]:
    answer = Answer((), (), CX02, pivots or {}, SearchResult((), 0, (), (), True, Read(0, 0, 1), {}, "s", 0), 0)
    return [(item.pivot, item.value, item.n, item.median, item.kind) for item in counterfactuals(answer, Draft(text, len(text)), items)]


def test_an_open_pivot_is_told_both_ways_with_counts() -> None:
    items = [*(peer(n, 2, 可改正=True) for n in range(5)), *(peer(n, 4, 可改正=False) for n in range(5, 8))]
    assert found(items) == [("可改正", True, 5, "责令限期改正并处罚款", "pivot"), ("可改正", False, 3, None, "pivot")]


def test_a_stated_pivot_is_not_told() -> None:
    assert found([peer(n, 2, 可改正=True) for n in range(5)], pivots={"可改正": True}) == []


def test_a_factor_is_told_from_five_peers_on_and_only_when_the_draft_does_not_state_it() -> None:
    items = [peer(n, 2, "接通知当天停工。") for n in range(5)]
    assert found(items) == [("主动停建", True, 5, "责令限期改正并处罚款", "mitigating")]
    assert found(items[:4]) == []
    assert found(items, text="接通知当天停工") == []


def test_peers_that_do_not_count_tell_nothing() -> None:
    left_out = Neighbour(Case("P-1", facts="x", pivots={"可改正": True}), 1, 0.6, 0.0, 2, None, (), (), "关键事实相反")
    assert found([left_out]) == []
