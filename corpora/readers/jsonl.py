"""JSON lines, or one JSON array: one object per case."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from .base import Row, open_bytes, open_text


def read(path: Path) -> Iterator[Row]:
    """Yield one row per line; a broken line is one row with an error. A file that is one array yields its items."""
    with open_bytes(path) as file:
        first = file.read(64).lstrip(b"\xef\xbb\xbf \r\n\t")[:1]
    if first == b"[":
        yield from _array(path)
        return
    with open_text(path) as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _row(f"{path.name}:{number}", line)


def _row(place: str, text: str) -> Row:
    try:
        record = json.loads(text)
    except ValueError as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        return Row(place, None, f"not valid JSON ({reason}): expected one object per line")
    except RecursionError:
        return Row(place, None, "nested too deep: expected one flat object per line")
    if not isinstance(record, dict):
        return Row(place, None, f"expected a JSON object, got {type(record).__name__}")
    return Row(place, record)


def _array(path: Path) -> Iterator[Row]:
    with open_text(path) as file:
        try:
            items = json.load(file)
        except ValueError as error:
            yield Row(f"{path.name}:1", None, f"not a valid JSON array ({error})")
            return
    for number, item in enumerate(items, 1):
        place = f"{path.name}[{number}]"
        yield Row(place, item) if isinstance(item, dict) else Row(place, None, f"expected a JSON object, got {type(item).__name__}")
