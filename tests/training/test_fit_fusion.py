"""Tests of training.fit_fusion: weights found on made queries, and kept only where they win on unseen ones."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from indexes.calibration import Evidence
from indexes.fusion import Fusion
from indexes.query import Channel
from training.examine import Examined
from training.fit_fusion import fit_fusion, fit_weights, quality
from training.metrics.bootstrap import Interval

START = {Channel.LEXICAL: 1.0, Channel.DENSE: 0.0}
WORST = 1 / math.log2(5)  # NDCG of one relevant case at rank 4


def made(name: str, lexical: Sequence[float], dense: Sequence[float]) -> Examined:
    """Return one query with the candidates a, b, c, d."""
    channels = {Channel.LEXICAL: np.array(lexical), Channel.DENSE: np.array(dense)}
    return Examined(name, ("a", "b", "c", "d"), channels, np.zeros(4), (Evidence(),) * 4)


def queries(n: int, *, right: Channel) -> list[Examined]:
    """Return queries whose relevant case is a: one channel puts it first, the other last."""
    good, bad = [4.0, 3.0, 2.0, 1.0], [1.0, 4.0, 3.0, 2.0]
    return [made(f"q{number:02d}", *((good, bad) if right is Channel.LEXICAL else (bad, good))) for number in range(n)]


def qrels(n: int) -> dict[str, dict[str, int]]:
    return {f"q{number:02d}": {"a": 3} for number in range(n)}


def test_quality_is_ndcg_at_ten_of_each_query() -> None:
    assert quality(queries(2, right=Channel.DENSE), qrels(2), Fusion(START)) == pytest.approx([WORST, WORST])
    assert quality(queries(1, right=Channel.LEXICAL), qrels(1), Fusion(START)) == [1.0]


def test_the_channel_that_knows_gets_weight() -> None:
    """With dense at w, a scores w and b 1 + 2w/3: a is first from w > 3 on; at 3 both are equal and a comes first by its id."""
    fitted = fit_weights(queries(3, right=Channel.DENSE), qrels(3), START)
    assert fitted == {Channel.LEXICAL: 1.0, Channel.DENSE: 3.0}


def test_where_nothing_is_gained_the_weights_stay() -> None:
    assert fit_weights(queries(3, right=Channel.LEXICAL), qrels(3), START) == START


def test_a_gain_that_holds_on_unseen_queries_is_better() -> None:
    fitted = fit_fusion(queries(10, right=Channel.DENSE), qrels(10), Fusion(START))
    assert fitted.weights[Channel.DENSE] == 3.0
    assert (fitted.start, fitted.held_out, fitted.on_fit) == (pytest.approx(WORST), 1.0, 1.0)
    assert fitted.gain == Interval(*[pytest.approx(1 - WORST)] * 3)
    assert fitted.is_better
    assert [weights[Channel.DENSE] for weights in fitted.by_fold] == [3.0] * 5


def test_no_gain_is_not_better() -> None:
    fitted = fit_fusion(queries(10, right=Channel.LEXICAL), qrels(10), Fusion(START))
    assert fitted.weights == START
    assert fitted.gain == Interval(0.0, 0.0, 0.0)
    assert not fitted.is_better


def test_queries_without_a_relevant_case_do_not_count() -> None:
    judged = {**qrels(10), "q00": {"a": 0}}
    del judged["q01"]
    fitted = fit_fusion(queries(10, right=Channel.DENSE), judged, Fusion(START))
    assert fitted.start == pytest.approx(WORST)
    assert len(fitted.by_fold) == 5
