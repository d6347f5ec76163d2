"""Files into the store: read, prepare, put in batches; what is put is durable, what is bad is named, nothing stops the rest."""

from __future__ import annotations

import multiprocessing
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from .prepare import harmless, prepare, region_warning
from .readers import ReaderError, Row, open_rows
from .schema import Case, case_from_json
from .store import CaseStore, PutCounts
from .tables import content_hash, encode_case

BATCH = 1000
MAX_LISTED = 1000
ALONE = 512  # rows before other processes are started: they take as long to start as some hundred judgments to prepare
PORTION = 64  # rows a process gets at a time


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that was not taken in, and why."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import did: accepted = added + changed + unchanged. At most `MAX_LISTED` rejections and warnings are listed, all are counted."""

    accepted: int
    added: int
    changed: int
    unchanged: int
    rejected: tuple[Rejection, ...]
    n_rejected: int
    warnings: tuple[str, ...]
    seconds: float
    n_warnings: int = 0


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What became of a row: a case and the beginning of its content hash, or the reason against it."""

    place: str
    case: Case | None = None
    content: str = ""
    error: str = ""


@dataclass(slots=True)
class _Import:
    store: CaseStore
    on_progress: Callable[[int], None] | None
    counts: PutCounts = field(default_factory=PutCounts)
    batch: list[Case] = field(default_factory=list)
    seen: dict[str, tuple[str, str]] = field(default_factory=dict)  # id → place and content of the last row
    accepted: int = 0
    n_rejected: int = 0
    n_warnings: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def take(self, done: _Prepared) -> None:
        case = done.case
        if case is None:
            self.reject(done.place, done.error)
            return
        earlier, known = self.seen.get(case.case_id, (done.place, done.content))
        if known != done.content:
            self.warn(f"{done.place}: case_id {case.case_id[:40]} occurs at {earlier} with other content; the later one counts")
        self.seen[case.case_id] = (done.place, done.content)
        doubt = region_warning(case)
        if doubt:
            self.warn(f"{done.place}: {doubt}")
        self.batch.append(case)
        if len(self.batch) >= BATCH:
            self.flush()

    def reject(self, place: str, reason: str) -> None:
        self.n_rejected += 1
        if len(self.rejected) < MAX_LISTED:
            self.rejected.append(Rejection(place, harmless(reason)))

    def warn(self, text: str) -> None:
        self.n_warnings += 1
        if len(self.warnings) < MAX_LISTED:
            self.warnings.append(text)

    def flush(self) -> None:
        self.counts += self.store.put_many(self.batch)
        self.accepted += len(self.batch)
        self.batch.clear()
        if self.on_progress:
            self.on_progress(self.accepted)


def import_files(store: CaseStore, paths: Iterable[str | Path], *, on_progress: Callable[[int], None] | None = None, workers: int = 1) -> ImportSummary:
    """Import files in order; `on_progress` hears the number accepted after each durable batch. Raises StoreError.

    After a StoreError what `on_progress` heard of is kept; importing again completes the rest. With `workers` > 1 a long file is
    prepared by that many processes (started afresh: the calling program must be importable, as a command is).
    """
    started = time.perf_counter()
    run = _Import(store, on_progress)
    for path in paths:
        try:
            for done in _prepared(open_rows(path), workers):
                run.take(done)
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
        n_warnings=run.n_warnings,
    )


def _prepare_row(row: Row) -> _Prepared:
    if row.record is None:
        return _Prepared(row.place, error=row.error or "no record")
    if not isinstance(row.record.get("extra") or {}, Mapping):
        return _Prepared(row.place, error=f"extra: expected an object, got {type(row.record['extra']).__name__}")
    try:
        case = prepare(case_from_json(row.record))
        return _Prepared(row.place, case, content_hash(encode_case(case))[:16])  # encoding also shows what could not be stored
    except ValueError as error:
        return _Prepared(row.place, error=str(error))
    except (TypeError, LookupError, ArithmeticError, RecursionError) as error:
        return _Prepared(row.place, error=f"cannot be read as a case ({type(error).__name__}): check that extra, review and pivots are objects")


def _prepare_rows(rows: Sequence[Row]) -> list[_Prepared]:
    return [_prepare_row(row) for row in rows]


def _prepared(rows: Iterator[Row], workers: int) -> Iterator[_Prepared]:
    """Yield the prepared rows in their order; a ReaderError in the middle of a file comes after what was read before it."""
    for row in islice(rows, ALONE) if workers > 1 else rows:
        yield _prepare_row(row)
    first = next(rows, None) if workers > 1 else None
    if first is None:
        return
    refused: ReaderError | None = None
    # Not fork: the store's connections and the threads of the caller do not survive it.
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        running: deque[Future[list[_Prepared]]] = deque()
        portion = [first]
        while portion or running:
            if portion:
                running.append(pool.submit(_prepare_rows, portion))
            if len(running) > 2 * workers or not portion:
                yield from running.popleft().result()
            portion = []
            try:
                if refused is None:
                    portion.extend(islice(rows, PORTION))  # extend keeps what came before an error
            except ReaderError as error:
                refused = error
    if refused:
        raise refused
