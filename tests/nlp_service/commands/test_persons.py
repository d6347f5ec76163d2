"""Tests of `persons purge`: what it would delete, what it deletes, the receipt it prints, and what it refuses."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from nlp_service.audit import AuditLog
from nlp_service.persons import receipts
from nlp_service.persons.intake import Incoming
from nlp_service.persons.measures import load_measures
from nlp_service.persons.references import ReferenceKey
from nlp_service.persons.rules import load_alert_rules
from nlp_service.persons.service import PersonService
from nlp_service.persons.store import PersonStore
from nlp_service.tagging.schemes import load_scheme
from nlp_service.tagging.tagger import Tagged

Cli = Callable[..., SimpleNamespace]
OLD = dt.datetime(2021, 3, 1, 4, 0, tzinfo=dt.UTC)
SCHEME = load_scheme("name: correction\ntags: [{code: C02, name: 轻生, definition: 言语提示轻生, level: L4, triggers: [不想活]}]")


@pytest.fixture
def kept(home: Path) -> None:
    """Take in one report in March 2021."""
    store = PersonStore.open(home / "persons.db")
    rules, measures = load_alert_rules(), load_measures()
    key, audit = ReferenceKey(home / "persons.key"), AuditLog(home / "audit.db")
    service = PersonService(store, key, audit, rules=lambda: rules, measures=lambda: measures, schemes=lambda name: SCHEME, tells=False, now=lambda: OLD)
    service.take(SCHEME, [Incoming("R-1", "走访正常", "DX-1", None, None, Tagged("R-1"))], {}, "k")
    store.close()


def test_without_persons_or_a_span_there_is_nothing_to_purge(run_cli: Cli, home: Path, request: pytest.FixtureRequest) -> None:
    done = run_cli("persons", "purge", "--before", "2022-01-01")
    assert done.code == 2
    assert "persons.db" in done.err
    request.getfixturevalue("kept")
    done = run_cli("persons", "purge")
    assert done.code == 2
    assert "NLP_KEEP_REPORTS_DAYS" in done.err


@pytest.mark.usefixtures("kept")
def test_a_purge_is_tried_first_and_prints_its_receipt(run_cli: Cli, home: Path) -> None:
    tried = run_cli("persons", "purge", "--before", "2022-01-01", "--dry-run")
    assert (tried.code, tried.err) == (0, "")
    assert "将清除：标签 0，人工核实 0，报告 1，处分登记 0，已办结告警 0，已发事件 0" in tried.out
    assert "2021-12-31 16:00 UTC" in tried.out
    assert "回执" not in tried.out
    done = run_cli("persons", "purge", "--before", "2022-01-01", "--only", "reports")
    match = re.search(r"回执 (PR-[0-9a-f]{16})，留痕第 (\d+) 条，哈希 ([0-9a-f]{64})", done.out)
    assert match, done.out
    (entry,) = AuditLog(home / "audit.db").entries(event=receipts.PURGED)
    assert (entry.subject, str(entry.seq), entry.hash) == match.groups()
    again = run_cli("persons", "purge", "--before", "2022-01-01")
    assert "报告 0" in again.out
    assert "回执" not in again.out


@pytest.mark.usefixtures("kept")
def test_the_settings_say_how_long(run_cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLP_KEEP_REPORTS_DAYS", "365")
    assert "已清除：标签 0，人工核实 0，报告 1" in run_cli("persons", "purge").out
    monkeypatch.setenv("NLP_KEEP_REPORTS_DAYS", "30")
    done = run_cli("persons", "purge")
    assert done.code == 2
    assert "240" in done.err


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("before", ["gestern", "2999-01-01"])
def test_a_day_that_is_none_or_too_near_is_refused(run_cli: Cli, before: str) -> None:
    done = run_cli("persons", "purge", "--before", before)
    assert done.code == 2
    assert before in done.err
    assert done.out == ""
