"""What every channel says of every candidate of one search, and the hits and their evidence made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .calibration import USUAL_PAIRS, USUAL_WORDS, Evidence
from .dense import DenseHits
from .fusion import Fusion, ranks
from .query import Channel, ChannelScore, Hit

Rows = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]
# A long draft gives lexical search much to hold on to. With 2.5 throughout: LeCaRD (median 108 terms) whole library NDCG@10 .528 → .579, recall@100 .808 → .857,
# pools .816 → .821; on short questions the same weight loses (bundled queries, median 28 terms, .833 → .817).
SHORT_DRAFT, LONG_DRAFT = 40, 120


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read of a draft: weighted terms, one vector a passage, P(cause | draft) in the classifier's order, the causes that count, articles cited.

    `reach` and `known`: see LexicalIndex.reach; `familiar`: Speech.familiar; `absent`: View.absent. `is_named`: the officer gave the causes, they are not read.
    """

    terms: Mapping[str, float]
    vectors: npt.NDArray[np.float32]
    probabilities: npt.NDArray[np.float32]
    labels: tuple[tuple[str, float], ...]
    articles: tuple[str, ...]
    reach: float
    known: float
    familiar: float
    absent: float
    is_named: bool

    @property
    def trust(self) -> float:
        """P of the likeliest cause, 1 when the officer names the causes."""
        return 1.0 if self.is_named else max((p for _, p in self.labels), default=0.0)

    @property
    def emphasis(self) -> dict[Channel, float]:
        """How much more than in a short question a channel counts: lexical 1, rising to 2.5 between SHORT_DRAFT and LONG_DRAFT distinct terms."""
        return {Channel.LEXICAL: 1.0 + 1.5 * min(1.0, max(0.0, (len(self.terms) - SHORT_DRAFT) / (LONG_DRAFT - SHORT_DRAFT)))}

    @property
    def certainty(self) -> float:
        """1 − entropy / ln n of the causes; 0 without a classifier."""
        if len(self.probabilities) < 2:
            return 0.0
        p = self.probabilities.astype(np.float64)
        return float(1.0 + np.sum(p * np.log(np.maximum(p, 1e-12))) / np.log(len(p)))


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores of each channel, one per candidate row; `hard` and `soft` are the two parts of the cause channel."""

    rows: Rows
    channels: Mapping[Channel, Scores]
    hard: Scores
    soft: Scores
    passages: DenseHits | None

    def hits(self, fusion: Fusion, ids: Sequence[str], k: int, reading: Reading, pinned: frozenset[int]) -> tuple[Hit, ...]:
        """Return the k best, pinned rows first, equal scores by id."""
        if len(self.rows) == 0:
            return ()
        fused = fusion.fuse(self.channels, reading.emphasis)
        places = {channel: ranks(values) for channel, values in self.channels.items()}
        rows = self.rows.tolist()
        first = [row in pinned for row in rows]
        order = sorted(range(len(rows)), key=lambda i: (not first[i], -fused[i], ids[rows[i]]))[:k]
        certainty = reading.certainty
        hits = []
        for rank, i in enumerate(order, 1):
            channels = {channel: ChannelScore(int(places[channel][i]) or None, float(values[i])) for channel, values in self.channels.items()}
            if first[i]:
                channels[Channel.EXACT] = ChannelScore(1, 1.0)
            span = (int(self.passages.spans[i][0]), int(self.passages.spans[i][1])) if self.passages is not None else None
            hits.append(Hit(ids[rows[i]], rank, float(fused[i]), None, channels, span, self.evidence(i, reading, certainty)))
        return tuple(hits)

    def evidence(self, i: int, reading: Reading, certainty: float) -> Evidence:
        """Return what is known of one candidate before its pivots are compared."""
        reasoning = float(self.channels[Channel.REASONING][i])
        return Evidence(
            cause=float(self.hard[i]),
            near_cause=float(self.soft[i]),
            top_cause=max((p for _, p in reading.labels), default=0.0),
            certainty=certainty,
            dense=float(self.channels[Channel.DENSE][i]),
            reasoning=reasoning if np.isfinite(reasoning) else 0.0,
            lexical=float(self.channels[Channel.LEXICAL][i]) / reading.reach if reading.reach else 0.0,
            strange_words=max(0.0, USUAL_WORDS - reading.known),
            strange_pairs=max(0.0, USUAL_PAIRS - reading.familiar),
            absent=reading.absent,
            articles=float(self.channels[Channel.STATUTES][i]) if Channel.STATUTES in self.channels else 0.0,
        )
