"""The outbox: claimed under a lease, retried with growing waits, dead in the end, alive again when told."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from nlp_service.persons import outbox
from nlp_service.persons.outbox import LONGEST_WAIT_S, MAX_ATTEMPTS, EventState, wait_s


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 5), (2, 10), (3, 20), (10, 2560), (11, 3600), (29, 3600)])
def test_waits_double_up_to_an_hour(attempts: int, seconds: float) -> None:
    assert wait_s(attempts) == seconds


def test_all_waits_together_outlast_a_day_of_work() -> None:
    total = sum(wait_s(attempts) for attempts in range(1, MAX_ATTEMPTS))
    assert total == 5 * (2**10 - 1) + 19 * LONGEST_WAIT_S == 73_515  # twenty hours


def enqueue(desk) -> str:
    with desk.store.writing() as session:
        return outbox.enqueue(session, "alert.raised", "p_1", {"alert": {"level": "L4"}}, desk.now)


def claim(desk) -> list[outbox.Event]:
    with desk.store.writing() as session:
        return outbox.claim(session, desk.now, 60, 10)


def test_the_body_names_its_event(desk) -> None:
    event_id = enqueue(desk)
    (event,) = claim(desk)
    assert json.loads(event.body) == {"id": event_id, "type": "alert.raised", "created_at": "2022-11-08T02:00:00+00:00", "alert": {"level": "L4"}}


def test_a_claimed_event_is_left_to_its_claimer_until_the_lease_ends(desk) -> None:
    enqueue(desk)
    assert len(claim(desk)) == 1
    desk.later(seconds=59)
    assert claim(desk) == []
    desk.later(seconds=1)
    assert [event.attempts for event in claim(desk)] == [1]


def test_a_failure_waits_and_the_last_one_is_dead_and_visible(desk) -> None:
    event_id = enqueue(desk)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        (event,) = claim(desk)
        with desk.store.writing() as session:
            state = outbox.failed(session, event, "HTTP 500", desk.now)
            due = outbox.next_due(session)
        if attempt < MAX_ATTEMPTS:
            assert state is EventState.PENDING
            assert due == desk.now + dt.timedelta(seconds=wait_s(attempt))
            desk.now = due
    assert state is EventState.DEAD
    assert due is None
    listed, counts = desk.service.events(("dead",), 10)
    assert [(event.event_id, event.last_error, event.attempts) for event in listed] == [(event_id, "HTTP 500", MAX_ATTEMPTS)]
    assert counts == {"pending": 0, "delivered": 0, "dead": 1}
    assert claim(desk) == []
    assert desk.service.revive(event_id, actor="k")
    assert not desk.service.revive(event_id, actor="k")
    assert [event.attempts for event in claim(desk)] == [0]
