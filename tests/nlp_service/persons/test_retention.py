"""Retention: off by default, by class, once a day, with a receipt in the chain; what is open stays, and nothing is counted wrongly afterwards."""

from __future__ import annotations

import datetime as dt

import pytest

from nlp_service.audit import AuditError
from nlp_service.persons import outbox, receipts
from nlp_service.persons.opening import open_persons
from nlp_service.persons.records import Ruling
from nlp_service.persons.retention import Keep
from nlp_service.persons.service import TagRuling, UnknownPersonError
from nlp_service.persons.watched import RulesError
from nlp_service.settings import Settings
from nlp_service.tagging.service import TagService

DAY = dt.date(2022, 11, 9)  # the day after the desk's first
NOTHING = {"findings": 0, "corrections": 0, "reports": 0, "sanctions": 0, "alerts": 0, "events": 0}


def settled(desk) -> None:
    """One report with an alert taken up and told, a ruling, a sanction, and a second alert that nobody has looked at."""
    (alert,) = desk.send("R-1", {"C02": "confirmed", "H03": "rejected"}, text="独特的走访文字").alerts
    desk.service.acknowledge(alert.alert_id, "", actor="k")
    with desk.store.writing() as session:
        outbox.delivered(session, outbox.claim(session, desk.now, 60, 1)[0].event_id, desk.now)
    desk.service.rule([TagRuling("R-1", "correction", "C02", Ruling.CONFIRMED)], actor="k")
    desk.service.add_sanction("DX-1", "S-1", "训诫", dt.date(2022, 10, 1), actor="k")
    desk.send("R-2", {"A05": "confirmed"}, person="DX-2")


def test_by_default_everything_stays(desk) -> None:
    settled(desk)
    desk.later(days=5000)
    desk.service.sweep()
    assert desk.service.timeline("DX-1", before=None, limit=9, actor="k")["reports"]
    assert desk.service.purge(None, actor="k").counts == NOTHING


def test_a_purge_leaves_what_is_open_and_a_receipt_in_the_chain(desk) -> None:
    settled(desk)
    desk.later(days=400)
    desk.send("R-3", {"B01": "confirmed"}, person="DX-3")
    trial = desk.service.purge(DAY, actor="cli", is_trial=True)
    receipt = desk.service.purge(DAY, actor="cli")
    assert trial.receipt_id == ""
    assert trial.counts == receipt.counts == {"findings": 3, "corrections": 1, "reports": 2, "sanctions": 1, "alerts": 1, "events": 1}
    assert receipt.before == {"reports": "2022-11-08T16:00:00+00:00", "alerts": "2022-11-08T16:00:00+00:00"}, "the day begins at midnight here"
    (entry,) = desk.audit.entries(event=receipts.PURGED)
    assert (entry.seq, entry.hash, entry.subject) == (receipt.audit_seq, receipt.audit_hash, receipt.receipt_id)
    assert entry.payload["before"] == receipt.before
    assert desk.audit.verify()[1] is None
    assert [alert.person for alert in desk.service.alerts(0, 9)] == [desk.key.handle("DX-2")], "nobody has looked at it yet"
    with pytest.raises(UnknownPersonError):
        desk.service.timeline("DX-1", before=None, limit=9, actor="k")
    assert desk.service.timeline("DX-3", before=None, limit=9, actor="k")["reports"]
    assert "独特的走访文字".encode() not in b"".join(path.read_bytes() for path in desk.home.glob("persons.db*"))
    assert desk.service.purge(DAY, actor="cli").counts == NOTHING
    assert len(desk.audit.entries(event=receipts.PURGED)) == 1, "nothing purged, nothing said"


@pytest.mark.parametrize(
    ("only", "gone"), [("reports", {"findings": 3, "corrections": 1, "reports": 2}), ("alerts", {"sanctions": 1, "alerts": 1, "events": 1})]
)
def test_one_class_alone(desk, only: str, gone: dict[str, int]) -> None:
    settled(desk)
    desk.later(days=400)
    receipt = desk.service.purge(DAY, [only], actor="cli")
    assert receipt.counts == NOTHING | gone
    assert list(receipt.before) == [only]


def test_what_the_rules_look_back_to_is_not_purged(desk) -> None:
    settled(desk)
    with pytest.raises(RulesError, match="240 天"):
        desk.service.purge(DAY, actor="cli")
    Keep(240, None).check(desk.rules)
    with pytest.raises(RulesError, match="NLP_KEEP_ALERTS_DAYS 239"):
        Keep(None, 239).check(desk.rules)
    settings = Settings(home=desk.home, keep_reports_days=30)
    with pytest.raises(RulesError, match="NLP_KEEP_REPORTS_DAYS 30"):
        open_persons(settings, desk.audit, TagService(settings.schemes, settings.models))


def test_the_sweep_purges_once_a_day_by_age_of_receipt(desk) -> None:
    settled(desk)
    desk.service._keep = Keep(300, None)
    desk.later(days=300)
    desk.service.sweep()
    assert desk.service.timeline("DX-1", before=None, limit=9, actor="k")["reports"], "not older than 300 days yet"
    desk.later(hours=1)
    desk.service.sweep()
    assert desk.service.timeline("DX-1", before=None, limit=9, actor="k")["reports"], "once a day is enough"
    desk.send("R-9", {"B01": "confirmed"}, person="DX-9", at=desk.now - dt.timedelta(days=900))
    desk.later(days=1)
    desk.service.sweep()
    (entry,) = desk.audit.entries(event=receipts.PURGED)
    assert (entry.actor, entry.payload["deleted"]["reports"]) == ("retention", 2)
    assert desk.service.timeline("DX-9", before=None, limit=9, actor="k")["reports"], "a late report has just come in"


def test_a_purge_that_could_not_be_chained_is_chained_by_the_sweep(desk, monkeypatch: pytest.MonkeyPatch) -> None:
    settled(desk)
    desk.later(days=400)

    def full(*arguments: object) -> None:
        raise AuditError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(desk.audit, "append", full)
        receipt = desk.service.purge(DAY, actor="cli")
    assert receipt.audit_seq is None
    desk.service.sweep()
    desk.service.sweep()
    (entry,) = desk.audit.entries(event=receipts.PURGED)
    assert (entry.subject, entry.payload["before"]) == (receipt.receipt_id, receipt.before)


def test_an_alert_whose_report_was_purged_is_not_taken_back(desk) -> None:
    desk.send("R-1", {"C02": "confirmed"})
    desk.later(days=400)
    desk.send("R-2", {"B01": "confirmed"})
    desk.service.purge(DAY, ["reports"], actor="cli")
    done = desk.service.rule([TagRuling("R-2", "correction", "B01", Ruling.REJECTED)], actor="k")
    assert done["retracted"] == []
