"""Taking reports in: masked, once per id, one transaction with the events they cause."""

from __future__ import annotations

import datetime as dt
import sqlite3

import pytest
import sqlalchemy as sa

from nlp_service.persons import outbox
from nlp_service.persons.intake import IntakeState, findings_of
from nlp_service.persons.tables import outbox as outbox_table
from nlp_service.persons.timing import ClockState
from nlp_service.tagging.tagger import Source, Tagged, TagResult, TagStatus


def test_a_report_is_stored_with_its_person_masked(desk) -> None:
    text = "王建国电话13900000012，身份证330111199001010018，今天没来报到"
    taken = desk.send("R-1", {"A03": "confirmed"}, text=text, person="330111199001010018")
    assert taken.state is IntakeState.STORED
    content = b"".join(path.read_bytes() for path in desk.home.glob("persons.db*"))
    assert "没来报到".encode() in content
    for secret in ("13900000012", "330111199001010018", "王建国"):
        assert secret.encode() not in content
    with desk.store.reading() as session:
        report = session.report("R-1", "correction")
    assert report is not None
    assert len(report.text) == len(text), "spans still fit"


def test_the_same_report_again_changes_nothing_and_is_answered_alike(desk) -> None:
    first = desk.send("R-1", {"C02": "confirmed"})
    desk.later(hours=5)
    again = desk.send("R-1", {"C02": "confirmed"})
    assert (first.state, again.state) == (IntakeState.STORED, IntakeState.DUPLICATE)
    assert [alert.alert_id for alert in again.alerts] == [alert.alert_id for alert in first.alerts]
    assert first.new == {first.alerts[0].alert_id}
    assert again.new == frozenset()
    with desk.store.reading() as session:
        assert outbox.counts(session)["pending"] == 1


@pytest.mark.parametrize("change", [{"text": "另一段文字"}, {"person": "DX-2"}, {"at": dt.datetime(2022, 11, 1, tzinfo=dt.UTC)}])
def test_an_id_used_for_another_report_is_a_conflict(desk, change: dict) -> None:
    desk.send("R-1", {"B01": "confirmed"})
    assert desk.send("R-1", {"C02": "confirmed"}, **change).state is IntakeState.CONFLICT
    assert desk.service.alerts(0, 10) == []


def test_ids_doubled_within_one_batch_are_told_apart(desk, scheme) -> None:
    items = [desk.incoming("R-1", {"C02": "confirmed"}), desk.incoming("R-1", {"C02": "confirmed"}), desk.incoming("R-1", {}, text="别的")]
    taken = desk.service.take(scheme, items, {}, "k")
    assert [one.state for one in taken] == [IntakeState.STORED, IntakeState.DUPLICATE, IntakeState.CONFLICT]
    assert len(desk.service.alerts(0, 10)) == 1


def test_one_report_may_be_read_under_two_schemes(desk) -> None:
    assert desk.send("R-1", {"B01": "confirmed"}).state is IntakeState.STORED
    other = desk.send("R-1", {"B01": "confirmed"}, scheme="grid")
    assert other.state is IntakeState.STORED
    assert [alert.draft.scheme for alert in other.alerts] == ["grid"], "there B01 is urgent"
    assert desk.send("R-1", {"B01": "confirmed"}, scheme="grid").state is IntakeState.DUPLICATE


def test_two_workers_who_saw_the_same_event_give_one_alert(desk) -> None:
    first = desk.send("R-1", {"C02": "suspected"}, text="他说活着没意思")
    desk.later(hours=3)
    second = desk.send("R-2", {"C02": "confirmed"}, text="邻居也听到他讲不想活了")
    assert [alert.alert_id for alert in second.alerts] == [first.alerts[0].alert_id]
    assert second.new == frozenset()
    assert [item.report_id for item in second.alerts[0].draft.evidence] == ["R-1", "R-2"]
    with desk.store.reading() as session:
        assert outbox.counts(session)["pending"] == 1
    assert len(desk.service.alerts(1, 10)) == 1, "but whoever polls sees that it has grown"


def test_persons_do_not_mix(desk) -> None:
    desk.send("R-1", {"B01": "confirmed"}, person="DX-1")
    desk.later(days=5)
    assert desk.send("R-2", {"B01": "confirmed"}, person="DX-2").alerts == ()


def test_a_report_that_could_not_be_read_is_refused_with_the_reason(desk, scheme) -> None:
    item = desk.incoming("R-1", {})
    taken = desk.service.take(scheme, [type(item)("R-1", "", "DX-1", None, None, Tagged("R-1", error="text 为空")), desk.incoming("R-2", {})], {}, "k")
    assert [(one.state, one.detail) for one in taken] == [(IntakeState.REFUSED, "text 为空"), (IntakeState.STORED, "")]


def test_control_characters_become_blanks_of_the_same_length(desk) -> None:
    desk.send("R-1", {}, text="\x00正\x1b常上班\x7f")
    with desk.store.reading() as session:
        report = session.report("R-1", "correction")
    assert report is not None
    assert report.text == " 正 常上班 "


def test_a_clock_ahead_counts_from_arrival(desk) -> None:
    taken = desk.send("R-1", {"B01": "confirmed"}, at=dt.datetime(2030, 1, 1, tzinfo=dt.UTC))
    assert taken.timing is not None
    assert (taken.timing.state, taken.timing.at) == (ClockState.AHEAD, desk.now)


def test_reasons_quote_only_what_is_left_after_masking() -> None:
    tag = TagResult("B01", TagStatus.REJECTED, 0.1, 0.5, ((0, 1),), Source.RULE, ("other「王建国」", "negated「没有」"))
    (finding,) = findings_of(Tagged("R", (tag,)), "王某某说没有喝酒")
    assert finding.reasons == ("other", "negated「没有」")


def test_report_alert_and_event_are_committed_together_or_not_at_all(desk) -> None:
    with sqlite3.connect(desk.home / "persons.db") as other:
        other.execute("CREATE TRIGGER no_events BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'refused'); END")
    other.close()
    with pytest.raises(Exception, match="refused"):
        desk.send("R-1", {"C02": "confirmed"})
    with desk.store.reading() as session:
        assert session.report("R-1", "correction") is None
    assert desk.service.alerts(0, 10) == []


def test_without_a_webhook_nothing_is_put_in_the_outbox(tmp_path, desk) -> None:
    (tmp_path / "quiet").mkdir()
    quiet = type(desk)(tmp_path / "quiet", list(desk.schemes.values()), tells=False)
    quiet.send("R-1", {"C02": "confirmed"})
    with quiet.store.reading() as session:
        assert session.connection.execute(sa.select(sa.func.count()).select_from(outbox_table)).scalar_one() == 0
    assert len(quiet.service.alerts(0, 10)) == 1
    quiet.store.close()
