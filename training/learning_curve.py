"""What the labelled reports are worth: a plain linear model fitted on growing parts of them, judged on reports of other authors.

A measure of the corpora, not of the tagger: character and word n-grams, one logistic regression per tag, one threshold for all tags chosen on
held-out authors of the same part. No rules, no lexicon.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import rjieba
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from .labelled_reports import LabelledReport

C = 20.0
_GRID = np.arange(-4.0, 1.01, 0.1)
_MAX_FOLDS = 4
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Point:
    """Figures of one part: how many reports by how many authors, the threshold (logit), micro-F1 of the tags that hold on the judged reports."""

    n_reports: int
    n_authors: int
    threshold: float
    micro_f1: float


def learning_curve(reports: Sequence[LabelledReport], judged: Sequence[LabelledReport], sizes: Sequence[int], *, seed: int = 0) -> Iterator[Point]:
    """Yield a point per size; each part is a random sample of the reports, the largest all of them. Raises ValueError for no report to judge on."""
    if not judged:
        raise ValueError("no reports to judge on: give at least one file of labelled reports by other authors")
    order = np.random.default_rng(seed).permutation(len(reports))
    for size in sorted({min(size, len(reports)) for size in sizes}):
        part = [reports[index] for index in order[:size]]
        yield _point(part, judged)


def _point(part: Sequence[LabelledReport], judged: Sequence[LabelledReport]) -> Point:
    codes = sorted({code for report in part for code in report.tags})
    labels, wanted = _labels(part, codes), _labels(judged, sorted({*codes, *(code for report in judged for code in report.tags)}))
    words = TfidfVectorizer(analyzer=_words, min_df=2, sublinear_tf=True)
    grams = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), min_df=2, sublinear_tf=True)
    x = sp.hstack([words.fit_transform([r.text for r in part]), grams.fit_transform([r.text for r in part])]).tocsr()
    z = sp.hstack([words.transform([r.text for r in judged]), grams.transform([r.text for r in judged])]).tocsr()
    authors = [report.author for report in part]
    held_out = np.full(labels.shape, -9.0)
    n_folds = min(_MAX_FOLDS, len(set(authors)))
    if n_folds > 1:
        for train, test in GroupKFold(n_folds).split(authors, groups=authors):
            held_out[test] = _fit_predict(x[train], labels[train], x[test])
    threshold = max((float(value) for value in _GRID), key=lambda value: _f1(held_out >= value, labels, int(labels.sum())))
    given = _fit_predict(x, labels, z) >= threshold
    return Point(len(part), len(set(authors)), round(threshold, 2), _f1(given, _labels(judged, codes), int(wanted.sum())))


def _words(text: str) -> list[str]:
    words = [word for word in rjieba.cut(text) if not word.isspace()]
    return [*words, *(f"{first} {second}" for first, second in itertools.pairwise(words))]


def _labels(reports: Sequence[LabelledReport], codes: Sequence[str]) -> NDArray[np.int64]:
    return np.array([[code in report.tags for code in codes] for report in reports], dtype=np.int64).reshape(len(reports), len(codes))


def _fit_predict(x: sp.csr_matrix, labels: NDArray[np.int64], z: sp.csr_matrix) -> Floats:
    logits = np.full((z.shape[0], labels.shape[1]), -9.0)
    for tag in range(labels.shape[1]):
        if 2 <= labels[:, tag].sum() < len(labels):
            logits[:, tag] = LogisticRegression(C=C, solver="liblinear").fit(x, labels[:, tag]).decision_function(z)
    return logits


def _f1(given: NDArray[np.bool_], labels: NDArray[np.int64], n_wanted: int) -> float:
    total = int(given.sum()) + n_wanted
    return 2 * float((given & (labels == 1)).sum()) / total if total else 0.0
