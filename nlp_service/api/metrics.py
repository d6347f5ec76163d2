"""Prometheus figures of one app: requests, time per stage, size of the library, what waits in the outbox."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from ..persons.outbox import Backlog

BUCKETS = (0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5.0)


class Metrics:
    """One registry per app, so that tests and workers do not share figures."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter("nlp_requests", "Requests answered", ("method", "route", "status"), registry=self.registry)
        self._seconds = Histogram("nlp_request_seconds", "Time to answer", ("route",), buckets=BUCKETS, registry=self.registry)
        self._stages = Histogram("nlp_search_stage_seconds", "Time of each stage of a search", ("stage",), buckets=BUCKETS, registry=self.registry)
        self._cases = Gauge("nlp_library_cases", "Cases that can be found", registry=self.registry)
        self._seq = Gauge("nlp_library_last_seq", "Last change of the store that the library contains", registry=self.registry)
        self._ready = Gauge("nlp_ready", "1 when searches can be answered", registry=self.registry)
        self._outbox = Gauge("nlp_outbox_events", "Events of the outbox by state (delivered: of the last 30 days)", ("state",), registry=self.registry)
        self._oldest = Gauge("nlp_outbox_oldest_pending_seconds", "For how long the oldest event has waited to be sent", registry=self.registry)
        self._stuck = Gauge("nlp_outbox_stuck", "1 when an event waits too long or was given up: look at the receiver", registry=self.registry)
        self._sent = Counter("nlp_outbox_attempts", "Attempts to send an event", ("result",), registry=self.registry)
        self._attempts = {"delivered": 0, "failed": 0}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def stages(self, milliseconds: Mapping[str, float]) -> None:
        """Note the stages of one search."""
        for stage, value in milliseconds.items():
            self._stages.labels(stage).observe(value / 1000)

    def outbox(self, backlog: Backlog, oldest_s: float, *, is_stuck: bool) -> None:
        """Note what the outbox holds and what became of the attempts so far."""
        for state in ("pending", "delivered", "dead"):
            self._outbox.labels(state).set(getattr(backlog, state))
        self._oldest.set(oldest_s)
        self._stuck.set(is_stuck)
        for result, so_far in (("delivered", backlog.n_delivered), ("failed", backlog.n_failed)):
            self._sent.labels(result).inc(so_far - self._attempts[result])
            self._attempts[result] = so_far

    def text(self, *, n_cases: int, last_seq: int, ready: bool) -> bytes:
        """Return the exposition."""
        self._cases.set(n_cases)
        self._seq.set(last_seq)
        self._ready.set(ready)
        return generate_latest(self.registry)
