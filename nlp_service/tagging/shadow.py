"""Shadow scoring: a new tagger reads live reports beside the serving one; only counts of how they differ are kept, never a text or an id."""

from __future__ import annotations

import contextlib
import json
import queue
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog

from indexes.snapshot import write_atomically
from nlp_service.tagging.tagger import Tagged, Tagger, TagStatus

log = structlog.get_logger("nlp_service.tagging.shadow")
QUEUE_BATCHES = 32
WRITE_EVERY_S = 30.0
SCORE_BINS = 10
_FAULTS = (ValueError, LookupError, TypeError, ArithmeticError, RuntimeError, OSError)


class ShadowCounts:
    """How two taggers differ: per tag and status, per level, and the distribution of the shadow's scores."""

    def __init__(self, serving: str, shadow: str) -> None:
        self.serving = serving
        self.shadow = shadow
        self.n_reports = 0
        self.n_equal = 0
        self.n_dropped = 0
        self.tags: dict[str, Counter[str]] = {}
        self.levels: Counter[str] = Counter()
        self.scores: Counter[int] = Counter()

    def add(self, served: Tagged, shadow: Tagged) -> None:
        """Count one report."""
        if served.error is not None or shadow.error is not None:
            return
        self.n_reports += 1
        old, new = (_named(item) for item in (served, shadow))
        self.n_equal += old == new
        self.levels[f"{served.level}>{shadow.level}"] += 1
        for tag in old.keys() | new.keys():
            self.tags.setdefault(tag, Counter())[f"{old.get(tag, 'none')}>{new.get(tag, 'none')}"] += 1
        for result in shadow.tags:
            self.scores[min(SCORE_BINS - 1, int(result.score * SCORE_BINS))] += 1

    def as_json(self) -> dict[str, Any]:
        """Return the counts."""
        return {
            "serving": self.serving,
            "shadow": self.shadow,
            "n_reports": self.n_reports,
            "n_equal": self.n_equal,
            "n_dropped": self.n_dropped,
            "levels": dict(sorted(self.levels.items())),
            "tags": {tag: dict(sorted(counts.items())) for tag, counts in sorted(self.tags.items())},
            "score_bins": [self.scores[number] for number in range(SCORE_BINS)],
        }

    @classmethod
    def load(cls, path: Path, serving: str, shadow: str) -> ShadowCounts:
        """Go on with the counts of an earlier run of the same pair; start at zero for another pair or a damaged file."""
        counts = cls(serving, shadow)
        try:
            record = json.loads(path.read_bytes())
            if (record["serving"], record["shadow"]) == (serving, shadow):
                counts.n_reports, counts.n_equal, counts.n_dropped = (int(record[key]) for key in ("n_reports", "n_equal", "n_dropped"))
                counts.levels = Counter(record["levels"])
                counts.tags = {tag: Counter(by) for tag, by in record["tags"].items()}
                counts.scores = Counter(dict(enumerate(record["score_bins"])))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls(serving, shadow)
        return counts


class Shadow:
    """One shadow tagger with a thread and a bounded queue: live answers never wait for it, what does not fit is dropped and counted."""

    def __init__(self, tagger: Tagger, path: Path, serving: str) -> None:
        self._tagger = tagger
        self._path = path
        self._counts = ShadowCounts.load(path, serving, tagger.versions["model"])
        self._queue: queue.Queue[tuple[Sequence[tuple[str, str]], Sequence[Tagged]] | None] = queue.Queue(QUEUE_BATCHES)
        self._written = time.monotonic()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="shadow", daemon=True)
        self._thread.start()

    def offer(self, reports: Sequence[tuple[str, str]], served: Sequence[Tagged]) -> None:
        """Score reports later; returns at once."""
        try:
            self._queue.put_nowait((reports, served))
        except queue.Full:
            self._counts.n_dropped += len(reports)

    def close(self) -> None:
        """Score what waits, write the counts, end the thread."""
        self._queue.put(None)
        self._thread.join()

    def stop(self) -> None:
        """End after the batch at hand without waiting for it; what waits is not scored."""
        self._stopped.set()
        with contextlib.suppress(queue.Full):  # then the thread is at work and looks at the event next
            self._queue.put_nowait(None)

    def _run(self) -> None:
        while (batch := self._queue.get()) is not None and not self._stopped.is_set():
            try:
                self._score(*batch)
                if time.monotonic() - self._written > WRITE_EVERY_S:
                    self._write()
            except _FAULTS as error:  # a shadow that fails must not stop; its message may hold what it read
                log.error("shadow_failed", kind=type(error).__name__)
        self._write()

    def _score(self, reports: Sequence[tuple[str, str]], served: Sequence[Tagged]) -> None:
        for old, new in zip(served, self._tagger.tag(reports), strict=True):
            self._counts.add(old, new)

    def _write(self) -> None:
        self._written = time.monotonic()
        with contextlib.suppress(OSError):  # a full disk or a home that was taken away costs counts, nothing else
            write_atomically(self._path, json.dumps(self._counts.as_json(), ensure_ascii=False, indent=1))


def _named(item: Tagged) -> dict[str, str]:
    return {result.tag: result.status.value for result in item.tags if result.status is not TagStatus.REJECTED}
