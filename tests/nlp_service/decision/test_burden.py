"""Tests of nlp_service.decision.burden: the plan in money beside peers of the same order of magnitude, and beside a corrected one."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from corpora.outcomes import OutcomeGroup
from corpora.schema import Case, Review, ReviewType
from nlp_service.decision.burden import burden, burden_signal, comparable, corrected_signal, kernel, weight_in_money
from nlp_service.decision.neighbours import Neighbour
from nlp_service.drafts import Planned

PLAN = Planned(("没收非法财物", "罚款"), Decimal(50_000))


def peer(number: int, fine: int | None, base: float | None, *, level: int = 3, weight: float = 1.0, review: Review | None = None) -> Neighbour:
    kinds = ("不予处罚",) if fine is None else ("没收非法财物", "罚款")
    case = Case(
        f"P-{number}",
        facts="过期食品",
        kinds=kinds,
        fine_yuan=Decimal(fine) if fine else None,
        base_amount_yuan=Decimal(str(base)) if base else None,
        review=review,
    )
    group = OutcomeGroup.CORRECTED if review else None
    reason = "处罚决定已被纠正" if review else None
    return Neighbour(case, 2, 0.9 - number / 1000, weight, 0 if fine is None else level, group, (), (), reason)


CHEAP = [
    peer(1, None, 24),
    peer(2, None, 20),
    peer(3, 2_000, 27),
    peer(4, 3_000, 48),
    peer(5, 5_000, 45),
    peer(6, None, 12),
    peer(7, 3_000, 86),
    peer(8, 6_000, 93),
]
DEAR = [peer(number, 90_000 + number, 9_000) for number in range(20, 30)]


@pytest.mark.parametrize(
    ("kinds", "level", "fine", "money"),
    [
        (("不予处罚",), 0, None, 0.0),
        (("警告",), 1, None, 0.0),
        (("罚款",), 2, 500.0, 500.0),
        (("罚款",), 2, None, None),
        (("没收非法财物",), 3, None, 0.0),
        (("没收非法财物", "罚款"), 3, 2000.0, 2000.0),
        (("吊销许可证件",), 7, None, math.inf),
        ((), None, None, None),
    ],
)
def test_a_disposal_as_a_sum(kinds: tuple[str, ...], level: int | None, fine: float | None, money: float | None) -> None:
    assert weight_in_money(kinds, level, fine) == money


def test_bases_of_another_order_of_magnitude_weigh_little() -> None:
    assert kernel(100, 100) == 1.0
    assert kernel(100, 1000) == pytest.approx(math.exp(-0.5 / 0.36))
    assert kernel(100, 10_000) < 0.005
    assert kernel(None, 10_000) == 1.0
    assert kernel(100, None) == 0.5


def test_only_peers_of_the_same_order_count_where_the_draft_names_a_base() -> None:
    assert len(comparable([*CHEAP, *DEAR], 22.5)) == len(CHEAP)
    assert len(comparable([*CHEAP, *DEAR], None)) == len(CHEAP) + len(DEAR)


def test_the_statutory_minimum_for_three_bottles_stands_out() -> None:
    found = burden([*CHEAP, *DEAR], PLAN, 3, 22.5)
    assert found is not None
    assert (found.n, found.lighter, found.equal, found.heavier) == (8, 8, 0, 0)
    signal = burden_signal(found, 50_000)
    assert signal is not None
    assert (signal.level, signal.direction) == ("notice", "heavier")
    assert "8件可比案件中，8件较轻，0件相同，0件较重" in signal.text


def test_the_same_plan_among_dear_peers_does_not() -> None:
    found = burden(DEAR, PLAN, 3, 9_000)
    assert found is not None
    assert burden_signal(found, 50_000) is None  # lighter, but not half their median … 90,000


def test_a_fine_far_below_the_peers_is_named_as_lighter() -> None:
    found = burden(DEAR, Planned(("没收非法财物", "罚款"), Decimal(5_000)), 3, 9_000)
    signal = burden_signal(found, 5_000)
    assert signal is not None
    assert signal.direction == "lighter"


def test_few_peers_say_nothing() -> None:
    assert burden_signal(burden(CHEAP[:4], PLAN, 3, 22.5), 50_000) is None
    assert burden_signal(None, 50_000) is None


def test_two_of_the_nearest_as_heavy_are_enough_for_silence() -> None:
    near = [peer(10, 50_000, 22, weight=2.0), peer(11, 60_000, 22, weight=2.0)]
    assert burden_signal(burden([*near, *CHEAP], PLAN, 3, 22.5), 50_000) is None


def test_beyond_money_there_is_no_comparison_in_money() -> None:
    assert burden(CHEAP, Planned(("吊销许可证件",)), 7, None) is None
    assert burden(CHEAP, None, None, None) is None
    assert burden([], PLAN, 3, None) is None


TOO_SEVERE = Review(ReviewType.LITIGATION, "变更", "处罚明显不当，变更为5000元")


def test_a_like_decision_corrected_as_too_severe_is_named() -> None:
    signal = corrected_signal([peer(30, 50_000, 14, review=TOO_SEVERE), *CHEAP[:3]], PLAN, 3, 22.5)
    assert signal is not None
    assert (signal.level, signal.direction, signal.source) == ("notice", "heavier", "corrected")
    assert "3件可比案件中3件较轻" in signal.text


@pytest.mark.parametrize(
    "review",
    [Review(ReviewType.LITIGATION, "撤销", "主要证据不足"), Review(ReviewType.RECONSIDERATION, "确认违法", "未告知听证权利")],
)
def test_a_correction_for_another_ground_says_nothing_of_severity(review: Review) -> None:
    assert corrected_signal([peer(30, 50_000, 14, review=review), *CHEAP[:3]], PLAN, 3, 22.5) is None


def test_a_corrected_decision_of_another_size_or_kind_says_nothing() -> None:
    assert corrected_signal([peer(30, 200_000, 14, review=TOO_SEVERE), *CHEAP[:3]], PLAN, 3, 22.5) is None
    assert corrected_signal([peer(30, 50_000, 9_000, review=TOO_SEVERE), *CHEAP[:3]], PLAN, 3, 22.5) is None
    assert corrected_signal([peer(30, 50_000, 14, level=7, review=TOO_SEVERE), *CHEAP[:3]], PLAN, 3, 22.5) is None
    assert corrected_signal([peer(30, 50_000, 14, review=TOO_SEVERE), *CHEAP[:1]], PLAN, 3, 22.5) is None
