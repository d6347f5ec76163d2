"""Answers to requests that carried an Idempotency-Key, kept for a day: who sends the same again is answered the same, and nothing is done twice."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from corpora.store import StoreError

KEEP_S = 86_400.0
LEASE_S = 300.0  # above the time any request takes: a key that a dead process left behind is free again afterwards
MAX_BODY_BYTES = 8_000_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (
    actor TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, at REAL NOT NULL, status INTEGER, headers TEXT, body BLOB, PRIMARY KEY (actor, key)
)
"""


class Place(StrEnum):
    """What a request with a key meets."""

    FREE = "free"
    BUSY = "busy"
    OTHER = "other"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was given."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class AnswerStore:
    """One SQLite file (0600) that is made when first needed; what is deleted is overwritten. Safe from several threads and processes."""

    def __init__(self, path: Path, *, now: Callable[[], float] = time.time) -> None:
        self._path = path
        self._now = now
        self._lock = threading.Lock()

    def begin(self, actor: str, key: str, fingerprint: str) -> tuple[Place, Kept | None]:
        """Take a key for a request, unless it is taken: by the same request (done, with its answer; or busy), or by another one. Raises StoreError."""
        now = self._now()
        with self._writing() as connection:
            connection.execute("DELETE FROM answers WHERE at < ? OR (status IS NULL AND at < ?)", (now - KEEP_S, now - LEASE_S))
            row = connection.execute("SELECT fingerprint, status, headers, body FROM answers WHERE actor = ? AND key = ?", (actor, key)).fetchone()
            if row is None:
                connection.execute("INSERT INTO answers (actor, key, fingerprint, at) VALUES (?, ?, ?, ?)", (actor, key, fingerprint, now))
                return Place.FREE, None
        if row[0] != fingerprint:
            return Place.OTHER, None
        return (Place.BUSY, None) if row[1] is None else (Place.DONE, Kept(row[1], row[3], json.loads(row[2])))

    def finish(self, actor: str, key: str, answer: Kept) -> None:
        """Keep the answer of a request that has its key. Raises StoreError."""
        values = (answer.status, json.dumps(dict(answer.headers)), answer.body, actor, key)
        with self._writing() as connection:
            connection.execute("UPDATE answers SET status = ?, headers = ?, body = ? WHERE actor = ? AND key = ?", values)

    def release(self, actor: str, key: str) -> None:
        """Give a key back: nothing was done under it. Raises StoreError."""
        with self._writing() as connection:
            connection.execute("DELETE FROM answers WHERE actor = ? AND key = ? AND status IS NULL", (actor, key))

    def forget(self) -> None:
        """Drop every kept answer: one of them may be about a person who has just been deleted. Raises StoreError."""
        if self._path.exists():
            with self._writing() as connection:
                connection.execute("DELETE FROM answers WHERE status IS NOT NULL")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock:
                if not self._path.exists():
                    os.close(os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600))
                connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
                try:
                    connection.execute("PRAGMA secure_delete=ON")
                    connection.execute("BEGIN IMMEDIATE")
                    connection.execute(_SCHEMA)
                    yield connection
                    connection.execute("COMMIT")
                finally:
                    connection.close()
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{self._path}: {error}; check the disk and the permissions of the home") from error
