"""What an artefact says of its making: data hashes, code, environment, and which texts the model has seen; nothing that changes from run to run."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nlp_service

from .datasets import Example, data_hash

_PACKAGES = ("numpy", "scipy", "scikit-learn", "rjieba", "safetensors", "torch", "transformers", "sentence-transformers", "peft", "accelerate")
_SPACE = re.compile(r"\s+")


def text_key(text: str) -> str:
    """Return 12 hex digits that stand for a text, whatever its spaces; one cannot read the text from it."""
    return hashlib.sha256(_SPACE.sub("", text).encode()).hexdigest()[:12]


def lineage(train: Sequence[Example], test: Sequence[Example], *, seed: int, refit: bool) -> dict[str, Any]:
    """Return data, code and environment of a fit. `seen` are the keys of the texts the shipped model was fitted on."""
    seen = [*train, *test] if refit else train
    return {
        "data": {
            "train": {"sha256": data_hash(train), "n": len(train)},
            "test": {"sha256": data_hash(test), "n": len(test)},
        },
        "seed": seed,
        "refit_on_all": refit,
        "seen": sorted({text_key(example.text) for example in seen}),
        "code": {"version": nlp_service.__version__, "commit": _commit()},
        "environment": {
            "python": platform.python_version(),
            "machine": platform.machine(),
            "packages": {name: _version(name) for name in _PACKAGES},
        },
    }


def n_seen(examples: Sequence[Example], lineage_: Mapping[str, Any]) -> int:
    """Return how many of the examples' texts a model was fitted on."""
    seen = set(lineage_.get("seen", ()))
    return sum(text_key(example.text) in seen for example in examples)


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _commit() -> str | None:
    """Return the commit of the code, where it runs from a repository."""
    root = Path(__file__).parents[1]
    try:
        found = subprocess.run(["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True, text=True, timeout=10, check=False)
    except OSError:
        return None
    return found.stdout.strip() or None
