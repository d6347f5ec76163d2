"""The background worker: sends what the outbox holds, and looks at what the passing of time brings (days out of contact, alerts nobody took up)."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import replace

import structlog

from corpora.store import StoreError

from ..audit import AuditError
from . import outbox
from .outbox import Backlog, Event, EventState
from .store import PersonStore
from .timing import utc_now
from .webhooks import Send, WebhookError

LEASE_S = 60.0  # above the time one event may take to send
BATCH = 20
log = structlog.get_logger("nlp_service.persons")


class Courier:
    """One thread. `send` is None where no webhook is configured: then only the sweep runs."""

    def __init__(
        self, store: PersonStore, send: Send | None, sweep: Callable[[], None], *, sweep_s: float = 60.0, now: Callable[[], dt.datetime] = utc_now
    ) -> None:
        self._store = store
        self._send = send
        self._sweep = sweep
        self._sweep_s = sweep_s
        self._now = now
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._seen = Backlog()
        self._n_delivered = self._n_failed = 0
        self._is_stuck = False

    @property
    def sends(self) -> bool:
        """Whether a webhook is configured."""
        return self._send is not None

    @property
    def backlog(self) -> Backlog:
        """What the outbox held when last looked at, without waiting for the database: monitors must be answered while it is busy."""
        return replace(self._seen, n_delivered=self._n_delivered, n_failed=self._n_failed)

    @property
    def is_stuck(self) -> bool:
        """Whether somebody has to look at the receiver."""
        return self.backlog.is_stuck(self._now())

    @property
    def oldest_s(self) -> float:
        """For how many seconds the oldest event has waited by now."""
        return self._seen.oldest_s(self._now())

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, name="persons-courier", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Say that there may be something to send."""
        self._wake.set()

    def stop(self) -> None:
        """End after the event being sent; what waits is sent after the next start."""
        self._stop.set()
        self._wake.set()
        if self._thread:
            self._thread.join()

    def deliver(self) -> int:
        """Send what is due, one after the other; return how many were taken. A failed one does not hold up the others."""
        if self._send is None:
            return 0
        taken = 0
        while not self._stop.is_set():
            with self._store.writing() as session:
                events = outbox.claim(session, self._now(), LEASE_S, 1)
            if not events:
                break
            taken += self._deliver(self._send, events[0])
        return taken

    def _deliver(self, send: Send, event: Event) -> bool:
        try:
            send(event.event_id, event.body, self._now())
        except WebhookError as error:
            self._n_failed += 1
            with self._store.writing() as session:
                state = outbox.failed(session, event, str(error), self._now())
            tell = log.error if state is EventState.DEAD else log.warning
            tell("webhook_failed", event_id=event.event_id, reason=str(error), attempts=event.attempts + 1, state=str(state))
            return False
        with self._store.writing() as session:
            outbox.delivered(session, event.event_id, self._now())
        self._n_delivered += 1
        return True

    def look(self) -> None:
        """Note what the outbox holds; say once in the log that somebody has to look at the receiver, and once that all is well again. Raises StoreError."""
        with self._store.reading() as session:
            self._seen = outbox.backlog(session)
        was, self._is_stuck = self._is_stuck, self.is_stuck
        if self._is_stuck and not was:
            log.error("webhook_stuck", pending=self._seen.pending, dead=self._seen.dead, oldest_s=round(self.oldest_s))
        elif was and not self._is_stuck:
            log.warning("webhook_well_again")

    def _run(self) -> None:
        swept: dt.datetime | None = None
        while not self._stop.is_set():
            self._wake.clear()
            now = self._now()
            if swept is None or (now - swept).total_seconds() >= self._sweep_s:
                swept = now
                self._try(self._sweep)
            self._try(self.deliver)
            self._try(self.look)
            self._wake.wait(self._wait_s())

    def _wait_s(self) -> float:
        if self._send is None or self._stop.is_set():
            return self._sweep_s
        try:
            with self._store.reading() as session:
                due = outbox.next_due(session)
        except StoreError:
            return self._sweep_s
        return self._sweep_s if due is None else min(self._sweep_s, max(0.5, (due - self._now()).total_seconds()))

    def _try(self, step: Callable[[], object]) -> None:
        try:
            step()
        except (StoreError, AuditError) as error:
            log.error("persons_step_failed", reason=str(error))
        except Exception:  # the thread's outer edge: it must go on
            log.exception("persons_step_failed")
