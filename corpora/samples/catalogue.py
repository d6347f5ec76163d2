"""The bundled files, their size and hash."""

from __future__ import annotations

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent
CASES = FOLDER / "cases.jsonl"
FILES = ("cases.jsonl", "queries.jsonl", "reports_correction.jsonl", "reports_grid.jsonl")


def describe() -> list[tuple[str, int, str]]:
    """Return (name, records, SHA-256) of each bundled file there is."""
    found = []
    for name in FILES:
        path = FOLDER / name
        if path.is_file():
            content = path.read_bytes()
            found.append((name, content.count(b"\n"), hashlib.sha256(content).hexdigest()))
    return found
