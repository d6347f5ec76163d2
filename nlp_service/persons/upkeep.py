"""What the passing of time asks for: days out of contact, alerts nobody took up, old deliveries, what is kept no longer, receipts not yet in the audit chain."""

from __future__ import annotations

import datetime as dt

from ..audit import AuditLog
from . import outbox
from .alert_rows import alerts_due, escalate
from .intake import ESCALATED, Intake
from .receipts import enter_in_audit, unaudited
from .retention import Keep, purge_daily
from .rules import AlertRules
from .store import PersonStore

KEEP_DELIVERED = dt.timedelta(days=30)


def sweep(store: PersonStore, audit: AuditLog, intake: Intake, rules: AlertRules, keep: Keep, now: dt.datetime) -> None:
    """Look once. Raises StoreError, AuditError."""
    with store.reading() as session:
        lost = session.persons_with(rules.absence.starts, now - dt.timedelta(days=rules.look_back_days))
        waiting = unaudited(session)
    for person in lost:
        with store.writing() as session:
            intake.raise_absences(session, rules, person, now)
    with store.writing() as session:
        for alert in alerts_due(session, now):
            intake.tell(session, ESCALATED, escalate(session, alert, rules.levels[alert.draft.level]), now)
        outbox.prune(session, now - KEEP_DELIVERED)
    for receipt in waiting:
        enter_in_audit(store, audit, receipt)
    if waiting:
        store.forget_deleted()
    purge_daily(store, audit, keep, now)
