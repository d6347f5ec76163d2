"""Tests of training.datasets: every format gives back exactly what was written, and bad lines are named."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.datasets import (
    Columns,
    DatasetError,
    Example,
    data_hash,
    label_studio_config,
    read_csv,
    read_doccano,
    read_jsonl,
    read_label_studio,
    write_csv,
    write_doccano,
    write_jsonl,
    write_label_studio,
)

FORMATS: dict[str, tuple[Callable[[Sequence[Example], Path], None], Callable[[Path], list[Example]]]] = {
    "jsonl": (write_jsonl, read_jsonl),
    "csv": (write_csv, read_csv),
    "doccano": (write_doccano, read_doccano),
    "label-studio": (write_label_studio, read_label_studio),
}
EXAMPLES = [
    Example("1", '陈某说"没再喝酒",\n一切正常', ("A01", "B07"), ("C02",), ("H01",), author="甲", annotator="a@x", date="2026-01-02"),
    Example("2", "今天走访；\r\n未见异常|家中整洁", (), person="P1", incident="I-9", document="D 7", extra={"note": "带 , 号", "n": 3, "deep": {"a": [1]}}),
    Example("3", "还没有人看过", is_labelled=False, split="pool"),
    Example("4", "=1+1 公式", ("城乡;建设", "[其他]"), split="train"),
]


@pytest.mark.parametrize("name", FORMATS)
def test_writing_and_reading_gives_equal_examples(name: str, tmp_path: Path) -> None:
    write, read = FORMATS[name]
    write(EXAMPLES, tmp_path / "data")
    assert read(tmp_path / "data") == EXAMPLES


@pytest.mark.parametrize("first", FORMATS)
@pytest.mark.parametrize("second", FORMATS)
def test_going_through_two_formats_and_back_changes_nothing(first: str, second: str, tmp_path: Path) -> None:
    found = EXAMPLES
    for step, name in enumerate((first, second, first)):
        write, read = FORMATS[name]
        write(found, tmp_path / str(step))
        found = read(tmp_path / str(step))
    assert found == EXAMPLES
    assert (tmp_path / "0").read_bytes() == (tmp_path / "2").read_bytes()


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip), min_size=1, max_size=4))
def test_any_text_survives_csv_and_jsonl(texts: list[str]) -> None:
    import tempfile

    examples = [Example(str(number), text, ("T",)) for number, text in enumerate(texts)]
    with tempfile.TemporaryDirectory() as folder:
        for write, read in (FORMATS["jsonl"], FORMATS["csv"]):
            write(examples, Path(folder) / "x")
            assert read(Path(folder) / "x") == examples


def test_a_spreadsheet_in_gb18030_with_chinese_headers(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("编号,内容,标签,网格员\n7,陈某喝酒,B01；B02,老李\n8,无异常,,老王\n".encode("gb18030"))
    found = read_csv(tmp_path / "a.csv", Columns("内容", "标签", "编号", {"author": "网格员"}))
    assert found == [Example("7", "陈某喝酒", ("B01", "B02"), author="老李"), Example("8", "无异常", author="老王")]


def test_reasons_of_rejected_tags_are_kept(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "没喝", "rejected": [{"tag": "B01", "why": "negated"}]}\n', encoding="utf-8")
    assert read_jsonl(tmp_path / "a.jsonl") == [Example("a-1", "没喝", rejected=("B01",), extra={"rejected_why": {"B01": "negated"}})]


def test_two_annotators_of_label_studio_are_two_examples(tmp_path: Path) -> None:
    result = [{"from_name": "x", "to_name": "text", "type": "choices", "value": {"choices": ["A"]}}]
    task = {
        "id": 5,
        "data": {"text": "文"},
        "annotations": [
            {"completed_by": 1, "result": result},
            {"completed_by": {"id": 2, "email": "b@x"}, "result": []},
            {"was_cancelled": True, "result": []},
        ],
    }
    (tmp_path / "a.json").write_text(json.dumps([task]), encoding="utf-8")
    assert read_label_studio(tmp_path / "a.json") == [Example("5", "文", ("A",), annotator="1"), Example("5", "文", annotator="b@x")]


@pytest.mark.parametrize(
    ("reader", "content", "said"),
    [
        (read_jsonl, '{"text": "好"}\n{"text": ""}', "a:2: text is missing"),
        (read_jsonl, "{", "a:1: not JSON"),
        (read_jsonl, '{"text": "好", "tags": ["A"], "suspected": ["A"]}', "stands in two"),
        (read_jsonl, '{"text": "好", "tags": "A"}', "expected a list"),
        (read_csv, "x,y\n1,2\n", "no column 'text'"),
        (read_csv, "text,tags\n好,A,B\n", "a:2: 2 columns expected"),
        (read_doccano, '{"id": 1, "text": "好", "label": [[0, 1, "A"]]}', "spans are not tags"),
        (read_label_studio, '{"a": 1}', "expected a list of tasks"),
        (read_label_studio, '[{"text": "好"}]', "task 1: expected an object with data"),
    ],
)
def test_bad_files_are_named_with_place_and_cure(reader: Callable[[Path], object], content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(content, encoding="utf-8")
    with pytest.raises(DatasetError, match=said):
        reader(tmp_path / "a")


def test_a_tag_that_looks_like_a_mark_is_refused_by_doccano(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="rename it"):
        write_doccano([Example("1", "文", ("?A",))], tmp_path / "a")


def test_the_configuration_escapes_names() -> None:
    assert '<Choice value="A&amp;B"/>' in label_studio_config(["A&B"])


def test_the_hash_does_not_depend_on_order_but_on_everything_else() -> None:
    assert data_hash(EXAMPLES) == data_hash(EXAMPLES[::-1])
    assert data_hash(EXAMPLES) != data_hash(EXAMPLES[:-1])
    assert data_hash([Example("1", "文", ("A",))]) != data_hash([Example("1", "文", (), ("A",))])
