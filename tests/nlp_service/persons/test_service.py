"""Timeline, rulings, sanctions, escalation, deletion: what the service does over time."""

from __future__ import annotations

import datetime as dt

import pytest

from nlp_service.audit import AuditError
from nlp_service.persons import receipts
from nlp_service.persons.records import AlertState, Ruling
from nlp_service.persons.references import ReferenceKey, ReferenceKeyError
from nlp_service.persons.service import RulingError, TagRuling, UnknownPersonError
from nlp_service.persons.upkeep import KEEP_DELIVERED


def events(desk) -> list[str]:
    return [event.kind for event in reversed(desk.service.events((), 100)[0])]


def rule(desk, report_id: str, tag: str, ruling: Ruling, note: str = "") -> dict:
    return desk.service.rule([TagRuling(report_id, "correction", tag, ruling, note)], actor="key-2")


def test_the_timeline_is_newest_first_in_pages_and_reading_it_is_logged(desk) -> None:
    for number in range(5):
        desk.send(f"R-{number}", {"H03": "confirmed"})
        desk.later(days=1)
    first = desk.service.timeline("DX-1", before=None, limit=3, actor="k")
    assert [report["report_id"] for report in first["reports"]] == ["R-4", "R-3", "R-2"]
    place = first["next"]
    rest = desk.service.timeline("DX-1", before=place, limit=3, actor="k")
    assert [report["report_id"] for report in rest["reports"]] == ["R-1", "R-0"]
    assert rest["next"] is None
    assert [entry.event for entry in desk.audit.entries()] == ["timeline_read", "timeline_read"]
    assert "DX-1" not in str(desk.audit.entries())
    assert "DX-1" not in str(first)


def test_the_timeline_shows_days_out_of_contact_and_the_ladder(desk) -> None:
    desk.send("R-1", {"A01": "suspected"})
    desk.later(days=11)
    found = desk.service.timeline("DX-1", before=None, limit=10, actor="k")
    assert found["absence"] == {"since": "2022-11-08T02:00:00+00:00", "days": 11}
    assert [(step["step"], step["basis"]["status"]) for step in found["ladder"]] == [("警告", "to_confirm")]


@pytest.mark.parametrize("what", ["timeline", "plan", "delete"])
def test_of_an_unknown_person_there_is_nothing(desk, what: str) -> None:
    options = {"before": None, "limit": 10} if what == "timeline" else {}
    with pytest.raises(UnknownPersonError):
        getattr(desk.service, what)("DX-9", actor="k", **options)


def test_a_rejected_tag_takes_its_alert_back_and_says_so(desk) -> None:
    alert = desk.send("R-1", {"A02": "confirmed"}).alerts[0]
    done = rule(desk, "R-1", "A02", Ruling.REJECTED, "王建国本人已请假13900000012")
    assert [one.alert_id for one in done["retracted"]] == [alert.alert_id]
    assert done["retracted"][0].state is AlertState.RETRACTED
    assert events(desk) == ["alert.raised", "alert.retracted"]
    assert b"13900000012" not in b"".join(path.read_bytes() for path in desk.home.glob("persons.db*"))
    report = desk.service.timeline("DX-1", before=None, limit=1, actor="k")["reports"][0]
    assert [(tag["status"], tag["tagged_as"], tag["ruling"], tag["ruled_by"]) for tag in report["tags"]] == [("rejected", "confirmed", "rejected", "key-2")]


def test_an_alert_with_other_grounds_stays(desk) -> None:
    desk.send("R-1", {"C02": "suspected"})
    desk.send("R-2", {"C02": "suspected"})
    assert rule(desk, "R-1", "C02", Ruling.REJECTED)["retracted"] == []
    assert len(rule(desk, "R-2", "C02", Ruling.REJECTED)["retracted"]) == 1


def test_a_repeat_is_taken_back_when_too_few_events_are_left(desk) -> None:
    desk.send("R-1", {"B01": "confirmed"})
    desk.later(days=3)
    assert [alert.draft.rule for alert in desk.send("R-2", {"B01": "confirmed"}).alerts] == ["repeat-B01"]
    assert [alert.draft.rule for alert in rule(desk, "R-1", "B01", Ruling.REJECTED)["retracted"]] == ["repeat-B01"]


def test_a_confirmed_suspicion_raises_what_it_would_have_raised(desk) -> None:
    desk.send("R-1", {"A02": "suspected"})
    assert [alert.draft.rule for alert in rule(desk, "R-1", "A02", Ruling.CONFIRMED)["raised"]] == ["level"]


def test_a_tag_nobody_saw_may_be_added(desk) -> None:
    desk.send("R-1", {"H03": "confirmed"})
    assert len(rule(desk, "R-1", "C02", Ruling.CONFIRMED)["raised"]) == 1
    tags = desk.service.timeline("DX-1", before=None, limit=1, actor="k")["reports"][0]["tags"]
    assert [(tag["tag"], tag["tagged_as"], tag["source"]) for tag in tags] == [("C02", None, "person"), ("H03", "confirmed", "both")]


