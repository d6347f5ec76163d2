"""One immutable state of a library that answers searches: channels, candidates, fusion. A request holds one view from start to end."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .analyzer import Analyzer
from .calibration import Calibration
from .causes import CauseClassifier
from .columns import Columns, Mask
from .dense import DenseHits, DenseIndex
from .encoders import Encoder
from .fusion import Fusion
from .labels import cause_label
from .lexical import LexicalIndex
from .passages import passage_spans
from .query import Channel, Filters, Hit, Query, Read, SearchResult
from .reasoning import ReasoningIndex, mean_passage
from .salience import Salience
from .scoring import Reading, Rows, Scored, Scores
from .speech import Speech
from .statutes import StatuteIndex, cited_scores, read_articles

N_CANDIDATES = 200
N_LABELS = 20
CAUSE_LABELS = 3
CAUSE_LEAST = 0.1
CAUSE_CANDIDATES = 100
SOFT_CAUSES = 0.5
MAX_QUERY_TERMS = 400


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
    taught: Speech
    reasoning: ReasoningIndex
    salience: Salience
    statutes: StatuteIndex
    fusion: Fusion
    calibration: Calibration

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
        clock = Clock()
        pinned_rows = [row for case_id in pinned if (row := self.columns.row_of.get(case_id)) is not None]
        reading, scored = self.score(query, k, filters=filters, pool=pool, pinned=pinned_rows, executor=executor, clock=clock)
        hits = self._calibrated(scored.hits(self.fusion, self.columns.ids, k, reading, frozenset(pinned_rows)))
        clock.lap("fuse")
        read = Read(len(query.text), len(query.text), len(reading.vectors))
        articles = tuple(self.statutes.predict(reading.labels))
        match = is_match(self.calibration, hits)
        return SearchResult(hits, len(scored.rows), reading.labels[:5], articles, match, read, clock.laps, self.name, self.last_seq)

    def score(
        self,
        query: Query,
        k: int,
        *,
        filters: Filters | None = None,
        pool: Sequence[str] | None = None,
        pinned: Sequence[int] = (),
        executor: Executor | None = None,
        clock: Clock | None = None,
    ) -> tuple[Reading, Scored]:
        """Return what is read of the query, and every candidate with the score of every channel (`search` makes hits of it)."""
        clock = clock or Clock()
        reading = self.read(query, clock)
        mask = self.columns.mask(filters, pool)
        n = len(pool) if pool is not None else max(k, N_CANDIDATES)
        waiting = executor.submit(self._near_rows, reading, n, mask) if executor is not None else None
        rows, bm25 = self.lexical.search(reading.terms, n, filters=filters, pool=pool)
        clock.lap("lexical")
        near = waiting.result() if waiting is not None else self._near_rows(reading, n, mask)
        clock.lap("dense")
        candidates = self._union(pinned, rows, near, mask, pool is not None)
        return reading, self._score(candidates, reading, self._lexical_scores(candidates, rows, bm25, is_cut=len(rows) == n))

    def read(self, query: Query, clock: Clock | None = None) -> Reading:
        """Return what is read of a draft before anything is looked up."""
        clock = clock or Clock()
        terms = self.analyzer.terms(query.text)
        clock.lap("analyse")
        vectors = self._query_vectors(query.text)
        clock.lap("encode")
        weighted = self._query_terms(terms)
        reach, known = self.lexical.reach(weighted)
        probabilities = self.causes.posterior(terms, query.signs, self.speech.scores(terms, query.text) if self.speech.index else None)
        labels = tuple(self._labels(query, probabilities))
        absent = 0.0 if query.causes else self.absent(terms, query.text, probabilities)
        clock.lap("causes")
        return Reading(
            terms=weighted,
            vectors=vectors,
            probabilities=probabilities,
            labels=labels,
            articles=read_articles(query.text),
            reach=reach,
            known=known,
            familiar=self.speech.familiar(query.text),
            absent=absent,
            is_named=bool(query.causes),
        )

    def absent(self, terms: Sequence[str], text: str, probabilities: npt.NDArray[np.float32]) -> float:
        """Return the probability that a draft is about a taught cause of which no case is alive, as far as it is about a taught cause at all."""
        if not self.taught.index:
            return 0.0
        alive, postings = self.columns.alive, self.columns.postings
        missing = [(rows := postings.get(f"label={label}")) is None or not alive[rows].any() for label in self.taught.labels]
        taught = frozenset(self.taught.labels)
        share = sum(float(p) for label, p in zip(self.causes.labels, probabilities, strict=True) if label in taught)
        return share * float(self.taught.probabilities(terms, text)[missing].sum())

    def _calibrated(self, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
        relevance = self.calibration.probabilities([hit.evidence for hit in hits])
        return tuple(replace(hit, relevance=float(p)) for hit, p in zip(hits, relevance, strict=True))

    def _query_terms(self, terms: Sequence[str]) -> dict[str, float]:
        """Return the distinct terms with their weight, in a very long draft only the rarest (a word of every second case finds nothing).

        The weight is the mean of the salience and of √occurrences (scaled to 1 on average): what a draft says again and again matters to it.
        """
        words = Counter(terms)
        if len(words) > MAX_QUERY_TERMS:
            kept = set(sorted(words, key=lambda word: -self.causes.rarity(word))[:MAX_QUERY_TERMS])
            words = Counter({word: n for word, n in words.items() if word in kept})
        mean = sum(map(math.sqrt, words.values())) / max(1, len(words))
        return {word: 0.5 * self.salience.of(word) + 0.5 * math.sqrt(n) / mean for word, n in words.items()}

    def _query_vectors(self, text: str) -> npt.NDArray[np.float32]:
        limit = self.encoder.passage_chars
        return self.encoder.encode_queries([text[start:end] for start, end in passage_spans(text, limit)] or [""])

    def _dense_rows(self, vectors: npt.NDArray[np.float32], k: int, mask: Mask | None) -> Rows:
        found = [self.dense.search(vector, k, mask).rows for vector in vectors]
        return np.unique(np.concatenate(found)) if len(found) > 1 else found[0]

    def _near_rows(self, reading: Reading, k: int, mask: Mask | None) -> Rows:
        """Return the nearest cases of all and, apart, of the likeliest causes: a short question is near to much that is about something else."""
        near = self._dense_rows(reading.vectors, k, mask)
        known = [rows for label, p in reading.labels[:CAUSE_LABELS] if p >= CAUSE_LEAST and (rows := self.columns.postings.get(f"label={label}")) is not None]
        if not known or (mask is not None and k >= mask.sum()):
            return near
        of_cause = np.zeros(len(self.columns.ids), bool)
        of_cause[np.concatenate(known)] = True
        return np.union1d(near, self.dense.search(mean_passage(reading.vectors), CAUSE_CANDIDATES, of_cause if mask is None else of_cause & mask).rows)

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

    def _soft_causes(self, reading: Reading, rows: Rows) -> npt.NDArray[np.float32]:
        """Return Σ √(P(label | draft) · P(label | case)), the Bhattacharyya coefficient: near causes count too."""
        if reading.is_named or not self.causes.labels or len(rows) == 0:
            return np.zeros(len(rows), np.float32)
        soft: npt.NDArray[np.float32] = self.cause_roots[rows].astype(np.float32) @ np.sqrt(reading.probabilities)
        return soft

    def _union(self, pinned: Sequence[int], lexical: Rows, near: Rows, mask: Mask | None, whole_pool: bool) -> Rows:
        if whole_pool and mask is not None:
            return np.flatnonzero(mask)
        both = np.unique(np.concatenate([np.array(pinned, np.int64), lexical, near]))
        return both[mask[both]] if mask is not None else both

    def _lexical_scores(self, candidates: Rows, rows: Rows, bm25: npt.NDArray[np.float32], *, is_cut: bool) -> Scores:
        known = dict(zip(rows.tolist(), bm25.tolist(), strict=True))
        # A candidate that only another channel found scores at most what the last lexical hit scored (0 when that list was not full).
        floor = float(bm25[-1]) if is_cut and len(bm25) else 0.0
        return np.array([known.get(row, floor) for row in candidates.tolist()], np.float64)

    def _score(self, candidates: Rows, reading: Reading, lexical: Scores) -> Scored:
        best: DenseHits | None = None
        for vector in reading.vectors:
            exact = self.dense.scores_of(vector, candidates)
            best = exact if best is None else best.better(exact)
        hard = self._cause_scores(reading.labels)[candidates].astype(np.float64)
        soft = self._soft_causes(reading, candidates).astype(np.float64)
        channels: dict[Channel, Scores] = {
            Channel.LEXICAL: lexical,
            Channel.DENSE: best.scores.astype(np.float64) if best is not None else np.zeros(len(candidates)),
            Channel.CAUSES: (hard + SOFT_CAUSES * soft) * (1 + 2 * reading.trust) / 3,
            Channel.REASONING: self.reasoning.scores_of(mean_passage(reading.vectors), candidates),
        }
        cited = cited_scores(reading.articles, candidates, self.columns.postings, len(self.columns.ids))
        if cited is not None:
            channels[Channel.STATUTES] = cited
        return Scored(candidates, channels, hard, soft, best)


def is_match(calibration: Calibration, hits: Sequence[Hit]) -> bool:
    """Whether any hit is similar enough; a case named by its number always is."""
    return any(Channel.EXACT in hit.channels or (hit.relevance or 0.0) >= calibration.threshold for hit in hits)


class Clock:
    """Milliseconds per stage."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.laps[stage] = round((now - self._last) * 1000, 3)
        self._last = now
