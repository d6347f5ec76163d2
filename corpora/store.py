"""The store of cases and judgements: SQLite by default, PostgreSQL by URL; the truth that indexes are views of."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from corpora.migrations import HEAD, VERSIONS
from corpora.schema import Case, Judgement
from corpora.tables import (
    BUSY_TIMEOUT_S,
    MIGRATION_LOCK,
    PUT_LOCK,
    VERSION_TABLE,
    WRITE,
    DamagedStoreError,
    FullDiskError,
    LockedStoreError,
    MissingStoreError,
    NewerStoreError,
    ReadOnlyStoreError,
    StoreError,
    cases,
    content_hash,
    create_file,
    doc_no_key,
    encode_case,
    explained,
    judgements,
    locate,
    make_engine,
    pack,
    place_of,
    unpack_case,
)

__all__ = [
    "CaseStore",
    "Change",
    "DamagedStoreError",
    "FullDiskError",
    "LockedStoreError",
    "MissingStoreError",
    "NewerStoreError",
    "PutCounts",
    "ReadOnlyStoreError",
    "StoreError",
    "doc_no_key",
]

_CHUNK = 1000  # ids per IN list, rows per executemany; SQLite takes at most 32,766 parameters


@dataclass(frozen=True, slots=True)
class PutCounts:
    """What one `put_many` did; a case put twice in one call counts twice."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: PutCounts) -> PutCounts:
        return PutCounts(self.added + other.added, self.changed + other.changed, self.unchanged + other.unchanged)


@dataclass(frozen=True, slots=True)
class Change:
    """The last thing that happened to a case; `case` is None when it was deleted."""

    seq: int
    case_id: str
    case: Case | None


@dataclass(frozen=True, slots=True)
class _Row:
    case_id: str
    content_hash: str
    payload: bytes
    withdrawn: bool
    doc_no_key: str | None

    @classmethod
    def of(cls, case: Case) -> _Row:
        encoded = encode_case(case)
        return cls(case.case_id, content_hash(encoded), pack(encoded), case.withdrawn, doc_no_key(case.doc_no))


