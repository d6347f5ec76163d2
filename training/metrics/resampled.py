"""F1 with bootstrap intervals: examples (or whole clusters of them) are drawn again, and micro- or macro-F1 is worked out anew each time."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from .bootstrap import Interval

N_SAMPLES = 2000
MIN_CLUSTERS = 10
Counts = NDArray[np.float64]


def count_rows(gold: Sequence[Collection[str]], given: Sequence[Collection[str]], tags: Sequence[str]) -> Counts:
    """Return (examples, tags, 3): true positives, false positives, false negatives."""
    column = {tag: index for index, tag in enumerate(tags)}
    counts = np.zeros((len(gold), len(tags), 3))
    for row, (wanted, got) in enumerate(zip(gold, given, strict=True)):
        for tag in {*wanted, *got} & column.keys():
            counts[row, column[tag], 0 if tag in wanted and tag in got else 1 if tag in got else 2] = 1
    return counts


def micro(sums: Counts) -> Counts:
    """Return micro-F1 of sums (…, tags, 3)."""
    return _f1(sums.sum(axis=-2))


def macro(sums: Counts) -> Counts:
    """Return the mean F1 of the tags that occur in gold."""
    present = sums[..., 0] + sums[..., 2] > 0
    values = np.where(present, _f1(sums), 0.0)
    found: Counts = values.sum(axis=-1) / np.maximum(present.sum(axis=-1), 1)
    return found


def _f1(counts: Counts) -> Counts:
    total = 2 * counts[..., 0] + counts[..., 1] + counts[..., 2]
    found: Counts = np.divide(2 * counts[..., 0], total, out=np.zeros_like(total), where=total > 0)
    return found


def resample(counts: Counts, clusters: Sequence[str] | None = None, *, seed: int = 0) -> Counts:
    """Return (N_SAMPLES, tags, 3) sums over examples drawn with replacement; by cluster where there are at least 10 of them."""
    if clusters is not None:
        names, number = np.unique(np.asarray(clusters), return_inverse=True)
        if len(names) >= MIN_CLUSTERS:
            together = np.zeros((len(names), *counts.shape[1:]))
            np.add.at(together, number, counts)
            counts = together
    rng = np.random.default_rng(seed)
    n = len(counts)
    flat = counts.reshape(n, -1)
    sums = [rng.multinomial(n, np.full(n, 1.0 / n), size=min(200, N_SAMPLES - start)) @ flat for start in range(0, N_SAMPLES, 200)]
    return np.concatenate(sums).reshape(N_SAMPLES, *counts.shape[1:])


def spread(value: float, drawn: Counts) -> Interval:
    """Return a value with the middle 95 % of its resampled values."""
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(value, float(low), float(high))
