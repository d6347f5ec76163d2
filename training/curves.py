"""Training curves as CSV: one row per logged value, so that any spreadsheet or notebook draws them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

# Figures of speed differ from run to run and would make two equal fits look different.
_LEFT_OUT = ("runtime", "per_second", "flos")


def append_curve(path: Path, step: int, logs: Mapping[str, float]) -> None:
    """Append (step, name, value) for every number that says something of the model."""
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if is_new:
            writer.writerow(("step", "name", "value"))
        for name, value in logs.items():
            if isinstance(value, int | float) and not any(part in name for part in _LEFT_OUT):
                writer.writerow((step, name, repr(float(value))))
