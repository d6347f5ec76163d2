"""Does the model still see what it was made for? Score distribution (PSI), words it does not know, and how often it gives each tag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import rjieba
from numpy.typing import NDArray

Floats = NDArray[np.float64]
N_BINS = 10
# The usual reading of PSI: below .1 nothing, .1–.25 look, above .25 the texts are others.
LOOK, MOVED = 0.1, 0.25
_FLOOR = 1e-4


@dataclass(frozen=True, slots=True)
class Drift:
    """`psi` compares the distributions of the strongest probability of each text; `shift` is {tag: (share before, share now)}."""

    psi: float
    unseen_before: float
    unseen_now: float
    shift: Mapping[str, tuple[float, float]]

    @property
    def verdict(self) -> str:
        """`stable`, `look` or `moved`."""
        return "moved" if self.psi > MOVED else "look" if self.psi > LOOK else "stable"

    def as_json(self) -> dict[str, Any]:
        """Return the report."""
        shift = {tag: [round(old, 4), round(new, 4)] for tag, (old, new) in self.shift.items()}
        return {
            "verdict": self.verdict,
            "psi": round(self.psi, 4),
            "unseen_words": [round(self.unseen_before, 4), round(self.unseen_now, 4)],
            "label_shift": shift,
        }


def drift(before: Sequence[str], now: Sequence[str], p_before: Floats, p_now: Floats, tags: Sequence[str], *, known: set[str] | None = None) -> Drift:
    """Compare texts of a reference time with new ones; probabilities are (texts, tags). `known` are words of the training data, else every second
    half of the reference is held against the first. Raises ValueError for no text."""
    if not len(before) or not len(now):
        raise ValueError("no texts to compare: give at least one on each side")
    known_words = known if known is not None else words_of(before[::2])
    reference = before if known is not None else before[1::2] or before
    shift = {tag: (float(p_before[:, column].mean()), float(p_now[:, column].mean())) for column, tag in enumerate(tags)}
    return Drift(psi(p_before.max(axis=1), p_now.max(axis=1)), unseen_rate(reference, known_words), unseen_rate(now, known_words), shift)


def psi(before: Floats, now: Floats, n_bins: int = N_BINS) -> float:
    """Return Σ (q − p)·ln(q / p) over bins that hold equal shares of `before` (population stability index)."""
    edges = np.unique(np.quantile(before, np.linspace(0, 1, n_bins + 1)[1:-1]))
    shares = [np.maximum(np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1) / len(values), _FLOOR) for values in (before, now)]
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def words_of(texts: Sequence[str]) -> set[str]:
    """Return the words of texts, without spaces."""
    return {word for text in texts for word in rjieba.cut(text) if not word.isspace()}


def unseen_rate(texts: Sequence[str], known: set[str]) -> float:
    """Return the share of words (with repetitions) that are not known; 0 without words."""
    words = [word for text in texts for word in rjieba.cut(text) if not word.isspace()]
    return sum(word not in known for word in words) / len(words) if words else 0.0
