"""The versions of the tables: named in order, and a store of the first version opens with everything in it."""

from __future__ import annotations

import importlib
import pkgutil
import sqlite3
import threading
from pathlib import Path

from corpora import migrations
from corpora.migrations import versions
from corpora.schema import Case
from corpora.store import CaseStore

# The tables as version 0001 made them, and rows as it wrote them.
FIRST_VERSION = """
    CREATE TABLE corpora_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT corpora_version_pkc PRIMARY KEY (version_num));
    INSERT INTO corpora_version VALUES ('0001');
    CREATE TABLE cases (seq INTEGER NOT NULL, case_id TEXT NOT NULL, content_hash TEXT, withdrawn BOOLEAN NOT NULL,
        updated_at TEXT NOT NULL, payload BLOB, PRIMARY KEY (seq), UNIQUE (case_id));
    CREATE TABLE judgements (query_id TEXT NOT NULL, case_id TEXT NOT NULL, "by" TEXT NOT NULL, relevance INTEGER NOT NULL,
        "at" TEXT NOT NULL, PRIMARY KEY (query_id, case_id, "by"));
    INSERT INTO cases VALUES (1, 'c1', 'x', 0, '2026-01-01', CAST('{"doc_no":"甲罚字〔2022〕第001号","facts":"占道"}' AS BLOB));
    INSERT INTO cases VALUES (2, 'c2', 'y', 1, '2026-01-01', CAST('{"facts":"越门经营"}' AS BLOB));
    INSERT INTO cases VALUES (3, 'c3', NULL, 0, '2026-01-01', NULL);
"""


def first_version(path: Path) -> Path:
    """Write a store of the first version."""
    raw = sqlite3.connect(path)
    raw.executescript(FIRST_VERSION)
    raw.executemany("INSERT INTO cases VALUES (?, ?, 'z', 0, '2026-01-01', ?)", [(n, f"n{n}", b'{"facts":"x"}') for n in range(4, 2504)])
    raw.commit()
    raw.close()
    return path


def test_the_versions_are_named_in_the_order_in_which_they_follow() -> None:
    modules = [importlib.import_module(f"{versions.__name__}.{info.name}") for info in pkgutil.iter_modules(versions.__path__)]
    follows = {module.down_revision: module.revision for module in modules}
    chain = [follows[None]]
    while chain[-1] in follows:
        chain.append(follows[chain[-1]])
    assert tuple(chain) == migrations.VERSIONS
    assert chain[-1] == migrations.HEAD


def test_a_store_of_the_first_version_is_upgraded_with_its_cases(tmp_path: Path) -> None:
    with CaseStore.open(first_version(tmp_path / "old.db"), create=False) as store:
        assert store.get("c1") == Case(case_id="c1", facts="占道", doc_no="甲罚字〔2022〕第001号")
        assert store.get("c2") == Case(case_id="c2", facts="越门经营", withdrawn=True)
        assert store.find_doc_no("甲罚字[2022]1号") == ["c1"]
        assert [(change.seq, change.case_id) for change in store.changes_since(0, limit=4)] == [(1, "c1"), (2, "c2"), (3, "c3"), (4, "n4")]
        assert (store.count(), store.last_seq()) == (2501, 2503)
        store.put_many([Case(case_id="c3", facts="新")])
        assert store.last_seq() == 2504


def test_several_programs_may_open_an_old_store_at_once(tmp_path: Path) -> None:
    path = first_version(tmp_path / "old.db")
    found: list[list[str]] = []

    def open_it() -> None:
        with CaseStore.open(path) as store:
            found.append(store.find_doc_no("甲罚字〔2022〕1号"))

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["c1"]] * 4


def test_a_failed_upgrade_changes_nothing(tmp_path: Path) -> None:
    path = first_version(tmp_path / "old.db")
    raw = sqlite3.connect(path)
    raw.execute("UPDATE cases SET payload = 'broken' WHERE seq = 1000")
    raw.commit()
    try:
        CaseStore.open(path)
    except Exception as error:  # noqa: BLE001  whatever its kind: the store must be as it was
        assert "n1000" in str(error)
    else:
        raise AssertionError("the broken row was passed over")
    assert raw.execute("SELECT version_num FROM corpora_version").fetchall() == [("0001",)]
    assert [row[1] for row in raw.execute("PRAGMA table_info(cases)")] == ["seq", "case_id", "content_hash", "withdrawn", "updated_at", "payload"]
    raw.close()
