"""The rules of alerts as data: the bundled ones are whole, faults are named with their place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from nlp_service.persons.rules import ALERTS_FILE, AlertRules, load_alert_rules
from nlp_service.persons.watched import RulesError
from nlp_service.tagging.schemes import Level, bundled_scheme


def test_the_bundled_rules_speak_only_of_tags_there_are(rules: AlertRules) -> None:
    assert rules.scheme == "correction"
    assert rules.codes <= {tag.code for tag in bundled_scheme("correction").tags}
    assert {level for level in Level if rules.levels[level].alert} == {Level.L3, Level.L4}
    assert rules.look_back_days == 180 + 60


def test_every_step_of_the_ladder_says_whether_a_lawyer_has_seen_it(rules: AlertRules) -> None:
    assert [step.step for step in rules.ladder][:2] == ["训诫", "警告"]
    assert {step.basis.status for step in rules.ladder} == {"checked", "to_confirm"}
    assert all(step.decided_by for step in rules.ladder)


def _without_l2(data: dict[str, Any]) -> None:
    del data["levels"]["L2"]


def _twice(data: dict[str, Any]) -> None:
    data["repeats"][1]["id"] = data["repeats"][0]["id"]


def _falling(data: dict[str, Any]) -> None:
    data["repeats"][0]["steps"].reverse()


def _two_kinds(data: dict[str, Any]) -> None:
    data["ladder"][0]["when"][0]["tags"] = ["A03"]


def _typing_mistake(data: dict[str, Any]) -> None:
    data["repeats"][0]["dayz"] = 3


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_without_l2, "L2 missing"),
        (_twice, "repeat-B01: rule id used twice"),
        (_falling, "more events each time"),
        (_two_kinds, "exactly one of"),
        (_typing_mistake, r"repeats\.0\.dayz"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, spoil: Callable[[dict[str, Any]], None], words: str) -> None:
    data = yaml.safe_load(ALERTS_FILE.read_text(encoding="utf-8"))
    spoil(data)
    path = tmp_path / "alerts.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with pytest.raises(RulesError, match=words) as caught:
        load_alert_rules(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(("content", "words"), [(b"scheme: [", r"alerts\.yaml:\d"), (b"\xff\xfe", "UTF-8"), (b"", "valid dictionary")])
def test_a_file_that_is_no_yaml_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_bytes(content)
    with pytest.raises(RulesError, match=words):
        load_alert_rules(path)


def test_the_version_follows_the_content(tmp_path: Path, rules: AlertRules) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(ALERTS_FILE.read_text(encoding="utf-8").replace("days: 30, silence_days: 30", "days: 31, silence_days: 30"), encoding="utf-8")
    assert load_alert_rules().version == rules.version
    assert load_alert_rules(path).version != rules.version
