"""Which steps of the legal ladder (训诫, 警告, 提请) confirmed tags, days out of contact and sanctions may touch; a hint, never a finding."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from ..tagging.tagger import TagStatus
from .alerts import Known, sanctions_that_count
from .incidents import incidents, spell
from .records import Evidence
from .rules import AlertRules, LadderCondition, LadderStep

NOTE = "可能涉及，尚待核实；是否处分由有权机关调查后决定"


@dataclass(frozen=True, slots=True)
class Touched:
    """A step that may be touched, and why: (circumstance, what says so)."""

    step: LadderStep
    because: tuple[tuple[str, tuple[Evidence, ...]], ...]


def touched(rules: AlertRules, known: Known, now: dt.datetime) -> list[Touched]:
    """Return the steps of the ladder in its order. Suspected tags touch none; days out of contact are counted from the first sign."""
    found = []
    for step in rules.ladder:
        because = tuple((condition.text, evidence) for condition in step.when for evidence in _met(rules, condition, known, now))
        if because:
            found.append(Touched(step, because))
    return found


def _met(rules: AlertRules, condition: LadderCondition, known: Known, now: dt.datetime) -> Iterator[tuple[Evidence, ...]]:
    """Yield the evidence once when a circumstance is there."""
    reports = [report for report in known.reports if report.scheme == rules.scheme]
    if condition.tags:
        events = incidents(reports, condition.tags, (TagStatus.CONFIRMED,), rules.same_event)
        if len(events) >= condition.events:
            yield tuple(item for event in events for item in event.evidence)
    elif condition.absence is not None:
        lasting = spell(reports, rules.absence, rules.scheme)
        if lasting and condition.absence.holds(lasting.days(now)):
            yield lasting.evidence
    elif condition.sanction is not None:
        yield from _after_sanctions(rules, condition, known)


def _after_sanctions(rules: AlertRules, condition: LadderCondition, known: Known) -> Iterator[tuple[Evidence, ...]]:
    kind = condition.sanction or ""
    resets = next((rule.resets for rule in rules.sanctions if rule.kind == kind), ())
    counted = sanctions_that_count(kind, resets, known.sanctions, before=dt.date.max)
    if len(counted) < condition.times:
        return
    since = counted[condition.times - 1].decided_on
    offset = dt.timedelta(hours=rules.clock.utc_offset_hours)
    later = tuple(
        Evidence(report.report_id, tag)
        for report in known.reports
        if report.scheme == rules.scheme and (report.at + offset).date() > since
        for tag in rules.violations
        if report.status_of(tag) is TagStatus.CONFIRMED
    )
    if later:
        yield later
