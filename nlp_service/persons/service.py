"""Persons as the rest of the program sees them: reports in, timeline, plan, rulings, sanctions, alerts and deletion out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpora.privacy import MaskingError

from ..audit import AuditLog
from ..tagging.schemes import Scheme
from ..tagging.tagger import TagStatus
from . import outbox
from .alert_rows import acknowledge, alert_by_id, alerts_after, alerts_of
from .incidents import spell
from .intake import Incoming, Intake, Taken, findings_of, known_of, storable
from .ladder import touched
from .measures import MeasureBook
from .plan import suggest_plan
from .receipts import Receipt, delete_person
from .records import Alert, AlertState, KeptReport, Ruling, Sanction
from .references import ReferenceKey, ReferenceKeyError
from .retention import KEEP_ALL, Keep, purge_until
from .rules import AlertRules
from .session import stamp
from .shapes import ALERT_NOTE, alert_json, ladder_json, report_json, sanction_json, tag_name
from .store import PersonStore
from .timing import timing, utc_now
from .upkeep import sweep

MAX_ALERTS = 100
EARLIEST_SANCTION = dt.date(2003, 1, 1)  # community correction began as a trial in July 2003; a year 1 is a typing mistake that would count for good


class UnknownPersonError(LookupError):
    """Nothing is stored of this person, or there is no such alert or report."""


class RulingError(ValueError):
    """A ruling or a sanction that cannot be entered; the message says why."""


@dataclass(frozen=True, slots=True)
class TagRuling:
    """What a person says of one tag of one report."""

    report_id: str
    scheme: str
    tag: str
    ruling: Ruling
    note: str = ""


class PersonService:
    """Owns nothing but what it is given; `wake` is called when there may be something to send."""

    def __init__(
        self,
        store: PersonStore,
        key: ReferenceKey,
        audit: AuditLog,
        *,
        rules: Callable[[], AlertRules],
        measures: Callable[[], MeasureBook],
        schemes: Callable[[str], Scheme | None],
        tells: bool,
        keep: Keep = KEEP_ALL,
        now: Callable[[], dt.datetime] = utc_now,
    ) -> None:
        self._store = store
        self._key = key
        self._audit = audit
        self._rules = rules
        self._measures = measures
        self._schemes = schemes
        self._keep = keep
        self._now = now
        self._is_key_checked = False
        self._intake = Intake(store, key, rules, schemes, tells=tells, now=now)

    def take(self, scheme: Scheme, items: Sequence[Incoming], versions: Mapping[str, str], source: str) -> list[Taken]:
        """Store reports and raise what they lead to. Raises StoreError."""
        self._check_key()
        return self._intake.take(scheme, items, versions, source)

    def alert_json(self, alert: Alert) -> dict[str, Any]:
        """Return an alert as JSON."""
        return alert_json(alert, self._name)

    def timeline(self, ref: str, *, before: tuple[str, int] | None, limit: int, actor: str) -> dict[str, Any]:
        """Return a person's reports, newest first, with alerts, sanctions, days out of contact and ladder. Raises UnknownPersonError.

        Reading it is entered in the audit log.
        """
        person, rules, now = self._person(ref), self._rules(), self._now()
        with self._store.reading() as session:
            if not session.knows(person):
                raise UnknownPersonError("没有这个人的记录")
            page = session.page_of(person, before, limit + 1)
            known = known_of(session, rules, person, now, now)
            alerts = alerts_of(session, person)[:MAX_ALERTS]
        self._audit.append(actor, "timeline_read", person, {"reports": min(len(page), limit)})
        lost = spell(known.reports, rules.absence, rules.scheme)
        last = page[limit - 1] if len(page) > limit else None
        return {
            "person": person,
            "reports": [report_json(report, self._name) for report in page[:limit]],
            "next": (stamp(last.at), last.seq) if last else None,
            "alerts": [self.alert_json(alert) for alert in alerts],
            "sanctions": [sanction_json(sanction) for sanction in known.sanctions],
            "absence": {"since": lost.since.isoformat(), "days": int(lost.days(now))} if lost else None,
            "ladder": [ladder_json(step) for step in touched(rules, known, now)],
            "note": ALERT_NOTE,
            "versions": {"alerts": rules.version},
        }

    def plan(self, ref: str, *, actor: str) -> dict[str, Any]:
        """Return the suggested plan of a person. Raises UnknownPersonError. Reading it is entered in the audit log."""
        person, book, now = self._person(ref), self._measures(), self._now()
        with self._store.reading() as session:
            if not session.knows(person):
                raise UnknownPersonError("没有这个人的记录")
            reports = session.reports_of(person, now - dt.timedelta(days=book.look_back_days), now)
        self._audit.append(actor, "plan_read", person, {"reports": len(reports)})
        return {"person": person, **self.plan_of(reports)}

    def plan_of_report(self, scheme: str, item: Incoming) -> dict[str, Any] | None:
        """Return the plan that one report suggests by itself, stored or not; None for one that could not be read."""
        if item.tagged.error is not None:
            return None
        try:
            text = storable(item.text)
        except MaskingError:
            text = "\u25cf" * len(item.text)
        when = timing(item.reported_at, self._now(), self._rules().clock)
        times = (when.at, when.reported_at, when.received_at, when.state)
        found = findings_of(item.tagged, text)
        return self.plan_of([KeptReport(0, item.report_id, "", scheme, text, *times, item.region, item.tagged.level, item.tagged.abstained, found)])

    def plan_of(self, reports: Sequence[KeptReport]) -> dict[str, Any]:
        """Return the plan that some reports suggest."""
        return suggest_plan(self._measures(), self._schemes, reports, utc_offset_hours=self._rules().clock.utc_offset_hours)

    def rule(self, rulings: Sequence[TagRuling], *, actor: str) -> dict[str, list[Alert]]:
        """Enter rulings, all or none; return the alerts raised and taken back by them. Raises UnknownPersonError, RulingError."""
        self._check_key()
        rules, now = self._rules(), self._now()
        raised: list[Alert] = []
        retracted: list[Alert] = []
        with self._store.writing() as session:
            for ruling in rulings:
                report = session.report(ruling.report_id, ruling.scheme)
                if report is None:
                    raise UnknownPersonError("没有这份报告(或者不在该方案下)")
                scheme = self._schemes(ruling.scheme)
                if scheme is None or all(tag.code != ruling.tag for tag in scheme.tags):
                    raise RulingError("方案中没有这个标签")
                session.rule(report, ruling.tag, ruling.ruling, by=actor, at=now, note=_masked(ruling.note))
                changed = session.report(ruling.report_id, ruling.scheme)
                if changed is not None and ruling.ruling is Ruling.CONFIRMED:
                    raised += self._intake.judge(session, rules, scheme, changed, now)[0]
                retracted += self._intake.recheck(session, rules, report.person, now)
        for ruling in rulings:
            self._audit.append(actor, "tag_ruled", ruling.report_id, {"scheme": ruling.scheme, "tag": ruling.tag, "ruling": str(ruling.ruling)})
        return {"raised": raised, "retracted": retracted}

    def labels(self, after: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
        """Return ruled reports as labelled data (the form that training reads) and the place to go on from."""
        with self._store.reading() as session:
            found = session.ruled_reports(after, limit)
        rows = []
        for report, _ in found:
            by_ruling = {ruling: sorted(finding.tag for finding in report.findings if finding.ruling is ruling) for ruling in Ruling}
            open_tags = sorted(finding.tag for finding in report.findings if finding.ruling is None and finding.holds_as is not TagStatus.REJECTED)
            rows.append(
                {
                    "report_id": report.report_id,
                    "scheme": report.scheme,
                    "text": report.text,
                    "tags": by_ruling[Ruling.CONFIRMED],
                    "suspected": open_tags,  # nobody has ruled on these: still worth checking, so neither a positive nor a negative label
                    "rejected": by_ruling[Ruling.REJECTED],
                    "author": "correction",
                }
            )
        return rows, (found[-1][1] if len(found) == limit else None)

    def add_sanction(self, ref: str, sanction_id: str, kind: str, decided_on: dt.date, *, actor: str) -> tuple[Sanction, bool]:
        """Record a sanction once; return it and whether it is new. Raises RulingError for an id used for another."""
        person, now = self._person(ref), self._now()
        if kind not in self.sanction_kinds:
            raise RulingError(f"处分种类应为：{'、'.join(self.sanction_kinds)}")
        if decided_on > (now + dt.timedelta(days=1)).date():
            raise RulingError("处分日期晚于今天")
        if decided_on < EARLIEST_SANCTION:
            raise RulingError(f"处分日期早于{EARLIEST_SANCTION.year}年，不可信")
        sanction = Sanction(sanction_id, kind, decided_on, actor, now)
        with self._store.writing() as session:
            there = session.sanction(sanction_id)
            if there is not None:
                if (there[0], there[1].kind, there[1].decided_on) != (person, kind, decided_on):
                    raise RulingError("该处分编号已用于另一项处分")
                return there[1], False
            session.add_sanction(person, sanction)
        self._audit.append(actor, "sanction_recorded", person, {"sanction_id": sanction_id, "kind": kind, "decided_on": decided_on.isoformat()})
        return sanction, True

    @property
    def sanction_kinds(self) -> tuple[str, ...]:
        """The kinds of sanction that the rules count."""
        return tuple(dict.fromkeys(rule.kind for rule in self._rules().sanctions))

    def alerts(
        self, after: int, limit: int, *, states: Sequence[str] = (), levels: Sequence[str] = (), region: str | None = None, ref: str | None = None
    ) -> list[Alert]:
        """Return alerts that changed after a number, in the order of their changes."""
        person = self._person(ref) if ref is not None else None
        with self._store.reading() as session:
            return alerts_after(session, after, limit, states=states, levels=levels, person=person, region=region)

    def acknowledge(self, alert_id: str, note: str, *, actor: str) -> Alert:
        """Enter that somebody has taken an alert up; a second time changes nothing. Raises UnknownPersonError, RulingError."""
        with self._store.writing() as session:
            alert = alert_by_id(session, alert_id)
            if alert is None:
                raise UnknownPersonError("没有这个告警编号")
            if alert.state is AlertState.RETRACTED:
                raise RulingError("该告警已撤回")
            if alert.state is AlertState.ACKNOWLEDGED:
                return alert
            alert = acknowledge(session, alert, by=actor, at=self._now(), note=_masked(note))
        self._audit.append(actor, "alert_acknowledged", alert_id, {})
        return alert

    def delete(self, ref: str, *, actor: str) -> Receipt:
        """Delete everything of a person and return the receipt. Raises UnknownPersonError.

        The receipt is committed with the deletion and then entered in the audit chain; should that fail, the sweep makes up for it.
        """
        receipt = delete_person(self._store, self._audit, self._person(ref), by=actor, now=self._now())
        if receipt is None:
            raise UnknownPersonError("没有这个人的记录")
        return receipt

    def purge(self, day: dt.date | None, only: Sequence[str] | None = None, *, actor: str, is_trial: bool = False) -> Receipt:
        """Delete what is older than a day, or than the settings keep. Raises RulesError for a day that the alert rules still look back to."""
        return purge_until(self._store, self._audit, self._rules(), self._keep, day=day, only=only, by=actor, now=self._now(), is_trial=is_trial)

    def sweep(self) -> None:
        """Do what the passing of time asks for: days out of contact, alerts nobody took up, receipts not yet in the audit chain."""
        sweep(self._store, self._audit, self._intake, self._rules(), self._keep, self._now())

    def events(self, states: Sequence[str], limit: int) -> tuple[list[outbox.Event], dict[str, int]]:
        """Return events of the outbox, newest first, and how many there are in each state."""
        with self._store.reading() as session:
            return outbox.listed(session, states, limit), outbox.counts(session)

    def revive(self, event_id: str, *, actor: str) -> bool:
        """Send a dead event again; return whether there is such a dead event."""
        with self._store.writing() as session:
            done = outbox.revive(session, event_id, self._now())
        if done:
            self._audit.append(actor, "event_revived", event_id, {})
        return done

    def _name(self, scheme: str, tag: str) -> str:
        return tag_name(self._schemes(scheme), tag)

    def _person(self, ref: str) -> str:
        self._check_key()
        return self._key.handle(ref)

    def _check_key(self) -> None:
        """Make sure once that the key is the one the stored handles were made with: another would split every person in two."""
        if self._is_key_checked:
            return
        with self._store.writing() as session:
            stored = session.meta("reference_key")
            if stored is None:
                session.set_meta("reference_key", self._key.fingerprint)
            elif not self._key.exists or self._key.fingerprint != stored:
                raise ReferenceKeyError("persons.key is missing or is not the key of persons.db; restore both from one backup of this home")
        self._is_key_checked = True


def _masked(note: str) -> str:
    try:
        return storable(note)
    except MaskingError:
        raise RulingError("备注中的个人信息未能脱敏干净，请改写") from None
