"""Tests of indexes.scoring: what is read of a draft, hits in order, and the evidence of each, worked by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from indexes.calibration import USUAL_PAIRS, USUAL_WORDS
from indexes.dense import DenseHits
from indexes.fusion import Fusion
from indexes.query import Channel
from indexes.scoring import Reading, Scored

IDS = ("A", "B", "C", "D")


def reading(**changed: Any) -> Reading:
    values: dict[str, Any] = {
        "terms": {"油烟": 1.0},
        "vectors": np.ones((1, 2), np.float32),
        "probabilities": np.array([0.5, 0.5], np.float32),
        "labels": (("油烟", 0.6), ("占道", 0.4)),
        "articles": (),
        "reach": 4.0,
        "known": USUAL_WORDS - 0.25,
        "familiar": USUAL_PAIRS + 0.2,
        "absent": 0.1,
        "is_named": False,
    }
    return Reading(**{**values, **changed})


def scored(**more: list[float]) -> Scored:
    """Return the rows 1, 2, 3 (B, C, D): lexical likes C, reasoning knows nothing of D."""
    channels = {Channel.LEXICAL: [1.0, 3.0, 1.0], Channel.DENSE: [0.25, 0.5, 0.75], Channel.REASONING: [0.4, 0.2, -math.inf]}
    channels |= {Channel(name): values for name, values in more.items()}
    passages = DenseHits(np.array([1, 2, 3]), np.array([0.25, 0.5, 0.75], np.float32), np.array([[0, 5], [2, 9], [1, 4]], np.int32))
    arrays = {channel: np.array(values) for channel, values in channels.items()}
    return Scored(np.array([1, 2, 3]), arrays, np.array([0.6, 0.4, 0.0]), np.array([0.7, 0.5, 0.1]), passages)


def test_trust_is_the_likeliest_cause_or_whole_when_it_is_named() -> None:
    assert reading().trust == 0.6
    assert reading(labels=()).trust == 0.0
    assert reading(labels=(), is_named=True).trust == 1.0


def test_certainty_is_one_minus_entropy() -> None:
    assert reading().certainty == pytest.approx(0.0, abs=1e-6)
    assert reading(probabilities=np.array([1.0, 0.0, 0.0], np.float32)).certainty == pytest.approx(1.0)
    halves = reading(probabilities=np.array([0.5, 0.5, 0.0, 0.0], np.float32))
    assert halves.certainty == pytest.approx(1 - math.log(2) / math.log(4))
    assert reading(probabilities=np.zeros(0, np.float32)).certainty == 0.0


@pytest.mark.parametrize(("n_terms", "factor"), [(1, 1.0), (40, 1.0), (80, 1.75), (120, 2.5), (400, 2.5)])
def test_long_drafts_lean_on_their_words(n_terms: int, factor: float) -> None:
    assert reading(terms={str(number): 1.0 for number in range(n_terms)}).emphasis == {Channel.LEXICAL: pytest.approx(factor)}


def test_hits_come_by_fused_score_equal_ones_by_id_with_rank_and_score_of_each_channel() -> None:
    hits = scored().hits(Fusion({Channel.LEXICAL: 1.0}), IDS, 10, reading(), frozenset())
    assert [hit.case_id for hit in hits] == ["C", "B", "D"]
    assert [hit.rank for hit in hits] == [1, 2, 3]
    assert [hit.score for hit in hits] == [1.0, 0.0, 0.0]
    assert (hits[0].channels[Channel.LEXICAL].rank, hits[0].channels[Channel.DENSE].rank) == (1, 2)
    assert hits[2].channels[Channel.REASONING].rank is None, "the channel says nothing of D"
    assert hits[0].passage == (2, 9)
    assert {hit.relevance for hit in hits} == {None}


def test_pinned_rows_come_first_and_are_exact() -> None:
    hits = scored().hits(Fusion({Channel.LEXICAL: 1.0}), IDS, 2, reading(), frozenset({3}))
    assert [hit.case_id for hit in hits] == ["D", "C"]
    assert hits[0].channels[Channel.EXACT].score == 1.0
    assert Channel.EXACT not in hits[1].channels


def test_no_candidate_gives_no_hit() -> None:
    nothing = Scored(np.zeros(0, np.int64), {Channel.LEXICAL: np.zeros(0)}, np.zeros(0), np.zeros(0), None)
    assert nothing.hits(Fusion(), IDS, 5, reading(), frozenset()) == ()


def test_evidence_is_absolute() -> None:
    found = scored(statutes=[0.5, 0.0, 1.0]).evidence(0, reading(), 0.8)
    assert (found.cause, found.near_cause, found.top_cause, found.certainty) == (0.6, 0.7, 0.6, 0.8)
    assert (found.dense, found.reasoning, found.articles, found.absent) == (0.25, 0.4, 0.5, 0.1)
    assert found.lexical == 1.0 / 4.0
    assert found.strange_words == pytest.approx(0.25)
    assert found.strange_pairs == 0.0, "more known pairs than usual are not strange"
    assert (found.agree, found.conflict, found.minor_agree, found.minor_conflict) == (0.0, 0.0, 0.0, 0.0)


def test_what_cannot_be_compared_counts_nothing() -> None:
    found = scored().evidence(2, reading(reach=0.0), 0.0)
    assert (found.reasoning, found.lexical, found.articles) == (0.0, 0.0, 0.0)
