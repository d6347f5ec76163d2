"""Name statutes one way and tell which version was in force on a day; knows no articles and no cases."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).parent / "taxonomy" / "statutes.yaml"
_STATE = "中华人民共和国"
_PROVINCE = "浙江省"


class StatuteLevel(StrEnum):
    """Who issues a statute, from the highest."""

    LAW = "law"
    REGULATION = "regulation"
    INTERPRETATION = "interpretation"
    MINISTERIAL = "ministerial"
    PROVINCIAL = "provincial"
    MUNICIPAL = "municipal"


class VersionStatus(StrEnum):
    """Whether the dates of a version were seen in a checked source or still need a lawyer."""

    CHECKED = "checked"
    TO_CONFIRM = "to_confirm"


@dataclass(frozen=True, slots=True)
class StatuteVersion:
    """One version; both days are within its force, `valid_to` is None while it has not been replaced."""

    statute: str
    label: str
    valid_from: dt.date
    valid_to: dt.date | None
    status: VersionStatus

    def covers(self, date: dt.date) -> bool:
        """Tell whether the version was in force on a day."""
        return self.valid_from <= date and (self.valid_to is None or date <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Statute:
    """A statute with its canonical name, its usual short name and its versions from the oldest."""

    name: str
    short: str
    level: StatuteLevel
    aliases: tuple[str, ...]
    versions: tuple[StatuteVersion, ...]


@cache
def _statutes() -> dict[str, Statute]:
    rows = yaml.load(_FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {row["name"]: _statute(row) for row in rows}


def _statute(row: dict[str, Any]) -> Statute:
    versions = tuple(StatuteVersion(row["name"], str(v["label"]), v["valid_from"], v["valid_to"], VersionStatus(v["status"])) for v in row["versions"])
    return Statute(row["name"], row["short"], StatuteLevel(row["level"]), tuple(row["aliases"]), versions)


@cache
def _spellings() -> dict[str, str]:
    """Return every accepted spelling with the canonical name; where two statutes claim one, the first in the file keeps it."""
    spellings: dict[str, str] = {}
    for statute in _statutes().values():
        for name in (statute.name, statute.short, *statute.aliases):
            spellings.setdefault(name, statute.name)
    for statute in _statutes().values():
        if statute.name.startswith(_STATE):
            spellings.setdefault(statute.name.removeprefix(_STATE), statute.name)
        if statute.name.startswith(_PROVINCE):
            rest = statute.name.removeprefix(_PROVINCE)
            spellings.setdefault("省" + rest, statute.name)
    return spellings


_VERSION_NOTE = re.compile(
    r"[（(](?:(?:19|20)\d{2}年?[^）)]{0,12}|(?:修正|修订)[^）)]{0,8}|以下简称[^）)]{0,20})[）)]|(?:19|20)\d{2}年?(?:修正|修订)(?:版|本)?"
)
_WRAPPING = re.compile(r"[\s《》<>“”\"]")


def canonical_statute(name: str) -> str | None:
    """Return the full name of a statute written in full, short or with a version note; None when it is not in the register."""
    spellings = _spellings()
    if name in spellings:
        return spellings[name]
    cleaned = _WRAPPING.sub("", _VERSION_NOTE.sub("", name)).removeprefix("我国")
    inner = cleaned.replace("〈", "").replace("〉", "")
    for spelling in (cleaned, cleaned.removeprefix(_STATE), inner):
        if spelling in spellings:
            return spellings[spelling]
    return _flattened().get(inner)


@cache
def _flattened() -> dict[str, str]:
    return {re.sub(r"[〈〉《》]", "", spelling): name for spelling, name in _spellings().items()}


def statute(name: str) -> Statute | None:
    """Return the statute of a name in any accepted spelling, or None."""
    canonical = canonical_statute(name)
    return None if canonical is None else _statutes()[canonical]


def statute_version_on(name: str, date: dt.date) -> StatuteVersion | None:
    """Return the version in force on a day; None for an unknown statute or a day outside all its versions."""
    found = statute(name)
    return None if found is None else next((version for version in found.versions if version.covers(date)), None)


def all_statute_names() -> tuple[str, ...]:
    """Return the canonical names in the order of the register."""
    return tuple(_statutes())


def all_spellings() -> tuple[str, ...]:
    """Return every spelling that `canonical_statute` knows without cleaning, longest first."""
    return tuple(sorted(_spellings(), key=lambda spelling: (-len(spelling), spelling)))
