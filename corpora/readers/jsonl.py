"""JSON lines, or one JSON array or object: one object per case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson

from .base import Row, inner_suffix, open_bytes, read_lines, read_text

MAX_WHOLE_BYTES = 256 << 20  # an array is held in memory; lines are not


def read(path: Path) -> Iterator[Row]:
    """Yield one row per line; a broken line is one row with an error. A file that is one array, or a .json of one object, yields its items."""
    with open_bytes(path) as file:
        start = file.peek(64)[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    is_json = inner_suffix(path) == ".json"
    if start.startswith(b"[") or (is_json and start.split(b"\n")[0].strip() == b"{"):
        items = _whole(path)
        if items is not None:
            yield from items
            return
        if is_json:
            yield Row(f"{path.name}:1", None, "not valid JSON: nothing of the file was read; with one object per line only a broken line is lost")
            return
    for line in read_lines(path):
        if line.error:
            yield Row(f"{path.name}:{line.number}", None, line.error)
        elif line.text.strip():
            yield _row(f"{path.name}:{line.number}", line.text)


def _row(place: str, text: str) -> Row:
    try:
        # orjson, not json: it refuses NaN and half surrogate pairs and bounds the depth.
        record = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return Row(place, None, f"not valid JSON ({error.msg} at character {error.pos + 1}): expected one object per line")
    return _object(place, record)


def _object(place: str, record: object) -> Row:
    if isinstance(record, dict):
        return Row(place, record)
    return Row(place, None, f"expected a JSON object, got {type(record).__name__}")


def _whole(path: Path) -> list[Row] | None:
    """Return the items of a file that is one JSON value, None when it is not."""
    try:
        items = orjson.loads(read_text(path, MAX_WHOLE_BYTES))
    except orjson.JSONDecodeError:
        return None
    return [_object(f"{path.name}[{number}]", item) for number, item in enumerate(items if isinstance(items, list) else [items], 1)]
