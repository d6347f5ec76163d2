"""Receipts of deletions, of one person or of what is too old: what went, when, by whom, and the place in the audit chain; never about whom."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import orjson
import sqlalchemy as sa
import structlog

from ..audit import AuditError, AuditLog
from .session import Session, moment, packed, stamp
from .store import PersonStore
from .tables import purges, receipts

EVENT, PURGED = "person_deleted", "persons_purged"
log = structlog.get_logger("nlp_service.persons")


@dataclass(frozen=True, slots=True)
class Receipt:
    """One deletion; `before` says of a purge which days it reached to. Number and hash are those of its record in the audit chain, None until it is there."""

    receipt_id: str
    deleted_at: dt.datetime
    by: str
    counts: Mapping[str, int]
    before: Mapping[str, str] = field(default_factory=dict)
    audit_seq: int | None = None
    audit_hash: str | None = None

    @property
    def event(self) -> str:
        """What the audit chain calls it."""
        return PURGED if self.before else EVENT


def delete_person(store: PersonStore, audit: AuditLog, person: str, *, by: str, now: dt.datetime) -> Receipt | None:
    """Delete everything of a person; return the receipt, None where there is nothing.

    The receipt is committed with the deletion and then entered in the audit chain; should that fail, the sweep makes up for it.
    """
    with store.writing() as session:
        if not session.knows(person):
            return None
        counts = session.delete_person(person)
        receipt = _add(session, Receipt(f"DR-{secrets.token_hex(8)}", now, by, counts))
    return _finish(store, audit, receipt)


def purge(
    store: PersonStore,
    audit: AuditLog,
    *,
    reports_before: dt.datetime | None,
    alerts_before: dt.datetime | None,
    by: str,
    now: dt.datetime,
    is_trial: bool = False,
) -> Receipt:
    """Delete what is older than two moments (None: keep); return the receipt. It has no number where nothing was deleted, or only counted (`is_trial`)."""
    before = {name: stamp(at) for name, at in (("reports", reports_before), ("alerts", alerts_before)) if at is not None}
    with store.writing() as session:
        with session.connection.begin_nested() as trial:
            counts = session.purge(before.get("reports"), before.get("alerts"))
            if is_trial:
                trial.rollback()
        if is_trial or not any(counts.values()):
            return Receipt("", now, by, counts, before)
        receipt = _add(session, Receipt(f"PR-{secrets.token_hex(8)}", now, by, counts, before))
        session.connection.execute(
            purges.insert().values(receipt_id=receipt.receipt_id, reports_before=before.get("reports"), alerts_before=before.get("alerts"))
        )
    return _finish(store, audit, receipt)


def _finish(store: PersonStore, audit: AuditLog, receipt: Receipt) -> Receipt:
    """Take what was deleted off the disk and enter the receipt in the audit chain; should that fail, the sweep makes up for it."""
    store.forget_deleted()
    try:
        return enter_in_audit(store, audit, receipt)
    except AuditError as error:
        log.error("receipt_not_audited", receipt_id=receipt.receipt_id, reason=str(error))
        return receipt


def _add(session: Session, receipt: Receipt) -> Receipt:
    """Store a receipt in the transaction of the deletion."""
    values = {"receipt_id": receipt.receipt_id, "deleted_at": stamp(receipt.deleted_at), "by": receipt.by, "counts": packed(dict(receipt.counts))}
    session.connection.execute(receipts.insert().values(values))
    return receipt


def unaudited(session: Session) -> list[Receipt]:
    """Return receipts that the audit chain does not have yet."""
    days = (purges.c.reports_before, purges.c.alerts_before)
    query = sa.select(receipts, *days).outerjoin(purges, purges.c.receipt_id == receipts.c.receipt_id).where(receipts.c.audit_seq.is_(None))
    return [
        Receipt(
            row.receipt_id,
            moment(row.deleted_at),
            row.by,
            orjson.loads(row.counts),
            {name: day for name, day in (("reports", row.reports_before), ("alerts", row.alerts_before)) if day is not None},
        )
        for row in session.connection.execute(query)
    ]


def enter_in_audit(store: PersonStore, audit: AuditLog, receipt: Receipt) -> Receipt:
    """Append a receipt to the audit chain, unless a process that died before noting it had done so. Raises AuditError, StoreError."""
    there = audit.entries(subject=receipt.receipt_id, event=receipt.event, limit=1)
    payload = {"deleted": dict(receipt.counts), "deleted_at": stamp(receipt.deleted_at)} | ({"before": dict(receipt.before)} if receipt.before else {})
    entry = there[0] if there else audit.append(receipt.by, receipt.event, receipt.receipt_id, payload)
    with store.writing() as session:
        change = {"audit_seq": entry.seq, "audit_hash": entry.hash}
        session.connection.execute(receipts.update().where(receipts.c.receipt_id == receipt.receipt_id).values(change))
    return replace(receipt, audit_seq=entry.seq, audit_hash=entry.hash)
