"""Opening what belongs to persons: off by default, signed or not at all, rules of the home before the bundled ones."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from nlp_service.audit import AuditLog
from nlp_service.persons.opening import open_persons
from nlp_service.persons.watched import RulesError
from nlp_service.settings import Settings
from nlp_service.tagging.service import TagService


def opened(home: Path, **more: str):
    settings = Settings(home=home, **more)
    return open_persons(settings, AuditLog(settings.audit), TagService(settings.schemes, settings.models))


def test_nothing_is_sent_by_default_and_only_the_owner_reads_the_database(tmp_path: Path) -> None:
    persons = opened(tmp_path)
    assert persons.courier.deliver() == 0
    assert stat.S_IMODE((tmp_path / "persons.db").stat().st_mode) == 0o600
    assert not (tmp_path / "persons.key").exists(), "made when first used"
    persons.close()


@pytest.mark.parametrize(
    "given",
    [
        {"webhook_url": "https://platform.example/hook"},
        {"webhook_secret": "sixteen letters!"},
        {"webhook_url": "https://platform.example/hook", "webhook_secret": "hush-hush"},
        {"webhook_url": "ftp://platform.example/hook", "webhook_secret": "sixteen letters!"},
        {"webhook_url": "https://user:password@platform.example/", "webhook_secret": "sixteen letters!"},
    ],
)
def test_a_webhook_is_signed_or_refused_and_no_secret_is_repeated(tmp_path: Path, given: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(home=tmp_path, **given)
    assert not any(secret in str(caught.value) for secret in ("hush-hush", "sixteen letters!", "user:password"))


def test_a_webhook_is_opened_with_its_secret_hidden(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, webhook_url="https://platform.example/hook", webhook_secret="sixteen letters!")
    assert "sixteen" not in repr(settings)
    opened(tmp_path, webhook_url="https://platform.example/hook", webhook_secret="sixteen letters!").close()


def test_a_broken_rule_file_of_the_home_is_said_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "alerts.yaml").write_text("levels: [", encoding="utf-8")
    with pytest.raises(RulesError, match=r"alerts\.yaml"):
        opened(tmp_path)
