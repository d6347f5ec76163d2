"""An append-only, hash-chained record of what was asked and answered: h_i = SM3(h_{i-1} ‖ seq ‖ time ‖ actor ‖ event ‖ SM3(payload)) (domain §6).

Payloads are masked before they come here; the chain shows any later change, removal or reordering.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes

GENESIS = "0" * 64
_SCHEMA = """
CREATE TABLE IF NOT EXISTS audit (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, event TEXT NOT NULL, subject TEXT NOT NULL, payload TEXT NOT NULL, hash TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS audit_subject ON audit (subject, event);
CREATE INDEX IF NOT EXISTS audit_actor ON audit (event, actor, seq);
CREATE TRIGGER IF NOT EXISTS audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
"""


class AuditError(RuntimeError):
    """The log cannot be written or read."""


def sm3(data: bytes) -> str:
    """Return the SM3 digest (GB/T 32905) in hex."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize().hex()


@dataclass(frozen=True, slots=True)
class Entry:
    """One event; `subject` is what it is about (an assessment's id, a file), `hash` its place in the chain."""

    seq: int
    at: str
    actor: str
    event: str
    subject: str
    payload: Mapping[str, Any]
    hash: str


def chain_hash(previous: str, seq: int, at: str, actor: str, event: str, subject: str, payload: str) -> str:
    """Return h_i; fields are joined by U+001F so that they cannot run into each other."""
    return sm3("\x1f".join((previous, str(seq), at, actor, event, subject, sm3(payload.encode()))).encode())


class AuditLog:
    """The log of a home. Safe from several threads and processes; each append is durable when it returns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._connection() as connection:
            connection.executescript(_SCHEMA)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=FULL")
                yield connection
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise AuditError(f"{self._path}: {error}; check the disk and the permissions of the home") from error

    def append(self, actor: str, event: str, subject: str, payload: Mapping[str, Any]) -> Entry:
        """Append one event. Raises AuditError."""
        body = json.dumps(payload, ensure_ascii=False, sort_keys=True)
        at = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        with self._lock, self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            row = connection.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
            seq, previous = (row[0] + 1, row[1]) if row else (1, GENESIS)
            value = chain_hash(previous, seq, at, actor, event, subject, body)
            connection.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", (seq, at, actor, event, subject, body, value))
            connection.execute("COMMIT")
        return Entry(seq, at, actor, event, subject, dict(payload), value)

    def entries(
        self, *, subject: str | None = None, event: str | None = None, actor: str | None = None, limit: int = 1_000_000, newest_first: bool = False
    ) -> list[Entry]:
        """Return entries in order (or newest first), of one subject, event or actor when named."""
        conditions = [(name, value) for name, value in (("subject", subject), ("event", event), ("actor", actor)) if value is not None]
        where = " WHERE " + " AND ".join(f"{name} = ?" for name, _ in conditions) if conditions else ""
        order = "DESC" if newest_first else "ASC"
        with self._connection() as connection:
            rows = connection.execute(f"SELECT * FROM audit{where} ORDER BY seq {order} LIMIT ?", (*(value for _, value in conditions), limit)).fetchall()
        return [Entry(row[0], row[1], row[2], row[3], row[4], json.loads(row[5]), row[6]) for row in rows]

    def subjects(self, event: str) -> set[str]:
        """Return what events of a kind are about."""
        with self._connection() as connection:
            return {row[0] for row in connection.execute("SELECT DISTINCT subject FROM audit WHERE event = ?", (event,))}

    def verify(self) -> tuple[int, int | None]:
        """Return how many entries were checked and the number of the first that does not fit the chain, None when all do."""
        previous, expected = GENESIS, 1
        with self._connection() as connection:
            for seq, at, actor, event, subject, payload, value in connection.execute("SELECT * FROM audit ORDER BY seq"):
                if seq != expected or value != chain_hash(previous, seq, at, actor, event, subject, payload):
                    return expected - 1, expected
                previous, expected = value, expected + 1
        return expected - 1, None

    def head(self) -> tuple[int, str]:
        """Return number and hash of the last entry: what to keep elsewhere as an anchor."""
        last = self.entries(limit=1, newest_first=True)
        return (last[0].seq, last[0].hash) if last else (0, GENESIS)
