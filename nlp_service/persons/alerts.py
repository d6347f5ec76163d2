"""Which alerts a report, a sanction or the passing of days raises; pure: rules and what is known of a person in, drafts out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..tagging.levels import report_level
from ..tagging.schemes import Level, Scheme
from ..tagging.tagger import TagStatus
from .incidents import Incident, incidents, spell
from .records import Alert, AlertDraft, Evidence, KeptReport, Sanction
from .rules import AlertRules, Repeat, SanctionRule
from .timing import ClockState

LEVEL_RULE = "level"
_SUFFIX = {TagStatus.CONFIRMED: "", TagStatus.SUSPECTED: "（疑似）"}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a person within the window of the rules."""

    reports: Sequence[KeptReport]
    sanctions: Sequence[Sanction] = ()
    alerts: Sequence[Alert] = ()


@dataclass(slots=True)
class Outcome:
    """New alerts, and alerts already raised that a report adds evidence to."""

    raised: list[AlertDraft] = field(default_factory=list)
    joined: list[tuple[Alert, tuple[Evidence, ...]]] = field(default_factory=list)


def judge(rules: AlertRules, scheme: Scheme, known: Known, report: KeptReport, now: dt.datetime) -> Outcome:
    """Return what one report of a person leads to; `known` includes it. Reports of other schemes alert by their level alone."""
    outcome = Outcome()
    _by_level(rules, scheme, known, report, outcome)
    if report.scheme == rules.scheme:
        for rule in rules.repeats:
            _by_repeat(rules, rule, known, report, outcome)
        for sanction_rule in rules.sanctions:
            _by_sanction(rules, sanction_rule, known, report, outcome)
        outcome.raised += absence_drafts(rules, known, now)
    return outcome


def concerns(rules: AlertRules, scheme: Scheme, report: KeptReport) -> bool:
    """Tell whether a report can lead to anything: for most, that all is well, the person's history need not be read."""
    if report.scheme == rules.scheme and any(finding.tag in rules.raising and finding.holds_as in _SUFFIX for finding in report.findings):
        return True
    levels = (tag_level(scheme, finding.tag, finding.holds_as) for finding in report.findings)
    return any(level is not None and rules.levels[level].alert for level in levels)


def tag_level(scheme: Scheme, tag: str, status: TagStatus | None) -> Level | None:
    """Return the level at which a tag counts, None where it does not."""
    if status not in _SUFFIX:
        return None
    try:
        return report_level(scheme, [tag] if status is TagStatus.CONFIRMED else [], [tag] if status is TagStatus.SUSPECTED else [])
    except KeyError:  # the scheme was replaced and has the tag no longer
        return None


def _by_level(rules: AlertRules, scheme: Scheme, known: Known, report: KeptReport, outcome: Outcome) -> None:
    urgent: dict[str, Level] = {}
    for finding in report.findings:
        level = tag_level(scheme, finding.tag, finding.holds_as)
        if level is not None and rules.levels[level].alert:
            urgent[finding.tag] = level
    new: dict[str, Level] = {}
    joined: dict[str, tuple[Alert, list[Evidence]]] = {}
    for tag, level in urgent.items():
        alert = next((one for one in known.alerts if _covers(rules, one, report, tag, level)), None)
        if alert is None:
            new[tag] = level
        elif Evidence(report.report_id, tag) not in alert.draft.evidence:
            joined.setdefault(alert.alert_id, (alert, []))[1].append(Evidence(report.report_id, tag))
    outcome.joined += [(alert, tuple(evidence)) for alert, evidence in joined.values()]
    if new:
        level = max(new.values(), key=tuple(Level).index)
        names = "、".join(scheme.tag(tag).name + _SUFFIX.get(report.status_of(tag) or TagStatus.REJECTED, "") for tag in new)
        outcome.raised.append(
            AlertDraft(
                rule=LEVEL_RULE,
                key=f"{report.report_id}:{','.join(sorted(new))}:{level}",
                scheme=report.scheme,
                name=names,
                level=level,
                tags=tuple(new),
                evidence=tuple(Evidence(report.report_id, tag) for tag in new),
                reason=f"报告 {report.report_id} 提示：{names}",
                advice="；".join(dict.fromkeys(scheme.tag(tag).measures[0] for tag in new if scheme.tag(tag).measures)),
                at=report.at,
                is_late=report.clock is ClockState.LATE,
            )
        )


def _covers(rules: AlertRules, alert: Alert, report: KeptReport, tag: str, level: Level) -> bool:
    """Tell whether an alert already speaks of this tag: the same event, or within its silence; never below the new level."""
    draft = alert.draft
    if not alert.stands or draft.rule != LEVEL_RULE or draft.scheme != report.scheme or tag not in draft.tags or rules.is_higher(level, draft.level):
        return False
    apart = report.at - draft.at
    return abs(apart) <= dt.timedelta(hours=rules.same_event.of(tag)) or dt.timedelta(0) <= apart < dt.timedelta(hours=rules.levels[level].silence_hours)


