"""A home for persons with a clock that only moves when told, and tags said instead of read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from nlp_service.audit import AuditLog
from nlp_service.persons.intake import Incoming, Taken
from nlp_service.persons.measures import load_measures
from nlp_service.persons.records import Finding, KeptReport, Sanction
from nlp_service.persons.references import ReferenceKey
from nlp_service.persons.rules import AlertRules, load_alert_rules
from nlp_service.persons.service import PersonService
from nlp_service.persons.store import PersonStore
from nlp_service.persons.timing import ClockState
from nlp_service.tagging.schemes import Level, Scheme, load_scheme
from nlp_service.tagging.tagger import Source, Tagged, TagResult, TagStatus

START = dt.datetime(2022, 11, 8, 2, 0, tzinfo=dt.UTC)  # ten in the morning in Zhejiang
LEVELS = {"A01": "L4", "A02": "L3", "A03": "L2", "A05": "L4", "A06": "L2", "B01": "L2", "B03": "L4", "C02": "L4", "E01": "L1", "H03": "L0"}
KEEPS = {"A01", "C02"}


def scheme_text(name: str = "correction", levels: Mapping[str, str] = LEVELS) -> str:
    rows = [
        f"- {{code: {code}, name: 标签{code}, definition: 说明{code}, level: {level}, keeps_level: {str(code in KEEPS).lower()}, triggers: [词{code}], measures: [办{code}]}}"
        for code, level in levels.items()
    ]
    return f"name: {name}\ntags:\n" + "\n".join(rows) + "\n"


@pytest.fixture(scope="session")
def scheme() -> Scheme:
    """Return a small scheme with the codes of the real one."""
    return load_scheme(scheme_text())


@pytest.fixture(scope="session")
def rules() -> AlertRules:
    """Return the bundled rules."""
    return load_alert_rules()


def hours(number: float) -> dt.timedelta:
    return dt.timedelta(hours=number)


def kept(report_id: str, tags: Mapping[str, str], at: dt.datetime, *, clock: ClockState = ClockState.OK, scheme: str = "correction") -> KeptReport:
    """Return a stored report with these tags and statuses."""
    found = tuple(Finding(tag, TagStatus(status), 0.9, 0.5, ((0, 2),), "rule") for tag, status in tags.items())
    seq = int("".join(char for char in report_id if char.isdigit()) or 0)
    return KeptReport(seq, report_id, "p_1", scheme, f"报告{report_id}的文字", at, at, at, clock, None, Level.L0, False, found)


def sanction(number: int, kind: str, day: str) -> Sanction:
    return Sanction(f"S-{number}", kind, dt.date.fromisoformat(day), "k", START)


class Desk:
    """The service of a home, whose clock is `now`."""

    def __init__(self, home: Path, schemes: Sequence[Scheme], *, tells: bool = True) -> None:
        self.now = START
        self.home = home
        self.audit = AuditLog(home / "audit.db")
        self.store = PersonStore.open(home / "persons.db")
        self.key = ReferenceKey(home / "persons.key")
        self.schemes = {one.name: one for one in schemes}
        rules, measures = load_alert_rules(), load_measures()
        self.rules = rules
        self.service = PersonService(
            self.store,
            self.key,
            self.audit,
            rules=lambda: rules,
            measures=lambda: measures,
            schemes=self.schemes.get,
            tells=tells,
            now=lambda: self.now,
        )

    def tagged(self, report_id: str, tags: Mapping[str, str], reasons: Sequence[str] = ()) -> Tagged:
        results = tuple(TagResult(tag, TagStatus(status), 0.9, 0.5, ((0, 2),), Source.BOTH, tuple(reasons)) for tag, status in tags.items())
        return Tagged(report_id, results, Level.L2)

    def incoming(self, report_id: str, tags: Mapping[str, str], *, person: str = "DX-1", text: str | None = None, at: dt.datetime | None = None) -> Incoming:
        return Incoming(report_id, text or f"报告{report_id}的文字", person, at, "330111", self.tagged(report_id, tags))

    def send(self, report_id: str, tags: Mapping[str, str], *, scheme: str = "correction", **options: object) -> Taken:
        """Take one report in, as of now."""
        item = self.incoming(report_id, tags, **options)  # type: ignore[arg-type]
        return self.service.take(self.schemes[scheme], [item], {"model": "m1"}, "key-1")[0]

    def later(self, **span: float) -> None:
        """Move the clock."""
        self.now += dt.timedelta(**span)


@pytest.fixture
def desk(tmp_path: Path, scheme: Scheme):
    """Return a service in an empty home, with webhooks on."""
    opened = Desk(tmp_path, [scheme, load_scheme(scheme_text("grid", {"B01": "L4", "H03": "L0"}))])
    yield opened
    opened.store.close()


@pytest.fixture
def make_report():
    """Return `kept`."""
    return kept
