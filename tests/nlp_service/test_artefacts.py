"""Tests of nlp_service.artefacts: what is sealed opens again, and every kind of damage is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlp_service.artefacts import ArtefactError, content_hash, open_artefact, writing


def seal(target: Path, *, weights: bytes = b"w", card: str = "# card") -> Path:
    with writing(target, "tagger-test-1", {"version": "test-1"}) as work:
        (work / "sub").mkdir()
        (work / "sub" / "weights.bin").write_bytes(weights)
        (work / "card.md").write_text(card, encoding="utf-8")
    return target


def test_a_sealed_folder_opens_with_its_kind_and_version(tmp_path: Path) -> None:
    artefact = open_artefact(seal(tmp_path / "m"))
    assert (artefact.kind, artefact.version) == ("tagger-test-1", "test-1")
    assert set(artefact.manifest["sha256"]) == {"sub/weights.bin", "card.md"}
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_the_content_is_what_decides_answers_not_what_tells_about_the_fit(tmp_path: Path) -> None:
    first, told, other = (open_artefact(seal(tmp_path / name, **kw)) for name, kw in (("a", {}), ("b", {"card": "# other"}), ("c", {"weights": b"v"})))  # type: ignore[arg-type]
    assert first.content == told.content != other.content
    assert content_hash({"a": "1", "card.md": "2"}) == content_hash({"a": "1"})


def test_an_artefact_is_never_overwritten_and_a_failed_one_leaves_nothing(tmp_path: Path) -> None:
    seal(tmp_path / "m")
    with pytest.raises(ArtefactError, match="already exists"):
        seal(tmp_path / "m")
    with pytest.raises(RuntimeError), writing(tmp_path / "n", "k", {}):
        raise RuntimeError
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda m: (m / "sub" / "weights.bin").write_bytes(b"x"), "does not match its hash"),
        (lambda m: (m / "card.md").unlink(), "missing"),
        (lambda m: (m / "new.txt").write_text("x"), "not listed"),
        (lambda m: (m / "manifest.json").write_text("{"), "damaged"),
        (lambda m: (m / "manifest.json").write_text("[]"), "expected an object"),
        (lambda m: (m / "manifest.json").write_text("{}"), "format or sha256"),
        (lambda m: (m / "manifest.json").unlink(), "cannot be read"),
        (lambda m: (m / "manifest.json").write_text(json.dumps({"format": "k", "sha256": {"../x": "0"}})), "outside the folder"),
    ],
)
def test_damage_is_refused(tmp_path: Path, damage: object, said: str) -> None:
    damage(seal(tmp_path / "m"))  # type: ignore[operator]
    with pytest.raises(ArtefactError, match=said):
        open_artefact(tmp_path / "m")
