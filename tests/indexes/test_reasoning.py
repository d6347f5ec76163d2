"""Tests of indexes.reasoning."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from indexes.encoders import unit_rows
from indexes.reasoning import ReasoningIndex, mean_passage


def pairs(n: int = 400, dimension: int = 8) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(3)
    facts = unit_rows(generator.normal(size=(n, dimension)))
    rotation, _ = np.linalg.qr(generator.normal(size=(dimension, dimension)))
    return facts, unit_rows(facts @ rotation)


def test_a_rotation_is_learned_and_the_own_reasoning_is_best() -> None:
    facts, reasoning = pairs()
    index = ReasoningIndex.fit(facts, reasoning)
    rows = np.arange(len(facts))
    best = [int(np.argmax(index.scores_of(facts[row], rows))) for row in range(50)]
    assert best == list(range(50))


def test_a_case_without_reasoning_is_unknown_not_bad() -> None:
    facts, reasoning = pairs()
    reasoning[7] = 0
    scores = ReasoningIndex.fit(facts, reasoning).scores_of(facts[7], np.array([6, 7]))
    assert np.isfinite(scores[0])
    assert scores[1] == -np.inf


def test_too_few_pairs_leave_the_channel_silent() -> None:
    facts, reasoning = pairs(20)
    index = ReasoningIndex.fit(facts, reasoning)
    assert not index.is_fitted
    assert index.scores_of(facts[0], np.array([0, 1])).tolist() == [-np.inf, -np.inf]


def test_save_load_and_extend(tmp_path: Path) -> None:
    facts, reasoning = pairs()
    index = ReasoningIndex.fit(facts[:300], reasoning[:300])
    index.save(tmp_path)
    extended = ReasoningIndex.load(tmp_path).extended(reasoning[300:])
    assert int(np.argmax(extended.scores_of(facts[350], np.arange(400)))) == 350


def test_mean_passage_is_a_unit_row() -> None:
    mean = mean_passage(np.array([[1.0, 0.0], [0.0, 1.0]], np.float32))
    assert mean.tolist() == np.array([0.5**0.5, 0.5**0.5], np.float32).tolist()
