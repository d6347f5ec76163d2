"""Paired bootstrap over queries or documents: how sure a difference is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

N_SAMPLES = 5000


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float


def interval(values: Sequence[float], *, seed: int = 0) -> Interval:
    """Return the mean of the values and its percentile interval. Raises ValueError for no value."""
    if not len(values):
        raise ValueError("no values to resample")
    array = np.asarray(values, np.float64)
    means = array[np.random.default_rng(seed).integers(0, len(array), (N_SAMPLES, len(array)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(float(array.mean()), float(low), float(high))


def paired(new: Sequence[float], old: Sequence[float], *, seed: int = 0) -> Interval:
    """Return mean and interval of new − old, item by item. Raises ValueError for unequal lengths."""
    if len(new) != len(old):
        raise ValueError(f"{len(new)} values against {len(old)}: expected the same items in the same order")
    return interval([a - b for a, b in zip(new, old, strict=True)], seed=seed)
