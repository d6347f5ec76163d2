"""Which alerts a report raises: by level, by repetition, after sanctions, by days out of contact; and when silence holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pytest

from nlp_service.persons.alerts import Known, Outcome, absence_drafts, concerns, judge, tag_level
from nlp_service.persons.records import Alert, AlertDraft, AlertState, KeptReport, Sanction
from nlp_service.persons.rules import AlertRules
from nlp_service.persons.timing import ClockState
from nlp_service.tagging.schemes import Level, Scheme
from nlp_service.tagging.tagger import TagStatus

START = dt.datetime(2022, 11, 8, 2, 0, tzinfo=dt.UTC)


def at(*, days: float = 0, hours: float = 0) -> dt.datetime:
    return START + dt.timedelta(days=days, hours=hours)


def stored(draft: AlertDraft, state: AlertState = AlertState.OPEN) -> Alert:
    return Alert(1, "AL-1", "p_1", draft, (), None, state, draft.at, None, 0, None, None, None, None)


@pytest.fixture
def run(rules: AlertRules, scheme: Scheme, make_report):
    """Return a function that sends reports (days → tags) one after another and returns the outcome of each."""

    def send(steps: Sequence[tuple[float, Mapping[str, str]]], sanctions: Sequence[Sanction] = ()) -> list[Outcome]:
        reports: list[KeptReport] = []
        alerts: list[Alert] = []
        outcomes = []
        for number, (days, tags) in enumerate(steps, 1):
            report = make_report(f"R{number}", tags, at(days=days))
            reports.append(report)
            outcome = judge(rules, scheme, Known(reports, sanctions, alerts), report, max(one.at for one in reports))
            alerts = [stored(draft) for draft in outcome.raised] + alerts
            outcomes.append(outcome)
        return outcomes

    return send


def raised(outcome: Outcome) -> list[tuple[str, str]]:
    return [(draft.rule, str(draft.level)) for draft in outcome.raised]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"H03": "confirmed"}, []),
        ({"B01": "confirmed"}, []),
        ({"A02": "confirmed"}, [("level", "L3")]),
        ({"A02": "suspected"}, []),  # a step lower: L2
        ({"B03": "suspected"}, [("level", "L3")]),
        ({"C02": "suspected"}, [("level", "L4")]),  # a cry for help keeps its level
        ({"C02": "rejected", "B03": "rejected"}, []),
        ({"C02": "confirmed", "A02": "confirmed"}, [("level", "L4")]),
    ],
)
def test_a_report_alerts_from_level_three_on(run, tags: Mapping[str, str], expected: list[tuple[str, str]]) -> None:
    assert raised(run([(0, tags)])[0]) == expected


def test_one_alert_names_every_urgent_tag_of_the_report(run) -> None:
    draft = run([(0, {"C02": "confirmed", "A02": "confirmed", "B01": "confirmed"})])[0].raised[0]
    assert draft.tags == ("C02", "A02")
    assert draft.name == "标签C02、标签A02"
    assert draft.advice == "办C02；办A02"


def test_a_second_report_of_the_same_event_joins_the_alert(run) -> None:
    first, second = run([(0, {"C02": "suspected"}), (0.5, {"C02": "suspected"})])
    assert raised(first) == [("level", "L4")]
    assert raised(second) == []
    assert [(alert.alert_id, [item.report_id for item in evidence]) for alert, evidence in second.joined] == [("AL-1", ["R2"])]


def test_a_new_tag_in_the_same_event_is_a_new_alert_of_its_own(run) -> None:
    second = run([(0, {"A02": "confirmed"}), (0.1, {"A02": "confirmed", "C02": "suspected"})])[1]
    assert [draft.tags for draft in second.raised] == [("C02",)]
    assert [[item.tag for item in evidence] for _, evidence in second.joined] == [["A02"]]


def test_level_three_is_silent_for_three_days_and_level_four_only_for_the_event(run) -> None:
    assert [bool(raised(outcome)) for outcome in run([(0, {"B03": "suspected"}), (2.9, {"B03": "suspected"}), (3.1, {"B03": "suspected"})])] == [
        True,
        False,
        True,
    ]
    assert [bool(raised(outcome)) for outcome in run([(0, {"C02": "suspected"}), (1.1, {"C02": "suspected"})])] == [True, True]


def test_silence_never_holds_back_a_higher_level(run) -> None:
    assert [raised(outcome) for outcome in run([(0, {"B03": "suspected"}), (0.2, {"B03": "confirmed"})])] == [[("level", "L3")], [("level", "L4")]]


def test_a_retracted_alert_silences_nothing(rules: AlertRules, scheme: Scheme, make_report) -> None:
    report = make_report("R1", {"C02": "confirmed"}, at())
    draft = judge(rules, scheme, Known([report]), report, at()).raised[0]
    again = make_report("R2", {"C02": "confirmed"}, at(hours=1))
    known = Known([report, again], (), [stored(draft, AlertState.RETRACTED)])
    assert raised(judge(rules, scheme, known, again, at(hours=1))) == [("level", "L4")]


def test_drinking_twice_in_thirty_days_is_level_two_three_times_level_three(run) -> None:
    outcomes = run([(0, {"B01": "confirmed"}), (10, {"B01": "confirmed"}), (30, {"B01": "confirmed"}), (31, {"B01": "confirmed"})])
    assert [raised(outcome) for outcome in outcomes] == [[], [("repeat-B01", "L2")], [("repeat-B01", "L3")], []]
    assert outcomes[2].raised[0].reason == "30日内3次（2022-11-08、2022-11-18、2022-12-08）"
    assert [item.report_id for item in outcomes[2].raised[0].evidence] == ["R1", "R2", "R3"]
    assert len(outcomes[3].joined) == 1, "within the silence a further event joins"


def test_two_reports_of_one_evening_are_not_twice(run) -> None:
    assert [raised(outcome) for outcome in run([(0, {"B01": "confirmed"}), (0.9, {"B01": "confirmed"})])] == [[], []]


def test_suspected_drinking_does_not_count_toward_it(run) -> None:
    assert [raised(outcome) for outcome in run([(0, {"B01": "suspected"}), (5, {"B01": "suspected"}), (10, {"B01": "suspected"})])] == [[], [], []]


def test_a_late_report_fills_a_window_in_the_past(run) -> None:
    outcomes = run([(0, {"B01": "confirmed"}), (40, {"B01": "confirmed"}), (20, {"B01": "confirmed"})])
    assert [raised(outcome) for outcome in outcomes] == [[], [], [("repeat-B01", "L2")]]
    assert outcomes[2].raised[0].reason == "30日内2次（2022-11-28、2022-12-18）", "of two windows with two events the later is shown"


def test_different_breaches_add_up(run) -> None:
    outcomes = run([(0, {"A02": "confirmed"}), (20, {"A03": "confirmed"}), (50, {"A06": "confirmed"})])
    assert ("repeat-violations", "L3") in raised(outcomes[2])
    assert raised(outcomes[1]) == []


def sanction(number: int, kind: str, day: str) -> Sanction:
    return Sanction(f"S-{number}", kind, dt.date.fromisoformat(day), "k", START)


def test_a_breach_after_two_admonitions_alerts_once_per_count(run) -> None:
    twice = [sanction(1, "训诫", "2022-09-01"), sanction(2, "训诫", "2022-10-01")]
    outcomes = run([(0, {"A03": "confirmed"}), (2, {"A06": "confirmed"})], twice)
    assert ("after-two-admonitions", "L3") in raised(outcomes[0])
    assert "已登记训诫2次（2022-09-01、2022-10-01）" in outcomes[0].raised[-1].reason
    assert "after-two-admonitions" not in dict(raised(outcomes[1]))
    assert [alert.draft.rule for alert, _ in outcomes[1].joined] == ["after-two-admonitions"]


@pytest.mark.parametrize(
    ("sanctions", "tags"),
    [
        ([sanction(1, "训诫", "2022-09-01")], {"A03": "confirmed"}),
        ([sanction(1, "训诫", "2022-09-01"), sanction(2, "训诫", "2022-11-08")], {"A03": "confirmed"}),  # that day's may be for this very breach
        ([sanction(1, "训诫", "2022-09-01"), sanction(2, "训诫", "2022-10-01")], {"A03": "suspected"}),
        ([sanction(1, "训诫", "2022-09-01"), sanction(2, "训诫", "2022-10-01")], {"B01": "confirmed"}),  # drinking is no breach
        ([sanction(1, "训诫", "2022-08-01"), sanction(2, "训诫", "2022-09-01"), sanction(3, "警告", "2022-10-01")], {"A03": "confirmed"}),  # counted anew
    ],
)
def test_what_is_not_a_breach_after_two_admonitions(run, sanctions: list[Sanction], tags: Mapping[str, str]) -> None:
    assert "after-two-admonitions" not in dict(raised(run([(0, tags)], sanctions)[0]))


@pytest.mark.parametrize(
    ("days", "rule"), [(3, None), (3.01, "absence-3"), (9.9, "absence-3"), (10.01, "absence-10"), (30.01, "absence-30"), (200, "absence-30")]
)
def test_days_out_of_contact_alert_at_each_step(rules: AlertRules, make_report, days: float, rule: str | None) -> None:
    known = Known([make_report("R1", {"A01": "suspected"}, at())])
    drafts = absence_drafts(rules, known, at(days=days))
    assert [draft.rule for draft in drafts] == ([rule] if rule else [])
    if drafts:
        assert drafts[0].reason.startswith(f"自2022-11-08起{int(days)}日")
        raised_before = Known(known.reports, (), [stored(drafts[0])])
        assert absence_drafts(rules, raised_before, at(days=days, hours=1)) == [], "once for a spell"


def test_a_report_that_came_late_says_so(rules: AlertRules, scheme: Scheme, make_report) -> None:
    report = make_report("R1", {"C02": "confirmed"}, at(), clock=ClockState.LATE)
    assert judge(rules, scheme, Known([report]), report, at(days=40)).raised[0].is_late


def test_a_report_under_another_scheme_alerts_by_its_level_alone(rules: AlertRules, scheme: Scheme, make_report) -> None:
    reports = [make_report(f"R{day}", {"B01": "confirmed", "C02": "confirmed"}, at(days=day), scheme="other") for day in (0, 5, 10)]
    assert raised(judge(rules, scheme, Known(reports), reports[2], at(days=10))) == [("level", "L4")]


def test_routine_reports_concern_no_rule(rules: AlertRules, scheme: Scheme, make_report) -> None:
    assert not concerns(rules, scheme, make_report("R1", {"H03": "confirmed", "E01": "confirmed", "B01": "rejected"}, at()))
    assert concerns(rules, scheme, make_report("R1", {"B01": "confirmed"}, at()))
    assert concerns(rules, scheme, make_report("R1", {"C02": "suspected"}, at()))


def test_a_tag_the_scheme_has_lost_has_no_level(scheme: Scheme) -> None:
    assert tag_level(scheme, "Z9", TagStatus.CONFIRMED) is None
    assert tag_level(scheme, "A02", TagStatus.SUSPECTED) is Level.L2
    assert tag_level(scheme, "A02", TagStatus.REJECTED) is None
