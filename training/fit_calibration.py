"""Fit P(relevance ≥ 2) on judged queries: a logistic regression whose weights keep their sign, cross-validated by query, with its reliability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from indexes.calibration import FALLING, FEATURES, FREE, RELEVANT, Calibration, Evidence, evidence_matrix
from indexes.fusion import Fusion

from .examine import Examined
from .runs import Qrels

TOP = 20
RIDGE = 1e-4
N_BINS = 10
FOLDS = 5
SEEN = 15
MAX_REFUSED = 0.038  # of the in-library queries of the fit: on unseen ones it is more, and 5 % is the limit
KINDS: Mapping[str, str] = {
    "in": "queries with a similar case (wrongly)",
    "stay": "of libraries without other causes (wrongly)",
    "out": "of libraries without the query's cause (rightly)",
    "outside": "texts of another world (rightly)",
}
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rows:
    """The best hits of many searches: evidence, whether each is relevant, whose they are, and how much each counts. `kind`: one of KINDS.

    `search` names one search: the same query asked of two libraries is two searches of one query.
    """

    matrix: Floats
    relevant: Bools
    query: npt.NDArray[np.str_]
    search: npt.NDArray[np.str_]
    kind: npt.NDArray[np.str_]
    rank: npt.NDArray[np.int64]
    weight: Floats

    def where(self, chosen: Bools) -> Rows:
        """Return some of the rows."""
        return Rows(*(getattr(self, name)[chosen] for name in self.__slots__))


def rows_of(examined: Sequence[Examined], qrels: Qrels, fusion: Fusion, *, kind: str, name: str, weight: float = 1.0, top: int = TOP) -> Rows:
    """Return the rows of the `top` best hits of each query; a query without judgements has no relevant hit."""
    evidence: list[Evidence] = []
    relevant, queries, searches, ranks = [], [], [], []
    for one in examined:
        grades = qrels.get(one.query_id, {})
        for rank, i in enumerate(one.order(fusion)[:top], 1):
            evidence.append(one.evidence[i])
            relevant.append(grades.get(one.ids[i], 0) >= RELEVANT)
            queries.append(one.query_id)
            searches.append(f"{name}:{one.query_id}")
            ranks.append(rank)
    n = len(evidence)
    return Rows(
        evidence_matrix(evidence),
        np.array(relevant, bool),
        np.array(queries, np.str_),
        np.array(searches, np.str_),
        np.full(n, kind, "U8"),
        np.array(ranks, np.int64),
        np.full(n, weight),
    )


def joined(parts: Sequence[Rows]) -> Rows:
    """Return all rows as one."""
    return Rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in Rows.__slots__))


def fit(rows: Rows, version: str = "fit") -> Calibration:
    """Fit on the rows (L-BFGS-B with bounds; ridge on standardised inputs) and set the threshold so that MAX_REFUSED of in-library searches stay below."""
    scale = rows.matrix.std(axis=0)
    used = np.flatnonzero(scale > 0)
    inputs, share = rows.matrix[:, used] / scale[used], rows.weight / rows.weight.sum()
    target = rows.relevant.astype(np.float64)
    names = [FEATURES[i] for i in used.tolist()]
    bounds = [(None, None) if name in FREE else (None, 0.0) if name in FALLING else (0.0, None) for name in names]

    def loss(parameters: Floats) -> tuple[float, Floats]:
        logits = inputs @ parameters[:-1] + parameters[-1]
        error = share * (expit(logits) - target)
        value = float(np.sum(share * (np.logaddexp(0.0, logits) - target * logits)) + RIDGE * np.sum(parameters[:-1] ** 2))
        return value, np.append(inputs.T @ error + 2 * RIDGE * parameters[:-1], error.sum())

    found = minimize(loss, np.zeros(len(names) + 1), jac=True, bounds=[*bounds, (None, None)], method="L-BFGS-B").x
    slope, shift = _straighten(inputs @ found[:-1] + found[-1], rows)
    weights = {name: slope * float(value) for name, value in zip(names, found[:-1] / scale[used], strict=True) if value}
    model = Calibration(weights, slope * float(found[-1]) + shift, 0.0, version)
    best = list(best_of(rows, probabilities(model, rows), ("in", "stay")).values())
    threshold = float(np.quantile(best, MAX_REFUSED)) if best else 0.0
    return Calibration(weights, model.bias, threshold, version)


def _straighten(logits: Floats, rows: Rows) -> tuple[float, float]:
    """Return slope and shift that make the logits of the hits an officer looks at probabilities again (Platt 1999): rows of other libraries have bent them."""
    seen = (rows.kind == "in") & (rows.rank <= SEEN)
    if not seen.any() or len(set(rows.relevant[seen].tolist())) < 2:
        return 1.0, 0.0
    z, target = logits[seen], rows.relevant[seen].astype(np.float64)

    def loss(parameters: Floats) -> float:
        scaled = parameters[0] * z + parameters[1]
        return float(np.mean(np.logaddexp(0.0, scaled) - target * scaled))

    slope, shift = minimize(loss, np.array([1.0, 0.0]), bounds=[(1e-3, None), (None, None)], method="L-BFGS-B").x
    return float(slope), float(shift)


def probabilities(model: Calibration, rows: Rows) -> Floats:
    """Return the probability of each row."""
    return model.probabilities([Evidence(*row) for row in rows.matrix.tolist()])


def best_of(rows: Rows, p: Floats, kinds: Sequence[str]) -> dict[str, float]:
    """Return the best probability of each search of these kinds."""
    best: dict[str, float] = {}
    for search, kind, value in zip(rows.search.tolist(), rows.kind.tolist(), p.tolist(), strict=True):
        if kind in kinds:
            best[search] = max(best.get(search, 0.0), value)
    return best


def folds_of(queries: Sequence[str], *, n: int = FOLDS, seed: int = 0) -> dict[str, int]:
    """Return a fold per query, about equally many in each."""
    names = sorted(set(queries))
    order = np.random.default_rng(seed).permutation(len(names))
    return {names[j]: place % n for place, j in enumerate(order.tolist())}


@dataclass(frozen=True, slots=True)
class Validated:
    """Out-of-fold probabilities of each row, and the share of searches of each kind that are refused under the thresholds of their folds."""

    probabilities: Floats
    refused: dict[str, float]
    n_searches: dict[str, int]


def cross_validate(rows: Rows, *, n_folds: int = FOLDS, seed: int = 0) -> Validated:
    """Fit without each fold of queries in turn; all searches of a query, in whatever library, are in one fold."""
    fold = folds_of(rows.query.tolist(), n=n_folds, seed=seed)
    place = np.array([fold[query] for query in rows.query.tolist()])
    p = np.zeros(len(place))
    refused: dict[str, list[bool]] = {}
    for left_out in range(n_folds):
        here = place == left_out
        if not here.any():
            continue
        model, test = fit(rows.where(~here)), rows.where(here)
        p[here] = probabilities(model, test)
        for kind in sorted(set(test.kind.tolist())):
            refused.setdefault(kind, []).extend(value < model.threshold for value in best_of(test, p[here], (kind,)).values())
    return Validated(p, {kind: float(np.mean(values)) for kind, values in refused.items()}, {kind: len(values) for kind, values in refused.items()})


@dataclass(frozen=True, slots=True)
class Bin:
    """One bar of a reliability diagram."""

    n: int
    predicted: float
    observed: float


def reliability(p: Floats, relevant: Bools, *, n_bins: int = N_BINS) -> list[Bin]:
    """Return equally wide bins of predicted probability; empty ones are left out."""
    place = np.minimum((p * n_bins).astype(int), n_bins - 1)
    return [Bin(int(here.sum()), float(p[here].mean()), float(relevant[here].mean())) for b in range(n_bins) if (here := place == b).any()]


def expected_calibration_error(p: Floats, relevant: Bools, *, n_bins: int = N_BINS) -> float:
    """Return Σ share of a bin · |predicted − observed| (Naeini et al. 2015)."""
    return sum(b.n / len(p) * abs(b.predicted - b.observed) for b in reliability(p, relevant, n_bins=n_bins)) if len(p) else 0.0
