"""Files find their reader by name."""

from __future__ import annotations

import gzip
import lzma
from pathlib import Path

import pytest

from corpora.readers import SUFFIXES, ReaderError, open_rows

LINE = '{"case_id": "c1"}\n'
TABLE = "case_id,facts\nc1,占道\n"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl", LINE.encode()),
        ("A.JSON", LINE.encode()),
        ("a.ndjson", LINE.encode()),
        ("a.jsonl.gz", gzip.compress(LINE.encode())),
        ("a.json.xz", lzma.compress(LINE.encode())),
        ("a.csv", TABLE.encode()),
        ("a.csv.xz", lzma.compress(TABLE.encode("gb18030"))),
        ("a.tsv.gz", gzip.compress(TABLE.replace(",", "\t").encode())),
    ],
)
def test_each_suffix_has_its_reader(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    (row,) = open_rows(tmp_path / name)
    assert row.record is not None
    assert row.record["case_id"] == "c1"
    assert list(open_rows(str(tmp_path / name))) == [row]


@pytest.mark.parametrize("name", ["a.pdf", "a", "a.gz", "a.doc"])
def test_another_form_is_refused_with_those_there_are(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(ReaderError, match=rf"{name}: expected one of \.jsonl .* \.docx \(also \.gz, \.xz\)"):
        list(open_rows(tmp_path / name))


@pytest.mark.parametrize("suffix", [suffix for suffix in SUFFIXES if suffix not in (".txt", ".docx", ".xlsx")])
def test_an_empty_file_is_named(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"a{suffix}").write_bytes(b"")
    with pytest.raises(ReaderError, match=rf"a\{suffix}: the file is empty"):
        list(open_rows(tmp_path / f"a{suffix}"))
