"""Tagging data as JSON lines and CSV, read and written so that writing and reading again gives equal examples."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .examples import GROUP_FIELDS, TAG_FIELDS, DatasetError, Example, example_from_json

_SEPARATORS = re.compile(r"[;；|]")
_COLUMNS = ("report_id", "text", *TAG_FIELDS, *GROUP_FIELDS, "is_labelled", "extra")
_ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, slots=True)
class Columns:
    """What a CSV calls its columns; other columns are kept in `extra`, or take our field of the same name."""

    text: str = "text"
    tags: str = "tags"
    example_id: str = "report_id"
    others: Mapping[str, str] = field(default_factory=dict)  # our name → their name


def read_text(path: Path) -> str:
    """Read UTF-8 (with or without a byte order mark) or, as Chinese spreadsheets save it, GB 18030. Raises DatasetError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DatasetError(f"{path.name}: neither UTF-8 nor GB 18030; save it as UTF-8")


def read_jsonl(path: Path) -> list[Example]:
    """Read one object a line. Raises DatasetError naming file:line."""
    examples = []
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if line.strip():
            examples.append(example_from_json(_parsed(line, f"{path.name}:{number}"), f"{path.name}:{number}", number))
    return examples


def _parsed(line: str, place: str) -> object:
    try:
        return json.loads(line)
    except ValueError as error:
        raise DatasetError(f"{place}: not JSON ({error}); one object per line is expected") from None


def write_jsonl(examples: Sequence[Example], path: Path) -> None:
    """Write one object a line."""
    path.write_text("".join(json.dumps(example.to_json(), ensure_ascii=False) + "\n" for example in examples), encoding="utf-8")


def read_csv(path: Path, columns: Columns | None = None) -> list[Example]:
    """Read a CSV with a header; several tags in a cell are separated by ; ； | or written as a JSON list. Raises DatasetError naming file:line."""
    columns = columns or Columns()
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""), strict=True)
    examples: list[Example] = []
    try:
        header = reader.fieldnames or []
        for wanted in (columns.text, *([columns.tags] if columns.tags != "tags" else [])):
            if wanted not in header:
                raise DatasetError(f"{path.name}:1: no column {wanted!r}; there are {', '.join(map(repr, header[:12]))}")
        for row in reader:
            place = f"{path.name}:{reader.line_num}"
            if None in row or None in row.values():
                raise DatasetError(f"{place}: {len(header)} columns expected; put texts with commas or line breaks in quotes")
            examples.append(_from_row(row, columns, place, len(examples) + 1))
    except csv.Error as error:
        raise DatasetError(f"{path.name}:{reader.line_num}: {error}; put texts with commas, quotes or line breaks in quotes") from None
    return examples


def _from_row(row: Mapping[str, str], columns: Columns, place: str, number: int) -> Example:
    theirs = {"text": columns.text, "tags": columns.tags, "report_id": columns.example_id, **columns.others}
    ours = {their: our for our, their in theirs.items()}
    record: dict[str, Any] = {}
    for name, cell in row.items():
        key = ours.get(name, name)
        if key == "extra":
            record |= _json_cell(cell, place)
        elif key in TAG_FIELDS:
            record[key] = _tags_cell(cell, place)
        elif key != "is_labelled" and cell != "":
            record[key] = cell
    if row.get("is_labelled") == "false":
        record = {key: value for key, value in record.items() if key not in TAG_FIELDS}
    return example_from_json(record, place, number)


def _json_cell(cell: str, place: str) -> dict[str, Any]:
    value = _parsed(cell, f"{place}: extra") if cell else {}
    if not isinstance(value, dict):
        raise DatasetError(f"{place}: extra: expected a JSON object")
    return value


def _tags_cell(cell: str, place: str) -> list[str]:
    if cell.startswith("["):
        value = _parsed(cell, place)
        return [str(item) for item in value] if isinstance(value, list) else []
    return [part.strip() for part in _SEPARATORS.split(cell) if part.strip()]


def write_csv(examples: Sequence[Example], path: Path) -> None:
    """Write all fields; a tag with a separator in it makes its cell a JSON list. UTF-8 with a byte order mark, so that spreadsheets show Chinese."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for example in examples:
        tags = [_cell(getattr(example, name)) for name in TAG_FIELDS]
        groups = [getattr(example, name) for name in GROUP_FIELDS]
        extra = json.dumps(dict(example.extra), ensure_ascii=False) if example.extra else ""
        writer.writerow([example.example_id, example.text, *tags, *groups, "true" if example.is_labelled else "false", extra])
    path.write_bytes(b"\xef\xbb\xbf" + buffer.getvalue().encode())


def _cell(tags: Sequence[str]) -> str:
    if any(_SEPARATORS.search(tag) or tag.startswith("[") or tag != tag.strip() for tag in tags):
        return json.dumps(list(tags), ensure_ascii=False)
    return ";".join(tags)
