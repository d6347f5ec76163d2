"""Tests of training.fit_calibration: rows, signs, threshold, folds, reliability, with figures worked by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from indexes.calibration import FALLING, FEATURES, FREE, Calibration, Evidence, evidence_matrix
from indexes.fusion import Fusion
from indexes.query import Channel
from training.examine import Examined
from training.fit_calibration import (
    MAX_REFUSED,
    Bin,
    Rows,
    best_of,
    cross_validate,
    expected_calibration_error,
    fit,
    folds_of,
    joined,
    probabilities,
    reliability,
    rows_of,
)

CAUSE = Calibration({"cause": 4.0}, -2.0, 0.5, "test")


def rows(evidence: Sequence[Evidence], relevant: Sequence[bool], *, kind: str = "in", searches: Sequence[str] | None = None) -> Rows:
    """Return one row a hit; without `searches` each is a search of its own, of a query of its own."""
    n = len(evidence)
    names = list(searches) if searches is not None else [f"q{number:03d}" for number in range(n)]
    return Rows(
        evidence_matrix(evidence),
        np.array(relevant, bool),
        np.array(names, np.str_),
        np.array([f"0:{name}" for name in names], np.str_),
        np.full(n, kind, "U8"),
        np.ones(n, np.int64),
        np.ones(n),
    )


def noisy(n: int, *, kind: str = "in") -> Rows:
    """Return rows with `cause` 0 or 1 in turn, right three times in four."""
    causes = [float(number % 2) for number in range(n)]
    return rows(
        [Evidence(cause=cause, absent=1 - cause) for cause in causes], [bool(cause) != (number % 8 > 5) for number, cause in enumerate(causes)], kind=kind
    )


def test_rows_are_the_best_hits_of_each_query_with_their_grades() -> None:
    evidence = (Evidence(cause=0.1), Evidence(cause=0.2), Evidence(cause=0.3))
    one = Examined("q1", ("a", "b", "c"), {Channel.LEXICAL: np.array([1.0, 3.0, 2.0])}, np.zeros(3), evidence)
    other = Examined("q2", ("a",), {Channel.LEXICAL: np.array([1.0])}, np.zeros(1), evidence[:1])
    found = rows_of([one, other], {"q1": {"b": 1, "c": 2}}, Fusion({Channel.LEXICAL: 1.0}), kind="in", name="lib", weight=0.5, top=2)
    assert found.matrix[:, FEATURES.index("cause")].tolist() == [0.2, 0.3, 0.1]
    assert found.relevant.tolist() == [False, True, False], "grade 1 is not similar, and q2 has no judgement"
    assert found.search.tolist() == ["lib:q1", "lib:q1", "lib:q2"]
    assert found.query.tolist() == ["q1", "q1", "q2"]
    assert (found.rank.tolist(), found.weight.tolist(), found.kind.tolist()) == ([1, 2, 1], [0.5] * 3, ["in"] * 3)


def test_rows_are_joined_and_chosen_together() -> None:
    both = joined([rows([Evidence(cause=1.0)], [True]), rows([Evidence()], [False], kind="outside")])
    assert both.kind.tolist() == ["in", "outside"]
    only = both.where(both.kind == "outside")
    assert (only.relevant.tolist(), only.matrix.shape) == ([False], (1, len(FEATURES)))


def test_the_fit_states_the_share_that_is_right() -> None:
    """Of the rows with cause 1 three in four are relevant, of the others one in four: with hardly any ridge these are the probabilities."""
    data = noisy(400)
    model = fit(data)
    p = probabilities(model, data)
    assert p[1] == pytest.approx(0.75, abs=0.01)
    assert p[0] == pytest.approx(0.25, abs=0.01)
    assert set(model.weights) <= {"cause", "absent"}, "what never varies gets no weight"


def test_weights_keep_their_sign_against_the_data() -> None:
    """Here a high `absent` goes with relevant hits and a high `dense` with irrelevant ones: neither may be learned."""
    data = rows([Evidence(dense=float(number % 2), absent=float(1 - number % 2)) for number in range(40)], [number % 2 == 0 for number in range(40)])
    model = fit(data)
    assert model.weights == {}
    assert probabilities(model, data).tolist() == pytest.approx([0.5] * 40, abs=1e-3)
    for name, weight in fit(noisy(400)).weights.items():
        assert name in FREE or (weight <= 0 if name in FALLING else weight >= 0)


def test_the_threshold_leaves_out_a_few_of_the_searches_that_have_an_answer() -> None:
    data = joined([noisy(400), rows([Evidence(absent=1.0)] * 50, [False] * 50, kind="outside")])
    model = fit(data, "v1")
    best = list(best_of(data, probabilities(model, data), ("in",)).values())
    assert model.threshold == pytest.approx(float(np.quantile(best, MAX_REFUSED)))
    assert model.version == "v1"


def test_the_best_of_a_search_is_its_likeliest_hit() -> None:
    data = rows([Evidence(cause=0.5), Evidence(cause=1.0), Evidence()], [True, True, False], searches=["a", "a", "b"])
    p = probabilities(CAUSE, data)
    assert best_of(data, p, ("in",)) == {"0:a": pytest.approx(1 / (1 + np.exp(-2.0))), "0:b": pytest.approx(1 / (1 + np.exp(2.0)))}
    assert best_of(data, p, ("out",)) == {}


def test_folds_are_even_and_the_same_for_the_same_seed() -> None:
    queries = [f"q{number}" for number in range(13)] * 2
    found = folds_of(queries, n=5)
    assert sorted(np.bincount(list(found.values())).tolist()) == [2, 2, 3, 3, 3]
    assert found == folds_of(list(reversed(queries)), n=5)
    assert found != folds_of(queries, n=5, seed=1)


def test_cross_validation_states_each_row_by_a_fit_that_has_not_seen_its_query() -> None:
    data = joined([noisy(400), rows([Evidence(absent=1.0)] * 10, [False] * 10, kind="outside")])
    checked = cross_validate(data)
    assert checked.n_searches == {"in": 400, "outside": 10}
    right = data.relevant[data.kind == "in"]
    assert expected_calibration_error(checked.probabilities[:400], right) < 0.05
    assert checked.refused["in"] <= 2 * MAX_REFUSED


def test_a_query_that_would_decide_alone_does_not_when_it_is_left_out() -> None:
    """All relevant hits are of one query: the fits that state its rows know no relevant hit and find it unlikely."""
    names = [f"q{number // 4}" for number in range(40)]
    data = rows([Evidence(cause=float(name == "q0")) for name in names], [name == "q0" for name in names], searches=names)
    seen = probabilities(fit(data), data)[:4]
    unseen = cross_validate(data).probabilities[:4]
    assert seen.min() > 0.9
    assert unseen.max() < 0.1


def test_reliability_bins_and_ece_by_hand() -> None:
    """Bins: .05 and .15 apart, .15 twice (one right); 1.0 falls into the last. ECE = 1/4·.05 + 2/4·|.15 − .5| + 1/4·0."""
    p, relevant = np.array([0.05, 0.15, 0.15, 1.0]), np.array([False, True, False, True])
    assert reliability(p, relevant) == [Bin(1, 0.05, 0.0), Bin(2, pytest.approx(0.15), 0.5), Bin(1, 1.0, 1.0)]
    assert expected_calibration_error(p, relevant) == pytest.approx(0.25 * 0.05 + 0.5 * 0.35)
    assert expected_calibration_error(np.zeros(0), np.zeros(0, bool)) == 0.0
    assert expected_calibration_error(p, relevant, n_bins=1) == pytest.approx(abs(p.mean() - 0.5))
