"""Tests of training.metrics.bootstrap."""

from __future__ import annotations

import numpy as np
import pytest

from training.metrics.bootstrap import interval, paired


def test_equal_values_have_no_width() -> None:
    found = interval([0.5] * 20)
    assert (found.mean, found.low, found.high) == (0.5, 0.5, 0.5)


def test_the_interval_is_about_two_standard_errors() -> None:
    values = np.random.default_rng(1).normal(0.0, 1.0, 400)
    found = interval(values.tolist())
    assert found.high - found.low == pytest.approx(2 * 1.96 / 20, rel=0.15)
    assert found.low < values.mean() < found.high


def test_a_constant_gain_is_certain_however_noisy_the_items() -> None:
    old = np.random.default_rng(2).normal(size=30).tolist()
    found = paired([value + 0.1 for value in old], old)
    assert (found.low, found.high) == (pytest.approx(0.1), pytest.approx(0.1))


def test_the_same_seed_gives_the_same_interval() -> None:
    values = [0.1, 0.9, 0.4, 0.3]
    assert interval(values, seed=3) == interval(values, seed=3)


def test_unequal_or_no_items_are_refused() -> None:
    with pytest.raises(ValueError, match="2 values against 1"):
        paired([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="no values"):
        interval([])
