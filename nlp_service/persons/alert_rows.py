"""Alerts as rows: every change to one gives it the next number, so that a number serves as a cursor for those who poll."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa

from ..tagging.schemes import Level
from .records import Alert, AlertDraft, AlertState, Evidence
from .rules import LevelRule
from .session import Session, moment, packed, stamp
from .tables import alerts

_COUNTER = "change"


def add_alert(
    session: Session, person: str, draft: AlertDraft, *, ladder: Sequence[Mapping[str, Any]], region: str | None, rule: LevelRule, now: dt.datetime
) -> Alert:
    """Store a new alert, due as its level says."""
    first = rule.escalate[0].after_hours if rule.escalate else None
    alert_id = f"AL-{secrets.token_hex(8)}"
    values = {
        "alert_id": alert_id,
        "change": session.next_number(_COUNTER),
        "person": person,
        "rule": draft.rule,
        "key": draft.key,
        "scheme": draft.scheme,
        "name": draft.name,
        "level": str(draft.level),
        "tags": packed(draft.tags),
        "evidence": _pack_evidence(draft.evidence),
        "reason": draft.reason,
        "advice": draft.advice,
        "ladder": packed(list(ladder)),
        "region": region,
        "at": stamp(draft.at),
        "is_late": draft.is_late,
        "state": str(AlertState.OPEN),
        "raised_at": stamp(now),
        "due_at": stamp(now + dt.timedelta(hours=rule.respond_hours)),
        "escalate_at": None if first is None else stamp(now + dt.timedelta(hours=first)),
        "escalations": 0,
    }
    session.connection.execute(alerts.insert().values(values))
    return _must(session, alert_id)


def alert_by_id(session: Session, alert_id: str) -> Alert | None:
    """Return an alert."""
    return next(iter(_alerts(session, sa.select(alerts).where(alerts.c.alert_id == alert_id))), None)


def alerts_of(session: Session, person: str, since: dt.datetime | None = None) -> list[Alert]:
    """Return a person's alerts, newest first."""
    query = sa.select(alerts).where(alerts.c.person == person)
    if since is not None:
        query = query.where(alerts.c.at >= stamp(since))
    return _alerts(session, query.order_by(alerts.c.at.desc(), alerts.c.change.desc()))


def alerts_after(
    session: Session, change: int, limit: int, *, states: Sequence[str] = (), levels: Sequence[str] = (), person: str | None = None, region: str | None = None
) -> list[Alert]:
    """Return alerts that changed after a number, in the order of their changes."""
    query = sa.select(alerts).where(alerts.c.change > change)
    if states:
        query = query.where(alerts.c.state.in_(list(states)))
    if levels:
        query = query.where(alerts.c.level.in_(list(levels)))
    if person is not None:
        query = query.where(alerts.c.person == person)
    if region is not None:
        query = query.where(alerts.c.region.startswith(region, autoescape=True))
    return _alerts(session, query.order_by(alerts.c.change).limit(limit))


def alerts_due(session: Session, now: dt.datetime) -> list[Alert]:
    """Return open alerts that nobody has acknowledged in time."""
    query = sa.select(alerts).where(alerts.c.state == str(AlertState.OPEN), alerts.c.escalate_at <= stamp(now))
    return _alerts(session, query.order_by(alerts.c.escalate_at))


def join(session: Session, alert: Alert, evidence: Sequence[Evidence]) -> Alert:
    """Add what another report says to an alert already raised."""
    return _change(session, alert, evidence=_pack_evidence((*alert.draft.evidence, *evidence)))


def acknowledge(session: Session, alert: Alert, *, by: str, at: dt.datetime, note: str) -> Alert:
    """Enter who has taken an alert up; it is not escalated any more."""
    return _change(session, alert, state=str(AlertState.ACKNOWLEDGED), acknowledged_by=by, acknowledged_at=stamp(at), note=note, escalate_at=None)


def retract(session: Session, alert: Alert, *, note: str) -> Alert:
    """Take an alert back whose grounds a person has rejected."""
    return _change(session, alert, state=str(AlertState.RETRACTED), note=note, escalate_at=None)


def escalate(session: Session, alert: Alert, rule: LevelRule) -> Alert:
    """Hand an alert to the next above, and set when it goes further."""
    done = alert.escalations
    to = rule.escalate[done].to if done < len(rule.escalate) else alert.escalated_to
    further = rule.escalate[done + 1].after_hours if done + 1 < len(rule.escalate) else None
    at = None if further is None else stamp(alert.raised_at + dt.timedelta(hours=further))
    return _change(session, alert, escalations=done + 1, escalated_to=to, escalate_at=at)


def _change(session: Session, alert: Alert, **values: object) -> Alert:
    change = {**values, "change": session.next_number(_COUNTER)}
    session.connection.execute(alerts.update().where(alerts.c.alert_id == alert.alert_id).values(change))
    return _must(session, alert.alert_id)


def _must(session: Session, alert_id: str) -> Alert:
    alert = alert_by_id(session, alert_id)
    if alert is None:
        raise LookupError(f"alert {alert_id}: not in the transaction that wrote it")
    return alert


def _pack_evidence(evidence: Sequence[Evidence]) -> str:
    return packed([[item.report_id, item.tag] for item in evidence])


def _alerts(session: Session, query: sa.Select[Any]) -> list[Alert]:
    return [_alert(row) for row in session.connection.execute(query)]


def _alert(row: sa.Row[Any]) -> Alert:
    draft = AlertDraft(
        rule=row.rule,
        key=row.key,
        scheme=row.scheme,
        name=row.name,
        level=Level(row.level),
        tags=tuple(orjson.loads(row.tags)),
        evidence=tuple(Evidence(report_id, tag) for report_id, tag in orjson.loads(row.evidence)),
        reason=row.reason,
        advice=row.advice,
        at=moment(row.at),
        is_late=bool(row.is_late),
    )
    return Alert(
        change=row.change,
        alert_id=row.alert_id,
        person=row.person,
        draft=draft,
        ladder=tuple(orjson.loads(row.ladder)),
        region=row.region,
        state=AlertState(row.state),
        raised_at=moment(row.raised_at),
        due_at=moment(row.due_at) if row.due_at else None,
        escalations=row.escalations,
        escalated_to=row.escalated_to,
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=moment(row.acknowledged_at) if row.acknowledged_at else None,
        note=row.note,
    )
