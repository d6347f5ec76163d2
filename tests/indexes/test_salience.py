"""Tests of indexes.salience, with shares worked by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from indexes.salience import FLOOR, MIN_REASONED, PRIOR_CASES, Salience

WORDS = ["规划", "日期", "稀见"]


def counts(n_cases: int = 100) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Facts always hold the first two words; the reasoning takes up the first in every case and the second never; the third occurs twice."""
    facts = np.zeros((n_cases, 3), np.float32)
    facts[:, 0], facts[:, 1], facts[:2, 2] = 2, 1, 1
    reasoning = np.zeros((n_cases, 3), np.float32)
    reasoning[:, 0] = 1
    return sp.csr_matrix(facts), sp.csr_matrix(reasoning)


def test_a_term_weighs_as_often_as_the_reasoning_takes_it_up() -> None:
    salience = Salience.fit(*counts(), WORDS)
    share = 100 / 202  # (case, term) pairs taken up, over all pairs
    assert salience.of("规划") == pytest.approx((100 / share + PRIOR_CASES) / (100 + PRIOR_CASES), abs=1e-4)
    assert salience.of("日期") == pytest.approx(PRIOR_CASES / (100 + PRIOR_CASES), abs=1e-4)


def test_rare_and_unknown_terms_weigh_one() -> None:
    salience = Salience.fit(*counts(), WORDS)
    assert salience.of("稀见") == 1.0
    assert salience.of("从未见过") == 1.0


def test_no_term_is_silenced() -> None:
    assert min(Salience.fit(*counts(5000), WORDS).weights.values()) == FLOOR


def test_a_library_without_reasoning_weighs_every_term_alike() -> None:
    facts, reasoning = counts(MIN_REASONED - 1)
    assert Salience.fit(facts, reasoning, WORDS).weights == {}
    assert Salience.fit(facts, reasoning * 0, WORDS).of("规划") == 1.0


def test_saved_and_loaded_alike(tmp_path: Path) -> None:
    salience = Salience.fit(*counts(), WORDS)
    salience.save(tmp_path)
    assert Salience.load(tmp_path).weights == pytest.approx(salience.weights)
