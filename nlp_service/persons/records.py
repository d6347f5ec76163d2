"""What is kept of a person: reports with findings and what people said of them, sanctions, alerts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..tagging.schemes import Level
from ..tagging.tagger import TagStatus
from .timing import ClockState


class Ruling(StrEnum):
    """What a person said of a tag."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class AlertState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True)
class Finding:
    """A tag of a stored report; `status` is what the tagger said (None: a person added the tag), `ruling` what a person said."""

    tag: str
    status: TagStatus | None
    score: float
    threshold: float
    spans: tuple[tuple[int, int], ...]
    source: str
    reasons: tuple[str, ...] = ()
    ruling: Ruling | None = None
    ruled_by: str | None = None
    ruled_at: str | None = None

    @property
    def holds_as(self) -> TagStatus:
        """The status that counts: a person's word before the tagger's."""
        if self.ruling is Ruling.CONFIRMED:
            return TagStatus.CONFIRMED
        return TagStatus.REJECTED if self.ruling is Ruling.REJECTED or self.status is None else self.status


@dataclass(frozen=True, slots=True)
class KeptReport:
    """A report as stored: masked text, times in UTC; `at` is what windows are counted by."""

    seq: int
    report_id: str
    person: str
    scheme: str
    text: str
    at: dt.datetime
    reported_at: dt.datetime | None
    received_at: dt.datetime
    clock: ClockState
    region: str | None
    level: Level
    abstained: bool
    findings: tuple[Finding, ...]

    def status_of(self, tag: str) -> TagStatus | None:
        """Return the status of a tag that counts, None where the report has nothing of it."""
        return next((finding.holds_as for finding in self.findings if finding.tag == tag), None)


@dataclass(frozen=True, slots=True)
class Sanction:
    """A sanction as the platform recorded it (训诫, 警告, 治安管理处罚)."""

    sanction_id: str
    kind: str
    decided_on: dt.date
    recorded_by: str
    recorded_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """Which report says it by which tag."""

    report_id: str
    tag: str


@dataclass(frozen=True, slots=True)
class AlertDraft:
    """An alert about to be raised. `key` tells it from every other alert of its person and rule."""

    rule: str
    key: str
    scheme: str
    name: str
    level: Level
    tags: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    reason: str
    advice: str
    at: dt.datetime
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """A stored alert; `change` grows with everything that happens to any alert, so it serves as a cursor."""

    change: int
    alert_id: str
    person: str
    draft: AlertDraft
    ladder: Sequence[Mapping[str, Any]]
    region: str | None
    state: AlertState
    raised_at: dt.datetime
    due_at: dt.datetime | None
    escalations: int
    escalated_to: str | None
    acknowledged_by: str | None
    acknowledged_at: dt.datetime | None
    note: str | None

    @property
    def stands(self) -> bool:
        """Whether it has not been taken back."""
        return self.state is not AlertState.RETRACTED
