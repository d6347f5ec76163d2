"""The persons' database: opened, locked for one writer, emptied of what was deleted; what is in it is the business of `session`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from corpora.tables import WRITE, DamagedStoreError, MissingStoreError, NewerStoreError, create_file, explained, locate, make_engine

from .session import Session
from .tables import SCHEMA_VERSION, meta, metadata


class PersonStore:
    """Sessions over one SQLite file. Safe from several threads and processes; every commit is on disk before it returns."""

    def __init__(self, engine: sa.Engine, path: Path) -> None:
        """Use `PersonStore.open`."""
        self._engine = engine
        self._path = path
        self._turn = threading.Lock()  # SQLite's own waiting is a sleep loop and unfair between threads

    @classmethod
    def open(cls, path: Path) -> PersonStore:
        """Open the database, made (0600) when missing. Raises StoreError."""
        if path.is_dir():
            raise MissingStoreError(f"{path}: is a folder; expected a file")
        if not path.exists():
            create_file(path)
        store = cls(make_engine(locate(path)), path)
        try:
            store._prepare()
        except BaseException:
            store._engine.dispose()
            raise
        return store

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session that sees one state."""
        with explained(str(self._path)), self._engine.connect() as connection:
            yield Session(connection)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Yield a session that is committed at the end, or not at all."""
        with explained(str(self._path)), self._turn, self._engine.connect() as raw:
            connection = raw.execution_options(**{WRITE: True})
            with connection.begin():
                yield Session(connection)

    def forget_deleted(self) -> None:
        """Empty the write-ahead log: until then deleted rows could be read from it. Waits for nobody; the next call tries again."""
        self._pragma("wal_checkpoint(TRUNCATE)")

    def _prepare(self) -> None:
        self._pragma("journal_mode = WAL")
        with explained(str(self._path)), self._turn, self._engine.connect() as raw:
            connection = raw.execution_options(**{WRITE: True})
            with connection.begin():
                tables = set(sa.inspect(connection).get_table_names())
                if tables and meta.name not in tables:
                    raise DamagedStoreError(f"{self._path}: is another program's database; choose another --home")
                metadata.create_all(connection)
                session = Session(connection)
                found = session.meta("schema")
                if found is None:
                    session.set_meta("schema", SCHEMA_VERSION)
                elif found != SCHEMA_VERSION:
                    raise NewerStoreError(f"{self._path}: written by a newer version of this program (tables {found}); upgrade the program")

    def _pragma(self, pragma: str) -> None:
        with explained(str(self._path)), self._engine.connect() as connection:
            raw = connection.connection.driver_connection
            if raw is None:
                return
            try:
                raw.execute(f"PRAGMA {pragma}").fetchall()
            except raw.Error as error:  # not through SQLAlchemy, which would begin a transaction
                raise sa.exc.DBAPIError(pragma, None, error) from error
