"""Tests of nlp_service.decision.rules over single rules of the catalogue: whom they meet, when they hold, what opens them."""

from __future__ import annotations

import datetime as dt

import pytest

from corpora.schema import PartyType, PivotValue
from corpora.violations import load_violations
from nlp_service.decision.rules import cited_on, open_rules

CATALOGUE = load_violations()
OLD, NEW = dt.date(2021, 3, 1), dt.date(2021, 12, 1)


def open_ids(code: str, pivots: dict[str, PivotValue], day: dt.date, party: PartyType | None = None) -> set[str]:
    return {rule.id for rule in open_rules(CATALOGUE[code], pivots, day, party)}


def test_a_refused_order_met_the_persons_responsible_in_2014_with_two_to_five_ten_thousand() -> None:
    refused: dict[str, PivotValue] = {"拒不执行": True}
    assert "person_2014" in open_ids("YJ02", refused, OLD)
    assert "person_2014" not in open_ids("YJ02", refused, NEW)
    fine = next(rule.fine for rule in CATALOGUE["YJ02"].disposals if rule.id == "person_2014")
    assert fine is not None
    assert (fine.min, fine.max) == (20_000, 50_000)


def test_a_project_to_be_registered_is_no_project_without_duty() -> None:
    pivots: dict[str, PivotValue] = {"应编报告书表": False, "属登记表项目": True}
    assert "register_fine" in open_ids("HJ01", pivots, NEW)
    assert "not_established" not in open_ids("HJ01", pivots, NEW)
    assert "not_established" in open_ids("HJ01", {"应编报告书表": False}, NEW)


@pytest.mark.parametrize("code", ["YJ01", "YJ02", "YJ03", "XF01", "XF02", "LD01", "LD02", "LD03", "LD04"])
def test_a_sole_trader_counts_as_an_organisation_there_and_that_is_to_be_confirmed(code: str) -> None:
    rules = open_rules(CATALOGUE[code], {}, NEW, PartyType.SOLE_TRADER)
    assert {rule.id for rule in rules} >= {rule.id for rule in open_rules(CATALOGUE[code], {}, NEW, PartyType.ORGANISATION)}
    assert {rule.status for rule in rules if rule.party == "单位"} == {"to_confirm"}
    assert open_ids(code, {}, NEW, PartyType.PERSON) < {rule.id for rule in rules}


def test_a_sole_trader_is_a_person_elsewhere() -> None:
    assert "fine" not in open_ids("SL04", {}, NEW, PartyType.SOLE_TRADER)
    assert "fine" in open_ids("SL04", {}, NEW, PartyType.ORGANISATION)


@pytest.mark.parametrize("code", ["SL01", "SL02", "SL04", "LY01", "LY02", "JT03"])
def test_a_slight_breach_put_right_in_time_may_go_unpunished_where_the_violation_stands(code: str) -> None:
    rules = {rule.id: rule for rule in CATALOGUE[code].disposals}
    assert "no_penalty_minor" in open_ids(code, dict(rules["no_penalty_minor"].when), NEW)
    contrary = {name: not value for name, value in rules["no_penalty"].when.items()}
    assert "no_penalty" not in open_ids(code, dict(contrary), NEW)


@pytest.mark.parametrize(
    ("cite", "old"),
    [("行政处罚法§33①", "行政处罚法(2017)§27②"), ("行政处罚法§32", "行政处罚法(2017)§27①"), ("行政处罚法§57①(三)", "行政处罚法(2017)§38①(三)")],
)
def test_a_rule_open_before_the_law_of_2021_cites_the_law_of_then(cite: str, old: str) -> None:
    lacking = [
        f"{code} {rule.id}"
        for code, violation in CATALOGUE.items()
        for rule in violation.disposals
        if cite in rule.cite and old not in rule.cite and (rule.valid_from is None or rule.valid_from < dt.date(2021, 7, 15))
    ]
    assert lacking == []


def test_a_slight_breach_put_right_in_time_went_unpunished_before_the_law_of_2021_too() -> None:
    lacking = []
    for code, violation in CATALOGUE.items():
        new = [rule for rule in violation.disposals if any(cite.startswith("行政处罚法§33") for cite in rule.cite)]
        for rule in new:
            # A duty of 2021 or later (and its twin) begins where the violation's own law begins.
            own = min((item.valid_from for item in (*violation.disposals, *violation.penalty) if item.valid_from), default=OLD)
            day = max(own, dt.date(2021, 7, 14))
            then = open_rules(violation, dict(rule.when), day, None)
            if day < dt.date(2021, 7, 15) and not any("行政处罚法(2017)§27②" in one.cite for one in then):
                lacking.append(f"{code} {rule.id}")
    assert lacking == []


def test_no_rule_calls_an_article_of_2017_by_the_name_of_the_law_in_force() -> None:
    wrong = [
        f"{code} {rule.id}"
        for code, violation in CATALOGUE.items()
        for rule in violation.disposals
        for cite in rule.cite
        if cite in ("行政处罚法§27②", "行政处罚法§38①(三)")
    ]
    assert wrong == []


def test_the_article_follows_the_day_of_the_act() -> None:
    day = dt.date(2020, 6, 1)
    (then,) = [rule for rule in open_rules(CATALOGUE["XF01"], {"当场改正": True}, day, None) if rule.id.startswith("no_penalty")]
    (now,) = [rule for rule in open_rules(CATALOGUE["XF01"], {"当场改正": True}, NEW, None) if rule.id.startswith("no_penalty")]
    assert (then.cite, now.cite) == (("行政处罚法(2017)§27②",), ("行政处罚法§33①",))
    assert "首违" not in then.title
    assert cited_on(("消防法§60①", "行政处罚法§32", "行政处罚法(2017)§27①"), day) == ("消防法§60①", "行政处罚法(2017)§27①")
    assert cited_on(("行政处罚法§32",), day) == ("行政处罚法§32",)  # without a twin there is nothing to choose
