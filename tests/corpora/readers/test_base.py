"""How files are opened: compressed or not, bounded, in the encoding they have."""

from __future__ import annotations

import gzip
import lzma
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpora.readers import base
from corpora.readers.base import Line, ReaderError, detect_encoding, inner_suffix, read_bytes, read_lines, read_text

TEXT = "第一行占道经营\n𠮷某 ㍿ 😀\n"


def written(path: Path, data: bytes) -> Path:
    """Write a file, compressed as its name says."""
    pack = {".gz": gzip.compress, ".xz": lzma.compress}.get(path.suffix, bytes)
    path.write_bytes(pack(data))
    return path


@pytest.mark.parametrize("suffix", ["", ".gz", ".xz"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_reads_the_same_in_every_encoding_and_compression(tmp_path: Path, encoding: str, suffix: str) -> None:
    path = written(tmp_path / f"a.jsonl{suffix}", TEXT.encode(encoding))
    assert [line.text for line in read_lines(path)][:2] == ["第一行占道经营", "𠮷某 ㍿ 😀"]
    assert all(line.error is None for line in read_lines(path))
    assert read_text(path, 1000) == TEXT


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from("案罚款元经查𠮷㍿😀ab1,。 \n"), max_size=200), st.sampled_from(["utf-8", "gb18030"]))
def test_any_text_comes_back(tmp_path: Path, text: str, encoding: str) -> None:
    if encoding == "gb18030" and sum(not line.isascii() for line in text.split("\n")) < 3:
        text += "案情如下\n经查\n罚款\n"  # a word or two can by chance be valid UTF-8 as well
    path = written(tmp_path / "a.txt", text.encode(encoding))
    assert read_text(path, 100_000) == text


def test_the_first_lines_do_not_decide_the_encoding(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", b"plain,ascii\n" * 1000 + "案由,罚款\n".encode("gb18030"))
    assert detect_encoding(path) == "gb18030"
    assert list(read_lines(path))[-1] == Line(1001, "案由,罚款")


def test_one_bad_byte_in_a_utf8_file_costs_its_line_and_does_not_turn_the_rest_into_other_characters(tmp_path: Path) -> None:
    good = "当事人占道经营\n".encode()
    path = written(tmp_path / "a.jsonl", good * 3 + b"\xe5\xbd\n" + good * 3)
    lines = list(read_lines(path))
    assert [line.text for line in lines if line.error is None] == ["当事人占道经营"] * 6
    assert (lines[3].number, lines[3].error) == (4, "byte 1 of the line is not UTF-8; save the file as UTF-8")


def test_a_file_in_neither_encoding_is_refused_by_name_and_line(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", b"title\n\xff\xff\xff\n\x81\x20\n")
    with pytest.raises(ReaderError, match=r"a\.csv: neither UTF-8 \(line 2\) nor GB18030; save it as UTF-8"):
        list(read_lines(path))


def test_a_line_beyond_the_bound_is_an_error_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "MAX_LINE_BYTES", 50)
    path = written(tmp_path / "a.jsonl", b"short\n" + b"x" * 1000 + b"\nlast\n")
    lines = list(read_lines(path))
    assert [(line.number, line.text) for line in lines] == [(1, "short"), (2, ""), (3, "last")]
    assert lines[1].error is not None


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "RATIO_FROM_BYTES", 10_000)
    path = written(tmp_path / "a.jsonl.gz", b"0" * 5_000_000)
    with pytest.raises(ReaderError, match="unpacks to more than 250 times its size"):
        list(read_lines(path))


def test_a_file_beyond_the_bound_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", b"x" * (3 << 20))
    with pytest.raises(ReaderError, match=r"a\.txt: holds more than 2 MiB; split the file"):
        read_bytes(path, 2 << 20)
    with pytest.raises(ReaderError, match="holds more than 2 MiB"):
        read_text(path, 2 << 20)


@pytest.mark.parametrize("suffix", [".gz", ".xz"])
def test_what_is_not_compressed_or_cut_short_is_refused(tmp_path: Path, suffix: str) -> None:
    plain = tmp_path / f"a.jsonl{suffix}"
    plain.write_bytes(b'{"a": 1}\n')
    cut = written(tmp_path / f"b.jsonl{suffix}", os.urandom(5000).hex().encode())
    cut.write_bytes(cut.read_bytes()[:-600])
    for path in (plain, cut):
        with pytest.raises(ReaderError, match=rf"{path.name}: damaged or not compressed as its name says"):
            list(read_lines(path))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match=r"x\.csv: there is no such file"):
        list(read_lines(tmp_path / "x.csv"))
    with pytest.raises(ReaderError, match="is not a regular file"):
        list(read_lines(tmp_path))


@pytest.mark.parametrize(("name", "suffix"), [("a.jsonl", ".jsonl"), ("a.CSV.GZ", ".csv"), ("a.b.xlsx.xz", ".xlsx"), ("a.gz", ""), ("a", "")])
def test_the_form_is_named_below_the_compression(name: str, suffix: str) -> None:
    assert inner_suffix(Path(name)) == suffix
