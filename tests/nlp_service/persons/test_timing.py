"""When a report happened: clocks ahead, missing times, late ones and ones that cannot be believed."""

from __future__ import annotations

import datetime as dt

import pytest

from nlp_service.persons.rules import ClockRules
from nlp_service.persons.timing import EXPLAINED, ClockState, timing

RULES = ClockRules(utc_offset_hours=8, ahead_minutes=10, late_days=30, oldest_days=3650)
NOW = dt.datetime(2022, 11, 8, 2, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("given", "at", "state"),
    [
        (None, NOW, ClockState.MISSING),
        ("2022-11-08T09:30:00+08:00", "2022-11-08T01:30:00+00:00", ClockState.OK),
        ("2022-11-08T09:30:00", "2022-11-08T01:30:00+00:00", ClockState.OK),  # without a zone: local time
        ("2022-11-08T10:10:00+08:00", NOW, ClockState.OK),  # ten minutes ahead is a clock that is a little off
        ("2022-11-08T10:10:01+08:00", NOW, ClockState.AHEAD),
        ("2032-11-08T10:00:00+08:00", NOW, ClockState.AHEAD),
        ("2022-10-09T10:00:00+08:00", "2022-10-09T02:00:00+00:00", ClockState.OK),  # thirty days to the second
        ("2022-10-09T09:59:59+08:00", "2022-10-09T01:59:59+00:00", ClockState.LATE),
        ("2012-11-10T10:00:00+08:00", "2012-11-10T02:00:00+00:00", ClockState.LATE),  # 3,650 days
        ("2012-11-10T09:59:59+08:00", NOW, ClockState.IMPLAUSIBLE),
        ("1970-01-01T00:00:00+00:00", NOW, ClockState.IMPLAUSIBLE),
        ("0001-01-01T00:00:00+08:00", NOW, ClockState.IMPLAUSIBLE),  # not in the calendar once in UTC
        ("9999-12-31T23:59:59-08:00", NOW, ClockState.IMPLAUSIBLE),
    ],
)
def test_what_a_time_is_taken_for(given: str | None, at: dt.datetime | str, state: ClockState) -> None:
    found = timing(dt.datetime.fromisoformat(given) if given else None, NOW, RULES)
    assert found.state is state
    assert found.at == (dt.datetime.fromisoformat(at) if isinstance(at, str) else at)
    assert found.received_at == NOW


def test_every_state_but_ok_is_explained() -> None:
    assert set(EXPLAINED) == set(ClockState) - {ClockState.OK}
