"""What a reader yields, and how a file is opened: decompressed within bounds, line by line, UTF-8 or GB18030."""

from __future__ import annotations

import codecs
import gzip
import io
import lzma
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

MAX_FILE_BYTES = 16 << 30  # after decompression
MAX_LINE_BYTES = 16 << 20  # one record; the longest judgment published is below 2 MiB
MAX_RATIO = 250  # decompressed to compressed; repetitive JSON lines reach about 60, a bomb 1,000 and more
RATIO_FROM_BYTES = 64 << 20  # below this a high ratio harms nobody
_BLOCK = 1 << 20


class ReaderError(ValueError):
    """A file cannot be read at all; the message names it and the cure."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record with its place (`file.csv:12`), or the reason why that place holds none."""

    place: str
    record: Mapping[str, Any] | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end; `error` says why it could not be decoded."""

    number: int
    text: str
    error: str | None = None


class _Bounded(io.RawIOBase):
    """The decompressed bytes of a file, until there are suspiciously many."""

    def __init__(self, path: Path, stream: IO[bytes], limit: int) -> None:
        self._path = path
        self._stream = stream
        self._limit = limit
        self._n = 0
        self._ratio_limit = max(RATIO_FROM_BYTES, path.stat().st_size * MAX_RATIO)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._stream.read(len(buffer))
        self._n += len(block)
        if self._n > self._limit:
            raise ReaderError(f"{self._path.name}: holds more than {self._limit >> 20} MiB; split the file")
        if self._n > self._ratio_limit:
            raise ReaderError(f"{self._path.name}: unpacks to more than {MAX_RATIO} times its size; not read, unpack and check it first")
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        self._stream.close()
        super().close()


def inner_suffix(path: Path) -> str:
    """Return the suffix that names the form: of `a.jsonl.gz` it is `.jsonl`."""
    return Path(path.stem).suffix.lower() if path.suffix.lower() in (".gz", ".xz") else path.suffix.lower()


@contextmanager
def open_bytes(path: Path, limit: int = MAX_FILE_BYTES) -> Iterator[io.BufferedReader[Any]]:
    """Open a file, unpacking .gz and .xz. Raises ReaderError for what is missing, unreadable, damaged or too large."""
    if not path.is_file():  # a pipe cannot be read twice, and its encoding is only known after the first time
        raise ReaderError(f"{path.name}: {'is not a regular file' if path.exists() else 'there is no such file'}; check the path")
    openers: dict[str, Any] = {".gz": gzip.open, ".xz": lzma.open}
    try:
        with openers.get(path.suffix.lower(), open)(path, "rb") as stream, io.BufferedReader(_Bounded(path, stream, limit), _BLOCK) as reader:
            yield reader
    except (gzip.BadGzipFile, lzma.LZMAError, zlib.error, EOFError) as error:
        raise ReaderError(f"{path.name}: damaged or not compressed as its name says ({error}); copy it again") from None
    except OSError as error:
        raise ReaderError(f"{path.name}: cannot be read ({error.strerror or error}); check its permissions") from error


def read_bytes(path: Path, limit: int) -> bytes:
    """Return the whole content of a file of at most `limit` bytes. Raises ReaderError."""
    with open_bytes(path, limit) as stream:
        return stream.read()


def detect_encoding(path: Path) -> str:
    """Return utf-8, gb18030 or utf-16, after looking at the whole file. Raises ReaderError when none fits.

    The first bytes of a GB18030 file can by chance be valid UTF-8, so the beginning does not suffice. A file that is UTF-8
    but for single lines counts as UTF-8: GB18030 would decode almost any bytes, into other characters.
    """
    n_good = n_bad = first_bad = 0
    with open_bytes(path) as stream:
        if stream.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        for number, raw in _raw_lines(stream):
            if not raw.isascii() and len(raw) <= MAX_LINE_BYTES:
                if _is_utf8(raw):
                    n_good += 1
                else:
                    n_bad += 1
                    first_bad = first_bad or number
    if n_bad == 0 or n_good > n_bad:  # hardly a Chinese line in GB18030 is by chance UTF-8
        return "utf-8"
    decoder = codecs.getincrementaldecoder("gb18030")()
    try:
        with open_bytes(path) as stream:
            while block := stream.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise ReaderError(f"{path.name}: neither UTF-8 (line {first_bad}) nor GB18030; save it as UTF-8") from None
    return "gb18030"


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a text file, blank ones too; a line that cannot be decoded or is too long carries an error. Raises ReaderError."""
    encoding = detect_encoding(path)
    if encoding == "utf-16":
        yield from _lines_utf16(path)
        return
    with open_bytes(path) as stream:
        for number, raw in _raw_lines(stream):
            if number == 1:
                raw = raw.removeprefix(codecs.BOM_UTF8)
            if len(raw) > MAX_LINE_BYTES:
                yield Line(number, "", f"the line is longer than {MAX_LINE_BYTES >> 20} MiB; one record per line is expected")
                continue
            try:
                yield Line(number, raw.decode(encoding).rstrip("\r\n"))
            except UnicodeDecodeError as error:
                text = raw.decode(encoding, "replace").rstrip("\r\n")
                yield Line(number, text, f"byte {error.start + 1} of the line is not {encoding.upper()}; save the file as UTF-8")


def _lines_utf16(path: Path) -> Iterator[Line]:
    try:
        text = read_bytes(path, MAX_FILE_BYTES >> 6).decode("utf-16")
    except UnicodeDecodeError:
        raise ReaderError(f"{path.name}: begins like UTF-16 but is not; save it as UTF-8") from None
    for number, line in enumerate(text.split("\n"), 1):
        yield Line(number, line.rstrip("\r"))


def read_text(path: Path, limit: int) -> str:
    """Return a whole text of at most `limit` bytes, line ends as \\n. Raises ReaderError."""
    with open_bytes(path, limit) as stream:  # the bound first: detection would read the rest of a huge file
        while stream.read(_BLOCK):
            pass
    encoding = detect_encoding(path)
    text = read_bytes(path, limit).decode("utf-8-sig" if encoding == "utf-8" else encoding, "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _raw_lines(stream: io.BufferedReader[Any]) -> Iterator[tuple[int, bytes]]:
    """Yield number and bytes; of a line that is too long only its beginning, one byte over the limit, is kept."""
    number = 0
    while raw := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        yield number, raw
        while len(raw) > MAX_LINE_BYTES and not raw.endswith(b"\n"):
            raw = stream.readline(MAX_LINE_BYTES + 1)
