"""Tests of nlp_service.decision.distribution and .deviation: the worked example of the method, its mirror, and the thin case."""

from __future__ import annotations

import pytest

from nlp_service.decision.deviation import amount_signal, combine, ordinal_gap, ordinal_signal
from nlp_service.decision.distribution import Reviewed, amounts, distribution, effective_size, shares, tail, weight, weighted_quantile

# (number, similarity, grade, level, fine as a share of the base, outcome): fourteen peers of a planned demolition (level 4)
PEERS = [
    (1, 0.91, 3, 2, 0.050, None),
    (2, 0.89, 3, 2, 0.060, None),
    (3, 0.87, 3, 2, 0.050, "维持"),
    (4, 0.86, 3, 2, 0.070, None),
    (5, 0.84, 3, 4, None, "撤销"),
    (6, 0.83, 3, 2, 0.055, None),
    (7, 0.81, 2, 2, 0.080, None),
    (8, 0.80, 2, 4, None, "维持"),
    (9, 0.78, 2, 2, 0.060, None),
    (10, 0.77, 2, 3, 0.100, None),
    (11, 0.76, 2, 2, 0.050, None),
    (12, 0.74, 2, 4, None, "确认违法"),
    (13, 0.73, 2, 2, 0.075, "维持"),
    (14, 0.71, 2, 1, None, None),
]
DEFAULT = [peer for peer in PEERS if peer[0] not in (5, 8, 12)]  # without corrected decisions and the opposite pivot


def weights(peers: list) -> list[float]:
    return [weight(grade, similarity) for _, similarity, grade, *_ in peers]


def levels(peers: list) -> list[int]:
    return [peer[3] for peer in peers]


def test_all_fourteen_peers() -> None:
    w = weights(PEERS)
    found = distribution(levels(PEERS), w)
    assert sum(w) == pytest.approx(5.95, abs=0.005)
    assert found.n_eff == pytest.approx(11.1, abs=0.05)
    assert {level: round(share, 3) for level, share in found.shares.items()} == {1: 0.028, 2: 0.743, 3: 0.043, 4: 0.187}
    assert found.counts == {1: 1, 2: 9, 3: 1, 4: 3}
    assert found.median == 2
    assert found.has_percentages


def test_planned_demolition_is_a_strong_signal() -> None:
    w = weights(PEERS)
    found = distribution(levels(PEERS), w)
    gap = ordinal_gap(found, levels(PEERS), w, 4)
    assert gap is not None
    assert gap.levels == 2
    assert gap.tail.share == pytest.approx(0.187, abs=0.0005)
    # The example's 0.057 and 0.422 are simulated with 400,000 draws; the exact quantiles are 0.0572 and 0.4232.
    assert (gap.tail.low, gap.tail.high) == (pytest.approx(0.0572, abs=0.0001), pytest.approx(0.4232, abs=0.0001))
    signal = ordinal_signal(found, gap, "责令限期改正并处罚款")
    assert signal is not None
    assert (signal.level, signal.direction) == ("warning", "heavier")


def test_default_filter_leaves_eleven_and_the_same_signal() -> None:
    w = weights(DEFAULT)
    found = distribution(levels(DEFAULT), w)
    assert found.n == 11
    assert sum(w) == pytest.approx(4.84, abs=0.005)
    assert found.n_eff == pytest.approx(8.7, abs=0.05)
    assert {level: round(share, 3) for level, share in found.shares.items()} == {1: 0.034, 2: 0.913, 3: 0.053}
    gap = ordinal_gap(found, levels(DEFAULT), w, 4)
    assert gap is not None
    assert gap.tail.share == 0.0
    assert gap.tail.high == pytest.approx(0.193, abs=0.002)
    signal = ordinal_signal(found, gap, "责令限期改正并处罚款")
    assert signal is not None
    assert signal.level == "warning"


def test_fines_of_those_corrected_and_fined() -> None:
    fined = [peer for peer in PEERS if peer[3] == 2]
    found = amounts([peer[4] for peer in fined], weights(fined), is_rate=True)
    assert found is not None
    assert (found.n, round(found.n_eff, 1)) == (9, 7.5)
    assert (found.q10, found.q25, found.q50, found.q75, found.q90) == (0.05, 0.05, 0.055, 0.07, 0.075)
    assert amount_signal(found, 0.06) is None
    above, below = amount_signal(found, 0.09), amount_signal(found, 0.02)
    assert above is not None
    assert below is not None
    assert (above.direction, below.direction) == ("heavier", "lighter")


def test_three_reviewed_demolitions_give_counts_but_no_rate() -> None:
    assert Reviewed(corrected=2, upheld=1).rate is None
    rate = Reviewed(corrected=2, upheld=6).rate
    assert rate is not None
    assert rate[0] == pytest.approx((1 + 2) / (10 + 8))


def test_the_same_disposal_as_peers_is_no_signal() -> None:
    w = weights(DEFAULT)
    found = distribution(levels(DEFAULT), w)
    assert ordinal_signal(found, ordinal_gap(found, levels(DEFAULT), w, 2), "") is None


def test_a_lighter_plan_is_named_too() -> None:
    peers = [(level, 1.0) for level in (4, 4, 4, 4, 4, 4, 4, 4, 4, 2)]
    found = distribution([level for level, _ in peers], [w for _, w in peers])
    gap = ordinal_gap(found, [level for level, _ in peers], [w for _, w in peers], 1)
    signal = ordinal_signal(found, gap, "限期拆除")
    assert signal is not None
    assert (signal.level, signal.direction) == ("warning", "lighter")


def test_three_cases_are_too_thin_for_anything() -> None:
    found = distribution([2, 2, 2], [1.0, 1.0, 1.0])
    assert not found.has_bars
    assert not found.has_percentages
    assert ordinal_signal(found, ordinal_gap(found, [2, 2, 2], [1.0, 1.0, 1.0], 4), "") is None


def test_weight_falls_with_grade_similarity_and_age() -> None:
    assert weight(3, 1.0) == pytest.approx(1.0)
    assert weight(2, 1.0) == pytest.approx(0.6)
    assert weight(1, 1.0) == 0.0
    assert weight(3, 0.6) == 0.0
    assert weight(3, 0.5) == 0.0
    assert weight(3, 1.0, 2.0) == pytest.approx(0.97**2)


def test_small_arithmetic() -> None:
    assert effective_size([1.0, 1.0, 1.0]) == pytest.approx(3.0)
    assert effective_size([2.0, 1.0]) == pytest.approx(9 / 5)
    assert effective_size([]) == 0.0
    assert shares([2, 1, 2], [1.0, 2.0, 1.0]) == {1: 0.5, 2: 0.5}
    assert weighted_quantile([3.0, 1.0, 2.0], [1.0, 1.0, 2.0], 0.5) == 2.0
    assert tail([1, 2], [1.0, 3.0], 2, heavier=True).share == pytest.approx(0.75)
    assert tail([1, 2], [1.0, 3.0], 1, heavier=False).share == pytest.approx(0.25)


def test_signals_that_pull_both_ways_are_other() -> None:
    from nlp_service.decision.deviation import Signal

    heavier, lighter = Signal("notice", "heavier", "peers", ""), Signal("notice", "lighter", "amount", "")
    assert combine([heavier, lighter]) == ("notice", "other")
    assert combine([heavier, Signal("warning", "lighter", "rule", "")]) == ("warning", "lighter")
    assert combine([]) == ("none", None)
