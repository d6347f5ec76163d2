"""What is read and written within one transaction of the persons' database: reports, findings, rulings, sanctions, deletion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa

from ..tagging.schemes import Level
from ..tagging.tagger import TagStatus
from .records import AlertState, Finding, KeptReport, Ruling, Sanction
from .tables import alerts, corrections, findings, meta, outbox, reports, sanctions
from .timing import ClockState, Timing

_CHUNK = 500


def stamp(at: dt.datetime) -> str:
    """Return a UTC time as stored: texts of one length, so that their order is that of time."""
    return at.astimezone(dt.UTC).isoformat(timespec="seconds")


def moment(text: str) -> dt.datetime:
    """Return the time of a stored text."""
    return dt.datetime.fromisoformat(text)


def packed(value: object) -> str:
    """Return a value as JSON."""
    return orjson.dumps(value).decode()


class Session:
    """One transaction. Alerts and the outbox have their own functions over `connection` (`alert_rows`, `outbox`)."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    def meta(self, name: str) -> str | None:
        """Return a remembered value."""
        found: str | None = self.connection.execute(sa.select(meta.c.value).where(meta.c.name == name)).scalar_one_or_none()
        return found

    def set_meta(self, name: str, value: str) -> None:
        """Remember a value."""
        self.connection.execute(meta.delete().where(meta.c.name == name))
        self.connection.execute(meta.insert().values(name=name, value=value))

    def next_number(self, name: str) -> int:
        """Return the next number of a counter; unlike max + 1 it never gives a number again after deletions."""
        number = int(self.meta(name) or 0) + 1
        self.set_meta(name, str(number))
        return number

    def digests(self, report_id: str) -> dict[str, str]:
        """Return scheme → digest of what was stored under a report's id."""
        query = sa.select(reports.c.scheme, reports.c.digest).where(reports.c.report_id == report_id)
        return {row.scheme: row.digest for row in self.connection.execute(query)}

    def add_report(
        self,
        *,
        report_id: str,
        scheme: str,
        person: str,
        digest: str,
        text: str,
        timing: Timing,
        region: str | None,
        level: Level,
        abstained: bool,
        found: Sequence[Finding],
        versions: Mapping[str, str],
        source: str,
    ) -> KeptReport:
        """Store a report that is not there yet."""
        values = {
            "report_id": report_id,
            "scheme": scheme,
            "person": person,
            "digest": digest,
            "text": text,
            "at": stamp(timing.at),
            "reported_at": stamp(timing.reported_at) if timing.reported_at else None,
            "received_at": stamp(timing.received_at),
            "clock": str(timing.state),
            "region": region,
            "level": str(level),
            "abstained": abstained,
            "versions": packed(dict(versions)),
            "source": source,
        }
        key = self.connection.execute(reports.insert().values(values)).inserted_primary_key
        seq = int(key[0]) if key else 0
        if found:
            self.connection.execute(findings.insert(), [_finding_row(seq, finding) for finding in found])
        return KeptReport(
            seq, report_id, person, scheme, text, timing.at, timing.reported_at, timing.received_at, timing.state, region, level, abstained, tuple(found)
        )

    def report(self, report_id: str, scheme: str) -> KeptReport | None:
        """Return a stored report."""
        return next(iter(self._kept(sa.select(reports).where(reports.c.report_id == report_id, reports.c.scheme == scheme))), None)

    def reports_of(self, person: str, since: dt.datetime, until: dt.datetime) -> list[KeptReport]:
        """Return a person's reports between two times, oldest first."""
        query = sa.select(reports).where(reports.c.person == person, reports.c.at >= stamp(since), reports.c.at <= stamp(until))
        return self._kept(query.order_by(reports.c.at, reports.c.seq))

    def page_of(self, person: str, before: tuple[str, int] | None, limit: int) -> list[KeptReport]:
        """Return a person's reports newest first, after a place (time, seq) in that order."""
        query = sa.select(reports).where(reports.c.person == person)
        if before is not None:
            query = query.where(sa.tuple_(reports.c.at, reports.c.seq) < sa.tuple_(*map(sa.literal, before)))
        return self._kept(query.order_by(reports.c.at.desc(), reports.c.seq.desc()).limit(limit))

    def knows(self, person: str) -> bool:
        """Tell whether anything is stored of a person."""
        return any(
            self.connection.execute(sa.select(sa.literal(1)).where(table.c.person == person).limit(1)).scalar_one_or_none() for table in (reports, sanctions)
        )

    def persons_with(self, tags: Iterable[str], since: dt.datetime) -> list[str]:
        """Return the persons of whom a report since then has one of the tags, not rejected by anyone."""
        query = (
            sa.select(reports.c.person)
            .distinct()
            .join(findings, findings.c.report_seq == reports.c.seq)
            .where(findings.c.tag.in_(list(tags)), reports.c.at >= stamp(since), sa.func.coalesce(findings.c.ruling, "") != str(Ruling.REJECTED))
            .where(sa.or_(findings.c.status.in_(["confirmed", "suspected"]), findings.c.ruling == str(Ruling.CONFIRMED)))
        )
        return [row.person for row in self.connection.execute(query.order_by(reports.c.person))]

    def rule(self, report: KeptReport, tag: str, ruling: Ruling, *, by: str, at: dt.datetime, note: str) -> None:
        """Enter what a person said of a tag; the tag may be one that the tagger did not see."""
        was = next((finding for finding in report.findings if finding.tag == tag), None)
        if was is None:
            self.connection.execute(findings.insert().values(_finding_row(report.seq, Finding(tag, None, 0.0, 0.0, (), "person"))))
        change = {"ruling": str(ruling), "ruled_by": by, "ruled_at": stamp(at)}
        self.connection.execute(findings.update().where(findings.c.report_seq == report.seq, findings.c.tag == tag).values(change))
        entry = {"report_seq": report.seq, "tag": tag, "ruling": str(ruling), "was": str(was.status) if was and was.status else None}
        self.connection.execute(corrections.insert().values({**entry, "note": note, "by": by, "at": stamp(at)}))

    def ruled_reports(self, after: int, limit: int) -> list[tuple[KeptReport, int]]:
        """Return reports that somebody ruled on, in the order of their last ruling, with its number: labels to learn from."""
        last = sa.func.max(corrections.c.seq).label("last")
        query = sa.select(corrections.c.report_seq, last).group_by(corrections.c.report_seq).having(last > after).order_by(last).limit(limit)
        numbers = {row.report_seq: row.last for row in self.connection.execute(query)}
        kept = {report.seq: report for report in self._kept(sa.select(reports).where(reports.c.seq.in_(list(numbers))))}
        return [(kept[seq], number) for seq, number in numbers.items()]

    def add_sanction(self, person: str, sanction: Sanction) -> None:
        """Store a sanction that is not there yet."""
        values = {"sanction_id": sanction.sanction_id, "person": person, "kind": sanction.kind, "decided_on": sanction.decided_on.isoformat()}
        self.connection.execute(sanctions.insert().values({**values, "recorded_by": sanction.recorded_by, "recorded_at": stamp(sanction.recorded_at)}))

    def sanction(self, sanction_id: str) -> tuple[str, Sanction] | None:
        """Return a sanction and its person."""
        row = self.connection.execute(sa.select(sanctions).where(sanctions.c.sanction_id == sanction_id)).one_or_none()
        return (row.person, _sanction(row)) if row else None

    def sanctions_of(self, person: str) -> list[Sanction]:
        """Return a person's sanctions by date."""
        query = sa.select(sanctions).where(sanctions.c.person == person).order_by(sanctions.c.decided_on, sanctions.c.sanction_id)
        return [_sanction(row) for row in self.connection.execute(query)]

    def delete_person(self, person: str) -> dict[str, int]:
        """Delete everything of a person; return how many rows of each kind went."""
        own = sa.select(reports.c.seq).where(reports.c.person == person)
        counts = {}
        for name, table in (("findings", findings), ("corrections", corrections)):
            counts[name] = self.connection.execute(table.delete().where(table.c.report_seq.in_(own))).rowcount
        for name, table in (("reports", reports), ("sanctions", sanctions), ("alerts", alerts), ("events", outbox)):
            counts[name] = self.connection.execute(table.delete().where(table.c.person == person)).rowcount
        return counts

    def purge(self, reports_before: str | None, alerts_before: str | None) -> dict[str, int]:
        """Delete reports received before a time with what was found and ruled in them, and what alerts, sanctions and sent events are older than another.

        Alerts that are still open stay, whatever their age: somebody has yet to look. Events that wait to be sent stay as well.
        """
        counts = dict.fromkeys(("findings", "corrections", "reports", "sanctions", "alerts", "events"), 0)
        if reports_before is not None:
            old = sa.select(reports.c.seq).where(reports.c.received_at < reports_before)
            counts["findings"] = self.connection.execute(findings.delete().where(findings.c.report_seq.in_(old))).rowcount
            counts["corrections"] = self.connection.execute(corrections.delete().where(corrections.c.report_seq.in_(old))).rowcount
            counts["reports"] = self.connection.execute(reports.delete().where(reports.c.received_at < reports_before)).rowcount
        if alerts_before is not None:
            counts["sanctions"] = self.connection.execute(sanctions.delete().where(sanctions.c.recorded_at < alerts_before)).rowcount
            closed = (alerts.c.raised_at < alerts_before, alerts.c.state != str(AlertState.OPEN))
            counts["alerts"] = self.connection.execute(alerts.delete().where(*closed)).rowcount
            ended = (outbox.c.created_at < alerts_before, outbox.c.ended_at.is_not(None))
            counts["events"] = self.connection.execute(outbox.delete().where(*ended)).rowcount
        return counts

    def _kept(self, query: sa.Select[Any]) -> list[KeptReport]:
        rows = self.connection.execute(query).all()
        by_report: dict[int, list[Finding]] = {row.seq: [] for row in rows}
        seqs = list(by_report)
        for start in range(0, len(seqs), _CHUNK):
            chunk = sa.select(findings).where(findings.c.report_seq.in_(seqs[start : start + _CHUNK])).order_by(findings.c.report_seq, findings.c.tag)
            for row in self.connection.execute(chunk):
                by_report[row.report_seq].append(_finding(row))
        return [_report(row, by_report[row.seq]) for row in rows]


