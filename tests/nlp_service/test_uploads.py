"""Tests of nlp_service.uploads: what an officer uploads becomes a masked text, or a sentence that says what to do."""

from __future__ import annotations

import io

import docx
import pytest

from nlp_service.drafts import DraftError
from nlp_service.uploads import MAX_UPLOAD_BYTES, read_upload

TEXT = "当事人：张伟民，电话13805711234。厂房按许可1860平方米建成1912平方米。"


def word_file(*paragraphs: str, table: tuple[str, ...] = ()) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if table:
        row = document.add_table(rows=1, cols=len(table)).rows[0]
        for cell, text in zip(row.cells, table, strict=True):
            cell.text = text
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def test_a_word_file_is_read_with_its_tables_and_masked() -> None:
    found = read_upload("案情.docx", word_file("一、案情", TEXT, table=("造价", "1204300元")), 10_000)
    assert found.text.split("\n")[0] == "一、案情"
    assert found.text.split("\n")[-1] == "造价 1204300元"
    assert "张伟民" not in found.text
    assert "13805711234" not in found.text
    assert found.n_masked >= 6


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_file_is_read_in_the_encodings_that_are_used(encoding: str) -> None:
    assert read_upload("a.txt", "店外经营，拟罚款300元。\r\n第二行".encode(encoding), 100).text == "店外经营，拟罚款300元。\n第二行"


@pytest.mark.parametrize(
    ("name", "data", "cure"),
    [
        ("a.pdf", b"%PDF", "另存为 .docx"),
        ("a.doc", b"\xd0\xcf", "另存为 .docx"),
        ("a", b"x", "另存为 .docx"),
        ("a.docx", b"PK\x03\x04 not a zip", "另存为 .docx"),
        ("a.txt", b"  \n ", "扫描件"),
        ("a.txt", b"\x00\x01\x02\xff\xfe\xfa", "UTF-8"),
        ("a.txt", "字".encode() * 101, "最多 100 字"),
        ("a.txt", b"x" * (MAX_UPLOAD_BYTES + 1), "MB"),
    ],
)
def test_what_cannot_be_read_is_said_with_the_cure(name: str, data: bytes, cure: str) -> None:
    with pytest.raises(DraftError, match=cure):
        read_upload(name, data, 100)


def test_only_the_name_of_a_path_is_kept() -> None:
    assert read_upload("C:\\案卷\\案情.txt", b"x", 10).name == "案情.txt"
    assert read_upload("../../etc/a.txt", b"x", 10).name == "a.txt"
