"""Tests of nlp_service.keys: only the whole secret opens, several processes may write, a damaged file never reads as empty."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlp_service.keys import KeyRing, KeyRingError, Role


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys.json")


def test_a_ring_without_a_file_is_empty(ring: KeyRing) -> None:
    assert ring.all() == []
    assert ring.find("a.b") is None


def test_only_the_whole_secret_of_the_right_key_opens(ring: KeyRing) -> None:
    first, second = ring.add("甲", Role.OFFICER), ring.add("乙", Role.ADMIN)
    key_id, _, secret = first.partition(".")
    assert ring.find(first).name == "甲"  # type: ignore[union-attr]
    for wrong in (key_id, f"{key_id}.", f"{key_id}.{secret[:-1]}", f"{key_id}.{secret}x", f"{key_id}.{second.partition('.')[2]}", secret, "", ".", f" {first}"):
        assert ring.find(wrong) is None, wrong


def test_two_keys_never_share_salt_or_digest(ring: KeyRing) -> None:
    for _ in range(5):
        ring.add("同名", Role.OFFICER)
    keys = ring.all()
    assert len({key.key_id for key in keys}) == len({key.salt for key in keys}) == len({key.digest for key in keys}) == 5
    assert [key.name for key in keys] == ["同名"] * 5


def test_another_ring_on_the_same_file_sees_what_changes(ring: KeyRing, tmp_path: Path) -> None:
    other = KeyRing(tmp_path / "keys.json")
    key = ring.add("甲", Role.OFFICER)
    assert other.find(key) is not None
    ring.revoke(key.partition(".")[0])
    assert other.find(key) is None
    assert other.all() == []


def test_a_key_with_text_that_is_not_ascii_is_refused_not_an_error(ring: KeyRing) -> None:
    key = ring.add("甲", Role.OFFICER)
    assert ring.find(key + "密") is None
    assert ring.find(f"{key.partition('.')[0]}.\ud800") is None


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"null", b"[null]", b'[{"key_id": "a"}]', b"\xff\xfe"])
def test_a_damaged_file_is_an_error_and_never_an_empty_ring(ring: KeyRing, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "keys.json").write_bytes(content)
    for action in (ring.all, lambda: ring.find("a.b"), lambda: ring.add("x", Role.ADMIN), lambda: ring.revoke("a")):
        with pytest.raises(KeyRingError, match=r"keys\.json: damaged"):
            action()
    assert (tmp_path / "keys.json").read_bytes() == content


def test_a_file_that_is_damaged_while_the_service_runs_does_not_keep_the_old_keys(ring: KeyRing, tmp_path: Path) -> None:
    key = ring.add("甲", Role.OFFICER)
    assert ring.find(key)
    (tmp_path / "keys.json").write_text("[", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(KeyRingError):
            ring.find(key)


def test_the_file_can_be_read_by_its_owner_only_and_holds_no_secret(ring: KeyRing, tmp_path: Path) -> None:
    secret = ring.add("甲", Role.OFFICER).partition(".")[2]
    path = tmp_path / "keys.json"
    assert path.stat().st_mode & 0o777 == 0o600
    record = json.loads(path.read_text(encoding="utf-8"))[0]
    assert set(record) == {"key_id", "name", "role", "created_at", "salt", "digest"}
    assert secret not in path.read_text(encoding="utf-8")
    assert [item.name for item in tmp_path.iterdir()] == ["keys.json"], "no half-written file is left"


def test_revoking_an_unknown_key_changes_nothing(ring: KeyRing) -> None:
    key = ring.add("甲", Role.OFFICER)
    with pytest.raises(KeyRingError, match="ffffffff"):
        ring.revoke("ffffffff")
    assert ring.find(key) is not None