class CaseStore:
    """Cases by id, each with the sequence number of its last change. Safe to use from several threads and processes.

    Sequence numbers grow strictly and become visible in their order: writers take turns, so a reader that has seen n will
    never later see a smaller one appear. Every case is at its latest number only; the highest number is never given up.
    """

    def __init__(self, engine: sa.Engine, place: str) -> None:
        """Use `CaseStore.open`."""
        self._engine = engine
        self._place = place
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._log_holds_deleted = False
        self._turn = threading.Lock()  # SQLite's own waiting is a sleep loop and unfair between threads

    @classmethod
    def open(cls, url_or_path: str | Path, *, create: bool = True) -> CaseStore:
        """Open a store and bring its tables up to date; `create` makes a missing one. Raises StoreError."""
        url = locate(url_or_path)
        place = place_of(url)
        if url.get_backend_name() == "sqlite":
            path = Path(str(url.database))
            if path.is_dir():
                raise MissingStoreError(f"{place}: is a folder; expected a file such as cases.db in it")
            if not path.exists():
                if not create:
                    raise MissingStoreError(f"{place}: there is no store here; import cases first or check the path")
                create_file(path)
        engine = make_engine(url)
        store = cls(engine, place)
        try:
            store._upgrade(create)
        except BaseException:
            engine.dispose()
            raise
        return store

    def close(self) -> None:
        """Close every connection."""
        try:
            self._empty_log()
        finally:
            self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def put_many(self, items: Iterable[Case]) -> PutCounts:
        """Store cases in one transaction, durable on return; equal ones are left alone. Raises StoreError, RecordError.

        A case with `withdrawn` withdraws; one without never brings a withdrawn case back, only `withdraw(id, False)` does:
        importing a file again must not undo what a person decided.
        """
        rows = [_Row.of(case) for case in items]
        if not rows:
            return PutCounts()
        counts = PutCounts()
        with self._writing() as connection:
            seq = _last_seq(connection)
            for chunk in _chunks(rows):
                done = self._put_chunk(connection, chunk, seq)
                seq += done.added + done.changed
                counts += done
        self._empty_log()
        return counts

    def get(self, case_id: str) -> Case | None:
        """Return a case, withdrawn or not, or None."""
        return self.get_many([case_id]).get(case_id)

    def get_many(self, ids: Iterable[str]) -> dict[str, Case]:
        """Return the cases there are among `ids`."""
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Case] = {}
        with self._reading() as connection:
            for start in range(0, len(wanted), _CHUNK):
                query = sa.select(cases.c.case_id, cases.c.payload, cases.c.withdrawn).where(cases.c.case_id.in_(wanted[start : start + _CHUNK]))
                for case_id, payload, withdrawn in connection.execute(query):
                    if payload is not None:
                        found[case_id] = unpack_case(case_id, payload, withdrawn, self._place)
        return {case_id: found[case_id] for case_id in wanted if case_id in found}

    def iter_cases(self, batch: int = 1000, include_withdrawn: bool = False) -> Iterator[tuple[int, Case]]:
        """Yield sequence number and case in the order of the numbers, as the store was when the iteration began."""
        query = sa.select(cases.c.seq, cases.c.case_id, cases.c.payload, cases.c.withdrawn).where(cases.c.payload.is_not(None)).order_by(cases.c.seq)
        if not include_withdrawn:
            query = query.where(cases.c.withdrawn.is_(False))
        with self._reading() as connection:
            for rows in connection.execution_options(stream_results=True).execute(query).partitions(batch):
                for seq, case_id, payload, withdrawn in rows:
                    yield seq, unpack_case(case_id, payload, withdrawn, self._place)

    def changes_since(self, seq: int, limit: int = 1000) -> list[Change]:
        """Return at most `limit` changes after `seq`, oldest first; call again with the last number until it is empty."""
        query = sa.select(cases.c.seq, cases.c.case_id, cases.c.payload, cases.c.withdrawn).where(cases.c.seq > seq).order_by(cases.c.seq).limit(limit)
        with self._reading() as connection:
            return [
                Change(at, case_id, None if payload is None else unpack_case(case_id, payload, withdrawn, self._place))
                for at, case_id, payload, withdrawn in connection.execute(query)
            ]

    def last_seq(self) -> int:
        """Return the number of the last change, 0 for an empty store."""
        with self._reading() as connection:
            return _last_seq(connection)

    def count(self, include_withdrawn: bool = False) -> int:
        """Return how many cases there are."""
        query = sa.select(sa.func.count()).select_from(cases).where(cases.c.content_hash.is_not(None))
        if not include_withdrawn:
            query = query.where(cases.c.withdrawn.is_(False))
        with self._reading() as connection:
            return int(connection.execute(query).scalar_one())

    def withdraw(self, case_id: str, withdrawn: bool = True) -> bool:
        """Withdraw a case or bring it back; return whether there is such a case. Nothing changes when it already is so."""
        with self._writing() as connection:
            query = sa.select(cases.c.withdrawn).where(cases.c.case_id == case_id, cases.c.content_hash.is_not(None))
            row = connection.execute(query).one_or_none()
            if row is None:
                return False
            if bool(row.withdrawn) != withdrawn:
                change = {"seq": _last_seq(connection) + 1, "withdrawn": withdrawn, "updated_at": _now()}
                connection.execute(cases.update().where(cases.c.case_id == case_id).values(change))
            return True

    def delete(self, case_id: str) -> bool:
        """Remove a case and its text, leaving its id and a sequence number; return whether there was one.

        SQLite overwrites the text (secure_delete) and empties the log; while somebody is reading an older state the log is kept
        and emptied after a later change or on closing. PostgreSQL frees the text at its next vacuum. Backups are the operator's.
        """
        gone = {"content_hash": None, "payload": None, "doc_no_key": None, "withdrawn": False}
        with self._writing() as connection:
            there = sa.select(cases.c.seq).where(cases.c.case_id == case_id, cases.c.content_hash.is_not(None))
            if connection.execute(there).one_or_none() is None:
                return False
            change = {**gone, "seq": _last_seq(connection) + 1, "updated_at": _now()}
            connection.execute(cases.update().where(cases.c.case_id == case_id).values(change))
            self._log_holds_deleted = self._is_sqlite
        self._empty_log()
        return True

    def find_doc_no(self, doc_no: str) -> list[str]:
        """Return the ids of the cases with a document number, whatever its brackets, blanks and leading zeros."""
        key = doc_no_key(doc_no)
        if key is None:
            return []
        with self._reading() as connection:
            return list(connection.execute(sa.select(cases.c.case_id).where(cases.c.doc_no_key == key).order_by(cases.c.case_id)).scalars())

    def put_judgement(self, judgement: Judgement) -> None:
        """Keep a judgement; the same person's newer one on the same query and case replaces it."""
        values = {"query_id": judgement.query_id, "case_id": judgement.case_id, "by": judgement.by}
        opinion = {"relevance": judgement.relevance, "at": judgement.at}
        insert = sqlite.insert(judgements) if self._is_sqlite else postgresql.insert(judgements)
        statement = insert.values(**values, **opinion).on_conflict_do_update(index_elements=["query_id", "case_id", "by"], set_=opinion)
        with self._writing() as connection:
            connection.execute(statement)

    def judgements(self) -> list[Judgement]:
        """Return all judgements, ordered by query, case and person."""
        c = judgements.c
        query = sa.select(c.query_id, c.case_id, c.relevance, c.by, c.at).order_by(c.query_id, c.case_id, c.by)
        with self._reading() as connection:
            return [Judgement(*row) for row in connection.execute(query)]

    def quick_check(self) -> None:
        """Check that the file is sound (SQLite) or that the tables answer (PostgreSQL). Raises StoreError."""
        if self._is_sqlite:
            findings = [str(row[0]) for row in self._outside_transaction("PRAGMA quick_check")]
            if findings != ["ok"]:
                raise DamagedStoreError(f"{self._place}: damaged ({findings[0][:120]}); restore it from a backup, or move it away and import again")
        self.count()

    def size_bytes(self) -> int:
        """Return the room the store takes: the file and its log, or the two tables with their indexes."""
        if self._is_sqlite:
            parts = [Path(self._place + suffix) for suffix in ("", "-wal", "-shm")]
            return sum(part.stat().st_size for part in parts if part.exists())
        with self._reading() as connection:
            return sum(int(connection.execute(sa.select(sa.func.pg_total_relation_size(table.name))).scalar_one()) for table in (cases, judgements))

    def _put_chunk(self, connection: sa.Connection, rows: Sequence[_Row], seq: int) -> PutCounts:
        query = sa.select(cases.c.case_id, cases.c.content_hash, cases.c.withdrawn).where(cases.c.case_id.in_([row.case_id for row in rows]))
        there = {case_id: (digest, bool(withdrawn)) for case_id, digest, withdrawn in connection.execute(query)}
        new: list[dict[str, object]] = []
        old: list[dict[str, object]] = []
        n_added = 0
        for row in rows:
            digest, was_withdrawn = there.get(row.case_id, (None, False))
            withdrawn = was_withdrawn or row.withdrawn
            if digest == row.content_hash and withdrawn == was_withdrawn:
                continue
            n_added += digest is None
            seq += 1
            values = {"seq": seq, "content_hash": row.content_hash, "payload": row.payload, "withdrawn": withdrawn, "doc_no_key": row.doc_no_key}
            kept = row.case_id in there  # also true of a tombstone, whose row is used again
            (old if kept else new).append({"of_case" if kept else "case_id": row.case_id, **values, "updated_at": _now()})
        if new:
            connection.execute(cases.insert(), new)
        if old:
            columns = ("seq", "content_hash", "payload", "withdrawn", "doc_no_key", "updated_at")
            update = cases.update().where(cases.c.case_id == sa.bindparam("of_case")).values({name: sa.bindparam(name) for name in columns})
            connection.execute(update, old)
        n_written = len(new) + len(old)
        return PutCounts(n_added, n_written - n_added, len(rows) - n_written)

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with explained(self._place), self._engine.connect() as connection:
            if not self._is_sqlite:  # one snapshot for the whole transaction; SQLite's WAL gives that by itself
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection

    @contextmanager
    def _writing(self, lock: int = PUT_LOCK) -> Iterator[sa.Connection]:
        with explained(self._place), self._turn, self._engine.connect() as raw:
            connection = raw.execution_options(**{WRITE: True})
            with connection.begin():
                if not self._is_sqlite:
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))
                yield connection

    def _empty_log(self) -> None:
        if not self._log_holds_deleted:
            return
        # Without waiting: a reader may take minutes, and the next change tries again.
        busy = self._outside_transaction("PRAGMA wal_checkpoint(TRUNCATE)", wait=False)[0][0]
        self._log_holds_deleted = bool(busy)

    def _outside_transaction(self, statement: str, wait: bool = True) -> list[tuple[object, ...]]:
        with explained(self._place), self._engine.connect() as connection:
            raw = connection.connection.driver_connection
            if raw is None:
                return []
            try:
                raw.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000 * wait}")
                return list(raw.execute(statement).fetchall())
            except raw.Error as error:  # not through SQLAlchemy, which would begin a transaction
                raise sa.exc.DBAPIError(statement, None, error) from error
            finally:
                raw.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}")

    def _upgrade(self, create: bool) -> None:
        with self._reading() as connection:
            if _version(connection, self._place) == HEAD:
                return
        if self._is_sqlite:
            self._outside_transaction("PRAGMA journal_mode = WAL")
        with self._writing(MIGRATION_LOCK) as connection:
            version = _version(connection, self._place)  # again, under the lock: another process may have been first
            if version == HEAD:
                return
            if version is None and not create:
                raise MissingStoreError(f"{self._place}: there is no store here; import cases first or check the address")
            _migrate(connection)


def _version(connection: sa.Connection, place: str) -> str | None:
    tables = set(sa.inspect(connection).get_table_names())
    if VERSION_TABLE not in tables:
        if cases.name in tables:
            raise DamagedStoreError(f"{place}: has a table 'cases' that is not ours; choose another file or database")
        return None
    found = connection.execute(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one_or_none()
    if found is not None and found not in VERSIONS:
        raise NewerStoreError(f"{place}: written by a newer version of this program (tables {found}, known up to {HEAD}); upgrade the program")
    return found


def _migrate(connection: sa.Connection) -> None:
    from alembic import command  # 0.3 s to import and rarely needed
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _chunks(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    chunk: dict[str, _Row] = {}
    for row in rows:
        if len(chunk) == _CHUNK or row.case_id in chunk:
            yield list(chunk.values())
            chunk = {}
        chunk[row.case_id] = row
    yield list(chunk.values())


def _last_seq(connection: sa.Connection) -> int:
    return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(cases.c.seq), 0))).scalar_one())


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
