"""Labelled reports: what an annotator said of a text, read from JSON lines with the place of every fault."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


class LabelError(ValueError):
    """A line of a labelled file cannot be used; the message names file, line and cure."""


@dataclass(frozen=True, slots=True)
class LabelledReport:
    """A report with tags that hold, tags worth checking, and tags that a matcher would raise wrongly.

    A `drill` shows ways to say one tag, far more of them than reports of a real month would: it teaches, but no threshold is chosen on it.
    """

    report_id: str
    text: str
    tags: frozenset[str]
    suspected: frozenset[str] = frozenset()
    rejected: frozenset[str] = frozenset()
    author: str = ""
    is_drill: bool = False


def read_labelled(paths: Iterable[Path]) -> list[LabelledReport]:
    """Read JSON lines with text, tags, suspected, rejected (codes, or objects with `tag`), author. Raises LabelError."""
    reports: list[LabelledReport] = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if line.strip():
                reports.append(_report(line, f"{path.name}:{number}", path.stem))
    return reports


def _report(line: str, place: str, stem: str) -> LabelledReport:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise LabelError(f"{place}: not JSON ({error.msg}); one object per line is expected") from error
    if not isinstance(record, dict) or not isinstance(record.get("text"), str) or not record["text"].strip():
        raise LabelError(f"{place}: text is missing or empty; give the report's words")
    tags, suspected, rejected = (_codes(record.get(key, []), f"{place}: {key}") for key in ("tags", "suspected", "rejected"))
    if both := (tags & suspected) | (tags & rejected) | (suspected & rejected):
        raise LabelError(f"{place}: {sorted(both)[0]} stands in two of tags, suspected, rejected; keep one")
    return LabelledReport(
        report_id=str(record.get("report_id") or f"{stem}-{place.rsplit(':', 1)[1]}"),
        text=record["text"],
        tags=tags,
        suspected=suspected,
        rejected=rejected,
        author=str(record.get("author") or stem),
        is_drill=record.get("drill") is True,
    )


def _codes(value: object, place: str) -> frozenset[str]:
    if not isinstance(value, list):
        raise LabelError(f"{place}: expected a list of codes, got {type(value).__name__}")
    codes: set[str] = set()
    for item in value:
        code = item.get("tag") if isinstance(item, dict) else item
        if not isinstance(code, str) or not code:
            raise LabelError(f"{place}: {str(code)[:20]!r} is not a code such as A01")
        codes.add(code)
    return frozenset(codes)
