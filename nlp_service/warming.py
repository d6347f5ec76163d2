"""What the first requests after a start would wait for, done in the background: nobody waits for it, and readiness does not either."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

import structlog

log = structlog.get_logger("nlp_service.warming")
Step = tuple[str, Callable[[], object]]


class WarmUp:
    """One thread that takes step after step and then ends; a step that fails is logged, since the request that needs it will say what is wrong."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._steps = steps
        self._stop = threading.Event()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="warm-up", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the step at hand."""
        self._stop.set()
        self._thread.join()

    @property
    def is_done(self) -> bool:
        """Whether every step was taken."""
        return self._done.is_set()

    def wait(self, timeout_s: float) -> bool:
        """Wait until every step was taken; return whether it was."""
        return self._done.wait(timeout_s)

    def _run(self) -> None:
        started = time.perf_counter()
        for name, step in self._steps:
            if self._stop.is_set():
                return
            try:
                step()
            except Exception:  # the thread's outer edge: the other steps are still worth taking
                log.exception("warm_up_failed", step=name)
        self._done.set()
        log.info("warmed_up", seconds=round(time.perf_counter() - started, 1))
