"""Taking reports in: masked, once per id, judged and told of in one transaction; and judging again after a person has ruled on a tag."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from corpora.privacy import MaskingError, mask

from ..tagging.schemes import Scheme
from ..tagging.tagger import Tagged, TagStatus
from . import outbox
from .alert_rows import add_alert, alerts_of, join, retract
from .alerts import LEVEL_RULE, Known, absence_drafts, concerns, judge, tag_level
from .incidents import incidents
from .ladder import touched
from .records import Alert, AlertDraft, Finding, KeptReport
from .references import ReferenceKey
from .rules import AlertRules
from .session import Session
from .shapes import alert_json, ladder_json, tag_name
from .store import PersonStore
from .timing import Timing, timing, utc_now

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff]")  # and what turns the direction of reading
_QUOTED = re.compile(r"「([^」]*)」")
RAISED, ESCALATED, RETRACTED = "alert.raised", "alert.escalated", "alert.retracted"


class IntakeState(StrEnum):
    """What became of a report at the door."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A report about a person with what the tagger said of it (with reasons and rejected tags, without limits on their number)."""

    report_id: str
    text: str
    person_ref: str
    reported_at: dt.datetime | None
    region: str | None
    tagged: Tagged


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer for one report; `new` names the alerts it raised, the others it added to."""

    state: IntakeState
    detail: str = ""
    person: str | None = None
    timing: Timing | None = None
    alerts: tuple[Alert, ...] = ()
    new: frozenset[str] = frozenset()


class Intake:
    """Writes reports, alerts and events. `schemes` finds a scheme by name, `rules` the newest rules."""

    def __init__(
        self,
        store: PersonStore,
        key: ReferenceKey,
        rules: Callable[[], AlertRules],
        schemes: Callable[[str], Scheme | None],
        *,
        tells: bool,
        now: Callable[[], dt.datetime] = utc_now,
    ) -> None:
        self._store = store
        self._key = key
        self._rules = rules
        self._schemes = schemes
        self._tells = tells
        self._now = now

    def take(self, scheme: Scheme, items: Sequence[Incoming], versions: Mapping[str, str], source: str) -> list[Taken]:
        """Store reports in order; one that cannot be stored does not stop the others. Raises StoreError: then none is stored."""
        rules, now = self._rules(), self._now()
        versions = {**versions, "alerts": rules.version}
        prepared = [self._prepared(item) for item in items]
        with self._store.writing() as session:
            return [
                ready if isinstance(ready, Taken) else self._take(session, rules, scheme, item, ready, versions, source, now)
                for item, ready in zip(items, prepared, strict=True)
            ]

    def _prepared(self, item: Incoming) -> str | Taken:
        """Return the text as it may be stored, or why it may not."""
        if item.tagged.error is not None:
            return Taken(IntakeState.REFUSED, item.tagged.error)
        try:
            return storable(item.text)
        except MaskingError:
            return Taken(IntakeState.REFUSED, "个人信息未能脱敏干净，未存；请人工核对文字")

    def _take(
        self, session: Session, rules: AlertRules, scheme: Scheme, item: Incoming, text: str, versions: Mapping[str, str], source: str, now: dt.datetime
    ) -> Taken:
        person = self._key.handle(item.person_ref)
        digest = self._key.digest(person, item.text, item.reported_at.isoformat() if item.reported_at else "")
        there = session.digests(item.report_id)
        if any(value != digest for value in there.values()):
            return Taken(IntakeState.CONFLICT, "该 report_id 已用于内容不同的另一份报告，未存；请换用新编号")
        if scheme.name in there:
            own = tuple(alert for alert in alerts_of(session, person) if any(one.report_id == item.report_id for one in alert.draft.evidence))
            return Taken(IntakeState.DUPLICATE, "该报告已收过，未重复计", person, alerts=own)
        when = timing(item.reported_at, now, rules.clock)
        report = session.add_report(
            report_id=item.report_id,
            scheme=scheme.name,
            person=person,
            digest=digest,
            text=text,
            timing=when,
            region=item.region,
            level=item.tagged.level,
            abstained=item.tagged.abstained,
            found=findings_of(item.tagged, text),
            versions=versions,
            source=source,
        )
        raised, joined = self.judge(session, rules, scheme, report, now)
        return Taken(IntakeState.STORED, "", person, when, (*raised, *joined), frozenset(alert.alert_id for alert in raised))

    def judge(self, session: Session, rules: AlertRules, scheme: Scheme, report: KeptReport, now: dt.datetime) -> tuple[list[Alert], list[Alert]]:
        """Raise what a stored report leads to; return new alerts and those it adds to."""
        if not concerns(rules, scheme, report):
            return [], []
        known = known_of(session, rules, report.person, report.at, now)
        outcome = judge(rules, scheme, known, report, now)
        raised = [self._raise(session, rules, known, report.person, draft, report.region, now) for draft in outcome.raised]
        return raised, [join(session, alert, evidence) for alert, evidence in outcome.joined]

    def raise_absences(self, session: Session, rules: AlertRules, person: str, now: dt.datetime) -> list[Alert]:
        """Raise what the days out of contact have come to."""
        known = known_of(session, rules, person, now, now)
        region = next((report.region for report in reversed(known.reports) if report.region), None)
        return [self._raise(session, rules, known, person, draft, region, now) for draft in absence_drafts(rules, known, now)]

    def _raise(self, session: Session, rules: AlertRules, known: Known, person: str, draft: AlertDraft, region: str | None, now: dt.datetime) -> Alert:
        steps = [step for step in touched(rules, known, now) if any(set(evidence) & set(draft.evidence) for _, evidence in step.because)]
        ladder = [ladder_json(step) for step in steps] if draft.scheme == rules.scheme else []
        alert = add_alert(session, person, draft, ladder=ladder, region=region, rule=rules.levels[draft.level], now=now)
        self.tell(session, RAISED, alert, now)
        return alert

    def recheck(self, session: Session, rules: AlertRules, person: str, now: dt.datetime) -> list[Alert]:
        """Take back the alerts that no longer have grounds because a person has rejected tags; return them."""
        gone = [alert for alert in alerts_of(session, person) if alert.stands and not self._has_grounds(session, rules, alert)]
        taken_back = [retract(session, alert, note="依据的标签经人工核实排除，告警撤回") for alert in gone]
        for alert in taken_back:
            self.tell(session, RETRACTED, alert, now)
        return taken_back

    def _has_grounds(self, session: Session, rules: AlertRules, alert: Alert) -> bool:
        draft = alert.draft
        found = [session.report(report_id, draft.scheme) for report_id in dict.fromkeys(item.report_id for item in draft.evidence)]
        reports = [report for report in found if report is not None]
        if len(reports) < len(found):  # some was purged: nobody rejected it
            return True
        repeat = next((rule for rule in rules.repeats if rule.id == draft.rule), None)
        if repeat is not None:
            statuses = [TagStatus(status) for status in repeat.statuses]
            return len(incidents(reports, repeat.tags, statuses, rules.same_event)) >= repeat.steps[0].events
        held = {(report.report_id, finding.tag): finding.holds_as for report in reports for finding in report.findings}
        said = [held.get((item.report_id, item.tag)) for item in draft.evidence]
        if draft.rule == LEVEL_RULE:
            scheme = self._schemes(draft.scheme)
            return scheme is None or any(tag_level(scheme, item.tag, status) for item, status in zip(draft.evidence, said, strict=True))
        if any(rule.id == draft.rule for rule in rules.sanctions):
            return TagStatus.CONFIRMED in said
        return any(status in (TagStatus.CONFIRMED, TagStatus.SUSPECTED) for status in said)

    def tell(self, session: Session, kind: str, alert: Alert, now: dt.datetime) -> None:
        """Enter an event about an alert where somebody listens."""
        if self._tells:
            outbox.enqueue(session, kind, alert.person, {"alert": alert_json(alert, lambda scheme, tag: tag_name(self._schemes(scheme), tag))}, now)


def known_of(session: Session, rules: AlertRules, person: str, at: dt.datetime, now: dt.datetime) -> Known:
    """Return what bears on an event of a person at a time."""
    width = dt.timedelta(days=rules.look_back_days)
    return Known(session.reports_of(person, at - width, max(now, at + width)), session.sanctions_of(person), alerts_of(session, person, at - width))


def storable(text: str) -> str:
    """Return a text with personal data masked and control characters blank, every place kept. Raises MaskingError."""
    return mask(_CONTROL.sub(" ", text))


def findings_of(tagged: Tagged, masked: str) -> tuple[Finding, ...]:
    """Return what the tagger said as it is stored: reasons quote only words that are still there in the masked text."""

    def safe(reason: str) -> str:
        return _QUOTED.sub(lambda quote: quote.group() if quote.group(1) in masked else "", reason)

    return tuple(
        Finding(tag.tag, tag.status, tag.score, tag.threshold, tag.spans, str(tag.source), tuple(dict.fromkeys(map(safe, tag.reasons)))) for tag in tagged.tags
    )