def _finding_row(seq: int, finding: Finding) -> dict[str, object]:
    return {
        "report_seq": seq,
        "tag": finding.tag,
        "status": None if finding.status is None else str(finding.status),
        "score": finding.score,
        "threshold": finding.threshold,
        "spans": packed(finding.spans),
        "source": finding.source,
        "reasons": packed(finding.reasons),
    }


def _finding(row: sa.Row[Any]) -> Finding:
    return Finding(
        row.tag,
        TagStatus(row.status) if row.status else None,
        row.score,
        row.threshold,
        tuple((start, end) for start, end in orjson.loads(row.spans)),
        row.source,
        tuple(orjson.loads(row.reasons)),
        Ruling(row.ruling) if row.ruling else None,
        row.ruled_by,
        row.ruled_at,
    )


def _report(row: sa.Row[Any], found: Sequence[Finding]) -> KeptReport:
    reported = moment(row.reported_at) if row.reported_at else None
    times = (moment(row.at), reported, moment(row.received_at), ClockState(row.clock))
    return KeptReport(row.seq, row.report_id, row.person, row.scheme, row.text, *times, row.region, Level(row.level), bool(row.abstained), tuple(found))


def _sanction(row: sa.Row[Any]) -> Sanction:
    return Sanction(row.sanction_id, row.kind, dt.date.fromisoformat(row.decided_on), row.recorded_by, moment(row.recorded_at))
