"""Receipts of deletions: what went, when, by whom, and the place in the audit chain; never about whom."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

import orjson
import sqlalchemy as sa
import structlog

from ..audit import AuditError, AuditLog
from .session import Session, moment, packed, stamp
from .store import PersonStore
from .tables import receipts

EVENT = "person_deleted"
log = structlog.get_logger("nlp_service.persons")


@dataclass(frozen=True, slots=True)
class Receipt:
    """One deletion; number and hash are those of its record in the audit chain, None until it is there."""

    receipt_id: str
    deleted_at: dt.datetime
    by: str
    counts: Mapping[str, int]
    audit_seq: int | None = None
    audit_hash: str | None = None


def delete_person(store: PersonStore, audit: AuditLog, person: str, *, by: str, now: dt.datetime) -> Receipt | None:
    """Delete everything of a person; return the receipt, None where there is nothing.

    The receipt is committed with the deletion and then entered in the audit chain; should that fail, the sweep makes up for it.
    """
    with store.writing() as session:
        if not session.knows(person):
            return None
        counts = session.delete_person(person)
        receipt = _add(session, f"DR-{secrets.token_hex(8)}", by=by, at=now, counts=counts)
    store.forget_deleted()
    try:
        return enter_in_audit(store, audit, receipt)
    except AuditError as error:
        log.error("receipt_not_audited", receipt_id=receipt.receipt_id, reason=str(error))
        return receipt


def _add(session: Session, receipt_id: str, *, by: str, at: dt.datetime, counts: Mapping[str, int]) -> Receipt:
    """Store a receipt in the transaction of the deletion."""
    values = {"receipt_id": receipt_id, "deleted_at": stamp(at), "by": by, "counts": packed(dict(counts))}
    session.connection.execute(receipts.insert().values(values))
    return Receipt(receipt_id, at, by, counts)


def unaudited(session: Session) -> list[Receipt]:
    """Return receipts that the audit chain does not have yet."""
    rows = session.connection.execute(sa.select(receipts).where(receipts.c.audit_seq.is_(None)))
    return [Receipt(row.receipt_id, moment(row.deleted_at), row.by, orjson.loads(row.counts)) for row in rows]


def enter_in_audit(store: PersonStore, audit: AuditLog, receipt: Receipt) -> Receipt:
    """Append a receipt to the audit chain, unless a process that died before noting it had done so. Raises AuditError, StoreError."""
    there = audit.entries(subject=receipt.receipt_id, event=EVENT, limit=1)
    payload = {"deleted": dict(receipt.counts), "deleted_at": stamp(receipt.deleted_at)}
    entry = there[0] if there else audit.append(receipt.by, EVENT, receipt.receipt_id, payload)
    with store.writing() as session:
        change = {"audit_seq": entry.seq, "audit_hash": entry.hash}
        session.connection.execute(receipts.update().where(receipts.c.receipt_id == receipt.receipt_id).values(change))
    return replace(receipt, audit_seq=entry.seq, audit_hash=entry.hash)
