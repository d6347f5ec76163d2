"""What a rule says of a draft: one finding with its citation, whether a lawyer has checked it, and what a person should look at."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from corpora.violations import Status

_FILE = Path(__file__).with_name("procedure.yaml")


@dataclass(frozen=True, slots=True)
class Finding:
    """One point of law. `direction` is set only where plan and rule part: `gap` in levels (0 for amounts), `is_hard` outside the statutory range."""

    code: str
    text: str
    cite: tuple[str, ...]
    status: str
    check: str
    direction: str | None = None
    gap: int = 0
    is_hard: bool = False


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Notice(_Part):
    """A text of procedure.yaml and the days on which it holds; a None bound is open."""

    text: str
    check: str
    cite: tuple[str, ...]
    valid_from: dt.date | None = Field(alias="from")
    valid_to: dt.date | None = Field(alias="to")
    status: Status

    def holds_on(self, day: dt.date) -> bool:
        """Say whether it holds on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


class SpotLimit(_Part):
    """How much may be fined on the spot."""

    valid_from: dt.date = Field(alias="from")
    valid_to: dt.date | None = Field(alias="to")
    person: int
    unit: int
    cite: str
    status: Status


class LargeFine(_Part):
    """From where on the hearing is spoken of: a product convention, not the legal threshold."""

    person: int
    unit: int


class Procedure(_Part):
    """The file procedure.yaml."""

    limits: tuple[SpotLimit, ...]
    large_fine: LargeFine
    long_limitation_domains: tuple[str, ...]
    continuing_codes: frozenset[str]
    offsite_words: str
    notices: Mapping[str, tuple[Notice, ...]]

    def spot_limit(self, day: dt.date) -> SpotLimit:
        """Return the limit in force on a day; the oldest for a day before all."""
        return next((limit for limit in reversed(self.limits) if limit.valid_from <= day), self.limits[0])


@functools.cache
def load_procedure() -> Procedure:
    """Read and check procedure.yaml. Raises ValueError (pydantic) when it is not well formed."""
    return Procedure.model_validate(yaml.load(_FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))


def notice(code: str, day: dt.date, *, cite: Iterable[str] = (), **values: str) -> Finding | None:
    """Return the finding of a code on a day, None where no version of it was in force; `cite` adds citations of the violation."""
    found = next((item for item in load_procedure().notices[code] if item.holds_on(day)), None)
    if found is None:
        return None
    text = found.text.format(**values) if values else found.text
    return Finding(code, text, tuple(dict.fromkeys((*cite, *found.cite))), found.status, found.check)
