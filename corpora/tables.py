"""The tables cases live in, the engine over SQLite or PostgreSQL, and how a case becomes a row; knows nothing of transactions."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import os
import re
import sqlite3
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from corpora.schema import Case, PartyType, Provenance, RecordError, Review, ReviewType

BUSY_TIMEOUT_S = 30
COMPRESS_FROM_BYTES = 2048  # below this zlib saves little and costs a third of the write time
WRITE = "corpora_write"  # execution option: the transaction takes the write lock at once
VERSION_TABLE = "corpora_version"  # not alembic's default name: a PostgreSQL database may be shared with another application
PUT_LOCK = 0x6E6C70_01  # advisory lock of writers
MIGRATION_LOCK = 0x6E6C70_02

metadata = sa.MetaData()

# seq is the primary key because iteration and catching up read in its order: in SQLite that is one sequential scan.
cases = sa.Table(
    "cases",
    metadata,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("case_id", sa.Text, nullable=False, unique=True),
    sa.Column("content_hash", sa.Text),
    sa.Column("withdrawn", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("updated_at", sa.Text, nullable=False),
    # After the short columns: SQLite would walk a long payload's pages to reach what lies behind it.
    sa.Column("payload", sa.LargeBinary),  # None: the case was deleted, the row is its tombstone
    sa.Column("doc_no_key", sa.Text),
    sa.Index("ix_cases_doc_no_key", "doc_no_key"),
)

judgements = sa.Table(
    "judgements",
    metadata,
    sa.Column("query_id", sa.Text, primary_key=True),
    sa.Column("case_id", sa.Text, primary_key=True),
    sa.Column("by", sa.Text, primary_key=True),
    sa.Column("relevance", sa.Integer, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
)


class StoreError(Exception):
    """A store cannot do what was asked; the message names the place and the cure.

    StoreError
    ├── MissingStoreError    it is not there, or the server cannot be reached
    ├── ReadOnlyStoreError    the file, the folder or the database cannot be written
    ├── FullDiskError         there is no room left; what was acknowledged is kept
    ├── LockedStoreError      another process held it longer than the timeout
    ├── DamagedStoreError     what is on disk is not a sound case store
    └── NewerStoreError       it was written by a newer version of this program
    """


class MissingStoreError(StoreError):
    """The store is not there, or its server cannot be reached."""


class ReadOnlyStoreError(StoreError):
    """The file, the folder or the database cannot be written."""


class FullDiskError(StoreError):
    """There is no room left; what was acknowledged is kept."""


class LockedStoreError(StoreError):
    """Another process held the store longer than the timeout."""


class DamagedStoreError(StoreError):
    """What is on disk is not a sound case store."""


class NewerStoreError(StoreError):
    """The store was written by a newer version of this program."""


_Explained = tuple[type[StoreError], str]
_READ_ONLY: _Explained = (ReadOnlyStoreError, "cannot be written; give this user write permission to the file and its folder, or choose another --home")
_FULL: _Explained = (FullDiskError, "no room left to write; free disk space or raise the quota, then repeat the last step (what was acknowledged is kept)")
_LOCKED: _Explained = (LockedStoreError, f"locked by another process for more than {BUSY_TIMEOUT_S} s; let it finish or stop it, then repeat")
_DAMAGED: _Explained = (DamagedStoreError, "damaged or not a case store; restore it from a backup, or move it away and import again")
_MISSING: _Explained = (MissingStoreError, "cannot be opened; check that the path or server exists and that this user may read it")
_SQLITE: dict[int, _Explained] = {
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_CANTOPEN: _MISSING,
}
_SQLITE_WRITE_FAILED = {sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_TRUNCATE, sqlite3.SQLITE_IOERR_SHMSIZE}
_SQLSTATE: dict[str, _Explained] = {
    "53100": _FULL,
    "25006": _READ_ONLY,
    "42501": _READ_ONLY,
    "55P03": _LOCKED,
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
}


def explain(error: SQLAlchemyError, place: str) -> StoreError:
    """Return the StoreError that says in plain words what a database error means at `place`."""
    original = getattr(error, "orig", None) or error
    found: _Explained | None = None
    if isinstance(original, sqlite3.Error):
        code = int(getattr(original, "sqlite_errorcode", 0) or 0)
        # A file-size limit (quota, RLIMIT_FSIZE) reaches SQLite as a failed write, not as SQLITE_FULL.
        found = _FULL if code in _SQLITE_WRITE_FAILED else _SQLITE.get(code & 0xFF)
        if found is _MISSING and not os.access(Path(place).parent, os.W_OK):
            found = _READ_ONLY  # the log beside the file could not be made
    else:
        state = getattr(original, "sqlstate", None)
        connecting = isinstance(error, DBAPIError) and state is None
        found = _SQLSTATE.get(str(state)) or (_MISSING if connecting else None)
    kind, cure = found or (StoreError, "the database refused; see the reason")
    reason = (str(original).splitlines() or [type(original).__name__])[0][:200]
    return kind(f"{place}: {cure} ({reason})")


@contextmanager
def explained(place: str) -> Iterator[None]:
    """Turn every database error inside into a StoreError about `place`."""
    try:
        yield
    except SQLAlchemyError as error:
        raise explain(error, place) from error


def locate(url_or_path: str | Path) -> URL:
    """Return the database URL of a SQLite path or of a URL. Raises StoreError."""
    text = str(url_or_path)
    if "://" not in text:
        return URL.create("sqlite", database=str(Path(text).expanduser()))
    try:
        url = make_url(text)
    except ArgumentError:
        raise StoreError("the store address is not a URL; expected a file path or postgresql://user:password@host/database") from None
    if url.drivername in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        return url
    if url.drivername == "postgresql+psycopg":
        return url
    raise StoreError(f"{url.render_as_string(hide_password=True)}: expected a file path or postgresql://user:password@host/database")


def place_of(url: URL) -> str:
    """Return how errors name the store: the path, or the URL without its password."""
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def make_engine(url: URL) -> sa.Engine:
    """Return an engine whose every commit is on disk before it returns. Raises StoreError without a driver."""
    options: dict[str, Any] = {"hide_parameters": True, "pool_size": 8, "max_overflow": -1}  # parameters are case texts: never in a message
    is_sqlite = url.get_backend_name() == "sqlite"
    try:
        engine = sa.create_engine(url, **options, **({} if is_sqlite else {"pool_pre_ping": True}))
    except ModuleNotFoundError as error:
        raise StoreError(f"{place_of(url)}: the PostgreSQL driver is not installed; install the extra 'postgres'") from error
    sa.event.listen(engine, "connect", _prepare_sqlite if is_sqlite else _prepare_postgres)
    if is_sqlite:
        sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # sqlite3's own transaction handling begins late and commits before DDL; _begin_sqlite says BEGIN instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    for setting in (f"busy_timeout = {BUSY_TIMEOUT_S * 1000}", "synchronous = FULL", "secure_delete = ON", "cache_size = -16000", "temp_store = MEMORY"):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    # A transaction that reads first and writes later could fail to upgrade its lock at once, without waiting.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get(WRITE) else "BEGIN")


def _prepare_postgres(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("SET synchronous_commit = on")
    cursor.execute(f"SET lock_timeout = '{BUSY_TIMEOUT_S}s'")
    cursor.close()
    connection.commit()


def create_file(path: Path) -> None:
    """Create an empty SQLite file that only its owner may read, and its folder. Raises StoreError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        kind, cure = _FULL if error.errno == 28 else _READ_ONLY
        raise kind(f"{path}: {cure} ({error.strerror})") from error


