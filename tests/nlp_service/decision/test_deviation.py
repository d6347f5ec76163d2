"""Tests of nlp_service.decision.deviation: thresholds, the nearest peers, what a draft itself explains."""

from __future__ import annotations

import pytest

from nlp_service.decision.deviation import Signal, explained, nearest_agree, ordinal_gap, ordinal_signal, rule_signals
from nlp_service.decision.distribution import distribution
from nlp_service.decision.findings import Finding


def signal(levels: list[int], planned: int) -> Signal | None:
    weights = [1.0] * len(levels)
    found = distribution(levels, weights)
    return ordinal_signal(found, ordinal_gap(found, levels, weights, planned), "罚款")


@pytest.mark.parametrize(
    ("levels", "planned", "expected"),
    [
        ([2] * 10, 4, ("warning", "heavier")),
        ([2] * 7, 4, ("notice", "heavier")),  # an effective size under eight
        ([2] * 7 + [4] * 3, 4, ("notice", "heavier")),  # more than a quarter as heavy
        ([2] * 6 + [4] * 4, 4, None),  # more than 35 % as heavy
        ([2] * 4, 4, None),
        ([2] * 10, 3, ("notice", "heavier")),
        ([2] * 10, 2, None),
        ([2] * 10, 1, ("notice", "lighter")),
        ([2] * 9 + [1] * 2, 1, None),  # lighter: more than a tenth as light
        ([2] * 7, 1, None),  # lighter: too few peers
    ],
)
def test_thresholds_of_the_ordinal_gap(levels: list[int], planned: int, expected: tuple[str, str] | None) -> None:
    found = signal(levels, planned)
    assert (found and (found.level, found.direction)) == expected


@pytest.mark.parametrize(
    ("direction", "near", "planned", "agrees"),
    [
        ("heavier", [4, 4, 2, 2, 2, 2, 2, 2], 4, True),
        ("heavier", [4, 2, 2, 2, 2, 2, 2, 2], 4, False),
        ("lighter", [0, 2, 2, 2, 2, 2, 2, 2], 0, True),
        ("lighter", [2, 2, 2, 2, 2, 2, 2, 2, 0], 0, False),  # the ninth is not near
        ("heavier", [4, 4, 4], 4, False),  # fewer than eight say nothing
    ],
)
def test_peers_nearby_on_the_plans_side_silence_a_signal(direction: str, near: list[float], planned: float, agrees: bool) -> None:
    assert nearest_agree(direction, near, planned) is agrees


HEAVY, LIGHT = Signal("notice", "heavier", "burden", ""), Signal("warning", "lighter", "peers", "")


def test_what_the_draft_explains_is_no_departure() -> None:
    assert explained([HEAVY], mitigating=False, aggravating=True, grounds=False) == []
    assert explained([HEAVY], mitigating=True, aggravating=True, grounds=False) == [HEAVY]
    assert explained([LIGHT], mitigating=True, aggravating=False, grounds=False) == []
    assert explained([LIGHT], mitigating=False, aggravating=False, grounds=True) == []


def test_lighter_than_peers_is_never_more_than_a_notice_unless_the_statute_says_it() -> None:
    assert [item.level for item in explained([LIGHT], mitigating=False, aggravating=False, grounds=False)] == ["notice"]
    assert [item.level for item in explained([LIGHT], mitigating=False, aggravating=False, grounds=False, of_rules=True)] == ["warning"]


def test_rules_outside_planning_ask_and_do_not_warn_but_for_the_statutory_maximum() -> None:
    apart = Finding("kind", "处造价5%", (), "checked", "", "heavier", 3)
    above = Finding("fine_above", "", (), "checked", "", "heavier", 0, True)
    question = Finding("hearing", "", (), "checked", "")
    assert [item.level for item in rule_signals([apart, above, question], "general")] == ["notice", "warning"]
    assert [item.level for item in rule_signals([apart], "planning")] == ["warning"]
    assert rule_signals([apart], "planning")[0].text == "处造价百分之五"
