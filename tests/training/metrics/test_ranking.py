"""Tests of training.metrics.ranking with figures worked by hand."""

from __future__ import annotations

import math

import pytest

from training.metrics.ranking import average_precision, judged_only, ndcg, precision, recall

GRADES = {"a": 3, "b": 2, "c": 0, "d": 3}


def test_ndcg_has_linear_gain() -> None:
    gained = 2 / math.log2(2) + 0 / math.log2(3) + 3 / math.log2(4)
    ideal = 3 / math.log2(2) + 3 / math.log2(3) + 2 / math.log2(4)
    assert ndcg(["b", "x", "a"], GRADES, 3) == pytest.approx(gained / ideal)
    assert ndcg(["a", "d", "b"], GRADES, 10) == pytest.approx(1.0)


def test_ndcg_cuts_the_ideal_too() -> None:
    assert ndcg(["a"], GRADES, 1) == pytest.approx(1.0)
    assert ndcg(["b"], GRADES, 1) == pytest.approx(2 / 3)


def test_nothing_relevant_is_zero() -> None:
    assert ndcg(["a"], {"a": 0}, 10) == 0.0
    assert average_precision(["a"], {"a": 1}) == 0.0


def test_average_precision_counts_what_is_not_found() -> None:
    assert average_precision(["x", "a", "b"], GRADES) == pytest.approx((1 / 2) / 2)
    assert average_precision(["a", "x", "d"], GRADES) == pytest.approx((1 / 1 + 2 / 3) / 2)


def test_precision_and_recall() -> None:
    assert precision(["a", "b", "d", "x", "y"], GRADES, 5) == pytest.approx(2 / 5)
    assert precision(["a"], GRADES, 5) == pytest.approx(1 / 5)
    assert recall(["a", "x"], GRADES, 2) == pytest.approx(1 / 2)
    assert recall(["x"], {"b": 1}, 1) == 1.0


def test_judged_only_leaves_out_cases_nobody_judged() -> None:
    assert judged_only(["x", "c", "y", "a"], GRADES) == ["c", "a"]
