"""The bundled files: their size, hash and how varied their language is."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
CASES = FOLDER / "cases.jsonl"
QUERIES = FOLDER / "queries.jsonl"
REPORTS = ("reports_correction.jsonl", "reports_grid.jsonl")
FILES = (CASES.name, QUERIES.name, *REPORTS)
SAMPLE_CHARACTERS = 50_000
SEED = 20221231


@dataclass(frozen=True, slots=True)
class Description:
    """One bundled file; `distinct_bigrams` is measured on `n_sampled` characters and compares only between equal samples."""

    name: str
    n_records: int
    sha256: str
    distinct_bigrams: float
    n_sampled: int


def describe(folder: Path = FOLDER) -> list[Description]:
    """Describe each bundled file there is."""
    found = []
    for name in FILES:
        path = folder / name
        if path.is_file():
            content = path.read_bytes()
            records = [json.loads(line) for line in content.splitlines()]
            sample = sample_text([record["facts"] if "facts" in record else record["text"] for record in records])
            found.append(Description(name, len(records), hashlib.sha256(content).hexdigest(), distinct_bigram_ratio(sample), len(sample)))
    return found


def sample_text(texts: Sequence[str], characters: int = SAMPLE_CHARACTERS, seed: int = SEED) -> str:
    """Return the first `characters` of the texts in an order drawn by the seed; all of them where there are fewer."""
    return "".join(random.Random(seed).sample(texts, len(texts)))[:characters]


def distinct_bigram_ratio(text: str) -> float:
    """Return distinct character bigrams over all bigrams: the more is said in other words, the nearer to 1 (Li et al. 2016, distinct-2)."""
    bigrams = [text[at : at + 2] for at in range(len(text) - 1)]
    return len(set(bigrams)) / len(bigrams) if bigrams else 0.0
