"""Contrastive refinement: the gradient against finite differences, cases of one cause come nearer, too little teaches nothing, one seed one map."""

from __future__ import annotations

import numpy as np
import pytest

from indexes.analyzer import Analyzer
from indexes.encoders import StaticEncoder, contrast, unit_rows
from indexes.encoders.contrast import MIN_PAIRS, SAME_CAUSE, TEMPERATURE, _gradient, _indicators, _targets

RNG = np.random.default_rng(3)


def library(n: int, dimension: int = 24) -> tuple[np.ndarray, np.ndarray, list[list[str]]]:
    """Cases of six causes: a weak sign of the cause among strong noise, the reasoning says the cause a little louder."""
    rng = np.random.default_rng(7)
    causes = rng.integers(0, 6, n)
    signs = rng.normal(size=(6, dimension))
    facts = unit_rows(signs[causes] + 2.0 * rng.normal(size=(n, dimension)))
    reasoning = unit_rows(1.5 * signs[causes] + 2.0 * rng.normal(size=(n, dimension)))
    return facts, reasoning, [[f"案由{cause}"] for cause in causes]


def nearness(vectors: np.ndarray, labels: list[list[str]]) -> float:
    """Return how much nearer two cases of one cause lie than two of different causes."""
    same = np.array([[one == other for other in labels] for one in labels])
    cosines = vectors @ vectors.T
    return float(cosines[same].mean() - cosines[~same].mean())


def test_the_gradient_is_that_of_the_loss() -> None:
    drafts, answers = (unit_rows(RNG.normal(size=(7, 4)).astype(np.float32)) for _ in range(2))
    targets = _targets(_indicators([["甲"], ["甲", "乙"], ["乙"], ["丙"], ["丙"], ["丁"], ["甲"]]))
    mapping = (np.eye(4) + 0.1 * RNG.normal(size=(4, 4))).astype(np.float32)

    def loss(at: np.ndarray) -> float:
        a, b = (np.asarray(x, np.float64) @ at for x in (drafts, answers))
        a, b = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (a, b))
        scores = a @ b.T / TEMPERATURE
        both = (scores - np.log(np.exp(scores).sum(1, keepdims=True)), scores.T - np.log(np.exp(scores.T).sum(1, keepdims=True)))
        return -float(sum((targets * logs).sum() for logs in both)) / len(a)

    step = 1e-5
    wanted = np.zeros((4, 4))
    for place in np.ndindex(4, 4):
        change = np.zeros((4, 4))
        change[place] = step
        wanted[place] = (loss(mapping + change) - loss(mapping - change)) / (2 * step)
    assert _gradient(drafts, answers, targets, mapping) == pytest.approx(wanted, rel=2e-3, abs=2e-3)


def test_targets_share_out_between_the_case_and_its_cause() -> None:
    targets = _targets(_indicators([["甲"], ["甲"], ["乙"]]))
    assert targets.sum(axis=1) == pytest.approx([1, 1, 1])
    assert targets[0] == pytest.approx([1 - SAME_CAUSE / 2, SAME_CAUSE / 2, 0])


def test_cases_of_one_cause_come_nearer_also_those_it_has_not_seen() -> None:
    facts, reasoning, labels = library(2400)
    mapping = contrast(facts[:2000], reasoning[:2000], labels[:2000])
    assert mapping is not None
    before, after = nearness(facts[2000:], labels[2000:]), nearness(unit_rows(facts[2000:] @ mapping), labels[2000:])
    assert after > 1.2 * before


def test_one_seed_gives_one_map() -> None:
    facts, reasoning, labels = library(300)
    first, second, other = (contrast(facts, reasoning, labels, seed=seed) for seed in (1, 1, 2))
    assert first is not None
    assert second is not None
    assert other is not None
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_a_small_library_and_one_without_causes_teach_nothing() -> None:
    facts, reasoning, labels = library(400)
    assert contrast(facts[: MIN_PAIRS - 1], reasoning[: MIN_PAIRS - 1], labels[: MIN_PAIRS - 1]) is None
    assert contrast(facts, reasoning, [[] for _ in labels]) is None
    assert contrast(np.zeros_like(facts), reasoning, labels) is None


def test_cases_without_reasoning_learn_from_their_cause() -> None:
    facts, reasoning, labels = library(400)
    mapping = contrast(facts, np.zeros_like(reasoning), labels)
    assert mapping is not None
    assert np.isfinite(mapping).all()
    assert nearness(unit_rows(facts @ mapping), labels) > nearness(facts, labels)


def test_a_mapped_encoder_gives_mapped_vectors() -> None:
    encoder = StaticEncoder(Analyzer(()), ["违建", "油烟"], np.ones(2, np.float32), np.array([[1, 0], [0.6, 0.8]], np.float32))
    mapping = np.array([[0, 1], [2, 0]], np.float32)
    mapped = encoder.mapped(mapping)
    assert mapped.encode_queries(["违建油烟"]) == pytest.approx(unit_rows(encoder.encode_queries(["违建油烟"]) @ mapping), abs=2e-3)
    assert mapped.fingerprint != encoder.fingerprint
