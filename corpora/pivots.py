"""Read the pivots of a violation, and the factors for and against the party, from a text by the catalogue's patterns."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from .schema import PivotValue
from .violations import Pattern, Pivot, Violation, compiled


@dataclass(frozen=True, slots=True)
class PivotReading:
    """The value of one pivot and where (start, end) the text says so."""

    name: str
    value: PivotValue
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A named factor or piece of evidence found at (start, end)."""

    name: str
    start: int
    end: int


# "不能认定超过排放标准" and "是否占用消防通道" state nothing.
_DOUBTED = re.compile(r"(?:(?:不能|无法|不足以|未能|难以|没有证据)(?:认定|证明|确定|判断|说明|证实)?|是否|有无|能否|可否)[^，。；]{0,2}$")


def _spans(patterns: Iterable[str], text: str) -> list[tuple[int, int]]:
    return [match.span() for pattern in patterns for match in compiled(pattern).finditer(text)]


def _read_bool(pivot: Pivot, text: str) -> PivotReading | None:
    no = _spans(pivot.no, text)
    # "未占用消防通道" holds the words of "占用消防通道": a yes inside or across a no is not a yes.
    yes = [
        (start, end)
        for start, end in _spans(pivot.yes, text)
        if not any(start < n_end and n_start < end for n_start, n_end in no) and not _DOUBTED.search(text, max(0, start - 10), start)
    ]
    if bool(yes) == bool(no):
        return None  # not said, or said both ways: a person must look
    start, end = (yes or no)[0]
    return PivotReading(pivot.name, bool(yes), start, end)


def _read_number(pivot: Pivot, text: str) -> PivotReading | None:
    match = compiled(pivot.value).search(text) if pivot.value else None
    if match is None:
        return None
    raw = next((group for group in match.groups() if group), match.group())
    try:
        return PivotReading(pivot.name, float(raw.replace(",", "")), *match.span())
    except ValueError:
        return None


def _read_text(pivot: Pivot, text: str) -> PivotReading | None:
    match = compiled(pivot.value).search(text) if pivot.value else None
    return PivotReading(pivot.name, match.group(), *match.span()) if match else None


def read_pivots(violation: Violation, text: str, only: Collection[str] | None = None) -> dict[str, PivotReading]:
    """Return what the text says of the violation's pivots (or of those named); one it does not mention, or mentions both ways, is absent."""
    readers = {"bool": _read_bool, "number": _read_number, "text": _read_text}
    found = (readers[pivot.type](pivot, text) for pivot in violation.pivots if only is None or pivot.name in only)
    return {reading.name: reading for reading in found if reading is not None}


def read_factors(patterns: Iterable[Pattern], text: str) -> list[Mention]:
    """Return the first mention of each named pattern that occurs."""
    mentions = []
    for pattern in patterns:
        spans = _spans(pattern.patterns, text)
        if spans:
            mentions.append(Mention(pattern.name, *min(spans)))
    return mentions


def values(readings: Mapping[str, PivotReading]) -> dict[str, PivotValue]:
    """Return name → value."""
    return {name: reading.value for name, reading in readings.items()}
