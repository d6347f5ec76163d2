"""Tests of `assess`: one JSON line per draft in the shape other programs read (design §8)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

Cli = Callable[..., SimpleNamespace]
Lines = Callable[..., Path]

FIELDS = {"query_id", "level", "direction", "n", "n_eff", "distribution", "neighbours", "pending", "text"}


@pytest.fixture
def assess(run_cli: Cli, lines: Lines, tmp_path: Path) -> Callable[..., list[dict[str, Any]]]:
    def run(*records: object, code: int = 0) -> list[dict[str, Any]]:
        done = run_cli("assess", "--drafts", lines("d.jsonl", *records), "--out", tmp_path / "out.jsonl", "--today", "2024-01-01")
        assert (done.code, done.err) == (code, "")
        return [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]

    return run


def test_every_draft_gets_one_line_of_the_agreed_shape_in_order(assess: Callable[..., list[dict[str, Any]]]) -> None:
    drafts = [
        {"query_id": "d1", "text": "水果店越门摆放，拟处罚款500元", "planned": {"kinds": ["罚款"], "fine_yuan": 500}, "cause": "占道经营", "pivots": {}},
        {"query_id": "d2", "text": "钢结构厂房超建，拟限期拆除", "planned": None, "cause": None, "pivots": {}},
        {"query_id": "d3", "text": "🙂🙂"},
    ]
    found = assess(*drafts)
    assert [line["query_id"] for line in found] == ["d1", "d2", "d3"]
    for line in found:
        assert set(line) >= FIELDS
        assert line["level"] in ("none", "notice", "warning", "insufficient")
        assert line["direction"] in ("heavier", "lighter", "other", None)
        assert isinstance(line["n"], int)
        assert line["n"] >= 0
        assert 0 <= line["n_eff"] <= max(line["n"], 1)
        assert not line["distribution"] or abs(sum(line["distribution"].values()) - 1) < 0.01
        assert isinstance(line["pending"], list)
        assert line["text"]
        for neighbour in line["neighbours"]:
            assert set(neighbour) >= {"case_id", "relevance", "weight"}
            assert neighbour["case_id"].startswith("C-")
            assert neighbour["weight"] >= 0


def test_the_same_drafts_on_the_same_day_give_the_same_lines(run_cli: Cli, lines: Lines, tmp_path: Path) -> None:
    drafts = lines("d.jsonl", *({"query_id": str(n), "text": text} for n, text in enumerate(["水果店占道拟罚款500元", "打井取水拟罚款2万元"])))
    for name in ("one", "two"):
        assert run_cli("assess", "--drafts", drafts, "--out", tmp_path / name, "--today", "2024-01-01").code == 0
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("record", [{"query_id": "b"}, {"query_id": "b", "text": " "}, {"query_id": "b", "text": "x", "planned": {"fine_yuan": -1}}])
def test_a_bad_draft_is_named_and_the_others_are_assessed(assess: Callable[..., list[dict[str, Any]]], record: dict[str, Any]) -> None:
    found = assess({"query_id": "a", "text": "水果店占道"}, record, {"query_id": "c", "text": "打井取水"}, code=1)
    assert [line["query_id"] for line in found] == ["a", "b", "c"]
    assert found[1]["error"].startswith("d.jsonl:2：")
    assert "level" not in found[1]
    assert "level" in found[2]


def test_broken_json_a_missing_file_and_a_bad_day_are_named(run_cli: Cli, lines: Lines, tmp_path: Path) -> None:
    good = lines("good.jsonl", {"query_id": "a", "text": "占道"})
    broken = lines("d.jsonl", {"query_id": "a", "text": "占道"}, "{")
    assert "d.jsonl:2：不是有效的 JSON" in run_cli("assess", "--drafts", broken, "--out", tmp_path / "o").err
    assert "没有这个文件" in run_cli("assess", "--drafts", tmp_path / "none", "--out", tmp_path / "o").err
    bad_day = run_cli("assess", "--drafts", good, "--out", tmp_path / "o", "--today", "昨天")
    assert (bad_day.code, "昨天" in bad_day.err) == (2, True)
    unwritable = run_cli("assess", "--drafts", good, "--out", tmp_path / "none" / "o")
    assert (unwritable.code, "不能写入" in unwritable.err) == (2, True)
    assert not (tmp_path / "o").exists()


def test_without_a_library_the_cure_is_named(run_cli: Cli, lines: Lines, home: Path, tmp_path: Path) -> None:
    (home / "library" / "current").unlink()
    done = run_cli("assess", "--drafts", lines("d.jsonl", {"query_id": "a", "text": "占道"}), "--out", tmp_path / "o")
    assert done.code == 2
    assert "nlp-service build" in done.err
