"""Tests of nlp_service.registry: versions, aliases, an append-only history, and a process killed between two writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp_service.artefacts import ArtefactError, writing
from nlp_service.registry import Action, Registry, RegistryError


def artefact(folder: Path, version: str, content: str = "") -> Path:
    with writing(folder / f"made-{version}-{content}", "tagger-test-1", {"version": version}) as work:
        (work / "weights.bin").write_text(version + content, encoding="utf-8")
    return folder / f"made-{version}-{content}"


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    made = Registry(tmp_path / "models")
    for version in ("v1", "v2", "v3"):
        made.add("grid", artefact(tmp_path, version), by="测试")
    return made


def test_nothing_serves_before_a_promotion(registry: Registry) -> None:
    assert registry.versions("grid") == ["v1", "v2", "v3"]
    assert registry.serving("grid") is None
    assert registry.names() == ["grid"]
    with pytest.raises(RegistryError, match="nothing to roll back"):
        registry.rollback("grid", by="测试")


def test_rollback_goes_back_one_promotion_at_a_time_to_what_shipped(registry: Registry) -> None:
    for version in ("v1", "v2", "v3"):
        registry.promote("grid", version, by="甲")
    assert registry.serving("grid") == "v3"
    assert [registry.rollback("grid", by="乙") for _ in range(3)] == ["v2", "v1", None]
    assert registry.serving("grid") is None
    registry.promote("grid", "v2", by="甲")
    assert registry.rollback("grid", by="乙") is None


def test_history_keeps_who_what_why(registry: Registry) -> None:
    registry.promote("grid", "v1", by="甲", evidence={"gain": 0.5}, reason="人工复核后同意上线试用")
    registry.refuse("grid", "v2", by="甲", evidence={"gain": -0.5})
    registry.set_shadow("grid", "v3", by="乙")
    events = registry.history("grid")
    assert [(event.action, event.version) for event in events[3:]] == [(Action.PROMOTE, "v1"), (Action.REFUSE, "v2"), (Action.SHADOW, "v3")]
    assert (events[3].by, events[3].reason, events[3].evidence) == ("甲", "人工复核后同意上线试用", {"gain": 0.5})
    assert registry.serving("grid") == "v1"
    assert registry.shadow("grid") == "v3"


def test_a_short_reason_and_unknown_versions_are_refused(registry: Registry) -> None:
    with pytest.raises(RegistryError, match="at least 10"):
        registry.promote("grid", "v1", by="甲", reason="好")
    with pytest.raises(RegistryError, match="v1, v2, v3"):
        registry.promote("grid", "v9", by="甲")
    with pytest.raises(RegistryError, match="expected small letters"):
        registry.promote("../grid", "v1", by="甲")
    with pytest.raises(RegistryError, match="no such version"):
        registry.path("grid", "../grid/v1")


def test_the_same_content_is_one_version_and_another_content_no_replacement(registry: Registry, tmp_path: Path) -> None:
    again = artefact(tmp_path / "again", "v1")
    assert registry.add("grid", again, by="测试") == "v1"
    assert registry.versions("grid") == ["v1", "v2", "v3"]
    with pytest.raises(RegistryError, match="another model of this version"):
        registry.add("grid", artefact(tmp_path, "v1", "changed"), by="测试")


def test_a_damaged_version_is_not_promoted_and_not_rolled_back_to(registry: Registry) -> None:
    registry.promote("grid", "v1", by="甲")
    registry.promote("grid", "v2", by="甲")
    (registry.models / "grid" / "v1" / "weights.bin").write_text("x")
    with pytest.raises(ArtefactError, match="does not match its hash"):
        registry.rollback("grid", by="甲")
    assert registry.serving("grid") == "v2"


def test_a_change_counts_once_its_line_is_on_disk(registry: Registry) -> None:
    registry.promote("grid", "v1", by="甲")
    history = registry.models / "grid" / "history.jsonl"
    whole = history.read_bytes()
    history.write_bytes(whole + b'{"action": "promote", "version": "v2"')  # killed within the line
    assert registry.serving("grid") == "v1"
    registry.set_shadow("grid", "v3", by="甲")
    assert history.read_bytes().startswith(whole)
    assert [event.action for event in registry.history("grid")][-2:] == [Action.PROMOTE, Action.SHADOW]
    history.write_bytes(history.read_bytes() + b'{"action": "promote", "version": "v2", "by": "x", "at": ""}\n')  # killed before the alias
    registry.set_shadow("grid", None, by="甲")
    assert registry.serving("grid") == "v2"


def test_the_stamp_changes_with_every_change_of_an_alias(registry: Registry) -> None:
    stamps = [registry.stamp("grid")]
    registry.promote("grid", "v1", by="甲")
    stamps.append(registry.stamp("grid"))
    registry.set_shadow("grid", "v2", by="甲")
    stamps.append(registry.stamp("grid"))
    registry.rollback("grid", by="甲")
    stamps.append(registry.stamp("grid"))
    assert len(set(stamps)) == 4
