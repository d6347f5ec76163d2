"""Dense search: best passage per case on FAISS; the only file that imports it.

Flat inner product up to `FLAT_LIMIT` passages, above that IVF with 8-bit scalar quantisation whose recall against flat is measured at
build. Cases added after the build lie in a small exact matrix beside it until the next build; views are never changed in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from .columns import Mask
from .encoders import Vectors
from .errors import SnapshotError

FLAT_LIMIT = 200_000
RECALL_QUERIES = 200
Spans = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class DenseHits:
    """Rows with their best passage, best first; `spans` are (start, end) in the case's facts."""

    rows: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]
    spans: Spans

    def better(self, other: DenseHits) -> DenseHits:
        """Return for the same rows the better of two passages each."""
        wins = other.scores > self.scores
        return DenseHits(self.rows, np.where(wins, other.scores, self.scores), np.where(wins[:, None], other.spans, self.spans))


@dataclass(frozen=True, slots=True)
class DenseIndex:
    """`rows[i]` is the case of passage i, `spans[i]` where it lies; the first `len(rows) - len(extra)` passages are in `base`."""

    base: faiss.Index
    rows: npt.NDArray[np.int32]
    spans: Spans
    extra: Vectors

    @classmethod
    def build(cls, vectors: Vectors, rows: npt.NDArray[np.int32], spans: Spans, *, flat_limit: int = FLAT_LIMIT, seed: int = 0) -> DenseIndex:
        """Index (n, d) unit vectors."""
        n, dimension = vectors.shape
        if n <= flat_limit:
            base: faiss.Index = faiss.IndexFlatIP(dimension)
        else:
            n_lists = int(2 ** np.round(np.log2(4 * np.sqrt(n))))
            base = faiss.IndexIVFScalarQuantizer(faiss.IndexFlatIP(dimension), dimension, n_lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
            base.cp.seed = seed
            base.train(vectors[np.random.default_rng(seed).permutation(n)[: 64 * n_lists]])
            base.nprobe = max(16, n_lists // 64)
        base.add(vectors)
        if isinstance(base, faiss.IndexIVF):
            base.make_direct_map()
        return cls(base, rows, spans, np.zeros((0, dimension), np.float32))

    @property
    def kind(self) -> str:
        """`flat` or `ivf-sq8`."""
        return "ivf-sq8" if isinstance(self.base, faiss.IndexIVF) else "flat"

    def recall_at_10(self, vectors: Vectors, *, seed: int = 0) -> float:
        """Measure recall@10 against exact search, the index's own passages as queries."""
        if self.kind == "flat":
            return 1.0
        queries = vectors[np.random.default_rng(seed).permutation(len(vectors))[:RECALL_QUERIES]]
        exact = faiss.IndexFlatIP(vectors.shape[1])
        exact.add(vectors)
        _, expected = exact.search(queries, 10)
        _, found = self.base.search(queries, 10)
        return float(np.mean([len(set(left) & set(right)) / 10 for left, right in zip(expected, found, strict=True)]))

    def extended(self, vectors: Vectors, rows: Sequence[int], spans: Spans) -> DenseIndex:
        """Return an index that holds further passages as well."""
        return replace(
            self,
            rows=np.concatenate([self.rows, np.asarray(rows, np.int32)]),
            spans=np.concatenate([self.spans, spans.astype(np.int32)]),
            extra=np.concatenate([self.extra, vectors]),
        )

    def search(self, vector: Vectors, k: int, mask: Mask | None) -> DenseHits:
        """Return the k best cases for one unit vector of shape (d,), each by its best passage; `mask` says which rows may be found."""
        n_base = len(self.rows) - len(self.extra)
        allowed = None if mask is None else mask[self.rows]
        wanted = k
        while True:
            scores, passages = self._base_search(vector, wanted, None if allowed is None else allowed[:n_base])
            if len(self.extra):
                more = self.extra @ vector
                keep = np.arange(len(more)) if allowed is None else np.flatnonzero(allowed[n_base:])
                scores = np.concatenate([scores, more[keep]])
                passages = np.concatenate([passages, keep + n_base])
            hits = self._best_per_case(scores, passages, k)
            if len(hits.rows) >= k or wanted >= n_base:
                return hits
            wanted = min(4 * wanted, n_base)

    def _base_search(self, vector: Vectors, k: int, allowed: Mask | None) -> tuple[Vectors, npt.NDArray[np.int64]]:
        n_base = len(self.rows) - len(self.extra)
        if n_base == 0 or not np.any(vector):
            return np.zeros(0, np.float32), np.zeros(0, np.int64)
        parameters = None
        bits = None if allowed is None else np.packbits(allowed, bitorder="little")
        if bits is not None:
            selector = faiss.IDSelectorBitmap(n_base, faiss.swig_ptr(bits))
            if self.kind == "flat":
                parameters = faiss.SearchParameters(sel=selector)
            else:
                assert allowed is not None
                share = max(float(allowed.mean()), 1e-6)
                parameters = faiss.SearchParametersIVF(sel=selector, nprobe=int(min(self.base.nlist, np.ceil(self.base.nprobe / share))))
        scores, passages = self.base.search(vector[None, :], min(k, n_base), params=parameters)
        found = passages[0] >= 0
        return scores[0][found], passages[0][found]

    def _best_per_case(self, scores: Vectors, passages: npt.NDArray[np.int64], k: int) -> DenseHits:
        order = np.argsort(-scores, kind="stable")
        rows = self.rows[passages[order]]
        _, first = np.unique(rows, return_index=True)
        best = order[np.sort(first)[:k]]
        return DenseHits(self.rows[passages[best]].astype(np.int64), scores[best], self.spans[passages[best]])

    def scores_of(self, vector: Vectors, rows: npt.NDArray[np.int64]) -> DenseHits:
        """Return the exact best passage of each given row, in the order given; rows without a passage score 0."""
        passages = np.flatnonzero(np.isin(self.rows, rows))
        n_base = len(self.rows) - len(self.extra)
        stored = [self.base.reconstruct_batch(passages[passages < n_base])] if np.any(passages < n_base) else []
        stored.append(self.extra[passages[passages >= n_base] - n_base])
        values = np.concatenate(stored) @ vector
        scores = np.zeros(len(rows), np.float32)
        spans = np.zeros((len(rows), 2), np.int32)
        order = np.argsort(rows, kind="stable")
        place = order[np.searchsorted(rows, self.rows[passages], sorter=order)]
        # Per row the best passage, of equal ones the first: sorted by row, then falling value, the head of each row.
        best = np.lexsort((passages, -values, place))
        heads = best[np.diff(place[best], prepend=-1) > 0]
        scores[place[heads]], spans[place[heads]] = values[heads], self.spans[passages[heads]]
        return DenseHits(rows, scores, spans)

    def save(self, folder: Path) -> None:
        """Write `dense.faiss` and `dense.npz`; only a freshly built index is saved."""
        if len(self.extra):
            raise SnapshotError("a dense index with later additions is not saved: build a new one")
        faiss.write_index(self.base, str(folder / "dense.faiss"))
        np.savez(folder / "dense.npz", rows=self.rows, spans=self.spans)

    @classmethod
    def load(cls, folder: Path) -> DenseIndex:
        """Read what `save` wrote. Raises SnapshotError when FAISS cannot."""
        try:
            base = faiss.read_index(str(folder / "dense.faiss"))
        except RuntimeError as error:
            raise SnapshotError(f"{folder / 'dense.faiss'}: not readable ({error}); rebuild the library") from None
        if isinstance(base, faiss.IndexIVF):
            base.make_direct_map()
        with np.load(folder / "dense.npz", allow_pickle=False) as arrays:
            rows, spans = arrays["rows"], arrays["spans"]
        return cls(base, rows, spans, np.zeros((0, base.d), np.float32))


def limit_threads(n: int) -> None:
    """Let FAISS use n threads in each search of this process (two make a flat single query slower)."""
    faiss.omp_set_num_threads(n)
