"""Tests of training.examine: what is examined ranks exactly as search does."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest

from indexes.calibration import Evidence
from indexes.fusion import Fusion
from indexes.query import Channel
from nlp_service.plans import draft_from_record
from nlp_service.search import RERANKED, search
from training.examine import DEPTH, Examined, examine, is_self
from training.runs import DataError

LEXICAL = Fusion({Channel.LEXICAL: 1.0})


def made(scores: Sequence[float], boosts: Sequence[float] | None = None, exact: Sequence[str] = ()) -> Examined:
    """Return candidates c000, c001, … with lexical scores and what their pivots add."""
    ids = tuple(f"c{number:03d}" for number in range(len(scores)))
    added = np.array(boosts if boosts is not None else [0.0] * len(scores))
    return Examined("q", ids, {Channel.LEXICAL: np.array(scores)}, added, tuple(Evidence() for _ in ids), exact=frozenset(exact))


def test_candidates_come_by_fused_score_equal_ones_by_id() -> None:
    assert made([1.0, 3.0, 1.0]).ranking(LEXICAL) == ["c001", "c000", "c002"]
    assert made([1.0, 3.0, 1.0]).ranking(LEXICAL, 1) == ["c001"]
    assert made([]).ranking(LEXICAL) == []


def test_pivots_add_thirds_of_the_best_score() -> None:
    """Scaled scores 0, .5, 1; a third of the best each point: 0 + 1.5/3 = .5 stays behind c001 by its place, 1.8/3 = .6 overtakes it."""
    assert made([0.0, 1.0, 2.0], [1.5, 0.0, 0.0]).ranking(LEXICAL) == ["c002", "c001", "c000"]
    assert made([0.0, 1.0, 2.0], [1.8, 0.0, 0.0]).ranking(LEXICAL) == ["c002", "c000", "c001"]
    assert made([0.0, 1.0, 2.0], [0.0, 0.0, -1.8]).ranking(LEXICAL) == ["c001", "c002", "c000"]


def test_pivots_move_the_head_only() -> None:
    scores = [float(-number) for number in range(RERANKED + 2)]
    boosts = [0.0] * RERANKED + [0.0, 9.0]
    assert made(scores, boosts).ranking(LEXICAL)[-1] == f"c{RERANKED + 1:03d}"


def test_a_case_named_in_the_draft_is_first_whatever_it_scores() -> None:
    assert made([0.0, 1.0, 2.0], [-9.0, 0.0, 0.0], exact=["c000"]).ranking(LEXICAL) == ["c000", "c002", "c001"]


def test_examined_queries_rank_as_search_answers_them(searched: SimpleNamespace) -> None:
    fusion = searched.library.view.fusion
    for record in (*searched.queries, {"query_id": "exact", "text": "C-00005"}):
        answer = search(searched.store, searched.library, draft_from_record(record, 1000), 0, depth=DEPTH, with_passages=False)
        one = examine(searched.store, searched.library, record)
        assert one.ranking(fusion)[: len(answer.ranked)] == [hit.case_id for hit, _ in answer.ranked]
    assert one.exact == {"C-00005"}
    assert one.ranking(fusion)[0] == "C-00005"


def test_evidence_is_that_of_the_hits(searched: SimpleNamespace) -> None:
    record = searched.queries[3]
    answer = search(searched.store, searched.library, draft_from_record(record, 1000), 0, with_passages=False)
    one = examine(searched.store, searched.library, record)
    evidence = dict(zip(one.ids, one.evidence, strict=True))
    for hit, _ in answer.ranked[:10]:
        assert evidence[hit.case_id] == hit.evidence


def test_a_pool_is_examined_whole_and_alone(searched: SimpleNamespace) -> None:
    one = examine(searched.store, searched.library, searched.queries[0], pool=["C-00003", "C-00004", "gone"])
    assert one.ids == ("C-00003", "C-00004")


def test_the_case_that_is_the_draft_itself_can_be_left_out(searched: SimpleNamespace) -> None:
    facts = searched.store.get_many(["C-00011"])["C-00011"].facts
    assert len(facts) >= 40
    record = {"query_id": "self", "text": facts}
    assert "C-00011" in examine(searched.store, searched.library, record).ids
    without = examine(searched.store, searched.library, record, without_self=True)
    assert "C-00011" not in without.ids
    assert len(without.boosts) == len(without.evidence) == len(without.channels[Channel.DENSE]) == len(without.ids)


def test_self_is_forty_characters_word_for_word() -> None:
    text = "当事人在人行道摆放水果框二十三只，占用面积六平方米，执法人员责令其收回，三日后复查仍未收回。"
    assert is_self(text, f"经查，{text[:20]}\n{text[20:]}据此。"), "white space does not count"
    assert not is_self(text[:39], text)


def test_a_query_that_cannot_be_read_is_named(searched: SimpleNamespace) -> None:
    with pytest.raises(DataError, match="query q7: 案情为空"):
        examine(searched.store, searched.library, {"query_id": "q7", "text": "  "})
