"""Turn raw scores into probabilities, and measure how far probabilities are off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_ITERATIONS = 60
_TAG_PRIOR = 4.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt scaling shared by all tags with an offset per tag that is drawn to zero where a tag has few rows."""

    slope: float
    intercept: float
    offsets: Floats

    def apply(self, logits: Floats, tags: NDArray[np.int64]) -> Floats:
        """Return probabilities of raw logits; `tags[i]` is the tag index of `logits[i]`."""
        return sigmoid(self.slope * logits + self.intercept + self.offsets[tags])


def sigmoid(x: Floats) -> Floats:
    """Return 1 / (1 + e^-x) without overflow."""
    result: Floats = np.where(x >= 0, 1.0 / (1.0 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1.0 + np.exp(-np.abs(x))))
    return result


def fit_calibration(logits: Floats, tags: NDArray[np.int64], labels: NDArray[np.int64], n_tags: int) -> Calibration:
    """Fit by penalised Newton steps on logits of rows the model has not seen. Raises ValueError for empty input.

    The offsets carry a Gaussian prior (precision 4), so that a tag with a handful of rows stays near the pooled curve.
    """
    if len(logits) == 0:
        raise ValueError("no rows to calibrate on: give at least one scored pair")
    design = np.zeros((len(logits), 2 + n_tags))
    design[:, 0] = logits
    design[:, 1] = 1.0
    design[np.arange(len(logits)), 2 + tags] = 1.0
    precision = np.concatenate([[1e-3, 1e-3], np.full(n_tags, _TAG_PRIOR)])
    centre = np.concatenate([[1.0], np.zeros(1 + n_tags)])
    weights = centre.copy()
    for _ in range(_ITERATIONS):
        p = sigmoid(design @ weights)
        gradient = design.T @ (p - labels) + precision * (weights - centre)
        hessian = (design * (p * (1 - p))[:, None]).T @ design + np.diag(precision)
        step = np.linalg.solve(hessian, gradient)
        weights = weights - step
        if float(np.max(np.abs(step))) < 1e-9:
            break
    return Calibration(slope=float(weights[0]), intercept=float(weights[1]), offsets=weights[2:])


def expected_calibration_error(probabilities: Floats, labels: NDArray[np.int64], *, n_bins: int = 10) -> float:
    """Return ECE: the mean distance of stated probability and share of true labels over equal-width bins, weighted by size (Guo et al. 2017)."""
    if len(probabilities) == 0:
        return 0.0
    bins = np.minimum((probabilities * n_bins).astype(np.int64), n_bins - 1)
    total = 0.0
    for number in range(n_bins):
        chosen = bins == number
        if chosen.any():
            total += float(chosen.sum()) * abs(float(probabilities[chosen].mean()) - float(labels[chosen].mean()))
    return total / len(probabilities)
