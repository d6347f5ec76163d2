"""Files into the store: read, prepare, put in batches; what is put is durable, what is bad is named, nothing stops the rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .prepare import prepare
from .readers import ReaderError, Row, open_rows
from .regions import is_known
from .schema import Case, RecordError, case_from_json
from .store import CaseStore, PutCounts

BATCH = 1000
MAX_LISTED = 1000


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that was not taken in, and why."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import did. At most `MAX_LISTED` rejections and warnings are listed; `n_rejected` counts all."""

    accepted: int
    added: int
    changed: int
    unchanged: int
    rejected: tuple[Rejection, ...]
    n_rejected: int
    warnings: tuple[str, ...]
    seconds: float


@dataclass(slots=True)
class _Import:
    store: CaseStore
    on_progress: Callable[[int], None] | None
    counts: PutCounts = field(default_factory=PutCounts)
    batch: dict[str, Case] = field(default_factory=dict)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    accepted: int = 0
    n_rejected: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def take(self, row: Row) -> None:
        if row.record is None:
            self.reject(row.place, row.error or "no record")
            return
        try:
            case = prepare(case_from_json(row.record))
        except (RecordError, ValueError) as error:
            self.reject(row.place, str(error))
            return
        content = hash((case.title, case.facts, case.reasoning, case.disposition, case.decided_on, case.kinds, case.fine_yuan))
        place, known = self.places.get(case.case_id, (row.place, content))
        if known != content:
            self.warn(f"{row.place}: case_id {case.case_id[:40]} occurs at {place} with other content; the later one counts")
        self.places[case.case_id] = (row.place, content)
        if case.region and not is_known(case.region):
            self.warn(f"{row.place}: region {case.region} is not in the table of regions; kept as it is")
        self.batch[case.case_id] = case
        self.accepted += 1
        if len(self.batch) >= BATCH:
            self.flush()

    def reject(self, place: str, reason: str) -> None:
        self.n_rejected += 1
        if len(self.rejected) < MAX_LISTED:
            self.rejected.append(Rejection(place, reason))

    def warn(self, text: str) -> None:
        if len(self.warnings) < MAX_LISTED:
            self.warnings.append(text)

    def flush(self) -> None:
        self.counts += self.store.put_many(self.batch.values())
        self.batch.clear()
        if self.on_progress:
            self.on_progress(self.accepted)


def import_files(store: CaseStore, paths: Iterable[Path] | Sequence[Path], *, on_progress: Callable[[int], None] | None = None) -> ImportSummary:
    """Import files in order; `on_progress` hears the number accepted after each durable batch. Raises StoreError."""
    started = time.perf_counter()
    run = _Import(store, on_progress)
    for path in paths:
        try:
            for row in open_rows(Path(path)):
                run.take(row)
        except ReaderError as error:
            run.reject(Path(path).name, str(error))
    if run.batch:
        run.flush()
    return ImportSummary(
        accepted=run.accepted,
        added=run.counts.added,
        changed=run.counts.changed,
        unchanged=run.counts.unchanged,
        rejected=tuple(run.rejected),
        n_rejected=run.n_rejected,
        warnings=tuple(run.warnings),
        seconds=time.perf_counter() - started,
    )
