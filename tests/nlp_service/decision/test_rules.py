"""Tests of nlp_service.decision.rules over the catalogue's own planning violation."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from corpora.schema import PartyType
from corpora.violations import load_violations
from nlp_service.decision.rules import judge
from nlp_service.drafts import Planned

CX02 = load_violations()["CX02"]
DAY = dt.date(2021, 9, 1)


def planned(*kinds: str, fine: int | None = None, base: int | None = None) -> Planned:
    return Planned(kinds, Decimal(fine) if fine is not None else None, Decimal(base) if base is not None else None)


def findings(pivots: dict, plan: Planned) -> list[tuple[str, int, bool]]:
    ruling = judge(CX02, pivots, plan, day=DAY, party=PartyType.ORGANISATION)
    return [(finding.direction, finding.gap, finding.is_hard) for finding in ruling.findings]


def test_regularisable_but_demolition_planned_is_heavier_by_two() -> None:
    assert findings({"可改正": True}, planned("限期拆除")) == [("heavier", 2, False)]


def test_regularisable_with_correction_and_fine_in_range_is_fine() -> None:
    assert findings({"可改正": True}, planned("责令改正", "罚款", fine=60215, base=1204300)) == []


def test_a_blocked_fire_lane_leads_to_demolition_and_no_warning() -> None:
    """The mirror case: the same facts, but the fire lane is taken up."""
    ruling = judge(CX02, {"占公共用地": True, "可改正": True}, planned("限期拆除"), day=DAY, party=None)
    assert ruling.findings == ()
    assert ruling.steering == ("占公共用地",)
    assert [rule.id for rule in ruling.steered] == ["demolish"]


def test_a_blocked_fire_lane_with_a_mere_fine_is_lighter() -> None:
    assert findings({"占公共用地": True}, planned("责令改正", "罚款", fine=5000, base=100000))[0] == ("lighter", 2, False)


@pytest.mark.parametrize(("fine", "direction"), [(12_000, "heavier"), (4_000, "lighter")])
def test_a_fine_outside_five_to_ten_percent_is_hard(fine: int, direction: str) -> None:
    assert findings({"可改正": True}, planned("责令改正", "罚款", fine=fine, base=100_000)) == [(direction, 0, True)]


def test_the_range_holds_including_its_ends() -> None:
    assert findings({"可改正": True}, planned("责令改正", "罚款", fine=5_000, base=100_000)) == []
    assert findings({"可改正": True}, planned("责令改正", "罚款", fine=10_000, base=100_000)) == []


def test_without_pivots_the_rules_ask_and_do_not_judge() -> None:
    ruling = judge(CX02, {}, planned("限期拆除"), day=DAY, party=None)
    assert ruling.findings == ()
    assert ruling.steered == ()
    assert "规划部门是否已书面认定可以采取改正措施消除影响？" in ruling.pending


def test_a_rule_of_another_time_does_not_apply() -> None:
    before = {rule.id for rule in judge(CX02, {}, None, day=dt.date(2020, 1, 1), party=None).lawful}
    after = {rule.id for rule in judge(CX02, {}, None, day=DAY, party=None).lawful}
    assert "no_penalty_2017" in before - after
    assert "no_penalty" in after - before
