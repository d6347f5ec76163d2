"""JSON lines and arrays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpora.readers.base import Row
from corpora.readers.jsonl import read


def written(path: Path, text: str) -> Path:
    """Write a file in UTF-8."""
    path.write_text(text, encoding="utf-8")
    return path


def test_a_broken_line_loses_only_itself(tmp_path: Path) -> None:
    lines = [json.dumps({"case_id": f"c{n}"}) for n in range(1, 10_001)]
    lines[6] = '{"case_id": "c7", "facts": "身份证330'
    rows = list(read(written(tmp_path / "a.jsonl", "\n".join(lines))))
    assert [row.place for row in rows if row.record is None] == ["a.jsonl:7"]
    assert rows[6].error is not None
    assert rows[6].error.startswith("not valid JSON (")
    assert "330" not in rows[6].error
    assert [row.record for row in rows if row.record] == [{"case_id": f"c{n}"} for n in range(1, 10_001) if n != 7]


def test_blank_lines_are_passed_over_and_counted(tmp_path: Path) -> None:
    assert list(read(written(tmp_path / "a.jsonl", '\n  \n{"a": 1}\r\n\n{"b": 2}'))) == [Row("a.jsonl:3", {"a": 1}), Row("a.jsonl:5", {"b": 2})]


@pytest.mark.parametrize("line", ["7", '"x"', "[1]", "null", "{", "NaN", '{"a": NaN}', '{"a": "\\ud800"}', "[" * 2000, '{"a":' * 2000])
def test_what_is_no_object_is_an_error(tmp_path: Path, line: str) -> None:
    rows = list(read(written(tmp_path / "a.jsonl", f'{{"a": 1}}\n{line}\n{{"b": 2}}')))
    assert [row.record for row in rows] == [{"a": 1}, None, {"b": 2}]
    assert rows[1].place == "a.jsonl:2"


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_an_array_gives_its_items_with_their_numbers(tmp_path: Path, name: str) -> None:
    rows = list(read(written(tmp_path / name, '\ufeff \n[{"a": 1},\n 7, {"b": 2}]')))
    assert [row.record for row in rows] == [{"a": 1}, None, {"b": 2}]
    assert [row.place for row in rows] == [f"{name}[1]", f"{name}[2]", f"{name}[3]"]


def test_a_json_file_may_hold_one_object_over_several_lines_or_lines(tmp_path: Path) -> None:
    assert [row.record for row in read(written(tmp_path / "a.json", '{\n "a": 1\n}\n'))] == [{"a": 1}]
    assert [row.record for row in read(written(tmp_path / "b.json", '{"a": 1}\n{"b": 2}\n'))] == [{"a": 1}, {"b": 2}]


def test_a_broken_array_says_so_once(tmp_path: Path) -> None:
    rows = list(read(written(tmp_path / "a.json", '[{"a": 1},\n{"b": 2\n')))
    assert [(row.place, row.record) for row in rows] == [("a.json:1", None)]


def test_lines_of_which_the_first_is_broken_are_still_lines(tmp_path: Path) -> None:
    rows = list(read(written(tmp_path / "a.jsonl", '[\n{"b": 2}\n{\n')))
    assert [row.record for row in rows] == [None, {"b": 2}, None]
