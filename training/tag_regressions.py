"""One logistic regression per tag, on all cores: for whole reports, and for windows of reports of which only the whole is labelled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, delayed, parallel_config
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from nlp_service.tagging.vectorizer import Floats, Ints

# Chosen by leave-author-out F1 on the bundled reports; the curve is flat within a factor of three.
REPORT_C = 5.0
_TOLERANCE = 0.1  # liblinear's own for the dual, which takes half the time of the primal; logits move by .03 on average
_MAX_ROUNDS = 1000
_LEAST_FOR_PROCESSES = 2000  # reports: fewer are fitted before other processes would have started
_ROUNDS, _MAX_OTHERS = 2, 6000
_EPS = 1e-4

Task = tuple[Callable[..., tuple[Floats, float]], tuple[object, ...], dict[str, object]]  # what joblib's `delayed` gives


def fit_reports(x: sp.csr_matrix, labels: Ints, seed: int) -> tuple[Floats, Floats]:
    """Fit one logistic regression per tag."""
    return _each_tag(labels, x.shape, lambda tag: delayed(_regression)(x, labels[:, tag], seed))


def _regression(x: sp.csr_matrix, labels: Ints, seed: int) -> tuple[Floats, float]:
    """Fit one logistic regression: weights and bias."""
    model = LogisticRegression(C=REPORT_C, solver="liblinear", dual=True, intercept_scaling=4.0, tol=_TOLERANCE, max_iter=_MAX_ROUNDS, random_state=seed).fit(
        x, labels
    )
    return model.coef_[0], float(model.intercept_[0])


def _each_tag(labels: Ints, shape: tuple[int, int], task: Callable[[int], Task]) -> tuple[Floats, Floats]:
    """Fit every tag, on all cores where that is worth starting processes; one thread each, so that the sums are the same on any machine.

    Returns weights (features, tags) and bias; a tag with fewer than two examples keeps a constant, small probability.
    """
    n_reports, n_tags = labels.shape
    weights, bias = np.zeros((shape[1], n_tags)), np.full(n_tags, np.log(_EPS))
    tags = [tag for tag in range(n_tags) if 2 <= labels[:, tag].sum() < n_reports]
    n_jobs = -1 if shape[0] >= _LEAST_FOR_PROCESSES else 1
    with parallel_config("loky", inner_max_num_threads=1), threadpool_limits(1):
        for tag, found in zip(tags, Parallel(n_jobs, return_as="generator")(task(tag) for tag in tags), strict=True):
            weights[:, tag], bias[tag] = found
    return weights, bias


@dataclass(frozen=True, slots=True)
class Windows:
    """One row of `x` per window; `owners` says which report (0 … n_reports - 1) each belongs to."""

    x: sp.csr_matrix
    owners: Ints
    n_reports: int

    def of(self, reports: Ints) -> Windows:
        """Return the windows of some reports, renumbered in their order."""
        place = np.full(self.n_reports, -1)
        place[reports] = np.arange(len(reports))
        chosen = np.flatnonzero(place[self.owners] >= 0)
        return Windows(self.x[chosen], place[self.owners[chosen]], len(reports))

    def best(self, weights: Floats, bias: Floats) -> Floats:
        """Return the highest logit of the windows of each report, (reports, tags)."""
        highest = np.full((self.n_reports, len(bias)), -np.inf)
        np.maximum.at(highest, self.owners, self.x @ weights + bias)
        return highest

    def best_rows(self, logits: Floats) -> Ints:
        """Return the row of the highest of these logits for each report."""
        order = np.argsort(logits, kind="stable")
        rows = np.zeros(self.n_reports, np.int64)
        rows[self.owners[order]] = order
        return rows


def fit_windows(windows: Windows, labels: Ints, weights: Floats, bias: Floats, seed: int) -> tuple[Floats, Floats]:
    """Learn what a window must say for a tag, though only whole reports are labelled (multiple-instance learning, MI-SVM, Andrews et al. 2003):
    a report that has the tag is taught by its best window, every other by its best window and by some of the rest; twice over."""
    logits = windows.x @ weights + bias
    return _each_tag(labels, windows.x.shape, lambda tag: delayed(_fit_window_tag)(windows, labels[:, tag] == 1, logits[:, tag], (seed, tag)))


def _fit_window_tag(windows: Windows, holds: NDArray[np.bool_], scores: Floats, seed: tuple[int, int]) -> tuple[Floats, float]:
    rng = np.random.default_rng(seed)
    others = np.flatnonzero(~holds[windows.owners])
    for _ in range(_ROUNDS):
        best = windows.best_rows(scores)
        rest = rng.choice(others, min(_MAX_OTHERS, len(others)), replace=False)
        fitted, offset = _regression(windows.x[np.concatenate([best, rest])], np.concatenate([holds, np.zeros(len(rest), bool)]), seed[0])
        scores = windows.x @ fitted + offset
    return fitted, offset
