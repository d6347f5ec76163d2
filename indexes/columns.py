"""What filters and pools need of every case, one row a case: attributes, dates, aliveness. Immutable; a change gives new columns."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpora.schema import Case

from .labels import cause_labels
from .query import Filters
from .statutes import case_articles

NO_DAY = 0
NOT_REVIEWED = "未受审查"
Rows = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]


def day_number(date: dt.date | None) -> int:
    """Return the proleptic ordinal of a date, 0 for none."""
    return date.toordinal() if date else NO_DAY


def attributes(case: Case) -> list[str]:
    """Return the filter terms of a case: one word for each value a filter may ask for."""
    words = [f"cause={cause}" for cause in case.causes]
    if case.cause_code:
        words.append(f"cause={case.cause_code}")
    words.extend(f"label={label}" for label in cause_labels(case))
    if case.region:
        words.extend(f"region={case.region[:n]}" for n in (2, 4, 6, 9) if len(case.region) >= n)
    if case.agency:
        words.append(f"agency={case.agency}")
    words.extend(f"kind={kind}" for kind in case.kinds)
    words.append(f"outcome={case.review.result if case.review else NOT_REVIEWED}")
    if case.tier:
        words.append(f"tier={case.tier}")
    words.append(f"provenance={case.provenance}")
    words.extend(f"article={article}" for article in case_articles(case))
    return list(dict.fromkeys(words))


def groups(filters: Filters) -> list[list[str]]:
    """Return the filter as attribute words: every group must be met by one of its words. Dates are apart."""
    named = {
        "region": filters.regions,
        "agency": filters.agencies,
        "cause": filters.causes,
        "kind": filters.kinds,
        "outcome": filters.outcomes,
        "tier": filters.tiers,
        "provenance": filters.provenances,
    }
    return [[f"{name}={value}" for value in values] for name, values in named.items() if values]


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows 0 … n-1. `postings` maps an attribute word to its rows, ascending; a replaced or withdrawn case leaves a dead row."""

    ids: tuple[str, ...]
    row_of: Mapping[str, int]
    alive: Mask
    days: Rows
    postings: Mapping[str, Rows]

    @classmethod
    def empty(cls) -> Columns:
        """Return columns without a row."""
        return cls((), {}, np.zeros(0, bool), np.zeros(0, np.int32), {})

    @property
    def n_alive(self) -> int:
        """How many cases can be found."""
        return int(self.alive.sum())

    def extended(self, cases: Sequence[Case], *, gone: Iterable[str] = ()) -> Columns:
        """Return columns with a new row for each case (an older row of the same id dies) and without the ids in `gone`."""
        start = len(self.ids)
        row_of = dict(self.row_of)
        alive = np.concatenate([self.alive, np.ones(len(cases), bool)])
        added: dict[str, list[int]] = {}
        for row, case in enumerate(cases, start):
            if (old := row_of.get(case.case_id)) is not None:
                alive[old] = False
            row_of[case.case_id] = row
            for word in attributes(case):
                added.setdefault(word, []).append(row)
        for case_id in gone:
            if (old := row_of.pop(case_id, None)) is not None:
                alive[old] = False
        nothing = np.zeros(0, np.int32)
        postings = dict(self.postings)
        for word, rows in added.items():
            postings[word] = np.concatenate([postings.get(word, nothing), np.array(rows, np.int32)])
        days = np.concatenate([self.days, np.array([day_number(case.decided_on) for case in cases], np.int32)])
        return Columns((*self.ids, *(case.case_id for case in cases)), row_of, alive, days, postings)

    def mask(self, filters: Filters | None, pool: Sequence[str] | None = None) -> Mask | None:
        """Return which rows may be found, or None when every row may."""
        if not filters and pool is None:
            return None if self.alive.all() else self.alive
        allowed = self.alive.copy()
        if pool is not None:
            chosen = np.zeros(len(self.ids), bool)
            chosen[[row for case_id in pool if (row := self.row_of.get(case_id)) is not None]] = True
            allowed &= chosen
        for words in groups(filters) if filters else ():
            chosen = np.zeros(len(self.ids), bool)
            for word in words:
                rows = self.postings.get(word)
                if rows is not None:
                    chosen[rows] = True
            allowed &= chosen
        if filters and filters.decided_from:
            allowed &= self.days >= day_number(filters.decided_from)
        if filters and filters.decided_to:
            allowed &= (self.days <= day_number(filters.decided_to)) & (self.days != NO_DAY)
        return allowed

    def values(self, prefix: str) -> dict[str, Rows]:
        """Return value → rows of one attribute, e.g. `cause`."""
        start = f"{prefix}="
        return {word[len(start) :]: rows for word, rows in self.postings.items() if word.startswith(start)}

    def save(self, folder: Path) -> None:
        """Write `columns.json` and `columns.npz`."""
        words = list(self.postings)
        (folder / "columns.json").write_text(json.dumps({"ids": self.ids, "words": words}, ensure_ascii=False), encoding="utf-8")
        lengths = np.array([len(self.postings[word]) for word in words], np.int64)
        rows = np.concatenate([self.postings[word] for word in words]) if words else np.zeros(0, np.int32)
        np.savez(folder / "columns.npz", alive=self.alive, days=self.days, lengths=lengths, rows=rows)

    @classmethod
    def load(cls, folder: Path) -> Columns:
        """Read what `save` wrote."""
        names = json.loads((folder / "columns.json").read_text(encoding="utf-8"))
        with np.load(folder / "columns.npz", allow_pickle=False) as arrays:
            alive, days, rows = arrays["alive"], arrays["days"], arrays["rows"]
            parts = np.split(rows, np.cumsum(arrays["lengths"])[:-1]) if len(arrays["lengths"]) else []
        row_of = {case_id: row for row, case_id in enumerate(names["ids"]) if alive[row]}
        return cls(tuple(names["ids"]), row_of, alive, days, dict(zip(names["words"], parts, strict=True)))
