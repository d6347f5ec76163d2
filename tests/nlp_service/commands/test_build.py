"""Tests of `build` and `prepare`: a snapshot is published beside the old one, or the reason is named and the old one serves on."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from corpora.store import CaseStore
from indexes.library import Library
from indexes.snapshot import build_lock, current_name

Cli = Callable[..., SimpleNamespace]


def test_a_build_publishes_and_names_the_snapshot(run_cli: Cli, home: Path) -> None:
    before = current_name(home / "library")
    done = run_cli("build")
    assert (done.code, done.err) == (0, "")
    now = current_name(home / "library")
    assert now is not None
    assert now != before
    assert re.fullmatch(rf"已发布快照 {re.escape(now)}：120 件，词汇 \d+，用时 [\d.]+ 秒\n", done.out)


def test_an_empty_store_cannot_be_built(run_cli: Cli, tmp_path: Path) -> None:
    done = run_cli("build", at=tmp_path / "new")
    assert done.code == 2
    assert "import" in done.err


def test_two_builds_at_once_are_refused_and_the_old_snapshot_serves(run_cli: Cli, home: Path) -> None:
    before = current_name(home / "library")
    with build_lock(home / "library"):
        done = run_cli("build")
    assert done.code == 2
    assert "another build is running" in done.err
    assert current_name(home / "library") == before
    assert run_cli("build").code == 0, "the lock is gone with its holder"


@pytest.mark.parametrize("command", [["build"], ["import", "FILE"], ["search", "油烟"], ["keys", "list"], ["keys", "add", "x", "--role", "admin"]])
def test_a_home_that_is_a_file_is_named_with_the_cure(run_cli: Cli, tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "a.jsonl").write_text('{"case_id": "A", "facts": "x"}', encoding="utf-8")
    for at in (tmp_path / "file", tmp_path / "file" / "below"):
        done = run_cli(*[str(tmp_path / "a.jsonl") if word == "FILE" else word for word in command], at=at)
        assert done.code == 2
        assert done.err.startswith("错误：")
        assert str(tmp_path / "file") in done.err
        assert done.err.count("\n") == 1
    assert (tmp_path / "file").read_text(encoding="utf-8") == ""


def test_a_store_that_is_no_database_is_named(run_cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "cases.db").write_bytes(b"this is not a database, but a text of some length" * 100)
    for command in (["build"], ["search", "油烟"]):
        done = run_cli(*command, at=tmp_path / "new")
        assert done.code == 2
        assert "cases.db" in done.err
        assert "backup" in done.err


def run_limited(home: Path, *command: str, most_bytes: int) -> subprocess.CompletedProcess[str]:
    """Run the command line where no file may grow beyond a size: writing fails as on a full disk."""

    def limit() -> None:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    argv = [sys.executable, "-m", "nlp_service.cli", "--home", str(home), *command]
    return subprocess.run(argv, preexec_fn=limit, capture_output=True, text=True, timeout=120, check=False)


def test_a_full_disk_during_a_build_leaves_the_serving_snapshot(run_cli: Cli, home: Path) -> None:
    before = current_name(home / "library")
    done = run_limited(home, "build", most_bytes=10_000)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("错误：")
    assert "Traceback" not in done.stderr
    assert current_name(home / "library") == before
    assert list((home / "library").glob(".building-*")) == []
    assert run_cli("search", "油烟").code == 0
    assert run_cli("build").code == 0


def test_a_full_disk_during_an_import_keeps_what_was_acknowledged(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    path.write_text("".join(f'{{"case_id": "F-{n}", "facts": "{"满盘测试" * 200}{n}"}}\n' for n in range(3000)), encoding="utf-8")
    size = (home / "cases.db").stat().st_size
    done = run_limited(home, "import", str(path), most_bytes=size + 300_000)
    assert done.returncode == 2, done.stderr + done.stdout
    assert "disk" in done.stderr
    assert "Traceback" not in done.stderr
    with CaseStore.open(home / "cases.db") as store:
        store.quick_check()
        ids = {case.case_id for _, case in store.iter_cases()}
        assert {f"C-{number:05d}" for number in range(120)} <= ids
        assert len(ids - {f"C-{number:05d}" for number in range(120)}) % 1000 == 0, "whole batches or nothing"
        library = Library.open(home / "library", store)
        assert set(library.view.columns.row_of) == ids
        library.close()


def test_a_full_disk_during_a_search_names_the_cure(home: Path) -> None:
    """Changes since the build are indexed in a live copy, which needs room."""
    with CaseStore.open(home / "cases.db") as store:
        store.withdraw("C-00001")
    done = run_limited(home, "search", "油烟", most_bytes=0)
    assert "Traceback" not in done.stderr
    assert done.returncode == 2
    assert str(home) in done.stderr


def test_prepare_fills_an_empty_home_once(run_cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: Callable[..., Path]) -> None:
    few = lines("cases.jsonl", *({"case_id": f"S-{n}", "facts": f"占道经营第{n}号", "causes": ["占道经营"]} for n in range(12)))
    monkeypatch.setattr("nlp_service.commands.prepare.CASES", few)
    home = tmp_path / "new"
    first = run_cli("prepare", at=home)
    assert first.code == 0
    assert "12 件" in first.out
    name = current_name(home / "library")
    again = run_cli("prepare", at=home)
    assert (again.code, again.out) == (0, "")
    assert current_name(home / "library") == name


def test_prepare_builds_again_what_an_older_version_built(run_cli: Cli, tmp_path: Path, lines: Callable[..., Path]) -> None:
    home = tmp_path / "old"
    run_cli("import", lines("a.jsonl", *({"case_id": f"A-{n}", "facts": f"打井取水{n}"} for n in range(5))), at=home)
    run_cli("build", at=home)
    name = current_name(home / "library")
    manifest = home / "library" / "snapshots" / str(name) / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text(encoding="utf-8")) | {"format": 1}), encoding="utf-8")
    done = run_cli("prepare", at=home)
    assert done.code == 0
    assert "重新建立" in done.out
    assert current_name(home / "library") != name
    assert run_cli("search", "打井取水", at=home).code == 0


def test_prepare_does_not_touch_a_store_with_cases_of_ones_own(run_cli: Cli, tmp_path: Path, lines: Callable[..., Path]) -> None:
    home = tmp_path / "new"
    run_cli("import", lines("a.jsonl", *({"case_id": f"A-{n}", "facts": f"打井取水{n}"} for n in range(5))), at=home)
    assert run_cli("prepare", at=home).code == 0
    with CaseStore.open(home / "cases.db") as store:
        assert store.count() == 5
