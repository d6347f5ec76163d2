"""Events to send, entered in the transaction of what they tell of: committed together or not at all, sent at least once, each with an id."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from .session import Session, moment, packed, stamp
from .tables import outbox

FIRST_WAIT_S = 5
LONGEST_WAIT_S = 3600
STUCK_S = 600  # seven attempts have failed by then
MAX_ATTEMPTS = 30  # the waits between them add up to about 20 hours


class EventState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the outbox; `body` is sent byte for byte as stored, so that its signature can be made again."""

    event_id: str
    kind: str
    body: str
    created_at: dt.datetime
    state: EventState
    attempts: int
    next_at: dt.datetime
    last_error: str | None
    ended_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What the outbox holds, and since when the oldest event waits; `n_failed` counts attempts of this process."""

    pending: int = 0
    delivered: int = 0
    dead: int = 0
    oldest: dt.datetime | None = None
    n_delivered: int = 0
    n_failed: int = 0

    def oldest_s(self, now: dt.datetime) -> float:
        """Return for how many seconds the oldest event has waited."""
        return 0.0 if self.oldest is None else max(0.0, (now - self.oldest).total_seconds())

    def is_stuck(self, now: dt.datetime) -> bool:
        """Say whether somebody has to look at the receiver: an event waits too long or was given up."""
        return self.dead > 0 or self.oldest_s(now) > STUCK_S


def enqueue(session: Session, kind: str, person: str, content: Mapping[str, Any], now: dt.datetime) -> str:
    """Enter an event; return its id."""
    event_id = f"EV-{secrets.token_hex(12)}"
    body = packed({"id": event_id, "type": kind, "created_at": stamp(now), **content})
    values = {"event_id": event_id, "kind": kind, "person": person, "body": body, "created_at": stamp(now)}
    session.connection.execute(outbox.insert().values(**values, state=str(EventState.PENDING), attempts=0, next_at=stamp(now)))
    return event_id


def claim(session: Session, now: dt.datetime, lease_s: float, limit: int) -> list[Event]:
    """Return events that are due, oldest first, and put them off by the lease: a process that dies while sending leaves them to the next."""
    query = sa.select(outbox).where(outbox.c.state == str(EventState.PENDING), outbox.c.next_at <= stamp(now)).order_by(outbox.c.seq).limit(limit)
    events = _events(session, query)
    if events:
        later = stamp(now + dt.timedelta(seconds=lease_s))
        ids = [event.event_id for event in events]
        session.connection.execute(outbox.update().where(outbox.c.event_id.in_(ids)).values(next_at=later, attempts=outbox.c.attempts + 1))
    return events


def delivered(session: Session, event_id: str, now: dt.datetime) -> None:
    """Note that the receiver has taken an event."""
    _set(session, event_id, state=str(EventState.DELIVERED), ended_at=stamp(now), last_error=None)


def failed(session: Session, event: Event, reason: str, now: dt.datetime) -> EventState:
    """Note why an event was not taken; it waits twice as long each time and is dead after the last attempt."""
    attempts = event.attempts + 1  # claiming counted this one
    if attempts >= MAX_ATTEMPTS:
        _set(session, event.event_id, state=str(EventState.DEAD), ended_at=stamp(now), last_error=reason)
        return EventState.DEAD
    _set(session, event.event_id, next_at=stamp(now + dt.timedelta(seconds=wait_s(attempts))), last_error=reason)
    return EventState.PENDING


def wait_s(attempts: int) -> float:
    """Return how long to wait after so many failed attempts: 5, 10, 20 … seconds, at most an hour."""
    return float(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(attempts - 1, 20)))


def revive(session: Session, event_id: str, now: dt.datetime) -> bool:
    """Send a dead event again from the first attempt; return whether there is such a dead event."""
    change = {"state": str(EventState.PENDING), "attempts": 0, "next_at": stamp(now), "ended_at": None}
    update = outbox.update().where(outbox.c.event_id == event_id, outbox.c.state == str(EventState.DEAD)).values(change)
    return session.connection.execute(update).rowcount == 1


def next_due(session: Session) -> dt.datetime | None:
    """Return when the next event is due, None when none waits."""
    found = session.connection.execute(sa.select(sa.func.min(outbox.c.next_at)).where(outbox.c.state == str(EventState.PENDING))).scalar_one()
    return moment(found) if found else None


def listed(session: Session, states: Sequence[str], limit: int) -> list[Event]:
    """Return events in some states, newest first."""
    query = sa.select(outbox)
    if states:
        query = query.where(outbox.c.state.in_(list(states)))
    return _events(session, query.order_by(outbox.c.seq.desc()).limit(limit))


def prune(session: Session, before: dt.datetime) -> None:
    """Drop events that were taken long ago; dead ones stay until somebody looks at them."""
    session.connection.execute(outbox.delete().where(outbox.c.state == str(EventState.DELIVERED), outbox.c.ended_at < stamp(before)))


def counts(session: Session) -> dict[str, int]:
    """Return how many events are in each state."""
    query = sa.select(outbox.c.state, sa.func.count()).group_by(outbox.c.state)
    found = {row[0]: int(row[1]) for row in session.connection.execute(query)}
    return {str(state): found.get(str(state), 0) for state in EventState}


def backlog(session: Session) -> Backlog:
    """Return what the outbox holds."""
    found = counts(session)
    oldest = session.connection.execute(sa.select(sa.func.min(outbox.c.created_at)).where(outbox.c.state == str(EventState.PENDING))).scalar_one()
    return Backlog(found["pending"], found["delivered"], found["dead"], moment(oldest) if oldest else None)


def _set(session: Session, event_id: str, **values: object) -> None:
    session.connection.execute(outbox.update().where(outbox.c.event_id == event_id).values(values))


def _events(session: Session, query: sa.Select[Any]) -> list[Event]:
    return [
        Event(
            row.event_id,
            row.kind,
            row.body,
            moment(row.created_at),
            EventState(row.state),
            row.attempts,
            moment(row.next_at),
            row.last_error,
            moment(row.ended_at) if row.ended_at else None,
        )
        for row in session.connection.execute(query)
    ]
