"""Kill -9 around sending: what was committed is sent, at least once, and a receiver that drops repeated ids has it exactly once."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nlp_service.persons import outbox
from nlp_service.persons.courier import LEASE_S, Courier
from nlp_service.persons.store import PersonStore

ROOT = Path(__file__).parents[2]
CHILD = Path(__file__).with_name("outbox_child.py")


class Receiver:
    """Takes whatever comes and drops ids it has seen."""

    def __init__(self, arrived: Path) -> None:
        self._arrived = arrived
        self.kept: dict[str, str] = {}
        self.n_arrived = 0
        for line in arrived.read_text(encoding="utf-8").splitlines() if arrived.exists() else []:
            self._take(*json.loads(line))

    def __call__(self, event_id: str, body: str, now: dt.datetime) -> None:
        self._take(event_id, body)

    def _take(self, event_id: str, body: str) -> None:
        self.n_arrived += 1
        self.kept.setdefault(event_id, body)


def run_child(home: Path, die: str) -> int:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, str(CHILD), str(home), die], env=environment, timeout=120, check=False).returncode


def restart(home: Path, after_s: float) -> Receiver:
    """Start anew some seconds later and send what is due."""
    receiver = Receiver(home / "arrived.jsonl")
    store = PersonStore.open(home / "persons.db")
    now = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=after_s)
    Courier(store, receiver, lambda: None, now=lambda: now).deliver()
    with store.reading() as session:
        assert outbox.counts(session)["pending"] == 0
    store.close()
    return receiver


@pytest.mark.parametrize(
    ("die", "arrived_before", "arrived_after"),
    [
        ("before-commit", 0, 0),  # nothing was promised, nothing is sent
        ("after-commit", 0, 1),  # committed, never tried: sent at once after the start
        ("before-send", 0, 1),  # claimed, not sent: sent once the lease has run out
        ("after-send", 1, 2),  # arrived, not noted: sent once more, and dropped by its id
        ("after-note", 1, 1),  # noted: not sent again
    ],
)
def test_killed_around_sending(tmp_path: Path, die: str, arrived_before: int, arrived_after: int) -> None:
    assert run_child(tmp_path, die) == -signal.SIGKILL
    assert Receiver(tmp_path / "arrived.jsonl").n_arrived == arrived_before
    receiver = restart(tmp_path, LEASE_S + 1)
    assert receiver.n_arrived == arrived_after
    assert len(receiver.kept) == min(1, arrived_after), "exactly one event for whoever drops repeated ids"
    if receiver.kept:
        ((event_id, body),) = receiver.kept.items()
        assert json.loads(body)["id"] == event_id
    assert restart(tmp_path, 2 * LEASE_S).n_arrived == arrived_before, "nothing more is due"


def test_a_claimed_event_is_not_sent_by_another_process_before_the_lease_ends(tmp_path: Path) -> None:
    assert run_child(tmp_path, "before-send") == -signal.SIGKILL
    receiver = Receiver(tmp_path / "arrived.jsonl")
    store = PersonStore.open(tmp_path / "persons.db")
    assert Courier(store, receiver, lambda: None).deliver() == 0
    store.close()
