"""Metrics by hand."""

from __future__ import annotations

import pytest

from training.metrics.tagging import Counts, counts_by_tag, macro_f1, micro_f1, recall_of, trap_rate

GOLD = [{"A", "B"}, {"A"}, set(), {"C"}]
GIVEN = [{"A"}, {"A", "B"}, {"B"}, set()]
# A: tp 2; B: fn 1, fp 2; C: fn 1


def test_counts_per_tag() -> None:
    assert counts_by_tag(GOLD, GIVEN) == {"A": Counts(2, 0, 0), "B": Counts(0, 2, 1), "C": Counts(0, 0, 1)}


def test_precision_recall_f1_of_counts() -> None:
    counts = Counts(3, 1, 2)
    assert (counts.precision, counts.recall, counts.f1) == (3 / 4, 3 / 5, 6 / 9)
    assert (Counts().precision, Counts().recall, Counts().f1) == (0.0, 0.0, 0.0)


def test_micro_and_macro() -> None:
    assert micro_f1(GOLD, GIVEN) == pytest.approx(2 * 2 / (2 * 2 + 2 + 2))
    assert macro_f1(GOLD, GIVEN) == pytest.approx((1 + 0 + 0) / 3)
    assert micro_f1([], []) == macro_f1([], []) == 0.0


def test_macro_leaves_out_tags_that_gold_does_not_have() -> None:
    assert macro_f1([{"A"}], [{"A", "Z"}]) == 1.0


def test_traps_that_came_out_confirmed() -> None:
    assert trap_rate([{"B"}, {"B", "C"}, {"A"}], [{"A", "B"}, {"C"}, set()]) == pytest.approx(2 / 4)
    assert trap_rate([set()], [{"A"}]) == 0.0


def test_recall_of_chosen_tags() -> None:
    assert recall_of(["A", "C", "Q"], GOLD, GIVEN) == {"A": (2, 2), "C": (0, 1), "Q": (0, 0)}


def test_lists_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="4 gold and 1 given"):
        counts_by_tag(GOLD, [set()])
