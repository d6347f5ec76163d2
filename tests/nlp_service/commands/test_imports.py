"""Tests of `import`: what was taken, what was not and where, in words and in the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from corpora.schema import Case, case_to_json
from corpora.store import CaseStore

Cli = Callable[..., SimpleNamespace]
Lines = Callable[..., Path]
Factory = Callable[..., Case]


def stored(home: Path) -> dict[str, Case]:
    with CaseStore.open(home / "cases.db") as store:
        return {case.case_id: case for _, case in store.iter_cases()}


def test_a_sound_file_goes_in_whole(run_cli: Cli, lines: Lines, case_factory: Factory, tmp_path: Path) -> None:
    done = run_cli("import", lines("a.jsonl", *(case_to_json(case_factory(number)) for number in range(5))), at=tmp_path / "new")
    assert (done.code, done.err) == (0, "")
    assert done.out == "接受 5（新增 5，变更 0，未变 0），拒绝 0\n"
    assert set(stored(tmp_path / "new")) == {f"C-{number:05d}" for number in range(5)}


def test_importing_again_changes_nothing(run_cli: Cli, lines: Lines, case_factory: Factory) -> None:
    path = lines("a.jsonl", *(case_to_json(case_factory(number)) for number in range(800, 803)))
    assert run_cli("import", path).out == "接受 3（新增 3，变更 0，未变 0），拒绝 0\n"
    assert run_cli("import", path).out == "接受 3（新增 0，变更 0，未变 3），拒绝 0\n"


def test_a_changed_record_is_counted_as_changed(run_cli: Cli, lines: Lines, case_factory: Factory) -> None:
    run_cli("import", lines("a.jsonl", case_to_json(case_factory(800))))
    assert run_cli("import", lines("a.jsonl", case_to_json(case_factory(800, facts="改写")))).out == "接受 1（新增 0，变更 1，未变 0），拒绝 0\n"


def test_broken_json_on_line_7_of_10_000_is_named_and_loses_nothing_else(run_cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "big.jsonl"
    records = [json.dumps({"case_id": f"N-{number}", "facts": f"第{number}号"}, ensure_ascii=False) for number in range(1, 10_001)]
    records[6] = records[6][:-3]
    path.write_text("\n".join(records), encoding="utf-8")
    done = run_cli("import", path, at=tmp_path / "new")
    assert done.code == 1
    assert done.out == "接受 9999（新增 9999，变更 0，未变 0），拒绝 1\n"
    assert done.err.startswith("拒绝 big.jsonl:7: not valid JSON")
    assert done.err.count("\n") == 1
    assert set(stored(tmp_path / "new")) == {f"N-{number}" for number in range(1, 10_001) if number != 7}


def test_every_kind_of_bad_record_is_named_with_field_and_value(run_cli: Cli, lines: Lines, tmp_path: Path) -> None:
    path = lines(
        "bad.jsonl",
        {"case_id": "B-1", "facts": "罚款为负", "fine_yuan": -200},
        {"case_id": "B-2", "facts": "年代有误", "decided_on": "1823-04-05"},
        {"case_id": "B-3", "facts": "没有这个区划", "region": "339999"},
        {"facts": "没有编号"},
        {"case_id": "B 5", "facts": "编号有空格"},
        {"case_id": "B-6"},
        "[1, 2]",
        "null",
        {"case_id": "B-9", "facts": "好的𠮷㍿🙂"},
        "",
        {"case_id": "B-11", "facts": "区划写成名称", "region": "富阳"},
    )
    done = run_cli("import", path, at=tmp_path / "new")
    assert done.code == 1
    assert done.out == "接受 2（新增 2，变更 0，未变 0），拒绝 8\n"
    said = done.err.splitlines()
    expected = {
        1: "fine_yuan -200",
        2: "decided_on 1823-04-05",
        4: "case_id",
        5: "case_id 'B 5'",
        6: "all empty",
        7: "object",
        8: "object",
        11: "region '富阳'",
    }
    assert len(said) == len(expected) + 1
    for number, words in expected.items():
        assert any(line.startswith(f"拒绝 bad.jsonl:{number}: ") and words in line for line in said), (number, said)
    assert any(line.startswith("提醒 ") and "bad.jsonl:3" in line and "339999" in line for line in said)
    assert stored(tmp_path / "new")["B-9"].facts == "好的𠮷㍿🙂"
    assert stored(tmp_path / "new")["B-3"].region == "339999"


def test_an_id_given_twice_with_other_content_is_told_and_the_later_counts(run_cli: Cli, lines: Lines, tmp_path: Path) -> None:
    path = lines(
        "two.jsonl", {"case_id": "D", "facts": "先"}, {"case_id": "E", "facts": "同"}, {"case_id": "D", "facts": "后"}, {"case_id": "E", "facts": "同"}
    )
    done = run_cli("import", path, at=tmp_path / "new")
    assert done.code == 0
    assert [line for line in done.err.splitlines() if "two.jsonl:3" in line and "two.jsonl:1" in line and "D" in line]
    assert "two.jsonl:4" not in done.err, "an equal record twice is no news"
    assert stored(tmp_path / "new")["D"].facts == "后"


def test_a_file_in_another_encoding_is_read_and_one_in_none_is_named(run_cli: Cli, tmp_path: Path) -> None:
    good, bad = tmp_path / "gb.jsonl", tmp_path / "none.jsonl"
    good.write_bytes('{"case_id": "G-1", "facts": "占道经营，镕基路"}'.encode("gb18030"))
    bad.write_bytes(b'{"case_id": "G-2", "facts": "\xff\xff\xff"}')
    done = run_cli("import", good, bad, at=tmp_path / "new")
    assert done.code == 1
    assert done.out.startswith("接受 1（新增 1")
    assert done.err.startswith("拒绝 none.jsonl")
    assert "UTF-8" in done.err
    assert stored(tmp_path / "new")["G-1"].facts == "占道经营，镕基路"


def test_no_more_than_twenty_rejections_are_listed_and_the_rest_counted(run_cli: Cli, lines: Lines, tmp_path: Path) -> None:
    done = run_cli("import", lines("x.jsonl", *(["{"] * 25)), at=tmp_path / "new")
    assert done.out.endswith("拒绝 25\n")
    assert len(done.err.splitlines()) == 21
    assert "5 条未列出" in done.err


def test_a_missing_file_is_named_before_anything_is_done(run_cli: Cli, lines: Lines, tmp_path: Path) -> None:
    done = run_cli("import", lines("a.jsonl", {"case_id": "A", "facts": "x"}), tmp_path / "none.jsonl", at=tmp_path / "new")
    assert (done.code, done.out) == (2, "")
    assert done.err == f"错误：{tmp_path / 'none.jsonl'}：没有这个文件\n"
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["cases.pdf", "cases", "cases.jsonl.zip"])
def test_a_form_nobody_reads_is_named_with_those_that_are(run_cli: Cli, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x", encoding="utf-8")
    done = run_cli("import", tmp_path / name)
    assert done.code == 1
    assert done.err.startswith(f"拒绝 {name}")
    assert ".xlsx" in done.err


def test_personal_data_reaches_neither_store_nor_screen(run_cli: Cli, lines: Lines, tmp_path: Path) -> None:
    record = {"case_id": "P-1", "facts": "当事人：诸葛大力，身份证号11010519491231002X，占道经营"}
    done = run_cli("import", lines("p.jsonl", record), at=tmp_path / "new")
    assert done.code == 0
    kept = b"".join(path.read_bytes() for path in (tmp_path / "new").rglob("*") if path.is_file())
    for secret in ("诸葛大力", "11010519491231002X"):
        assert secret not in done.out + done.err
        assert secret.encode() not in kept
    assert stored(tmp_path / "new")["P-1"].facts.startswith("当事人：诸葛某某，身份证号*")