def doc_no_key(doc_no: str | None) -> str | None:
    """Return the form in which document numbers are compared: one kind of bracket, no blanks, no 第, no leading zeros."""
    if not doc_no:
        return None
    text = re.sub(r"[\s\x00]+", "", unicodedata.normalize("NFKC", doc_no)).upper()
    text = re.sub(r"[\[〔【〈{]", "(", re.sub(r"[\]〕】〉}]", ")", text))
    return re.sub(r"\)第?0*(\d)", r")\1", text) or None


def _plain(value: object) -> object:
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case Mapping():
            return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be stored")


_DEFAULTS = {f.name: (f.default_factory() if callable(f.default_factory) else f.default) for f in fields(Case)}
_STORED = tuple(name for name in _DEFAULTS if name not in ("case_id", "withdrawn"))
_MONEY = ("fine_yuan", "base_amount_yuan")


def encode_case(case: Case) -> bytes:
    """Return the JSON of what a case has, with sorted keys; the id and the withdrawal are columns. Raises RecordError.

    Fields that are empty are left out, so a field added to the schema later changes no content hash.
    """
    record = {name: value for name in _STORED if (value := getattr(case, name)) != _DEFAULTS[name]}
    for name in _MONEY:
        if name in record:
            record[name] = format(record[name].normalize(), "f")  # as text: exact, and 1.50 equals 1.5
    if any(isinstance(value, float) and not math.isfinite(value) for value in case.pivots.values()):
        raise RecordError(f"{case.case_id!r}: pivots hold a number that is not finite; leave the pivot out instead")
    try:
        case.case_id.encode()
        return orjson.dumps(record, default=_plain, option=orjson.OPT_SORT_KEYS)
    except (TypeError, UnicodeEncodeError) as error:
        raise RecordError(f"{case.case_id!r}: a value cannot be stored ({error}); extra may hold texts, numbers within 64 bits, lists and objects") from None


def content_hash(encoded: bytes) -> str:
    """Return the SHA-256 (hex) of an encoded case."""
    return hashlib.sha256(encoded).hexdigest()


def pack(encoded: bytes) -> bytes:
    """Return the payload of an encoded case: zlib where it pays. JSON opens with '{' and zlib with 'x', so no mark is needed."""
    return zlib.compress(encoded, 1) if len(encoded) >= COMPRESS_FROM_BYTES else encoded


def _review(value: Mapping[str, Any]) -> Review:
    day = value["decided_on"]
    return Review(ReviewType(value["type"]), value["result"], value["reason"], dt.date.fromisoformat(day) if day else None, value["doc_no"])


_RESTORE: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("causes", "evidence", "basis", "kinds", "derived"), tuple),
    **dict.fromkeys(("decided_on", "act_from", "act_to"), dt.date.fromisoformat),
    **dict.fromkeys(_MONEY, Decimal),
    "party_type": PartyType,
    "provenance": Provenance,
    "review": _review,
}
_AS_IS = frozenset(_STORED) - _RESTORE.keys()


def unpack_case(case_id: str, payload: bytes, withdrawn: bool, place: str) -> Case:
    """Return the case of a row; three times faster than the schema's lenient reading. Raises DamagedStoreError."""
    try:
        record = orjson.loads(zlib.decompress(payload) if payload[:1] == b"x" else payload)
        values = {name: _RESTORE[name](value) if name in _RESTORE else value for name, value in record.items() if name in _AS_IS or name in _RESTORE}
        return Case(case_id=case_id, withdrawn=bool(withdrawn), **values)
    except (ValueError, TypeError, KeyError, zlib.error) as error:
        raise DamagedStoreError(f"{place}: case {case_id!r} cannot be read back ({type(error).__name__}); restore a backup or import it again") from error
