"""What to label next: the texts the model is least sure of, rare tags first, and no two of them alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

Floats = NDArray[np.float64]


def uncertainty(p: Floats, n_labelled: NDArray[np.int64]) -> Floats:
    """Return one figure per text from probabilities (texts, tags).

    The entropy of every tag in bits, weighted by 1/√(1 + labelled examples of the tag): where few examples are, one more teaches most.
    """
    q = np.clip(p, 1e-6, 1 - 1e-6)
    entropy = -(q * np.log2(q) + (1 - q) * np.log2(1 - q))
    found: Floats = entropy @ (1.0 / np.sqrt(1.0 + n_labelled))
    return found


def text_vectors(texts: Sequence[str]) -> sp.csr_matrix:
    """Return unit tf-idf rows of character 2- and 3-grams."""
    counts = HashingVectorizer(analyzer="char", ngram_range=(2, 3), n_features=2**18, alternate_sign=False, norm=None).transform(texts)
    return TfidfTransformer(sublinear_tf=True).fit_transform(counts).tocsr()


def choose(scores: Floats, vectors: sp.csr_matrix, n: int, *, known: sp.csr_matrix | None = None, diversity: float = 1.0) -> list[int]:
    """Return n rows, best first: each time the highest score · (1 − similarity to the nearest chosen or known text)^diversity.

    Without a known set the first is the most uncertain one. Ties go to the earlier row, so that the choice can be repeated.
    """
    nearest = np.zeros(len(scores))
    if known is not None and known.shape[0]:
        for start in range(0, vectors.shape[0], 500):
            part = (vectors[start : start + 500] @ known.T).tocsr()
            nearest[start : start + 500] = part.max(axis=1).toarray().ravel()
    left = np.ones(len(scores), dtype=bool)
    chosen: list[int] = []
    for _ in range(min(n, len(scores))):
        value = np.where(left, scores * np.clip(1.0 - nearest, 1e-9, 1.0) ** diversity, -np.inf)
        best = int(np.argmax(value))
        chosen.append(best)
        left[best] = False
        nearest = np.maximum(nearest, (vectors @ vectors[best].T).toarray().ravel())
    return chosen
