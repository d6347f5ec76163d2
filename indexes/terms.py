"""Sparse counts of terms over a fixed vocabulary: what fitted encoders and classifiers read."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp


class CountBuilder:
    """Grow a vocabulary and a (documents × terms) count matrix from term lists, in about 8 bytes per distinct term of a document."""

    def __init__(self, vocabulary: dict[str, int] | None = None) -> None:
        """Start with an empty vocabulary, or grow one together with another builder."""
        self.vocabulary: dict[str, int] = {} if vocabulary is None else vocabulary
        self._columns = array("i")
        self._counts = array("f")
        self._ends = array("q", [0])

    def add(self, terms: Iterable[str]) -> None:
        """Append one document."""
        vocabulary = self.vocabulary
        for term, count in Counter(terms).items():
            self._columns.append(vocabulary.setdefault(term, len(vocabulary)))
            self._counts.append(count)
        self._ends.append(len(self._columns))

    def matrix(self) -> sp.csr_matrix:
        """Return the counts as float32 CSR of shape (documents, terms)."""
        shape = (len(self._ends) - 1, len(self.vocabulary))
        arrays = (np.frombuffer(self._counts, np.float32), np.frombuffer(self._columns, np.int32), np.frombuffer(self._ends, np.int64))
        return sp.csr_matrix(arrays, shape=shape)


def count_rows(documents: Sequence[Sequence[str]], vocabulary: Mapping[str, int]) -> sp.csr_matrix:
    """Count the known terms of each document: float32 CSR of shape (documents, len(vocabulary))."""
    columns: list[int] = []
    counts: list[int] = []
    ends = [0]
    for terms in documents:
        known = Counter(index for term in terms if (index := vocabulary.get(term)) is not None)
        columns.extend(known.keys())
        counts.extend(known.values())
        ends.append(len(columns))
    return sp.csr_matrix((np.array(counts, np.float32), np.array(columns, np.int32), np.array(ends, np.int64)), shape=(len(documents), len(vocabulary)))


def sublinear_tfidf(counts: sp.csr_matrix, idf: npt.NDArray[np.float32]) -> sp.csr_matrix:
    """Return rows of (1 + ln tf) · idf scaled to length 1 (Salton & Buckley 1988); the input is not changed."""
    weighted = counts.astype(np.float32, copy=True)
    weighted.data = (1.0 + np.log(weighted.data)) * idf[weighted.indices]
    norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    weighted.data /= np.repeat(np.where(norms > 0, norms, 1.0), np.diff(weighted.indptr)).astype(np.float32)
    return weighted
