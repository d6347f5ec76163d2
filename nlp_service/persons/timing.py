"""When a report happened: what its sender says, unless a clock ahead, a typing mistake or silence forbids believing it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from .rules import ClockRules


class ClockState(StrEnum):
    """What became of the time a report carried."""

    OK = "ok"
    MISSING = "missing"
    AHEAD = "ahead"
    LATE = "late"
    IMPLAUSIBLE = "implausible"


EXPLAINED = {
    ClockState.MISSING: "报告未带时间，按收到时间计",
    ClockState.AHEAD: "报告时间晚于收到时间，可能时钟不准，按收到时间计",
    ClockState.LATE: "补报：按报告时间入时间线和窗口，告警标注为补报",
    ClockState.IMPLAUSIBLE: "报告时间不可信（过早，或者超出日历），按收到时间计",
}


@dataclass(frozen=True, slots=True)
class Timing:
    """`at` is what windows are counted by; all times are UTC."""

    reported_at: dt.datetime | None
    received_at: dt.datetime
    at: dt.datetime
    state: ClockState


def timing(reported_at: dt.datetime | None, received_at: dt.datetime, rules: ClockRules) -> Timing:
    """Decide the time of a report. A time without a zone is local time; `received_at` must be UTC."""
    if reported_at is None:
        return Timing(None, received_at, received_at, ClockState.MISSING)
    given = in_utc(reported_at, rules)
    if given is None:  # the first or last days of the calendar
        return Timing(None, received_at, received_at, ClockState.IMPLAUSIBLE)
    given = given.replace(microsecond=0)
    if given > received_at + dt.timedelta(minutes=rules.ahead_minutes):
        return Timing(given, received_at, received_at, ClockState.AHEAD)
    if given < received_at - dt.timedelta(days=rules.oldest_days):
        return Timing(given, received_at, received_at, ClockState.IMPLAUSIBLE)
    state = ClockState.LATE if given < received_at - dt.timedelta(days=rules.late_days) else ClockState.OK
    return Timing(given, received_at, min(given, received_at), state)


def in_utc(value: dt.datetime, rules: ClockRules) -> dt.datetime | None:
    """Return a time in UTC, None where that lies outside the calendar."""
    if value.tzinfo is None:
        value = value.replace(tzinfo=dt.timezone(dt.timedelta(hours=rules.utc_offset_hours)))
    try:
        return value.astimezone(dt.UTC)
    except OverflowError:
        return None


def utc_now() -> dt.datetime:
    """Return the time to the second."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)
