"""The suggested individual plan: confirmed tags give need, goal, measures with reasons and articles; suspected ones only a step to verify (domain §3.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..tagging.schemes import Level, Scheme, Tag
from ..tagging.tagger import TagStatus
from .alerts import tag_level
from .measures import MeasureBook
from .records import Finding, KeptReport, Ruling
from .rules import LegalBasis

STATUS = "建议，待核实"
NOTE = "方案建议由关键词提示生成，须由承办人核实、修改后才生效；未经调查核实不得作为考核奖惩依据。"
VERIFY_DAYS = {Level.L4: 0, Level.L3: 1, Level.L2: 3, Level.L1: 7, Level.L0: 30}  # domain §3: how quickly somebody has to look
MAX_REASONS = 5
_ORDER = tuple(Level)
Schemes = Callable[[str], Scheme | None]
_Said = list[tuple[KeptReport, Finding]]


def suggest_plan(book: MeasureBook, schemes: Schemes, reports: Iterable[KeptReport], *, utc_offset_hours: float) -> dict[str, Any]:
    """Return the plan that a person's reports suggest, as JSON; the most urgent first. Days count from the newest report that says so."""
    by_tag: dict[tuple[str, str], dict[TagStatus, _Said]] = {}
    for report in sorted(reports, key=lambda report: (report.at, report.seq), reverse=True):
        for finding in report.findings:
            said = by_tag.setdefault((report.scheme, finding.tag), {status: [] for status in TagStatus})
            said[finding.holds_as].append((report, finding))
    items, to_verify, counter = [], [], []
    offset = dt.timedelta(hours=utc_offset_hours)
    for (name, code), said in by_tag.items():
        scheme = schemes(name)
        tag = next((tag for tag in scheme.tags if tag.code == code), None) if scheme else None
        if scheme is None or tag is None:
            continue
        against = _reasons(book, said[TagStatus.REJECTED])
        if said[TagStatus.CONFIRMED]:
            items.append(_item(book, scheme, tag, said[TagStatus.CONFIRMED], offset) | {"counter_evidence": against})
        elif said[TagStatus.SUSPECTED]:
            to_verify.append(_verify(book, scheme, tag, said[TagStatus.SUSPECTED], offset) | {"counter_evidence": against})
        elif against:
            counter.append({"tag": code, "name": tag.name, "counter_evidence": against})
    for rows in (items, to_verify):
        rows.sort(key=lambda row: (-_ORDER.index(Level(row["level"])), row["tag"]))
    return {
        "status": STATUS,
        "items": items,
        "to_verify": to_verify,
        "excluded": sorted(counter, key=lambda row: str(row["tag"])),
        "frame": basis_json(book.frame),
        "note": NOTE,
        "version": book.version,
    }


def _item(book: MeasureBook, scheme: Scheme, tag: Tag, said: _Said, offset: dt.timedelta) -> dict[str, Any]:
    found = book.of(tag, scheme.name)
    day = (said[0][0].at + offset).date()
    return {
        "tag": tag.code,
        "name": tag.name,
        "level": str(tag.level),
        "status": STATUS,
        "need": found.need,
        "goal": found.goal,
        "measures": list(found.measures),
        "who": found.who,
        "due_on": (day + dt.timedelta(days=found.due_days)).isoformat(),
        "review_on": (day + dt.timedelta(days=found.review_days)).isoformat(),
        "stop_when": found.stop,
        "basis": [basis_json(item) for item in found.basis],
        "reasons": _reasons(book, said),
    }


def _verify(book: MeasureBook, scheme: Scheme, tag: Tag, said: _Said, offset: dt.timedelta) -> dict[str, Any]:
    found = book.of(tag, scheme.name)
    level = tag_level(scheme, tag.code, TagStatus.SUSPECTED) or Level.L0
    day = (said[0][0].at + offset).date()
    return {
        "tag": tag.code,
        "name": tag.name,
        "level": str(level),
        "status": STATUS,
        "step": "核实",
        "what": found.verify,
        "who": found.who,
        "due_on": (day + dt.timedelta(days=VERIFY_DAYS[level])).isoformat(),
        "reasons": _reasons(book, said),
    }


def _reasons(book: MeasureBook, said: Sequence[tuple[KeptReport, Finding]]) -> list[dict[str, Any]]:
    """Return where it is said: report, places, words (masked), and why a finding does not count."""
    return [
        {
            "report_id": report.report_id,
            "at": report.at.isoformat(),
            "spans": [list(span) for span in finding.spans],
            "words": [report.text[start:end] for start, end in finding.spans],
            "because": [
                *(["人工核实：排除"] if finding.ruling is Ruling.REJECTED else ["人工核实：属实"] if finding.ruling else []),
                *map(book.say, finding.reasons),
            ],
        }
        for report, finding in said[:MAX_REASONS]
    ]


def basis_json(basis: LegalBasis) -> dict[str, Any]:
    """Return a provision as JSON."""
    return {"law": basis.law, "article": basis.article, "about": basis.about, "status": basis.status}
