"""CSV, TSV and XLSX files."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpora.readers import table
from corpora.readers.base import ReaderError, Row
from corpora.readers.table import read_csv, read_xlsx


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """Write a file."""
    data = text.encode(encoding)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def ids(rows: list[Row]) -> list[str | None]:
    """Return the ids of rows, None for an error."""
    return [row.record["case_id"] if row.record else None for row in rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize(("name", "mark"), [("a.csv", ","), ("a.csv", ";"), ("a.csv", "\t"), ("a.tsv", "\t"), ("a.csv.gz", ",")])
def test_a_table_reads_the_same_in_every_form(tmp_path: Path, name: str, mark: str, encoding: str) -> None:
    lines = [["案件编号", "案由", "处罚内容"], ["c1", "占道经营", "警告"], ["c2", "𠮷某违建", "㍿拆除"]]
    rows = list(read_csv(written(tmp_path / name, "\r\n".join(mark.join(line) for line in lines), encoding)))
    assert rows == [
        Row(f"{name}:2", {"case_id": "c1", "causes": "占道经营", "disposition": "警告"}),
        Row(f"{name}:3", {"case_id": "c2", "causes": "𠮷某违建", "disposition": "㍿拆除"}),
    ]


def test_a_cell_of_several_lines_counts_from_its_first(tmp_path: Path) -> None:
    rows = list(read_csv(written(tmp_path / "a.csv", 'case_id,facts\nc1,"第一行\n第二行,""引""\n"\n\nc2,短\n')))
    assert [(row.place, row.record) for row in rows] == [
        ("a.csv:2", {"case_id": "c1", "facts": '第一行\n第二行,"引"'}),
        ("a.csv:6", {"case_id": "c2", "facts": "短"}),
    ]


def test_an_unclosed_quotation_mark_costs_one_line_and_not_the_rest(tmp_path: Path) -> None:
    good = "".join(f"c{n},文{n}\n" for n in range(3, 2000))
    rows = list(read_csv(written(tmp_path / "a.csv", f'case_id,facts\nc1,文\nc2,"没有结束\n{good}')))
    assert ids(rows) == ["c1", None, *(f"c{n}" for n in range(3, 2000))]
    assert rows[1].place == "a.csv:3"
    assert rows[1].error is not None
    assert rows[1].error.startswith("a quotation mark is not closed")


def test_stray_quotation_marks_inside_a_cell_are_text(tmp_path: Path) -> None:
    rows = list(read_csv(written(tmp_path / "a.csv", 'case_id,facts\nc1,店招"好吃"未审批\nc2,"甲"乙"丙"\n')))
    assert [row.record["facts"] if row.record else None for row in rows] == ['店招"好吃"未审批', '甲乙"丙"']


def test_a_line_that_cannot_be_decoded_costs_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("case_id,案情\nc1,占道\n".encode() + b"c2,\xe5\n" + "c3,违建\nc4,油烟\n".encode())
    assert ids(list(read_csv(path))) == ["c1", None, "c3", "c4"]


def test_a_title_above_the_header_is_passed_over(tmp_path: Path) -> None:
    rows = list(read_csv(written(tmp_path / "a.csv", "某市行政处罚公示表,,\n2022年,,\n案件编号,案由,罚款\nc1,占道经营,500\n")))
    assert [(row.place, ids([row])) for row in rows] == [("a.csv:4", ["c1"])]


def test_a_table_without_a_known_column_is_refused_with_what_it_has(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match=r"a\.csv:1: no column for facts, disposition, title or cause .* among: 甲、乙"):
        list(read_csv(written(tmp_path / "a.csv", "甲,乙\n1,2\n")))
    for empty in ("", "\n\n", ",,\n,,\n"):
        with pytest.raises(ReaderError, match=r"a\.csv: the file is empty"):
            list(read_csv(written(tmp_path / "a.csv", empty)))


def test_a_row_that_does_not_fit_is_an_error_among_the_others(tmp_path: Path) -> None:
    rows = list(read_csv(written(tmp_path / "a.csv", "case_id,案由,罚款\nc1,占道,5\nc2,占,道,5\nc3,占道,许多\nc4,占道,\n")))
    assert ids(rows) == ["c1", None, None, "c4"]
    assert rows[1].error == "4 cells under 3 columns; put a cell that holds the delimiter in quotation marks"


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.sampled_from('案罚款ab,;"\n 𠮷'), min_size=1).filter(str.strip), min_size=1, max_size=6))
def test_what_a_spreadsheet_writes_is_read_back(tmp_path: Path, facts: list[str]) -> None:
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerows([["case_id", "facts"], *([f"c{n}", text] for n, text in enumerate(facts))])
    rows = list(read_csv(written(tmp_path / "a.csv", target.getvalue())))
    assert [row.record for row in rows] == [{"case_id": f"c{n}", "facts": text.strip()} for n, text in enumerate(facts)]


def book(path: Path, *sheets: list[list[object]]) -> Path:
    """Write a workbook."""
    made = openpyxl.Workbook()
    for number, lines in enumerate(sheets):
        sheet = made.active if number == 0 else made.create_sheet(f"表{number + 1}")
        for line in lines:
            sheet.append(line)
    made.save(path)
    return path


def test_a_workbook_gives_dates_numbers_and_its_sheets(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        [
            ["公示表"],
            ["案件编号", "案由", "罚款金额（万元）", "处罚日期"],
            [101, "占道经营", 0.5, dt.datetime(2022, 5, 30, 8)],
            [None] * 4,
            ["c2", "违建", "#N/A", None],
        ],
        [["说明"], ["无"]],
        [["案件编号", "案由"], ["c3", "油烟"]],
    )
    assert list(read_xlsx(path)) == [
        Row("a.xlsx:3", {"case_id": "101", "causes": "占道经营", "title": "占道经营", "fine_yuan": "5000.0", "decided_on": "2022-05-30"}),
        Row("a.xlsx:5", {"case_id": "c2", "causes": "违建", "title": "违建"}),
        Row("a.xlsx[表3]:2", {"case_id": "c3", "causes": "油烟", "title": "油烟"}),
    ]
    packed = tmp_path / "b.xlsx.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert ids(list(read_xlsx(packed))) == ["101", "c2", "c3"]


def test_a_workbook_without_known_columns_or_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match="no column for facts"):
        list(read_xlsx(book(tmp_path / "a.xlsx", [["甲"], ["乙"]])))
    (tmp_path / "b.xlsx").write_bytes(b"case_id,facts")
    with pytest.raises(ReaderError, match=r"b\.xlsx: not a readable Office file"):
        list(read_xlsx(tmp_path / "b.xlsx"))
    with zipfile.ZipFile(tmp_path / "c.xlsx", "w") as archive:
        archive.writestr("x.xml", "<x/>")
    with pytest.raises(ReaderError, match=r"c\.xlsx: not a readable \.xlsx file"):
        list(read_xlsx(tmp_path / "c.xlsx"))


def test_a_workbook_that_is_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MAX_XLSX_BYTES", 5_000_000)
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 6_000_000)
    with pytest.raises(ReaderError, match=r"a\.xlsx: unpacks to 5 MiB in 1 parts; not read"):
        list(read_xlsx(tmp_path / "a.xlsx"))
