"""Which reader reads which file: one row per suffix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from corpora.readers.base import ReadError, Row, inner_suffix
from corpora.readers.document import read_document
from corpora.readers.jsonl import read_json
from corpora.readers.table import read_table

READERS: dict[str, Callable[[Path], Iterator[Row]]] = {
    ".jsonl": read_json,
    ".ndjson": read_json,
    ".json": read_json,
    ".csv": read_table,
    ".tsv": read_table,
    ".xlsx": read_table,
    ".txt": read_document,
    ".docx": read_document,
}


def open_rows(path: str | Path) -> Iterator[Row]:
    """Yield the rows of a file, chosen by its suffix, below .gz or .xz. Raises ReadError for a file that cannot be read at all."""
    path = Path(path)
    reader = READERS.get(inner_suffix(path))
    if reader is None:
        raise ReadError(f"{path.name}: unknown kind of file; expected {', '.join(READERS)}, or one of them with .gz or .xz")
    return _non_empty(path, reader)


def _non_empty(path: Path, reader: Callable[[Path], Iterator[Row]]) -> Iterator[Row]:
    n_rows = 0
    for row in reader(path):
        n_rows += 1
        yield row
    if n_rows == 0:
        raise ReadError(f"{path.name}: the file is empty")
