"""Masking on reading: every format, the same length, counted and said; the bundled corpora and what is only judged stay as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpora.privacy import MaskingError
from corpora.samples import FOLDER
from training import masking
from training.__main__ import main
from training.datasets import Example, read_jsonl, write_csv, write_doccano, write_jsonl, write_label_studio
from training.labelled_reports import LabelledReport
from training.masking import masked, unnamed
from training.recipe import read_any, read_masked

TEXT = "矫正对象王建国，手机13812345678，一切正常"
MASKED = "矫正对象王某某，手机138****5678，一切正常"
ASKED = Example("R1", TEXT, ("H03",), author="a", extra={"备注": "当事人王建国，电话13812345678", "n": 3})


@pytest.mark.parametrize(
    ("write", "name"), [(write_jsonl, "r.jsonl"), (write_csv, "r.csv"), (write_label_studio, "r.json")], ids=["jsonl", "csv", "label-studio"]
)
def test_every_format_is_masked_and_the_count_is_said(write, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write([ASKED, Example("R2", "今天天气好", (), author="a")], tmp_path / name)
    first, second = read_masked(tmp_path / name)
    assert first.text == MASKED
    assert "建国" not in str(first.extra) and "13812345678" not in str(first.extra)
    assert (first.tags, second.text) == (("H03",), "今天天气好")
    assert capsys.readouterr().err == f"{name}: 4 values in 1 texts masked (name 2, mobile 2)\n"
    assert read_any(tmp_path / name)[0].text == TEXT, "what is only judged is read as the service reads it"


def test_doccano_is_masked_by_the_command_that_converts_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_doccano([ASKED], tmp_path / "d.jsonl")
    assert main(["data", "convert", str(tmp_path / "d.jsonl"), "--format", "doccano", "--to", "jsonl", "--out", str(tmp_path / "o.jsonl")]) == 0
    assert read_jsonl(tmp_path / "o.jsonl")[0].text == MASKED
    assert "4 values in 1 texts masked" in capsys.readouterr().err


def test_the_bundled_corpora_are_invented_and_stay_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    path = FOLDER / "reports_grid.jsonl"
    assert read_masked(path) == read_any(path)
    assert capsys.readouterr().err == ""


def test_what_cannot_be_masked_clean_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def mask(text: str) -> str:
        if "王" in text:
            raise MaskingError("left")
        return text.replace("李大壮", "李某某")

    monkeypatch.setattr(masking, "mask", mask)
    said: list[str] = []
    other = LabelledReport("R2", "矫正对象李大壮，一切正常", frozenset())
    kept = masked([LabelledReport("R1", TEXT, frozenset()), other], Path("r.jsonl"), said.append)
    assert [item.text for item in kept] == ["矫正对象李某某，一切正常"]
    assert said == ["r.jsonl: 1 values in 1 texts masked (name 1)", "r.jsonl: 1 texts left out, they could not be masked clean; look at them by hand"]
    assert [len(item.text) for item in unnamed([ASKED])] == [len(TEXT)]
    assert "建国" not in unnamed([ASKED])[0].text
