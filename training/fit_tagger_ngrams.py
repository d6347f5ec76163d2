"""Fit the n-gram tagger: one linear support vector machine per tag over characters and words; strength by cross-validation, bit-identical by seed."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.svm import LinearSVC

from nlp_service.tagging.blend import Blend
from nlp_service.tagging.ngrams import BLOCK_LENGTHS, NgramModel, ngram_features

from .datasets import Example, folds
from .fit_blend import Texts, fit_blend
from .progress import Progress, silent
from .recipe import Ngrams

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_NEVER = -8.0
_MIN_POSITIVE = 2


@dataclass(frozen=True, slots=True)
class NgramFit:
    """The model, its blend, the logits of every example by a model that had not seen it, and the chosen strength per tag."""

    model: NgramModel
    blend: Blend
    held_out: Floats
    chosen: dict[str, float]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Sublinear counts over all examples; idf and scaling are worked out from the rows one may look at."""

    counts: sp.csr_matrix
    names: tuple[str, ...]

    def weighted(self, seen: Ints, min_reports: int) -> tuple[sp.csr_matrix, NDArray[np.float32]]:
        """Return tf-idf rows of all examples with the idf of the seen ones, each block scaled to its length."""
        frequency = np.bincount(self.counts[seen].indices, minlength=self.counts.shape[1])
        idf = np.where(frequency >= min(min_reports, len(seen)), np.log((len(seen) + 1) / (frequency + 1)) + 1.0, 0.0).astype(np.float32)
        x = self.counts.multiply(idf[None, :]).tocsr().astype(np.float64)
        blocks = np.asarray([name[0] for name in self.names])
        rows = np.repeat(np.arange(x.shape[0]), np.diff(x.indptr))
        for block, length in BLOCK_LENGTHS.items():
            own = blocks[x.indices] == block
            squares = np.bincount(rows[own], x.data[own] ** 2, minlength=x.shape[0])
            scale = length / np.sqrt(np.where(squares > 0, squares, 1.0))
            x.data[own] *= scale[rows[own]]
        return x, idf


def count_features(texts: Sequence[str], min_reports: int, *, skip_pairs: bool) -> Matrix:
    """Count the n-grams of texts; those in fewer than `min_reports` texts are left out."""

    def analyse(text: str) -> list[str]:
        return ngram_features(text, skip_pairs=skip_pairs)

    vectorizer = CountVectorizer(analyzer=analyse, min_df=min(min_reports, len(texts)), dtype=np.float32)
    counts = vectorizer.fit_transform(texts).tocsr()
    counts.data = 1.0 + np.log(counts.data)
    return Matrix(counts, tuple(vectorizer.get_feature_names_out().tolist()))


@dataclass(frozen=True, slots=True)
class _Trial:
    """Features tried on unseen texts: the strength chosen for every column of the labels, the logits at that strength, and how good they are."""

    matrix: Matrix
    skip_pairs: bool
    best: Ints
    held_out: Floats
    f1: float


def fit_ngrams(
    examples: Sequence[Example], texts: Texts, settings: Ngrams, *, seed: int, group_by: Sequence[str] = (), tell: Progress | None = None
) -> NgramFit:
    """Fit on labelled examples; features, strength, calibration and thresholds come from folds that keep groups and near-duplicates together."""
    tell = tell or silent
    parts = folds(examples, min(settings.folds, max(2, len(examples) // 2)), seed=seed, by=group_by)
    has_two = bool((texts.labels[0] != texts.labels[1]).any())
    labels = np.concatenate(list(texts.labels), axis=1) if has_two else texts.labels[0]
    choices = (False, True) if settings.skip_pairs == "auto" else (settings.skip_pairs,)
    # Of equally good ones the first, which has fewer features.
    trial = max((_try(texts, labels, parts, settings, skip_pairs, seed, tell) for skip_pairs in choices), key=lambda tried: tried.f1)
    tell("拟合", 0.0)
    x, idf = trial.matrix.weighted(np.arange(len(examples)), settings.min_reports)
    weights = np.zeros((x.shape[1], labels.shape[1]))
    bias = np.full(labels.shape[1], _NEVER)
    for place, c in enumerate(settings.c):
        own = np.flatnonzero(trial.best == place)
        weights[:, own], bias[own] = fit_heads(x, labels[:, own], c, settings.balance, seed)
    logits = trial.held_out.reshape(len(examples), -1, len(texts.tags))
    logits = logits if has_two else np.repeat(logits, 2, axis=1)
    model = NgramModel(
        texts.tags,
        {name: index for index, name in enumerate(trial.matrix.names)},
        idf,
        weights.astype(np.float32),
        bias.astype(np.float32),
        trial.skip_pairs,
    )
    chosen = {tag: settings.c[trial.best[index]] for index, tag in enumerate(texts.tags)}
    return NgramFit(model, fit_blend(logits, texts, seed), logits, chosen)


def _try(texts: Texts, labels: Ints, parts: Sequence[tuple[Ints, Ints]], settings: Ngrams, skip_pairs: bool, seed: int, tell: Progress) -> _Trial:
    """Cross-validate one set of features with every strength."""
    tell("特征", 0.0)
    matrix = count_features(texts.folded, settings.min_reports, skip_pairs=skip_pairs)
    tried = np.full((len(settings.c), *labels.shape), _NEVER)
    for number, (train, test) in enumerate(parts):
        x, _ = matrix.weighted(train, settings.min_reports)
        for place, c in enumerate(settings.c):
            weights, bias = fit_heads(x[train], labels[train], c, settings.balance, seed)
            tried[place][test] = x[test] @ weights + bias
            tell("交叉验证", (number * len(settings.c) + place + 1) / (len(parts) * len(settings.c)))
    f1 = np.array([[_best_f1(scores[:, column], labels[:, column]) for column in range(labels.shape[1])] for scores in tried])
    n_positive = labels.sum(axis=0)
    best = np.where(n_positive >= _MIN_POSITIVE, f1.argmax(axis=0), 0)
    return _Trial(matrix, skip_pairs, best, tried[best, :, np.arange(labels.shape[1])].T, float(f1.max(axis=0) @ n_positive))


def fit_heads(x: sp.csr_matrix, labels: Ints, c: float, balance: float, seed: int) -> tuple[Floats, Floats]:
    """Fit one machine per column; one with fewer than two positives keeps a constant, low logit. Returns (features, columns) and (columns)."""
    weights = np.zeros((x.shape[1], labels.shape[1]))
    bias = np.full(labels.shape[1], _NEVER)
    for column in range(labels.shape[1]):
        n_positive = int(labels[:, column].sum())
        if not _MIN_POSITIVE <= n_positive < len(labels):
            continue
        # A rare tag's few examples weigh more: (negatives / positives) to the power of `balance`.
        machine = LinearSVC(C=c, class_weight={1: ((len(labels) - n_positive) / n_positive) ** balance}, tol=1e-3, random_state=seed, max_iter=3000)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the last digits of a weight change no decision
            machine.fit(x, labels[:, column])
        weights[:, column], bias[column] = machine.coef_[0], machine.intercept_[0]
    return weights, bias


def _best_f1(scores: Floats, labels: Ints) -> float:
    order = np.argsort(-scores, kind="stable")
    tp = np.cumsum(labels[order])
    return float((2 * tp / (np.arange(1, len(labels) + 1) + labels.sum())).max())
