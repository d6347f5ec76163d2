"""One immutable state of a library that answers searches: channels, candidates, fusion. A request holds one view from start to end."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .analyzer import Analyzer
from .causes import CauseClassifier
from .columns import Columns, Mask
from .dense import DenseHits, DenseIndex
from .encoders import Encoder
from .fusion import Fusion, ranks
from .labels import cause_label
from .lexical import LexicalIndex
from .passages import passage_spans
from .query import Channel, ChannelScore, Filters, Hit, Query, Read, SearchResult
from .reasoning import ReasoningIndex, mean_passage
from .salience import Salience
from .speech import Speech

N_CANDIDATES = 200
N_LABELS = 20
CAUSE_LABELS = 3
CAUSE_LEAST = 0.1
CAUSE_CANDIDATES = 100
SOFT_CAUSES = 0.5
MAX_QUERY_TERMS = 400
Rows = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class View:
    """Every part belongs to the same state: snapshot `name` plus the changes up to `last_seq`."""

    name: str
    last_seq: int
    analyzer: Analyzer
    encoder: Encoder
    columns: Columns
    lexical: LexicalIndex
    dense: DenseIndex
    causes: CauseClassifier
    cause_roots: npt.NDArray[np.float16]
    speech: Speech
    reasoning: ReasoningIndex
    salience: Salience
    fusion: Fusion

    def search(
        self,
        query: Query,
        k: int,
        *,
        filters: Filters | None = None,
        pool: Sequence[str] | None = None,
        pinned: Sequence[str] = (),
        executor: Executor | None = None,
    ) -> SearchResult:
        """Return the k best cases. `pool` restricts the candidates; `pinned` case ids come first (exact look-ups).

        Lexical and dense run at the same time when an executor is given. Every candidate gets the score of every channel.
        """
        clock = _Clock()
        terms = self.analyzer.terms(query.text)
        clock.lap("analyse")
        vectors = self._query_vectors(query.text)
        clock.lap("encode")
        mask = self.columns.mask(filters, pool)
        n_lexical, n_dense = (len(pool), len(pool)) if pool is not None else (max(k, N_CANDIDATES), max(k, N_CANDIDATES))
        query_terms = self._query_terms(terms)
        probabilities = self.cause_probabilities(query, terms)
        labels = self._labels(query, probabilities)
        clock.lap("causes")
        if executor is not None:
            waiting = executor.submit(self._near_rows, vectors, n_dense, mask, labels)
            rows, bm25 = self.lexical.search(query_terms, n_lexical, filters=filters, pool=pool)
            clock.lap("lexical")
            near = waiting.result()
        else:
            rows, bm25 = self.lexical.search(query_terms, n_lexical, filters=filters, pool=pool)
            clock.lap("lexical")
            near = self._near_rows(vectors, n_dense, mask, labels)
        clock.lap("dense")
        by_cause = self._cause_scores(labels)
        pinned_rows = [row for case_id in pinned if (row := self.columns.row_of.get(case_id)) is not None]
        candidates = self._union(pinned_rows, rows, near, mask, pool is not None)
        by_cause = by_cause[candidates] + self._soft_causes(query, probabilities, candidates)
        scored, best = self._score(candidates, rows, bm25, vectors, by_cause, is_cut=len(rows) == n_lexical)
        hits = self._hits(candidates, scored, best, k, set(pinned_rows))
        clock.lap("fuse")
        read = Read(len(query.text), len(query.text), len(vectors))
        return SearchResult(hits, len(candidates), tuple(labels[:5]), bool(hits), read, clock.laps, self.name, self.last_seq)

    def _query_terms(self, terms: Sequence[str]) -> dict[str, float]:
        """Return the distinct terms with their salience, in a very long draft only the rarest (a word of every second case finds nothing)."""
        words = dict.fromkeys(terms)
        if len(words) > MAX_QUERY_TERMS:
            kept = set(sorted(words, key=lambda word: -self.causes.rarity(word))[:MAX_QUERY_TERMS])
            words = dict.fromkeys(word for word in words if word in kept)
        return {word: self.salience.of(word) for word in words}

    def _query_vectors(self, text: str) -> npt.NDArray[np.float32]:
        limit = self.encoder.passage_chars
        return self.encoder.encode_queries([text[start:end] for start, end in passage_spans(text, limit)] or [""])

    def _dense_rows(self, vectors: npt.NDArray[np.float32], k: int, mask: Mask | None) -> Rows:
        found = [self.dense.search(vector, k, mask).rows for vector in vectors]
        return np.unique(np.concatenate(found)) if len(found) > 1 else found[0]

    def cause_probabilities(self, query: Query, terms: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return P(cause | draft) for each label of the classifier."""
        return self.causes.posterior(terms, query.signs, self.speech.scores(terms, query.text) if self.speech.index else None)

    def _near_rows(self, vectors: npt.NDArray[np.float32], k: int, mask: Mask | None, labels: Sequence[tuple[str, float]]) -> Rows:
        """Return the nearest cases of all and, apart, of the likeliest causes: a short question is near to much that is about something else."""
        near = self._dense_rows(vectors, k, mask)
        known = [rows for label, p in labels[:CAUSE_LABELS] if p >= CAUSE_LEAST and (rows := self.columns.postings.get(f"label={label}")) is not None]
        if not known or (mask is not None and k >= mask.sum()):
            return near
        of_cause = np.zeros(len(self.columns.ids), bool)
        of_cause[np.concatenate(known)] = True
        return np.union1d(near, self.dense.search(mean_passage(vectors), CAUSE_CANDIDATES, of_cause if mask is None else of_cause & mask).rows)

    def _labels(self, query: Query, probabilities: npt.NDArray[np.float32]) -> list[tuple[str, float]]:
        chosen = [cause_label(cause) for cause in query.causes]
        if chosen:
            return [(label, 1.0 / len(chosen)) for label in dict.fromkeys(chosen)]
        return self.causes.best(probabilities, N_LABELS)

    def _cause_scores(self, labels: Sequence[tuple[str, float]]) -> npt.NDArray[np.float32]:
        scores = np.zeros(len(self.columns.ids), np.float32)
        for label, probability in labels:
            rows = self.columns.postings.get(f"label={label}")
            if rows is not None:
                scores[rows] += probability
        return scores

    def _soft_causes(self, query: Query, probabilities: npt.NDArray[np.float32], rows: Rows) -> npt.NDArray[np.float32]:
        """Return SOFT_CAUSES · Σ √(P(label | draft) · P(label | case)), the Bhattacharyya coefficient: near causes count too."""
        if query.causes or not self.causes.labels or len(rows) == 0:
            return np.zeros(len(rows), np.float32)
        soft: npt.NDArray[np.float32] = SOFT_CAUSES * (self.cause_roots[rows].astype(np.float32) @ np.sqrt(probabilities))
        return soft

    def _union(self, pinned: Sequence[int], lexical: Rows, near: Rows, mask: Mask | None, whole_pool: bool) -> Rows:
        if whole_pool and mask is not None:
            return np.flatnonzero(mask)
        both = np.unique(np.concatenate([np.array(pinned, np.int64), lexical, near]))
        return both[mask[both]] if mask is not None else both

    def _score(
        self,
        candidates: Rows,
        lexical_rows: Rows,
        bm25: npt.NDArray[np.float32],
        vectors: npt.NDArray[np.float32],
        by_cause: npt.NDArray[np.float32],
        *,
        is_cut: bool,
    ) -> tuple[dict[Channel, Scores], DenseHits | None]:
        known = dict(zip(lexical_rows.tolist(), bm25.tolist(), strict=True))
        # A candidate that only dense search found scores at most what the last lexical hit scored (0 when that list was not full).
        floor = float(bm25[-1]) if is_cut and len(bm25) else 0.0
        lexical = np.array([known.get(row, floor) for row in candidates.tolist()], np.float64)
        best: DenseHits | None = None
        for vector in vectors:
            exact = self.dense.scores_of(vector, candidates)
            best = exact if best is None else best.better(exact)
        dense = best.scores.astype(np.float64) if best is not None else np.zeros(len(candidates))
        reasoning = self.reasoning.scores_of(mean_passage(vectors), candidates)
        return {Channel.LEXICAL: lexical, Channel.DENSE: dense, Channel.CAUSES: by_cause.astype(np.float64), Channel.REASONING: reasoning}, best

    def _hits(self, candidates: Rows, scored: Mapping[Channel, Scores], best: DenseHits | None, k: int, pinned: set[int]) -> tuple[Hit, ...]:
        if len(candidates) == 0:
            return ()
        fused = self.fusion.fuse(scored)
        places = {channel: ranks(values) for channel, values in scored.items()}
        first = np.array([row in pinned for row in candidates.tolist()])
        ids = self.columns.ids
        order = sorted(range(len(candidates)), key=lambda i: (not first[i], -fused[i], ids[candidates[i]]))[:k]
        hits = []
        for rank, i in enumerate(order, 1):
            channels = {channel: ChannelScore(int(places[channel][i]) or None, float(values[i])) for channel, values in scored.items()}
            if first[i]:
                channels[Channel.EXACT] = ChannelScore(1, 1.0)
            span = (int(best.spans[i][0]), int(best.spans[i][1])) if best is not None else None
            hits.append(Hit(ids[candidates[i]], rank, float(fused[i]), None, channels, span))
        return tuple(hits)


class _Clock:
    """Milliseconds per stage."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.laps[stage] = round((now - self._last) * 1000, 3)
        self._last = now
