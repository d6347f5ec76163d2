"""Tests of nlp_service.runtime: the library follows the store, takes over new snapshots, and one fault does not end the following."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from corpora.schema import Case
from corpora.store import CaseStore
from indexes.build import BuildSpec, build
from indexes.errors import SnapshotError
from indexes.library import Library
from indexes.snapshot import current_name
from nlp_service.runtime import NotReadyError, Runtime, build_library
from nlp_service.settings import Settings

Factory = Callable[..., Case]
WAIT_S = 20  # never reached unless something is broken


@pytest.fixture
def running(settings: Settings) -> Iterator[Runtime]:
    """Return a started runtime that looks at the store only when woken (every 60 s otherwise)."""
    started = Runtime(settings)
    started.start()
    yield started
    started.close()


def after(owner: object, name: str, monkeypatch: pytest.MonkeyPatch, *, until: Callable[[], bool] = lambda: True) -> threading.Event:
    """Return an event that is set when the next call of a method has ended and `until` holds."""
    method, event = getattr(owner, name), threading.Event()

    def noted(*arguments: object) -> object:
        try:
            return method(*arguments)
        finally:
            if until():
                event.set()

    monkeypatch.setattr(owner, name, noted)
    return event


def test_a_start_opens_the_library_caught_up(running: Runtime) -> None:
    assert running.is_ready
    assert running.library.view.last_seq == running.store.last_seq() == 120


def test_what_another_process_writes_is_followed(running: Runtime, home: Path, case_factory: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    followed = after(running.library, "refresh", monkeypatch, until=lambda: "C-00900" in running.library.view.columns.row_of)
    with CaseStore.open(home / "cases.db") as other:
        other.put_many([case_factory(900)])
    running.changed()
    assert followed.wait(WAIT_S)


def test_without_being_told_the_store_is_looked_at_again(home: Path, case_factory: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = Runtime(Settings(home=home, refresh_s=0.01))
    runtime.start()
    try:
        followed = after(runtime.library, "refresh", monkeypatch, until=lambda: "C-00900" in runtime.library.view.columns.row_of)
        with CaseStore.open(home / "cases.db") as other:
            other.put_many([case_factory(900)])
        assert followed.wait(WAIT_S)
    finally:
        runtime.close()


def test_a_new_snapshot_is_taken_over(running: Runtime, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = build(running.store, home / "library", BuildSpec()).name
    taken = after(running.library, "reload", monkeypatch, until=lambda: running.library.view.name == name)
    running.changed()
    assert taken.wait(WAIT_S)


def test_a_library_that_is_built_later_is_opened(tmp_path: Path, case_factory: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = Runtime(Settings(home=tmp_path / "new", refresh_s=60))
    runtime.start()
    try:
        assert not runtime.is_ready
        with pytest.raises(NotReadyError, match="nlp-service build"):
            _ = runtime.library
        runtime.store.put_many([case_factory(number) for number in range(12)])
        build_library(runtime.settings, runtime.store)
        opened = after(runtime, "_try", monkeypatch, until=lambda: runtime.is_ready)
        runtime.changed()
        assert opened.wait(WAIT_S)
        assert len(runtime.library.view.columns.row_of) == 12
    finally:
        runtime.close()


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), RuntimeError("odd"), SnapshotError("x: damaged")])
def test_a_fault_while_following_does_not_end_it(
    running: Runtime, case_factory: Factory, monkeypatch: pytest.MonkeyPatch, logged: io.StringIO, fault: Exception
) -> None:
    library = running.library
    refresh, failed, followed = library.refresh, threading.Event(), threading.Event()

    def once() -> int:
        if not failed.is_set():
            failed.set()
            raise fault
        applied = refresh()
        if "C-00900" in library.view.columns.row_of:
            followed.set()
        return applied

    monkeypatch.setattr(library, "refresh", once)
    running.store.put_many([case_factory(900)])
    running.changed()
    assert failed.wait(WAIT_S)
    running.changed()
    assert followed.wait(WAIT_S)
    assert json.loads(logged.getvalue().splitlines()[0])["event"] == "library_not_followed"


def test_a_damaged_new_snapshot_keeps_the_old_one_serving_and_following(
    running: Runtime, home: Path, case_factory: Factory, monkeypatch: pytest.MonkeyPatch, logged: io.StringIO
) -> None:
    before = running.library.view.name
    folder = build(running.store, home / "library", BuildSpec())
    (folder / "columns.json").write_text("{}", encoding="utf-8")
    followed = after(running.library, "refresh", monkeypatch, until=lambda: "C-00900" in running.library.view.columns.row_of)
    running.store.put_many([case_factory(900)])
    running.changed()
    assert followed.wait(WAIT_S)
    assert running.library.view.name == before
    assert "columns.json" in logged.getvalue()


def test_the_same_complaint_is_logged_once(running: Runtime, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = threading.Semaphore(0)

    def fail() -> int:
        calls.release()
        raise SnapshotError("x: damaged")

    monkeypatch.setattr(running.library, "refresh", fail)
    for _ in range(3):
        running.changed()
        assert calls.acquire(timeout=WAIT_S)
    running.close()
    assert logged.getvalue().count("x: damaged") == 1


def test_closing_clears_the_live_copy_and_ends_the_thread(running: Runtime, home: Path, case_factory: Factory) -> None:
    running.store.put_many([case_factory(900)])
    running.library.refresh()
    assert list((home / "library" / "live").iterdir())
    running.close()
    assert list((home / "library" / "live").iterdir()) == []
    assert all(thread.name != "follow-store" for thread in threading.enumerate())


def test_the_taxonomys_words_are_the_librarys_words(settings: Settings, home: Path) -> None:
    with CaseStore.open(home / "cases.db") as store:
        build_library(settings, store)
        library = Library.open(settings.library, store)
        try:
            assert library.view.name == current_name(settings.library)
            assert "未取得建设工程规划许可证" in "".join(library.manifest.domain_words)
        finally:
            library.close()
