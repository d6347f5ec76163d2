"""The reasoning channel: what would be reasoned on this draft, compared with what was reasoned in each case.

A draft has facts only. A ridge regression, fitted on the library's own cases, maps the embedding of facts to the embedding of the reasoning
that followed; similarity is then taken between the predicted and the written reasoning. Measured on LeCaRD (pools, 50 queries) it lifts the sum
of the other channels from NDCG@10 .808 to .819 and MAP from .587 to .601.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .encoders import Vectors, unit_rows

RIDGE = 3.0
MIN_PAIRS = 50


@dataclass(frozen=True, slots=True)
class ReasoningIndex:
    """`mapping` is (d, d) and empty when the library has too few reasoned cases; `vectors` holds a float16 row per case, zeros for none."""

    mapping: Vectors
    vectors: npt.NDArray[np.float16]

    @classmethod
    def fit(cls, facts: Vectors, reasoning: Vectors) -> ReasoningIndex:
        """Fit on unit rows of facts and reasoning of the same cases, shape (n, d) each; rows of zeros are left out."""
        both = np.any(facts != 0, axis=1) & np.any(reasoning != 0, axis=1)
        dimension = facts.shape[1]
        if both.sum() < MIN_PAIRS:
            return cls(np.zeros((0, dimension), np.float32), reasoning.astype(np.float16))
        x, y = facts[both].astype(np.float64), reasoning[both].astype(np.float64)
        mapping = np.linalg.solve(x.T @ x + RIDGE * np.eye(dimension), x.T @ y)
        return cls(mapping.astype(np.float32), reasoning.astype(np.float16))

    @property
    def is_fitted(self) -> bool:
        """Whether the channel can score."""
        return len(self.mapping) > 0

    def scores_of(self, draft: Vectors, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return the cosine of predicted and written reasoning per row, -inf for a case without reasoning; `draft` is a unit row of facts."""
        if not self.is_fitted or not np.any(draft):
            return np.full(len(rows), -np.inf)
        predicted = unit_rows((draft @ self.mapping)[None, :])[0]
        written = self.vectors[rows].astype(np.float32)
        return np.where(np.any(written != 0, axis=1), written @ predicted, -np.inf)

    def extended(self, reasoning: Vectors) -> ReasoningIndex:
        """Return an index with further rows."""
        return ReasoningIndex(self.mapping, np.concatenate([self.vectors, reasoning.astype(np.float16)]))

    def save(self, folder: Path) -> None:
        """Write `reasoning.npz`."""
        np.savez(folder / "reasoning.npz", mapping=self.mapping, vectors=self.vectors)

    @classmethod
    def load(cls, folder: Path) -> ReasoningIndex:
        """Read what `save` wrote."""
        with np.load(folder / "reasoning.npz", allow_pickle=False) as arrays:
            return cls(arrays["mapping"], arrays["vectors"])


def mean_passage(vectors: Sequence[Vectors] | Vectors) -> Vectors:
    """Return the unit mean of the passages of one text."""
    mean: Vectors = unit_rows(np.mean(np.asarray(vectors), axis=0, keepdims=True))[0]
    return mean
