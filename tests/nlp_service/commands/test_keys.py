"""Tests of `keys`: a key is shown once, kept only as a hash, and gone when revoked."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from nlp_service.keys import KeyRing, Role

Cli = Callable[..., SimpleNamespace]


def test_a_key_is_shown_once_and_only_its_hash_is_kept(run_cli: Cli, home: Path) -> None:
    done = run_cli("keys", "add", "综合执法局", "--role", "officer")
    key = done.out.strip()
    assert (done.code, done.err) == (0, "")
    assert re.fullmatch(r"[0-9a-f]{8}\.[\w-]{43}", key)
    content = (home / "keys.json").read_text(encoding="utf-8")
    assert key.partition(".")[2] not in content
    assert stat.S_IMODE((home / "keys.json").stat().st_mode) == 0o600
    found = KeyRing(home / "keys.json").find(key)
    assert found is not None
    assert (found.name, found.role) == ("综合执法局", Role.OFFICER)


def test_keys_are_listed_without_secrets(run_cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    first = run_cli("keys", "add", "甲局", "--role", "officer").out.strip()
    second = run_cli("keys", "add", "乙平台", "--role", "platform").out.strip()
    listed = run_cli("keys", "list").out
    for key, name, role in ((first, "甲局", "officer"), (second, "乙平台", "platform")):
        key_id, _, secret = key.partition(".")
        assert re.search(rf"{key_id}.*{name}.*{role}", listed)
        assert secret not in listed


def test_a_revoked_key_is_gone_and_the_others_stay(run_cli: Cli, home: Path) -> None:
    first = run_cli("keys", "add", "甲", "--role", "admin").out.strip()
    second = run_cli("keys", "add", "乙", "--role", "admin").out.strip()
    done = run_cli("keys", "revoke", first.partition(".")[0])
    assert (done.code, done.out) == (0, f"已停用 {first.partition('.')[0]}\n")
    ring = KeyRing(home / "keys.json")
    assert ring.find(first) is None
    assert ring.find(second) is not None


def test_revoking_what_is_not_there_is_an_error(run_cli: Cli) -> None:
    done = run_cli("keys", "revoke", "00000000")
    assert (done.code, done.err) == (2, "错误：没有编号为 00000000 的密钥\n")


@pytest.mark.parametrize(
    "content", ["{", "{}", "[1]", '[{"key_id": "a"}]', json.dumps([{"key_id": "a", "name": "x", "role": "king", "created_at": "", "salt": "", "digest": ""}])]
)
def test_a_damaged_key_file_is_named_and_not_overwritten(run_cli: Cli, home: Path, content: str) -> None:
    (home / "keys.json").write_text(content, encoding="utf-8")
    for command in (["list"], ["add", "x", "--role", "admin"], ["revoke", "a"]):
        done = run_cli("keys", *command)
        assert done.code == 2, command
        assert "keys.json: damaged" in done.err
    assert (home / "keys.json").read_text(encoding="utf-8") == content


@pytest.mark.parametrize("options", [["add", "x"], ["add", "x", "--role", "king"], ["add", "--role", "admin"], [], ["steal"], ["revoke"]])
def test_wrong_options_are_refused(run_cli: Cli, options: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run_cli("keys", *options)
    assert stopped.value.code == 2
