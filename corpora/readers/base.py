"""What a reader yields, and how a file is opened: compressed or not, UTF-8 or GB18030, never more than a bound."""

from __future__ import annotations

import codecs
import gzip
import io
import lzma
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

MAX_TEXT_BYTES = 4 << 30
PROBE_BYTES = 1 << 20


class ReaderError(ValueError):
    """A file cannot be read at all; the message names it and the cure."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record with its place (`file.csv:12`), or the reason why that place holds none."""

    place: str
    record: Mapping[str, Any] | None
    error: str | None = None


def inner_suffix(path: Path) -> str:
    """Return the suffix that names the form: of `a.jsonl.gz` it is `.jsonl`."""
    return Path(path.stem).suffix.lower() if path.suffix.lower() in (".gz", ".xz") else path.suffix.lower()


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """Open a file, unpacking .gz and .xz. Raises ReaderError."""
    openers: dict[str, Any] = {".gz": gzip.open, ".xz": lzma.open}
    try:
        with openers.get(path.suffix.lower(), open)(path, "rb") as file:
            yield file
    except (gzip.BadGzipFile, lzma.LZMAError, EOFError) as error:
        raise ReaderError(f"{path.name}: damaged or not compressed as its name says ({error})") from None


def detect_encoding(path: Path) -> str:
    """Return utf-8-sig, gb18030 or utf-16, whichever reads the whole file; one pass. Raises ReaderError when none does."""
    candidates = ["utf-8-sig", "gb18030"]
    with open_bytes(path) as file:
        start = file.read(2)
    if start in (b"\xff\xfe", b"\xfe\xff"):
        candidates = ["utf-16"]
    for encoding in candidates:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with open_bytes(path) as file:
                while chunk := file.read(PROBE_BYTES):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise ReaderError(f"{path.name}: neither UTF-8 nor GB18030; save it as UTF-8")


@contextmanager
def open_text(path: Path) -> Iterator[io.TextIOWrapper]:
    """Open a text file in the encoding it has, line ends as they are."""
    encoding = detect_encoding(path)
    with open_bytes(path) as file, io.TextIOWrapper(file, encoding=encoding, newline="") as text:
        yield text
