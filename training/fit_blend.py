"""Fit what stands behind a text model: how the rules' evidence counts beside its logit, calibration, and thresholds, all on unseen texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from nlp_service.tagging.blend import N_INPUTS, Blend, blend_inputs
from nlp_service.tagging.calibration import Calibration, fit_calibration
from nlp_service.tagging.language import default_language
from nlp_service.tagging.rules import RuleReader
from nlp_service.tagging.schemes import Scheme
from nlp_service.tagging.scope import Status

from .datasets import Example, stack_labels

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# More pairs than this tell calibration nothing new and cost memory.
MAX_PAIRS = 300_000
_GRID = np.round(np.arange(0.06, 0.92, 0.02), 2)
_MIN_POSITIVE = 8
# A tag's own threshold counts as if this many of its positives had been judged at the common one.
_PRIOR = 4.0


@dataclass(frozen=True, slots=True)
class Texts:
    """Examples as the classifier sees them: folded texts, the rules' status per tag, labels (2 heads, examples, tags)."""

    tags: tuple[str, ...]
    folded: tuple[str, ...]
    statuses: tuple[dict[int, Status | None], ...]
    labels: Ints

    def __len__(self) -> int:
        return len(self.folded)


def read_texts(examples: Sequence[Example], scheme: Scheme) -> Texts:
    """Read examples by the rules of a scheme."""
    tags = tuple(tag.code for tag in scheme.tags)
    reader = RuleReader(scheme, default_language())
    analyses = [reader.read(example.text) for example in examples]
    statuses = tuple({index: evidence.status for index, evidence in analysis.evidence.items()} for analysis in analyses)
    labels = np.stack([stack_labels(examples, tags), stack_labels(examples, tags, fields=("tags", "suspected"))])
    return Texts(tags, tuple(analysis.context.text for analysis in analyses), statuses, labels)


def fit_blend(logits: Floats, texts: Texts, seed: int) -> Blend:
    """Fit on logits (examples, 2, tags) of texts the model has not seen."""
    inputs, tags, rows = _pairs(logits, texts, seed)
    weights = np.zeros((2, N_INPUTS))
    calibrations: list[Calibration] = []
    for head in range(2):
        labels = texts.labels[head][rows, tags]
        weights[head] = _weights(inputs[:, head], labels, seed)
        calibrations.append(fit_calibration(inputs[:, head] @ weights[head], tags, labels, len(texts.tags)))
    blend = Blend(weights, (calibrations[0], calibrations[1]), np.full((2, len(texts.tags)), 0.5))
    p = probabilities(blend, logits, texts)
    thresholds = np.stack([choose_thresholds(p[:, head], texts.labels[head]) for head in range(2)])
    thresholds[1] = np.minimum(thresholds[0], thresholds[1])
    return Blend(weights, (calibrations[0], calibrations[1]), thresholds)


def _pairs(logits: Floats, texts: Texts, seed: int) -> tuple[Floats, Ints, Ints]:
    n, n_tags = len(texts), len(texts.tags)
    chosen = np.arange(n * n_tags)
    if len(chosen) > MAX_PAIRS:
        chosen = np.sort(np.random.default_rng(seed).choice(chosen, MAX_PAIRS, replace=False))
    rows, tags = chosen // n_tags, chosen % n_tags
    return (
        np.stack([blend_inputs(logits[row, :, tag], texts.statuses[row].get(tag)) for row, tag in zip(rows.tolist(), tags.tolist(), strict=True)]),
        tags,
        rows,
    )


def _weights(inputs: Floats, labels: Ints, seed: int) -> Floats:
    """Return how logit and rule status count; where the rules never speak, the logit alone."""
    weights = np.zeros(N_INPUTS)
    weights[0] = 1.0
    if inputs[:, 1:].any() and 0 < labels.sum() < len(labels):
        fitted = LogisticRegression(C=1.0, solver="liblinear", random_state=seed).fit(inputs, labels).coef_[0]
        if fitted[0] > 0:
            weights = fitted / fitted[0]
    return weights


def probabilities(blend: Blend, logits: Floats, texts: Texts) -> Floats:
    """Return (examples, 2, tags) probabilities."""
    n_tags = len(texts.tags)
    tags = np.arange(n_tags)
    rows = []
    for row in range(len(texts)):
        inputs = np.stack([blend_inputs(logits[row, :, tag], texts.statuses[row].get(tag)) for tag in range(n_tags)])
        rows.append(blend.probabilities(inputs, tags).T)
    return np.stack(rows)


def choose_thresholds(p: Floats, labels: Ints) -> Floats:
    """Return one threshold per tag: the best of its own F1, drawn to the best common one as far as positives are few.

    A rare tag's own optimum is luck; 8 positives at least, and 4 more that behave as all tags together do.
    """
    common = float(_GRID[int(np.argmax([_f1(*_counts(p, labels, at)) for at in _GRID]))])
    thresholds = np.full(p.shape[1], common)
    for tag in np.flatnonzero(labels.sum(axis=0) >= _MIN_POSITIVE):
        values = np.asarray([_f1(*_counts(p[:, tag], labels[:, tag], at)) for at in _GRID])
        smooth = np.convolve(np.pad(values, 2, mode="edge"), np.full(5, 0.2), mode="valid")
        n = float(labels[:, tag].sum())
        own = float(_GRID[int(np.argmax(smooth))])
        thresholds[tag] = (n * own + _PRIOR * common) / (n + _PRIOR)
    return thresholds


def _counts(p: Floats, labels: Ints, at: float) -> tuple[float, float, float]:
    given = p >= at
    tp = float((given & (labels == 1)).sum())
    return tp, float(given.sum()) - tp, float(labels.sum()) - tp


def _f1(tp: float, fp: float, fn: float) -> float:
    return 2 * tp / (2 * tp + fp + fn) if tp else 0.0
