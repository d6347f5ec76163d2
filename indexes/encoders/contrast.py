"""Contrastive refinement of fitted vectors: a linear map that brings together the facts and the reasoning of a case, and cases of one cause.

Learned from the library's own cases alone, no judgements: InfoNCE (van den Oord et al. 2018) over batches, both ways, with cases that share a cause as soft
positives (Khosla et al. 2020); Adam, a few epochs from the identity. The map is folded into the projection, so nothing is added at query time.
The gradient of one matrix is a few lines of numpy; torch would cost every build its import and memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from .base import Vectors, unit_rows

MIN_PAIRS = 200  # fewer cases with a cause say more about themselves than about others
MAX_PAIRS = 20_000
EPOCHS, BATCH, RATE, TEMPERATURE = 8, 512, 1e-3, 0.05
SAME_CAUSE = 0.5  # share of the target that lies on the cases of the same cause, the case itself among them
_BETA1, _BETA2, _TINY = 0.9, 0.999, 1e-8

Matrix = npt.NDArray[np.floating[Any]]


def contrast(facts: Vectors, reasoning: Vectors, labels: Sequence[Sequence[str]], *, seed: int = 0) -> Vectors | None:
    """Return a (d, d) map for unit rows of facts and reasoning (zeros where unknown), or None for a library too small to learn from."""
    known = np.flatnonzero(np.any(facts != 0, axis=1) & np.array([bool(names) for names in labels], bool))
    if len(known) < MIN_PAIRS:
        return None
    rng = np.random.default_rng(seed)
    known = np.sort(rng.choice(known, min(MAX_PAIRS, len(known)), replace=False))
    said = np.any(reasoning[known] != 0, axis=1, keepdims=True)
    drafts, answers = facts[known], np.where(said, reasoning[known], facts[known])
    causes = _indicators([labels[row] for row in known.tolist()])
    mapping: Vectors = np.eye(facts.shape[1], dtype=np.float32)
    adam = _Adam(mapping)
    for _ in range(EPOCHS):
        order = rng.permutation(len(known))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            if len(batch) >= MIN_PAIRS // 2:
                mapping -= adam.step(_gradient(drafts[batch], answers[batch], _targets(causes[batch]), mapping))
    return mapping


def _indicators(labels: Sequence[Sequence[str]]) -> sp.csr_matrix:
    names = {name: column for column, name in enumerate(sorted({name for own in labels for name in own}))}
    rows = np.repeat(np.arange(len(labels)), [len(own) for own in labels])
    columns = [names[name] for own in labels for name in own]
    return sp.csr_matrix((np.ones(len(columns), np.float32), (rows, columns)), shape=(len(labels), len(names)))


def _targets(causes: sp.csr_matrix) -> Matrix:
    """Return for each case of a batch how much of its target lies on each case; rows sum to 1."""
    same = ((causes @ causes.T).toarray() > 0).astype(np.float32)
    targets: Matrix = SAME_CAUSE * same / same.sum(axis=1, keepdims=True)
    targets[np.diag_indices_from(targets)] += 1.0 - SAME_CAUSE
    return targets


def _gradient(drafts: Vectors, answers: Vectors, targets: Matrix, mapping: Matrix) -> Matrix:
    """Return the gradient by the mapping of the mean cross-entropy of finding each other's case."""
    mapped_drafts, mapped_answers = drafts @ mapping, answers @ mapping
    a, b = unit_rows(mapped_drafts), unit_rows(mapped_answers)
    similar = a @ b.T / TEMPERATURE
    error = (_softmax(similar) - targets + (_softmax(similar.T) - targets).T) / (len(drafts) * TEMPERATURE)
    gradient: Matrix = drafts.T @ _through_unit(error @ b, a, mapped_drafts) + answers.T @ _through_unit(error.T @ a, b, mapped_answers)
    return gradient


def _softmax(scores: Matrix) -> Matrix:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Matrix = powers / powers.sum(axis=1, keepdims=True)
    return result


def _through_unit(gradient: Matrix, unit: Matrix, raw: Matrix) -> Matrix:
    """Take the gradient back through the scaling of each row to length 1."""
    lengths = np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-12)
    result: Matrix = (gradient - unit * (gradient * unit).sum(axis=1, keepdims=True)) / lengths
    return result


class _Adam:
    """Kingma & Ba 2015."""

    def __init__(self, like: Matrix) -> None:
        self._mean, self._square, self._steps = np.zeros_like(like), np.zeros_like(like), 0

    def step(self, gradient: Matrix) -> Vectors:
        """Return what to subtract."""
        self._steps += 1
        self._mean = _BETA1 * self._mean + (1 - _BETA1) * gradient
        self._square = _BETA2 * self._square + (1 - _BETA2) * gradient * gradient
        mean, square = self._mean / (1 - _BETA1**self._steps), self._square / (1 - _BETA2**self._steps)
        change: Vectors = (RATE * mean / (np.sqrt(square) + _TINY)).astype(np.float32)
        return change
