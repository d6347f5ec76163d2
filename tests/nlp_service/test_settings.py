"""Tests of nlp_service.settings: safe defaults, read from NLP_ variables, frozen."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from nlp_service.settings import Settings


def test_the_defaults_are_safe_and_local() -> None:
    settings = Settings()
    assert settings.home == Path("var")
    assert settings.host == "127.0.0.1"
    assert settings.port == 8000
    assert settings.is_loopback
    assert settings.encoder_dir is None
    assert settings.store == Path("var/cases.db")
    assert settings.library == Path("var/library")
    assert settings.keys == Path("var/keys.json")


def test_the_environment_is_read_with_its_prefix(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NLP_HOME", str(tmp_path))
    monkeypatch.setenv("NLP_PORT", "9000")
    monkeypatch.setenv("NLP_STORE_URL", "postgresql+psycopg://db/nlp")
    monkeypatch.setenv("HOME", "/elsewhere")
    settings = Settings()
    assert settings.home == tmp_path
    assert settings.port == 9000
    assert settings.store == "postgresql+psycopg://db/nlp"


@pytest.mark.parametrize(
    ("host", "is_loopback"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False), ("10.1.2.3", False), ("", False)]
)
def test_what_counts_as_this_machine(host: str, is_loopback: bool) -> None:
    assert Settings(host=host).is_loopback is is_loopback


@pytest.mark.parametrize(
    "values",
    [
        {"port": 65536},
        {"port": -1},
        {"workers": 0},
        {"workers": 65},
        {"refresh_s": 0},
        {"max_waiting": 0},
        {"max_draft_chars": 99},
        {"encoder_dir": "/no/such"},
    ],
)
def test_what_cannot_work_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=next(iter(values)).replace("encoder_dir", "NLP_ENCODER_DIR")):
        Settings(**values)  # type: ignore[arg-type]


def test_settings_do_not_change_after_they_are_read() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 1
