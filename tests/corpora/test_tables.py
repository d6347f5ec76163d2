"""What can go wrong with a store on disk, and the words in which it is said; addresses and rows."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

import corpora
from corpora import tables
from corpora.schema import Case
from corpora.store import CaseStore, StoreError
from corpora.tables import DamagedStoreError, FullDiskError, LockedStoreError, MissingStoreError, NewerStoreError, ReadOnlyStoreError

ROOT = Path(corpora.__file__).parents[1]
IS_ROOT = os.geteuid() == 0
NOBODY = 65534


def case(number: int, **values: object) -> Case:
    """Return a small case."""
    return Case(case_id=f"c{number}", **{"facts": f"第{number}号摊位占道经营。", **values})  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the path of a store with one case."""
    with CaseStore.open(tmp_path / "cases.db") as store:
        store.put_many([case(1)])
    return tmp_path / "cases.db"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Give a folder that other users can reach too, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="store-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def run_child(source: str, *arguments: str, limit: int | None = None) -> str:
    """Run a program and return what it prints; `limit` bounds the size of the files it may write."""

    def bound() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", textwrap.dedent(source), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, preexec_fn=bound, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


OPEN_AND_PUT = f"""
    import os, sys
    from corpora.schema import Case
    from corpora.store import CaseStore, StoreError
    if os.geteuid() == 0:  # permissions do not bind root; only now, because the interpreter may be root's own
        os.setgroups([]), os.setgid({NOBODY}), os.setuid({NOBODY})
    try:
        with CaseStore.open(sys.argv[1]) as store:
            store.put_many([Case(case_id="new", facts="新")])
    except StoreError as error:
        print(type(error).__name__, error)
"""


