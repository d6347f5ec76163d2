"""Which legal steps may be touched: by confirmed tags, days out of contact and recorded sanctions only."""

from __future__ import annotations

import datetime as dt

import pytest

from nlp_service.persons.alerts import Known
from nlp_service.persons.ladder import touched
from nlp_service.persons.records import Sanction
from nlp_service.persons.rules import AlertRules

START = dt.datetime(2022, 11, 8, 2, 0, tzinfo=dt.UTC)


def steps(rules: AlertRules, known: Known, days: float = 0) -> list[str]:
    return [found.step.step for found in touched(rules, known, START + dt.timedelta(days=days))]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"A03": "confirmed"}, ["训诫"]),
        ({"A03": "suspected"}, []),
        ({"A03": "rejected"}, []),
        ({"B01": "confirmed"}, []),  # drinking is not unlawful
        ({"A05": "confirmed"}, ["警告", "提请治安管理处罚"]),
        ({"B07": "confirmed"}, ["由审理法院处理新罪、漏罪"]),
    ],
)
def test_tags_touch_steps_only_when_confirmed(rules: AlertRules, make_report, tags: dict[str, str], expected: list[str]) -> None:
    assert steps(rules, Known([make_report("R1", tags, START)])) == expected


@pytest.mark.parametrize(("days", "expected"), [(0, ["训诫"]), (10, ["训诫"]), (10.1, ["警告"]), (30, ["警告"]), (30.1, ["提请撤销缓刑"])])
def test_days_out_of_contact_move_up_the_ladder(rules: AlertRules, make_report, days: float, expected: list[str]) -> None:
    assert steps(rules, Known([make_report("R1", {"A01": "suspected"}, START)]), days) == expected


def test_a_breach_after_two_admonitions_touches_a_warning(rules: AlertRules, make_report) -> None:
    twice = [Sanction(f"S{day}", "训诫", dt.date(2022, 10, day), "k", START) for day in (1, 20)]
    found = touched(rules, Known([make_report("R1", {"A03": "confirmed"}, START)], twice), START)
    assert [one.step.step for one in found] == ["训诫", "警告"]
    text, evidence = found[1].because[-1]
    assert text == "受到两次训诫仍不改正"
    assert [(item.report_id, item.tag) for item in evidence] == [("R1", "A03")]
    assert steps(rules, Known([make_report("R1", {"H03": "confirmed"}, START)], twice)) == [], "sanctions alone touch nothing"
