"""References of persons: keyed, stable within a home, useless outside it, and never under a second key."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from nlp_service.persons.references import ReferenceKey, ReferenceKeyError


def test_the_key_is_made_when_first_used_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    key = ReferenceKey(tmp_path / "home" / "persons.key")
    assert not key.exists
    key.handle("DX-1")
    assert stat.S_IMODE((tmp_path / "home" / "persons.key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["persons.key"], "nothing is left beside it"


def test_a_handle_is_stable_in_a_home_and_differs_between_homes(tmp_path: Path) -> None:
    handle = ReferenceKey(tmp_path / "a").handle("330111199001011234")
    assert handle == ReferenceKey(tmp_path / "a").handle(" 330111199001011234 ")
    assert handle != ReferenceKey(tmp_path / "b").handle("330111199001011234")
    assert "330111" not in handle
    assert len(handle) == 66
    assert ReferenceKey(tmp_path / "a").handle(handle) == handle, "a handle stands for itself"


def test_texts_are_told_apart_without_keeping_them(tmp_path: Path) -> None:
    key = ReferenceKey(tmp_path / "key")
    assert key.digest("a", "b") == key.digest("a", "b")
    assert key.digest("a", "b") != key.digest("ab", "")
    assert "p_" + key.digest("person", "DX-1") != key.handle("DX-1")


def test_two_that_begin_at_once_use_the_same_key(tmp_path: Path) -> None:
    gate = threading.Barrier(8)
    handles: list[str] = []

    def begin() -> None:
        gate.wait()
        handles.append(ReferenceKey(tmp_path / "key").handle("DX-1"))

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(handles) == 8
    assert len(set(handles)) == 1


@pytest.mark.parametrize(("content", "mode", "word"), [("zz", 0o600, "restore"), ("ab" * 8, 0o600, "expected 32"), ("ab" * 32, 0o644, "chmod 600")])
def test_a_key_that_cannot_be_trusted_is_refused(tmp_path: Path, content: str, mode: int, word: str) -> None:
    path = tmp_path / "key"
    path.write_text(content, encoding="ascii")
    path.chmod(mode)
    with pytest.raises(ReferenceKeyError, match=word):
        ReferenceKey(path).handle("DX-1")
