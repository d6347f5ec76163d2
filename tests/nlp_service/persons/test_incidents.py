"""The same event counts once; days out of contact begin with a sign and end with a sight."""

from __future__ import annotations

import datetime as dt

from nlp_service.persons.incidents import incidents, spell
from nlp_service.persons.rules import AlertRules, SameEvent
from nlp_service.tagging.tagger import TagStatus

START = dt.datetime(2022, 11, 8, 2, 0, tzinfo=dt.UTC)
SAME = SameEvent(default_hours=24, hours={"A01": 72})
BOTH = (TagStatus.CONFIRMED, TagStatus.SUSPECTED)


def at(hours: float) -> dt.datetime:
    return START + dt.timedelta(hours=hours)


def test_reports_within_the_hours_of_a_tag_are_one_event(make_report) -> None:
    reports = [make_report(f"R{hour}", {"B01": "confirmed"}, at(hour)) for hour in (0, 23, 24, 25, 49)]
    found = incidents(reports, ["B01"], BOTH, SAME)
    assert [[item.report_id for item in one.evidence] for one in found] == [["R0", "R23", "R24"], ["R25", "R49"]]
    assert [one.at for one in found] == [at(0), at(25)]


def test_other_hours_hold_for_other_tags(make_report) -> None:
    reports = [make_report(f"R{hour}", {"A01": "suspected"}, at(hour)) for hour in (0, 72, 73)]
    assert len(incidents(reports, ["A01"], BOTH, SAME)) == 2


def test_only_the_statuses_asked_for_count(make_report) -> None:
    reports = [
        make_report("R1", {"B01": "suspected"}, at(0)),
        make_report("R2", {"B01": "rejected"}, at(100)),
        make_report("R3", {"B01": "confirmed"}, at(200)),
    ]
    assert len(incidents(reports, ["B01"], (TagStatus.CONFIRMED,), SAME)) == 1
    assert len(incidents(reports, ["B01"], BOTH, SAME)) == 2


def test_two_breaches_in_one_report_are_one_event_and_two_kinds_on_one_day_are_two(make_report) -> None:
    reports = [make_report("R1", {"A02": "confirmed", "A03": "confirmed"}, at(0)), make_report("R2", {"A03": "confirmed"}, at(1))]
    assert len(incidents(reports, ["A02", "A03", "A06"], BOTH, SAME)) == 1
    assert len(incidents([*reports, make_report("R3", {"A06": "confirmed"}, at(2))], ["A02", "A03", "A06"], BOTH, SAME)) == 2


def test_days_out_of_contact_run_from_the_first_sign(make_report, rules: AlertRules) -> None:
    reports = [make_report("R1", {"A01": "suspected"}, at(0)), make_report("R2", {"A01": "confirmed"}, at(48)), make_report("R3", {"B01": "confirmed"}, at(60))]
    found = spell(reports, rules.absence, "correction")
    assert found is not None
    assert found.since == at(0)
    assert [item.report_id for item in found.evidence] == ["R1", "R2"]
    assert found.days(at(36)) == 1.5


def test_a_confirmed_sight_ends_them_and_a_suspected_one_does_not(make_report, rules: AlertRules) -> None:
    lost = make_report("R1", {"A01": "confirmed"}, at(0))
    assert spell([lost, make_report("R2", {"H03": "suspected"}, at(5))], rules.absence, "correction") is not None
    assert spell([lost, make_report("R2", {"H03": "confirmed"}, at(5))], rules.absence, "correction") is None
    again = spell([make_report("R3", {"A01": "suspected"}, at(9)), make_report("R2", {"H03": "confirmed"}, at(5)), lost], rules.absence, "correction")
    assert again is not None
    assert again.since == at(9), "reports count by their time, not by their arrival"


def test_reports_under_another_scheme_say_nothing_of_contact(make_report, rules: AlertRules) -> None:
    assert spell([make_report("R1", {"A01": "confirmed"}, at(0), scheme="grid")], rules.absence, "correction") is None