def _by_repeat(rules: AlertRules, rule: Repeat, known: Known, report: KeptReport, outcome: Outcome) -> None:
    statuses = [TagStatus(status) for status in rule.statuses]
    events = incidents((one for one in known.reports if one.scheme == rules.scheme), rule.tags, statuses, rules.same_event)
    window = _fullest(events, report.report_id, dt.timedelta(days=rule.days))
    step = next((step for step in reversed(rule.steps) if len(window) >= step.events), None)
    if step is None:
        return
    mine = tuple(item for event in window for item in event.evidence if item.report_id == report.report_id)
    silence = dt.timedelta(days=rule.silence_days)
    for alert in known.alerts:
        draft = alert.draft
        if alert.stands and draft.rule == rule.id and abs(report.at - draft.at) <= silence and not rules.is_higher(step.level, draft.level):
            if fresh := tuple(item for item in mine if item not in draft.evidence):
                outcome.joined.append((alert, fresh))
            return
    days = "、".join(_day(event.at, rules) for event in window)
    outcome.raised.append(
        AlertDraft(
            rule=rule.id,
            key=f"{report.report_id}:{step.events}:{step.level}",
            scheme=rules.scheme,
            name=rule.name,
            level=step.level,
            tags=tuple(tag for tag in rule.tags if any(tag in event.tags for event in window)),
            evidence=tuple(item for event in window for item in event.evidence),
            reason=f"{rule.days:g}日内{len(window)}次（{days}）",
            advice=rule.advice,
            at=report.at,
            is_late=report.clock is ClockState.LATE,
        )
    )


def _fullest(events: Sequence[Incident], report_id: str, width: dt.timedelta) -> list[Incident]:
    """Return the window of at most `width` with the most events among those that hold the report's own event: a late report may fill an old window."""
    mine = next((event for event in events if event.has(report_id)), None)
    if mine is None:
        return []
    starts = [event.at for event in events if mine.at - width <= event.at <= mine.at]
    windows = [[event for event in events if start <= event.at <= start + width] for start in starts]
    return max(reversed(windows), key=len)


def _by_sanction(rules: AlertRules, rule: SanctionRule, known: Known, report: KeptReport, outcome: Outcome) -> None:
    breaches = tuple(tag for tag in rules.violations if report.status_of(tag) is TagStatus.CONFIRMED)
    counted = sanctions_that_count(rule.kind, rule.resets, known.sanctions, before=local_day(report.at, rules))
    if not breaches or len(counted) < rule.times:
        return
    key = f"{len(counted)}:{counted[-1].sanction_id}"
    evidence = tuple(Evidence(report.report_id, tag) for tag in breaches)
    for alert in known.alerts:
        if alert.stands and alert.draft.rule == rule.id and alert.draft.key == key:
            if fresh := tuple(item for item in evidence if item not in alert.draft.evidence):
                outcome.joined.append((alert, fresh))
            return
    days = "、".join(sanction.decided_on.isoformat() for sanction in counted)
    outcome.raised.append(
        AlertDraft(
            rule=rule.id,
            key=key,
            scheme=rules.scheme,
            name=rule.name,
            level=rule.level,
            tags=breaches,
            evidence=evidence,
            reason=f"已登记{rule.kind}{len(counted)}次（{days}），此后报告 {report.report_id} 提示违规",
            advice=rule.advice,
            at=report.at,
            is_late=report.clock is ClockState.LATE,
        )
    )


def sanctions_that_count(kind: str, resets: Sequence[str], sanctions: Sequence[Sanction], *, before: dt.date) -> list[Sanction]:
    """Return the sanctions of a kind decided before a day (one of that day may be for the very breach), since the last one that begins the count anew."""
    counted: list[Sanction] = []
    for sanction in sorted(sanctions, key=lambda sanction: (sanction.decided_on, sanction.sanction_id)):
        if sanction.decided_on >= before:
            break
        if sanction.kind in resets:
            counted = []
        elif sanction.kind == kind:
            counted.append(sanction)
    return counted


def absence_drafts(rules: AlertRules, known: Known, now: dt.datetime) -> list[AlertDraft]:
    """Return the alert of the highest step of days out of contact that has passed, unless it was raised for this spell."""
    found = spell(known.reports, rules.absence, rules.scheme)
    if found is None:
        return []
    step = next((step for step in reversed(rules.absence.steps) if found.days(now) > step.over_days), None)
    if step is None or any(alert.stands and alert.draft.rule == step.id and alert.draft.at >= found.since for alert in known.alerts):
        return []
    return [
        AlertDraft(
            rule=step.id,
            key=f"{found.since.isoformat()}",
            scheme=rules.scheme,
            name=step.name,
            level=step.level,
            tags=tuple(dict.fromkeys(item.tag for item in found.evidence)),
            evidence=found.evidence,
            reason=f"自{_day(found.since, rules)}起{int(found.days(now))}日无人见到或者联系到本人（线索，起算以报到日和调查为准）",
            advice=step.advice,
            at=now,
        )
    ]


def local_day(at: dt.datetime, rules: AlertRules) -> dt.date:
    """Return the day where the work is done."""
    return (at + dt.timedelta(hours=rules.clock.utc_offset_hours)).date()


def _day(at: dt.datetime, rules: AlertRules) -> str:
    return local_day(at, rules).isoformat()
