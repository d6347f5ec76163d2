"""Tests of nlp_service.search: exact look-ups first, pivots reorder the head of the ranking and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from corpora.schema import Case
from corpora.store import CaseStore
from corpora.violations import Pivot, Violation, load_violations
from indexes.library import Library
from indexes.query import Channel, ChannelScore, Filters, Hit
from nlp_service.drafts import read_draft
from nlp_service.search import AGREE, CONFLICT, RERANKED, PivotMatch, exact_ids, match_pivots, rerank, search


@pytest.fixture
def store(home: Path) -> Iterator[CaseStore]:
    with CaseStore.open(home / "cases.db") as opened:
        yield opened


@pytest.fixture
def library(store: CaseStore, home: Path) -> Iterator[Library]:
    opened = Library.open(home / "library", store)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def violation() -> Violation:
    """Return a violation with one decisive and one other yes/no pivot, `decisive` and `plain`."""
    model = next(v for v in load_violations().values() if v.pivots)
    pivot = model.pivots[0]
    made = [
        pivot.model_copy(update={"name": name, "type": "bool", "decisive": name == "decisive", "yes": (), "no": (), "steers": {}, "value": None})
        for name in ("decisive", "plain")
    ]
    return model.model_copy(update={"pivots": tuple(made), "disposals": ()})


def hits(*scores: float) -> list[Hit]:
    return [Hit(f"C-{n}", n + 1, score, None, {}) for n, score in enumerate(scores)]


def cases(violation: Violation, **pivots: dict[str, bool]) -> dict[str, Case]:
    return {f"C-{name[1:]}": Case(case_id=f"C-{name[1:]}", facts="无", cause_code=violation.code, pivots=values) for name, values in pivots.items()}


def test_pivots_are_counted_and_weighed_by_the_formula(violation: Violation) -> None:
    """Each agreement adds AGREE, each conflict takes CONFLICT, a pivot that is not decisive counts 0.4."""
    ours = {"decisive": True, "plain": True}

    def match(code: str = violation.code, **theirs: bool) -> PivotMatch:
        return match_pivots(violation, ours, Case(case_id="x", facts="无", cause_code=code, pivots=theirs))

    assert match(decisive=True) == PivotMatch(agree=1)
    assert match(decisive=False, plain=True) == PivotMatch(conflict=1, minor_agree=1)
    assert match(other=True) == match("ZZ99", decisive=True) == PivotMatch()
    assert PivotMatch(agree=1).score == pytest.approx(AGREE)
    assert PivotMatch(conflict=1).score == pytest.approx(-CONFLICT)
    assert PivotMatch(agree=1, minor_conflict=1).score == pytest.approx(AGREE - 0.4 * CONFLICT)


def test_a_decisive_conflict_loses_to_agreement(violation: Violation) -> None:
    found = rerank(hits(0.9, 0.8), cases(violation, c0={"decisive": False}, c1={"decisive": True}), violation, {"decisive": True})
    assert [hit.case_id for hit in found] == ["C-1", "C-0"]
    assert [hit.rank for hit in found] == [1, 2]


def test_without_pivots_or_violation_the_order_stays(violation: Violation) -> None:
    given = hits(0.9, 0.8)
    there = cases(violation, c0={"decisive": False}, c1={"decisive": True})
    assert rerank(given, there, None, {"decisive": True}) == given
    assert rerank(given, there, violation, {}) == given


def test_a_case_found_by_its_number_stays_first_whatever_its_pivots(violation: Violation) -> None:
    given = hits(0.1, 0.9)
    given[0] = replace(given[0], channels={Channel.EXACT: ChannelScore(1, 1.0)})
    found = rerank(given, cases(violation, c0={"decisive": False}, c1={"decisive": True}), violation, {"decisive": True})
    assert [hit.case_id for hit in found] == ["C-0", "C-1"]


def test_only_the_head_is_reordered_and_every_rank_occurs_once(violation: Violation) -> None:
    given = hits(*(1 - n / 1000 for n in range(RERANKED + 20)))
    there = {hit.case_id: Case(case_id=hit.case_id, facts="无", cause_code=violation.code, pivots={"decisive": n % 2 == 1}) for n, hit in enumerate(given)}
    found = rerank(given, there, violation, {"decisive": True})
    assert [hit.rank for hit in found] == list(range(1, RERANKED + 21))
    assert [hit.case_id for hit in found[RERANKED:]] == [hit.case_id for hit in given[RERANKED:]]
    assert {hit.case_id for hit in found[: RERANKED // 2]} == {f"C-{n}" for n in range(1, RERANKED, 2)}


def test_equal_scores_keep_the_order_they_came_in(violation: Violation) -> None:
    found = rerank(hits(0.5, 0.5, 0.5), cases(violation, c0={}, c1={}, c2={}), violation, {"decisive": True})
    assert [hit.case_id for hit in found] == ["C-0", "C-1", "C-2"]


def test_an_id_or_a_document_number_is_looked_up(store: CaseStore, library: Library) -> None:
    store.put_many([Case(case_id="N-1", facts="无", doc_no="富综执罚决字〔2020〕第0068号")])
    library.refresh()
    assert exact_ids(store, library.view, read_draft("C-00007")) == ["C-00007"]
    assert exact_ids(store, library.view, read_draft("富综执罚决字〔2020〕第0068号")) == ["N-1"]
    assert exact_ids(store, library.view, read_draft("参照富综执罚决字〔2020〕第68号处理")) == ["N-1"]
    assert exact_ids(store, library.view, read_draft("见富综执罚决字[2020]68号")) == ["N-1"]
    assert exact_ids(store, library.view, read_draft("占道经营")) == []


def test_pages_are_slices_of_one_order(store: CaseStore, library: Library) -> None:
    draft = read_draft("烧烤店油烟净化器")
    whole = [found.hit.case_id for found in search(store, library, draft, 30).found]
    parts = [found.hit.case_id for offset in (0, 10, 20) for found in search(store, library, draft, 10, offset=offset).found]
    assert parts == whole


def test_a_search_past_the_end_is_empty(store: CaseStore, library: Library) -> None:
    assert search(store, library, read_draft("油烟"), 10, offset=1000).found == ()


def test_one_view_answers_even_when_the_library_moves_on(store: CaseStore, library: Library) -> None:
    view = library.view
    store.put_many([Case(case_id="N-1", facts="鸬鹚捕鱼三十七只")])
    library.refresh()
    assert [f.hit.case_id for f in search(store, library, read_draft("鸬鹚捕鱼"), 1).found] == ["N-1"]
    assert "N-1" not in [f.hit.case_id for f in search(store, library, read_draft("鸬鹚捕鱼"), 50, view=view).found]


def test_a_case_deleted_since_the_view_is_left_out(store: CaseStore, library: Library) -> None:
    store.delete("C-00003")
    found = search(store, library, read_draft("烧烤店油烟净化器"), 100).found
    assert "C-00003" not in [item.hit.case_id for item in found]
    assert len(found) == 99, "nothing else is lost"


def test_a_case_withdrawn_since_the_view_is_left_out(store: CaseStore, library: Library) -> None:
    store.withdraw("C-00003")
    assert "C-00003" not in [item.hit.case_id for item in search(store, library, read_draft("烧烤店油烟净化器"), 100).found]


def test_filters_and_pools_meet(store: CaseStore, library: Library) -> None:
    found = search(store, library, read_draft("油烟"), 10, filters=Filters(regions=("330111",)), pool=["C-00003", "C-00002", "C-00001"])
    assert sorted(item.hit.case_id for item in found.found) == ["C-00001", "C-00003"]


def test_passages_are_left_out_when_nobody_looks_at_them(store: CaseStore, library: Library) -> None:
    draft = read_draft("烧烤店油烟净化器居民投诉清洗排放")
    assert all(item.passages == () for item in search(store, library, draft, 5, with_passages=False).found)
    assert any(item.passages for item in search(store, library, draft, 5).found)


def test_a_pivot_of_the_catalogue_is_a_model(violation: Violation) -> None:
    assert all(isinstance(pivot, Pivot) for pivot in violation.pivots)
