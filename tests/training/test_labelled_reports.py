"""Labelled files: what is read, and that every fault names file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.labelled_reports import LabelError, read_labelled


def _write(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "x-correction.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_codes_come_as_texts_or_objects_and_blank_lines_are_skipped(tmp_path: Path) -> None:
    path = _write(
        tmp_path,
        '{"text":"甲","tags":["A01"],"suspected":["B01"],"rejected":[{"tag":"C02","why":"past"}],"author":"ding","drill":true}',
        "",
        '{"text":"乙","tags":[]}',
    )
    first, second = read_labelled([path])
    assert (first.tags, first.suspected, first.rejected, first.author) == ({"A01"}, {"B01"}, {"C02"}, "ding")
    assert (first.is_drill, second.is_drill) == (True, False)
    assert (second.report_id, second.author, second.tags) == ("x-correction-3", "x-correction", frozenset())


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not JSON"),
        ("[]", "text is missing"),
        ('{"text":" "}', "text is missing"),
        ('{"text":"甲","tags":"A01"}', "expected a list"),
        ('{"text":"甲","tags":[1]}', "not a code"),
        ('{"text":"甲","tags":["A01"],"rejected":["A01"]}', "A01 stands in two"),
    ],
)
def test_a_fault_names_file_line_and_cure(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(LabelError, match=f"x-correction.jsonl:2.*{words}"):
        read_labelled([_write(tmp_path, '{"text":"甲"}', line)])