def test_a_home_that_cannot_be_written_is_named_with_its_cure(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    said = run_child(OPEN_AND_PUT, str(open_folder / "sub" / "cases.db"))
    assert said.startswith(f"ReadOnlyStoreError {open_folder}/sub/cases.db: cannot be written; give this user write permission")


def test_a_store_that_cannot_be_written_is_named_with_its_cure(open_folder: Path) -> None:
    target = open_folder / "cases.db"
    with CaseStore.open(target) as store:
        store.put_many([case(1)])
    for file in open_folder.iterdir():
        file.chmod(0o444)
    open_folder.chmod(0o555)
    said = run_child(OPEN_AND_PUT, str(target))
    assert said.startswith(f"ReadOnlyStoreError {target}: cannot be written; give this user write permission")


FILL = """
    import os, sys
    from corpora.schema import Case
    from corpora.store import CaseStore, StoreError
    n = 0
    try:
        with CaseStore.open(sys.argv[1]) as store:
            while n < 200:
                store.put_many([Case(case_id=f"c{n}", facts=os.urandom(5000).hex())])
                n += 1
    except StoreError as error:
        print(n, type(error).__name__, error)
"""


def check_full(path: Path, said: str) -> None:
    """Check that the error names the disk, and that all that was acknowledged before it is there."""
    n_acknowledged, kind, rest = said.split(" ", 2)
    assert kind == "FullDiskError"
    assert rest.startswith(f"{path}: no room left to write; free disk space")
    assert 3 < int(n_acknowledged) < 200
    with CaseStore.open(path) as store:
        store.quick_check()
        assert {found.case_id for _, found in store.iter_cases()} >= {f"c{n}" for n in range(int(n_acknowledged))}


def test_a_full_disk_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    check_full(tmp_path / "cases.db", run_child(FILL, str(tmp_path / "cases.db"), limit=300_000))


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of one megabyte."""
    target = tmp_path / "disk"
    target.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(target)], check=False, capture_output=True).returncode:
        pytest.skip("this container may not mount")
    yield target
    subprocess.run(["umount", str(target)], check=True)


@pytest.mark.skipif(not IS_ROOT, reason="only root may mount a disk")
def test_a_full_file_system_keeps_what_was_acknowledged(tiny_disk: Path, tmp_path: Path) -> None:
    said = run_child(FILL, str(tiny_disk / "cases.db"), limit=1 << 40)
    shutil.copytree(tiny_disk, tmp_path / "copy")  # to look at it where there is room
    check_full(tmp_path / "copy" / "cases.db", said.replace(str(tiny_disk), str(tmp_path / "copy")))


@pytest.mark.parametrize("content", [b"not a database " * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_another_file_is_not_taken_for_a_store(tmp_path: Path, content: bytes) -> None:
    other = tmp_path / "cases.db"
    other.write_bytes(content)
    with pytest.raises(DamagedStoreError, match=r"cases\.db: damaged or not a case store; restore it from a backup"):
        CaseStore.open(other)
    assert other.read_bytes() == content


def test_a_damaged_page_is_found_by_the_check(path: Path) -> None:
    with CaseStore.open(path) as store:
        store.put_many(case(n, facts="占道经营" * 200) for n in range(300))
    data = bytearray(path.read_bytes())
    for at in range(4096 * 5, len(data), 4096):  # the head of every page after the first few
        data[at : at + 16] = b"\xff" * 16
    path.write_bytes(data)
    with CaseStore.open(path) as store, pytest.raises(DamagedStoreError, match=r"cases\.db: damaged"):
        store.quick_check()


def test_a_payload_that_is_not_a_case_is_named(path: Path) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE cases SET payload = ?", (b'{"decided_on": 7}',))
    raw.close()
    with CaseStore.open(path) as store, pytest.raises(DamagedStoreError, match="case 'c1' cannot be read back"):
        store.get("c1")


def test_a_field_of_a_newer_schema_is_passed_over(path: Path) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE cases SET payload = ?", ('{"facts":"新","colour":"红"}'.encode(),))
    raw.close()
    with CaseStore.open(path) as store:
        assert store.get("c1") == Case(case_id="c1", facts="新")


def test_a_folder_or_a_missing_file_is_not_a_store(tmp_path: Path) -> None:
    with pytest.raises(MissingStoreError, match="is a folder; expected a file"):
        CaseStore.open(tmp_path)
    with pytest.raises(MissingStoreError, match="there is no store here; import cases first"):
        CaseStore.open(tmp_path / "x.db", create=False)
    assert not (tmp_path / "x.db").exists()


def test_a_foreign_table_is_not_touched(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as raw:
        raw.execute("CREATE TABLE cases (name TEXT)")
    raw.close()
    with pytest.raises(DamagedStoreError, match="a table 'cases' that is not ours"):
        CaseStore.open(tmp_path / "other.db")


def test_a_store_of_a_newer_version_is_refused(path: Path) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE corpora_version SET version_num = '9999'")
    raw.close()
    with pytest.raises(NewerStoreError, match=r"newer version of this program \(tables 9999, known up to 0002\); upgrade the program"):
        CaseStore.open(path)


def test_a_store_locked_by_another_process_is_named_but_can_be_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "BUSY_TIMEOUT_S", 0)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with CaseStore.open(path) as store:
            with pytest.raises(LockedStoreError, match="locked by another process"):
                store.put_many([case(2)])
            assert store.get("c1") == case(1)
    finally:
        other.close()
    with CaseStore.open(path) as store:
        assert store.put_many([case(2)]).added == 1


def text_on_disk(path: Path) -> bytes:
    """Return every byte of the store's files."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()))


def test_the_text_of_a_deleted_case_is_gone_from_the_disk(path: Path) -> None:
    secret = "只在这里出现的文字".encode()
    with CaseStore.open(path) as store:
        store.put_many([case(7, facts=secret.decode())])
        assert secret in text_on_disk(path)
        store.delete("c7")
        assert secret not in text_on_disk(path)


def test_the_text_is_gone_after_the_next_change_when_somebody_was_reading(path: Path) -> None:
    secret = "只在这里出现的文字".encode()
    with CaseStore.open(path) as store:
        store.put_many([case(7, facts=secret.decode())])
        reading = store.iter_cases(batch=1)
        next(reading)
        store.delete("c7")
        assert [found.case_id for _, found in reading] == ["c7"]  # it reads the state of its beginning
        store.put_many([case(8)])
        assert secret not in text_on_disk(path)


def test_a_new_store_may_be_read_by_its_owner_only(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600


def test_every_commit_waits_for_the_disk(path: Path) -> None:
    with CaseStore.open(path) as store, store._engine.connect() as connection:
        settings = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("journal_mode", "synchronous", "secure_delete")}
    assert settings == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}  # 2 is FULL


@pytest.mark.parametrize("address", ["mysql://u:geheim@h/d", "://x", "sqlite://", "sqlite:///:memory:"])
def test_an_address_that_is_none_is_refused_without_its_password(address: str) -> None:
    with pytest.raises(StoreError, match="expected a file path or postgresql://") as caught:
        CaseStore.open(address)
    assert "geheim" not in str(caught.value)


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(MissingStoreError, match=r"postgresql\+psycopg://u:\*\*\*@/d.*: cannot be opened") as caught:
        CaseStore.open(f"postgres://u:geheim@/d?host={tmp_path}")
    assert "geheim" not in str(caught.value)


def test_a_sqlite_url_names_the_same_file_as_its_path(path: Path) -> None:
    with CaseStore.open(f"sqlite:///{path}") as store:
        assert store.get("c1") == case(1)


def test_errors_are_a_tree() -> None:
    for kind in (MissingStoreError, ReadOnlyStoreError, FullDiskError, LockedStoreError, DamagedStoreError, NewerStoreError):
        assert issubclass(kind, StoreError)


def test_a_short_text_is_stored_as_it_is_and_a_long_one_packed() -> None:
    short, long = tables.encode_case(case(1)), tables.encode_case(case(1, facts="占道经营" * 1000))
    assert tables.pack(short) == short == '{"facts":"第1号摊位占道经营。"}'.encode()
    assert len(tables.pack(long)) < 200 < 12_000 < len(long)
    assert tables.unpack_case("c1", tables.pack(long), False, "x") == case(1, facts="占道经营" * 1000)
