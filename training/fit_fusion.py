"""Fit the weights of the channels from judgements: a coordinate search over few non-negative values, cross-validated by query against the weights that serve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from indexes.fusion import Fusion
from indexes.query import Channel

from .examine import Examined
from .fit_calibration import folds_of
from .metrics.bootstrap import Interval, paired
from .metrics.ranking import ndcg
from .runs import Qrels

GRID = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
FREE = (Channel.DENSE, Channel.CAUSES, Channel.REASONING, Channel.STATUTES)  # lexical stays at 1: only ratios matter
ROUNDS = 3
LEAST_GAIN = 5e-4
K = 10


def quality(examined: Sequence[Examined], qrels: Qrels, fusion: Fusion) -> list[float]:
    """Return NDCG@10 of each query."""
    return [ndcg(one.ranking(fusion, K), qrels[one.query_id], K) for one in examined]


def fit_weights(examined: Sequence[Examined], qrels: Qrels, start: Mapping[Channel, float]) -> dict[Channel, float]:
    """Change one weight at a time to the value of the grid that gains most, until none gains LEAST_GAIN; equal is left alone."""
    weights = dict(start)
    best = float(np.mean(quality(examined, qrels, Fusion(weights))))
    for _ in range(ROUNDS):
        before = best
        for channel in FREE:
            for value in GRID:
                tried = {**weights, channel: value}
                found = float(np.mean(quality(examined, qrels, Fusion(tried))))
                if found > best + LEAST_GAIN:
                    best, weights = found, tried
        if best <= before:
            break
    return weights


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was fitted on all queries, and what fitting gains on queries it has not seen: per query, cross-validated, against `start`."""

    weights: Mapping[Channel, float]
    start: float
    held_out: float
    on_fit: float
    gain: Interval
    by_fold: Sequence[Mapping[Channel, float]]

    @property
    def is_better(self) -> bool:
        """Whether the gain on unseen queries is above zero with 95 %."""
        return self.gain.low > 0


def fit_fusion(examined: Sequence[Examined], qrels: Qrels, start: Fusion, *, n_folds: int = 5, seed: int = 0) -> Fitted:
    """Fit and cross-validate by query."""
    judged = [one for one in examined if any(qrels.get(one.query_id, {}).values())]
    fold = folds_of([one.query_id for one in judged], n=n_folds, seed=seed)
    before = dict(zip([one.query_id for one in judged], quality(judged, qrels, start), strict=True))
    after: dict[str, float] = {}
    by_fold = []
    for left_out in range(n_folds):
        rest = [one for one in judged if fold[one.query_id] != left_out]
        test = [one for one in judged if fold[one.query_id] == left_out]
        if not rest or not test:
            continue
        by_fold.append(fit_weights(rest, qrels, start.weights))
        after |= dict(zip([one.query_id for one in test], quality(test, qrels, Fusion(by_fold[-1])), strict=True))
    weights = fit_weights(judged, qrels, start.weights)
    names = list(after)
    return Fitted(
        weights,
        float(np.mean([before[name] for name in names])),
        float(np.mean([after[name] for name in names])),
        float(np.mean(quality(judged, qrels, Fusion(weights)))),
        paired([after[name] for name in names], [before[name] for name in names]),
        by_fold,
    )
