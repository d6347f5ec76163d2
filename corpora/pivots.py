"""Read the pivots of a violation, and the factors for and against the party, from a text by the catalogue's patterns."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from .schema import PivotValue
from .statements import NEGATIONS, Reading, Stance, Statement
from .violations import Pattern, Pivot, Violation

_N_KNOWN = 20_000


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


class _Texts:
    """The two ways of reading one text, each made when first needed."""

    __slots__ = ("_figures", "_plain", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._plain: Reading | None = None
        self._figures: Reading | None = None

    def plain(self) -> Reading:
        self._plain = self._plain or Reading(self.text)
        return self._plain

    def figures(self) -> Reading:
        self._figures = self._figures or Reading(self.text, figures=True)
        return self._figures


def _own(statements: Iterable[Statement]) -> list[Statement]:
    """Leave out what is left open, and what is said of another case while something is said of this one."""
    said = [statement for statement in statements if statement.stance is not Stance.OPEN]
    return [statement for statement in said if not statement.aside] or said


def _split(statements: Sequence[Statement]) -> tuple[list[Statement], list[Statement]]:
    return [s for s in statements if s.stance is Stance.STATED], [s for s in statements if s.stance is Stance.DENIED]


def _touch(one: Statement, other: Statement) -> bool:
    return one.start < other.end and other.start < one.end


def _holds(outer: Statement, inner: Statement, text: str) -> bool:
    """Tell whether `outer` is the negation of `inner`: 不符合消防技术标准 holds 符合消防技术标准 and says the contrary."""
    return outer.start < inner.start and inner.end <= outer.end and text[outer.start] in NEGATIONS and text[inner.start] not in NEGATIONS


def _settled(pivot: Pivot, yes: list[Statement], no: list[Statement]) -> tuple[list[Statement], list[Statement]]:
    if pivot.stands is None:
        return yes, no
    if pivot.stands == "yes" or min(y.start for y in yes) < min(n.start for n in no):
        return yes, []
    return [], no


def _read_bool(pivot: Pivot, texts: _Texts) -> PivotReading | None:
    reading = texts.plain()
    found = _own([*reading.find(pivot.yes), *reading.find(pivot.no)])
    patterns_of_no = set(pivot.no)
    yes, denied_yes = _split([s for s in found if s.pattern not in patterns_of_no])
    no, denied_no = _split([s for s in found if s.pattern in patterns_of_no])
    no = [n for n in no if not any(_holds(y, n, texts.text) for y in yes)]
    # "未占用消防通道" holds the words of "占用消防通道": a yes inside or across a no is not a yes.
    yes = [y for y in yes if not any(_touch(y, n) for n in no)]
    if yes and no:
        yes, no = _settled(pivot, yes, no)
        if yes and no:
            return None  # said both ways: a person must look
    if not yes and not no:  # nothing is said outright: a denial of the one is a weak word for the other
        yes, no = denied_no, denied_yes
        if bool(yes) == bool(no):
            return None
    first = (yes or no)[0]
    return PivotReading(pivot.name, bool(yes), first.start, first.end)


_TOTAL = re.compile("合计|共计|总计|总额")
_LIMIT = re.compile("不足|不满|未达|低于|以上|以下")  # 货值不足一万元 names a limit of the law


def _read_number(pivot: Pivot, texts: _Texts) -> PivotReading | None:
    found: list[PivotReading] = []
    for statement in texts.figures().find([pivot.value] if pivot.value else []):
        if statement.aside or statement.stance is Stance.OPEN:
            continue  # a figure of another case is none of this one
        number = next((value for raw in reversed(statement.groups) if (value := _float(raw)) is not None), None)
        if number is not None and not _LIMIT.search(texts.text, statement.start, statement.end):
            found.append(PivotReading(pivot.name, number, statement.start, statement.end))
    total = next((reading for reading in found if _TOTAL.search(texts.text, reading.start, reading.end)), None)
    return total or next(iter(found), None)


def _float(raw: str | None) -> float | None:
    try:
        return float(raw or "")
    except ValueError:
        return None


def _read_text(pivot: Pivot, texts: _Texts) -> PivotReading | None:
    for statement in _own(texts.plain().find([pivot.value] if pivot.value else [])):
        if statement.stance is Stance.STATED:
            return PivotReading(pivot.name, texts.text[statement.start : statement.end], statement.start, statement.end)
    return None


def read_pivots(violation: Violation, text: str, only: Collection[str] | None = None) -> dict[str, PivotReading]:
    """Return what the text says of the violation's pivots (or of those named); one it does not mention, or mentions both ways, is absent."""
    readers = {"bool": _read_bool, "number": _read_number, "text": _read_text}
    texts = _Texts(text)
    found = (readers[pivot.type](pivot, texts) for pivot in violation.pivots if only is None or pivot.name in only)
    return {reading.name: reading for reading in found if reading is not None}


def known_pivots(violation: Violation, text: str, only: Collection[str] | None = None) -> Mapping[str, PivotValue]:
    """Return what `read_pivots` finds, as name → value; for texts that are asked for again and again, such as the cases of a library.

    Kept under a digest: of a case that is deleted no text stays behind.
    """
    key = (_Same(violation), hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest(), None if only is None else frozenset(only))
    with _KNOWN_LOCK:
        if key in _KNOWN:
            _KNOWN.move_to_end(key)
            return _KNOWN[key]
    found = MappingProxyType(values(read_pivots(violation, text, only)))
    with _KNOWN_LOCK:
        _KNOWN[key] = found
        if len(_KNOWN) > _N_KNOWN:
            _KNOWN.popitem(last=False)
    return found


class _Same:
    """A violation as a key: equal to itself alone."""

    __slots__ = ("violation",)

    def __init__(self, violation: Violation) -> None:
        self.violation = violation

    def __hash__(self) -> int:
        return id(self.violation)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.violation is self.violation


_KNOWN: OrderedDict[tuple[_Same, bytes, frozenset[str] | None], Mapping[str, PivotValue]] = OrderedDict()
_KNOWN_LOCK = threading.Lock()


def read_factors(patterns: Iterable[Pattern], text: str) -> list[Mention]:
    """Return the first mention of each named pattern that occurs."""
    reading = Reading(text)
    mentions = []
    for pattern in patterns:
        spans = [(s.start, s.end) for s in reading.find(pattern.patterns) if s.stance is not Stance.DENIED]
        if spans:
            mentions.append(Mention(pattern.name, *min(spans)))
    return mentions


def values(readings: Mapping[str, PivotReading]) -> dict[str, PivotValue]:
    """Return name → value."""
    return {name: reading.value for name, reading in readings.items()}
