"""The contract of an encoder: texts in, unit vectors out, one fingerprint that a snapshot remembers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Vectors: TypeAlias = npt.NDArray[np.float32]


class Encoder(Protocol):
    """Everything dense search needs to know of a model.

    `passage_chars` is the longest passage (characters) the model reads whole, None if any length; `fingerprint` changes when any output could.
    """

    name: str
    dimension: int
    fingerprint: str
    passage_chars: int | None

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) float32 rows of length 1 (or 0 for a text without a known word)."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) float32 rows of length 1 (or 0 for a text without a known word)."""
        ...

    def save(self, folder: Path) -> None:
        """Write what `load_encoder` needs to restore the encoder."""
        ...


def unit_rows(vectors: npt.NDArray[np.floating]) -> Vectors:
    """Scale each row to length 1; rows of zeros stay zero."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.where(norms > 1e-12, norms, 1.0), dtype=np.float32)
