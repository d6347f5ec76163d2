"""Which reader reads which file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from . import document, jsonl, table
from .base import ReaderError, Row, inner_suffix

SUFFIXES: Mapping[str, Callable[[Path], Iterator[Row]]] = {
    ".jsonl": jsonl.read,
    ".ndjson": jsonl.read,
    ".json": jsonl.read,
    ".csv": table.read_csv,
    ".tsv": table.read_csv,
    ".xlsx": table.read_xlsx,
    ".txt": document.read_txt,
    ".docx": document.read_docx,
}


def open_rows(path: str | Path) -> Iterator[Row]:
    """Yield the rows of a file. Raises ReaderError for a form nobody reads or a file that cannot be read at all."""
    path = Path(path)
    reader = SUFFIXES.get(inner_suffix(path))
    if reader is None:
        raise ReaderError(f"{path.name}: expected one of {' '.join(SUFFIXES)} (also .gz, .xz)")
    n_rows = 0
    for row in reader(path):
        n_rows += 1
        yield row
    if n_rows == 0:
        raise ReaderError(f"{path.name}: the file is empty")
