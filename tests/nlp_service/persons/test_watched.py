"""Rule files that are replaced while the service runs: the last good one serves."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from pydantic import BaseModel

from nlp_service.persons.watched import RulesError, Watched, load_checked


class Small(BaseModel):
    number: int


def watched(tmp_path: Path, own: str | None = None) -> Watched[Small]:
    (tmp_path / "bundled.yaml").write_text("number: 1", encoding="utf-8")
    if own is not None:
        (tmp_path / "own.yaml").write_text(own, encoding="utf-8")
    return Watched((tmp_path / "own.yaml", tmp_path / "bundled.yaml"), lambda path: load_checked(path, Small))


def test_the_file_of_the_home_comes_before_the_bundled_one_and_may_come_and_go(tmp_path: Path) -> None:
    found = watched(tmp_path)
    assert found.value.number == 1
    (tmp_path / "own.yaml").write_text("number: 2", encoding="utf-8")
    assert found.value.number == 2
    (tmp_path / "own.yaml").unlink()
    assert found.value.number == 1


def test_a_broken_replacement_leaves_the_last_good_one_serving(tmp_path: Path, logged: io.StringIO) -> None:
    found = watched(tmp_path, "number: 2")
    path = tmp_path / "own.yaml"
    for stamp, text in enumerate(("number: zwei", "number: [", "number: 3"), 1):
        path.write_text(text, encoding="utf-8")
        os.utime(path, ns=(stamp, stamp))
        assert found.value.number == (3 if stamp == 3 else 2)
    assert logged.getvalue().count("rules_not_replaced") == 2


def test_a_broken_file_at_the_start_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match=r"own\.yaml: number"):
        watched(tmp_path, "number: zwei")