def test_rulings_are_entered_all_or_none(desk) -> None:
    desk.send("R-1", {"A02": "confirmed"})
    rulings = [TagRuling("R-1", "correction", "A02", Ruling.REJECTED), TagRuling("R-9", "correction", "A02", Ruling.REJECTED)]
    with pytest.raises(UnknownPersonError):
        desk.service.rule(rulings, actor="k")
    assert desk.service.alerts(0, 10)[0].stands
    with pytest.raises(RulingError, match="没有这个标签"):
        rule(desk, "R-1", "Z9", Ruling.CONFIRMED)


def test_rulings_are_labels_to_learn_from(desk) -> None:
    desk.send("R-1", {"A02": "confirmed", "B01": "suspected"}, text="王建国去了上海，有酒气")
    desk.send("R-2", {"B01": "confirmed"})
    rule(desk, "R-1", "A02", Ruling.REJECTED)
    rule(desk, "R-1", "E01", Ruling.CONFIRMED)
    rule(desk, "R-2", "B01", Ruling.CONFIRMED)
    rows, following = desk.service.labels(0, 1)
    assert rows == [
        {
            "report_id": "R-1",
            "scheme": "correction",
            "text": "王某某去了上海，有酒气",
            "tags": ["E01"],
            "suspected": ["B01"],
            "rejected": ["A02"],
            "author": "correction",
        }
    ]
    assert following is not None
    rows, following = desk.service.labels(following, 10)
    assert [row["report_id"] for row in rows] == ["R-2"]
    assert following is None


def test_a_sanction_is_recorded_once(desk) -> None:
    day = dt.date(2022, 10, 1)
    assert desk.service.add_sanction("DX-1", "S-1", "训诫", day, actor="k")[1]
    assert not desk.service.add_sanction("DX-1", "S-1", "训诫", day, actor="k")[1]
    for changed in (
        ("DX-2", "S-1", "训诫", day),
        ("DX-1", "S-1", "警告", day),
        ("DX-1", "S-2", "批评", day),
        ("DX-1", "S-2", "训诫", dt.date(2023, 1, 1)),
        ("DX-1", "S-2", "训诫", dt.date(1, 1, 1)),
    ):
        with pytest.raises(RulingError):
            desk.service.add_sanction(*changed, actor="k")


def test_two_admonitions_and_a_breach(desk) -> None:
    for number, day in enumerate((1, 20)):
        desk.service.add_sanction("DX-1", f"S-{number}", "训诫", dt.date(2022, 10, day), actor="k")
    taken = desk.send("R-1", {"A03": "confirmed"})
    (alert,) = taken.alerts
    assert alert.draft.rule == "after-two-admonitions"
    assert [step["step"] for step in alert.ladder] == ["训诫", "警告"]


def test_an_alert_nobody_takes_up_goes_to_the_next_above(desk) -> None:
    alert = desk.send("R-1", {"C02": "confirmed"}).alerts[0]
    assert alert.due_at == desk.now + dt.timedelta(hours=1)
    for hours, to, count in ((0.9, None, 0), (0.2, "司法所负责人", 1), (1, "司法所负责人", 1), (2, "县级社区矫正机构", 2), (500, "县级社区矫正机构", 2)):
        desk.later(hours=hours)
        desk.service.sweep()
        (now,) = desk.service.alerts(0, 10)
        assert (now.escalated_to, now.escalations) == (to, count)
    assert events(desk) == ["alert.raised", "alert.escalated", "alert.escalated"]


def test_an_acknowledged_alert_is_not_escalated_nor_acknowledged_twice(desk) -> None:
    alert = desk.send("R-1", {"C02": "confirmed"}).alerts[0]
    first = desk.service.acknowledge(alert.alert_id, "已联系到本人", actor="key-2")
    assert desk.service.acknowledge(alert.alert_id, "又一次", actor="key-3") == first
    desk.later(hours=9)
    desk.service.sweep()
    assert desk.service.alerts(0, 10)[0].escalations == 0
    rule(desk, "R-1", "C02", Ruling.REJECTED)
    with pytest.raises(RulingError, match="撤回"):
        desk.service.acknowledge(alert.alert_id, "", actor="k")


def test_days_out_of_contact_alert_by_themselves_as_time_passes(desk) -> None:
    desk.send("R-1", {"A01": "suspected"})
    seen = []
    for _ in range(12):
        desk.later(days=3)
        desk.service.sweep()
        desk.service.sweep()
        seen.append([alert.draft.rule for alert in desk.service.alerts(0, 100, levels=("L4",)) if alert.draft.rule.startswith("absence")])
    assert seen[0] == []  # three days, not more
    assert seen[1] == ["absence-3"]
    assert sorted(seen[3]) == ["absence-10", "absence-3"]
    assert sorted(seen[-1]) == ["absence-10", "absence-3", "absence-30"]


