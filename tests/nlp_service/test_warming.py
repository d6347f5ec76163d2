"""Warming up: step after step in the background, a failing step holds up no other, and what was warmed is there for the first request."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest

from corpora import statements
from corpora.violations import load_violations
from nlp_service.runtime import Runtime
from nlp_service.settings import Settings
from nlp_service.warming import WarmUp

WAIT_S = 60  # never reached unless something is broken
SCHEME = "name: yard\ntags:\n- {code: Y01, name: 养鹅, definition: 院子里养着鹅, level: L1, triggers: [养鹅]}\n"


def test_a_step_that_fails_is_logged_and_the_others_are_taken(logged: io.StringIO) -> None:
    taken: list[str] = []

    def fail() -> None:
        raise ValueError("张三的电话")

    warming = WarmUp([("a", lambda: taken.append("a")), ("b", fail), ("c", lambda: taken.append("c"))])
    warming.start()
    assert warming.wait(WAIT_S)
    warming.stop()
    assert taken == ["a", "c"]
    assert '"step": "b"' in logged.getvalue()
    assert "张三" not in logged.getvalue()


def test_stopping_ends_after_the_step_at_hand() -> None:
    begun, go, taken = threading.Event(), threading.Event(), []

    def first() -> None:
        begun.set()
        go.wait(WAIT_S)

    warming = WarmUp([("first", first), ("second", lambda: taken.append("second"))])
    warming.start()
    assert begun.wait(WAIT_S)
    warming._stop.set()
    go.set()
    warming.stop()
    assert taken == []
    assert not warming.is_done


def test_a_start_that_warms_up_opens_taggers_and_patterns_and_records_nothing(settings: Settings, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "schemes").mkdir()
    (home / "schemes" / "yard.yaml").write_text(SCHEME, encoding="utf-8")
    runtime = Runtime(settings)
    monkeypatch.setattr(runtime.tags, "names", lambda: ["yard"])
    runtime.start()
    try:
        assert runtime.is_warm, "nothing was asked for"
        runtime.warm_up()
        assert runtime._warming is not None
        assert runtime._warming.wait(WAIT_S)
        assert runtime.is_warm
        assert list(runtime.tags._taggers) == ["yard"]
        wanted = {pattern for violation in load_violations().values() for pattern in violation.patterns}
        assert statements._prepare.cache_info().currsize >= len(wanted) > 2900
        assert runtime.audit.head()[0] == 0
        assert runtime.store.last_seq() == 120
    finally:
        runtime.close()


def test_a_home_without_a_library_warms_its_taggers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logged: io.StringIO) -> None:
    runtime = Runtime(Settings(home=tmp_path / "new", refresh_s=60))
    monkeypatch.setattr(runtime.tags, "names", list)
    runtime.start()
    try:
        runtime.warm_up()
        assert runtime._warming is not None
        assert runtime._warming.wait(WAIT_S)
        assert "warm_up_failed" not in logged.getvalue()
    finally:
        runtime.close()
