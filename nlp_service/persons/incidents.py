"""Reports about the same event count once; days out of contact run from the first sign to the first sight."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..tagging.tagger import TagStatus
from .records import Evidence, KeptReport
from .rules import Absence, SameEvent


@dataclass(slots=True)
class Incident:
    """One event: when it was first reported, and every report and tag about it."""

    at: dt.datetime
    evidence: list[Evidence] = field(default_factory=list)

    @property
    def tags(self) -> set[str]:
        """The tags it was reported under."""
        return {item.tag for item in self.evidence}

    def has(self, report_id: str) -> bool:
        """Tell whether a report is about it."""
        return any(item.report_id == report_id for item in self.evidence)


def incidents(reports: Iterable[KeptReport], tags: Sequence[str], statuses: Sequence[TagStatus], same: SameEvent) -> list[Incident]:
    """Return the events of some tags in the order of time: a report joins the last one that shares a tag and is near enough."""
    found: list[Incident] = []
    for report in sorted(reports, key=lambda report: (report.at, report.seq)):
        held = [tag for tag in tags if report.status_of(tag) in statuses]
        if not held:
            continue
        incident = next((one for one in reversed(found) if _is_same(one, held, report.at, same)), None)
        if incident is None:
            incident = Incident(report.at)
            found.append(incident)
        incident.evidence += [Evidence(report.report_id, tag) for tag in held]
    return found


def _is_same(incident: Incident, tags: Sequence[str], at: dt.datetime, same: SameEvent) -> bool:
    shared = incident.tags & set(tags)
    return bool(shared) and at - incident.at <= dt.timedelta(hours=max(same.of(tag) for tag in shared))


@dataclass(frozen=True, slots=True)
class Spell:
    """A time out of contact that has not ended."""

    since: dt.datetime
    evidence: tuple[Evidence, ...]

    def days(self, now: dt.datetime) -> float:
        """Return how many days it has lasted."""
        return (now - self.since) / dt.timedelta(days=1)


def spell(reports: Iterable[KeptReport], rules: Absence, scheme: str) -> Spell | None:
    """Return the time out of contact that still lasts: a suspected sign begins it, a confirmed sight ends it."""
    since: dt.datetime | None = None
    evidence: list[Evidence] = []
    for report in sorted(reports, key=lambda report: (report.at, report.seq)):
        if report.scheme != scheme:
            continue
        lost = [tag for tag in rules.starts if report.status_of(tag) in (TagStatus.CONFIRMED, TagStatus.SUSPECTED)]
        if lost:
            since = since or report.at
            evidence += [Evidence(report.report_id, tag) for tag in lost]
        elif any(report.status_of(tag) is TagStatus.CONFIRMED for tag in rules.ends):
            since, evidence = None, []
    return Spell(since, tuple(evidence)) if since else None
