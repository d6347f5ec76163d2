"""Which acts a text states outright, by the patterns of acts.yaml; what the text denies, leaves open or says of another case is none."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from .statements import Reading, Stance
from .violations import TaxonomyError, compiled, load_violations

FILE = Path(__file__).parent / "taxonomy" / "acts.yaml"
_CLAUSE_END = re.compile(r"[，。；;！？!?\n]")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Act(_Part):
    """The violations an act may be, and the patterns that state it."""

    codes: tuple[str, ...]
    patterns: tuple[str, ...]

    @field_validator("codes", mode="after")
    @classmethod
    def _known(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := set(codes) - set(load_violations()):
            raise ValueError(f"{'、'.join(sorted(unknown))}: no such violation")
        return codes

    @field_validator("patterns", mode="after")
    @classmethod
    def _compiles(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            compiled(pattern)
        return patterns


class Acts(_Part):
    """The file: acts, and the groups of violations that one and the same act may breach."""

    acts: tuple[Act, ...]
    overlaps: tuple[tuple[str, ...], ...]

    def overlap(self, one: str, other: str) -> bool:
        """Whether one act may breach both."""
        return any(one in group and other in group for group in self.overlaps)


@dataclass(frozen=True, slots=True)
class ActMention:
    """An act stated at (start, end), within the clause (clause_start, clause_end); `codes` are what it may be."""

    codes: tuple[str, ...]
    start: int
    end: int
    clause_start: int
    clause_end: int


@functools.cache
def load_acts(path: Path = FILE) -> Acts:
    """Read and check acts.yaml. Raises TaxonomyError naming the field and the problem."""
    try:
        return Acts.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
    except ValidationError as error:
        first = error.errors()[0]
        raise TaxonomyError(f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def find_acts(text: str, without: Collection[str] = ()) -> list[ActMention]:
    """Return every act stated, in the order of the text; acts that may be one of the violations in `without` are left out."""
    reading = Reading(text)
    found = []
    for act in load_acts().acts:
        if any(code in act.codes for code in without):
            continue
        for statement in reading.find(act.patterns):
            if statement.stance is Stance.STATED and not statement.aside:
                begin = max((stop.end() for stop in _CLAUSE_END.finditer(text, 0, statement.start)), default=0)
                stop = _CLAUSE_END.search(text, statement.end)
                found.append(ActMention(act.codes, statement.start, statement.end, begin, stop.start() if stop else len(text)))
    return sorted(found, key=lambda mention: (mention.start, mention.end))