def test_a_sight_stops_the_days(desk) -> None:
    desk.send("R-1", {"A01": "suspected"})
    desk.later(days=2)
    desk.send("R-2", {"H03": "confirmed"})
    desk.later(days=20)
    desk.service.sweep()
    assert [alert.draft.rule for alert in desk.service.alerts(0, 10)] == ["level"]


def test_whoever_polls_sees_every_change_once_and_in_order(desk) -> None:
    first = desk.send("R-1", {"C02": "confirmed"}).alerts[0]
    second = desk.send("R-2", {"A02": "confirmed"}, person="DX-2").alerts[0]
    assert [alert.alert_id for alert in desk.service.alerts(0, 10)] == [first.alert_id, second.alert_id]
    desk.service.acknowledge(first.alert_id, "", actor="k")
    after = desk.service.alerts(second.change, 10)
    assert [(alert.alert_id, alert.state) for alert in after] == [(first.alert_id, AlertState.ACKNOWLEDGED)]
    assert desk.service.alerts(after[-1].change, 10) == []
    assert [alert.alert_id for alert in desk.service.alerts(0, 10, ref="DX-2")] == [second.alert_id]
    assert desk.service.alerts(0, 10, region="3301") and not desk.service.alerts(0, 10, region="3304")


def test_numbers_of_changes_are_never_given_again(desk) -> None:
    last = desk.send("R-1", {"C02": "confirmed"}).alerts[0].change
    desk.service.delete("DX-1", actor="k")
    assert desk.send("R-2", {"C02": "confirmed"}, person="DX-2").alerts[0].change == last + 1


def test_deletion_leaves_nothing_but_a_receipt(desk) -> None:
    marker = "独特的走访文字"
    desk.send("R-1", {"C02": "confirmed", "H03": "rejected"}, text=marker)
    desk.send("R-2", {"B01": "confirmed"}, person="DX-2", text="另一个人")
    desk.service.add_sanction("DX-1", "S-1", "训诫", dt.date(2022, 10, 1), actor="k")
    rule(desk, "R-1", "C02", Ruling.CONFIRMED)
    handle = desk.key.handle("DX-1")
    receipt = desk.service.delete("DX-1", actor="key-2")
    assert receipt.counts == {"findings": 2, "corrections": 1, "reports": 1, "sanctions": 1, "alerts": 1, "events": 1}
    content = b"".join(path.read_bytes() for path in desk.home.glob("persons.db*"))
    assert marker.encode() not in content
    assert handle.encode() not in content
    assert "另一个人".encode() in content
    (entry,) = desk.audit.entries(event=receipts.EVENT)
    assert (entry.seq, entry.hash, entry.subject) == (receipt.audit_seq, receipt.audit_hash, receipt.receipt_id)
    assert handle not in str(entry)
    assert "DX-1" not in str(entry)
    assert desk.audit.verify()[1] is None
    with pytest.raises(UnknownPersonError):
        desk.service.delete("DX-1", actor="key-2")


def test_a_receipt_that_could_not_be_chained_is_chained_by_the_sweep_and_only_once(desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.send("R-1", {"B01": "confirmed"})

    def full(*arguments: object) -> None:
        raise AuditError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(desk.audit, "append", full)
        receipt = desk.service.delete("DX-1", actor="k")
    assert receipt.audit_seq is None
    desk.service.sweep()
    desk.service.sweep()
    assert [entry.subject for entry in desk.audit.entries(event=receipts.EVENT)] == [receipt.receipt_id]


def test_a_lost_or_foreign_key_stops_the_service_instead_of_splitting_persons(desk) -> None:
    desk.send("R-1", {"B01": "confirmed"})
    kept = (desk.home / "persons.key").read_bytes()
    (desk.home / "persons.key").unlink()
    other = type(desk)(desk.home, list(desk.schemes.values()))
    with pytest.raises(ReferenceKeyError, match="restore both"):
        other.send("R-2", {})
    assert not (desk.home / "persons.key").exists(), "no new key is made in its place"
    ReferenceKey(desk.home / "persons.key").handle("x")
    with pytest.raises(ReferenceKeyError):
        other.service.timeline("DX-1", before=None, limit=1, actor="k")
    (desk.home / "persons.key").write_bytes(kept)
    assert type(desk)(desk.home, []).service.timeline("DX-1", before=None, limit=1, actor="k")["reports"]
    other.store.close()


def test_old_deliveries_are_dropped_and_waiting_ones_are_not(desk) -> None:
    from nlp_service.persons import outbox

    desk.send("R-1", {"C02": "confirmed"})
    desk.send("R-2", {"C02": "confirmed"}, person="DX-2")
    with desk.store.writing() as session:
        outbox.delivered(session, outbox.claim(session, desk.now, 60, 1)[0].event_id, desk.now)
    desk.later(days=KEEP_DELIVERED.days, hours=1)
    desk.service.sweep()
    counts = desk.service.events((), 100)[1]
    assert counts["delivered"] == 0
    assert counts["pending"] >= 1
