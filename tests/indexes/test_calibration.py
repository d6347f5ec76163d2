"""Tests of indexes.calibration, with figures worked by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexes.calibration import FALLING, FEATURES, FREE, Calibration, Evidence, evidence_matrix
from indexes.errors import SnapshotError


def made(**changed: Any) -> Calibration:
    values: dict[str, Any] = {"weights": {"cause": 2.0, "conflict": -1.0}, "bias": -1.0, "threshold": 0.3, "version": "test"}
    return Calibration(**{**values, **changed})


def test_the_matrix_has_one_row_a_hit_and_the_columns_of_features() -> None:
    matrix = evidence_matrix([Evidence(cause=0.5, absent=0.25), Evidence(near_cause=1.0)])
    assert matrix.shape == (2, len(FEATURES))
    assert matrix[0, FEATURES.index("cause")] == 0.5
    assert matrix[0, FEATURES.index("absent")] == 0.25
    assert matrix.sum(axis=1).tolist() == [0.75, 1.0]
    assert evidence_matrix([]).shape == (0, len(FEATURES))


def test_probabilities_are_the_logistic_function_of_the_weighted_sum() -> None:
    p = made().probabilities([Evidence(cause=1.0), Evidence(cause=0.5), Evidence()])
    assert p.tolist() == pytest.approx([1 / (1 + math.exp(-1.0)), 0.5, 1 / (1 + math.e)])
    assert made().probabilities([]).tolist() == []


def test_a_decisive_conflict_caps_what_else_would_be_certain() -> None:
    sure = made(weights={"cause": 100.0})
    assert sure.probabilities([Evidence(cause=1.0), Evidence(cause=1.0, conflict=1)]).tolist() == pytest.approx([1.0, 0.45])
    assert sure.probabilities([Evidence(cause=1.0, minor_conflict=1)]).tolist() == pytest.approx([1.0])
    low = made(weights={}, bias=-2.0)
    assert low.probabilities([Evidence(conflict=2)]).tolist() == pytest.approx([1 / (1 + math.exp(2.0))]), "the cap lifts nothing"


def test_huge_evidence_overflows_nowhere() -> None:
    assert made(weights={"cause": 1e6}, bias=0.0).probabilities([Evidence(cause=1.0), Evidence(cause=-1.0)]).tolist() == pytest.approx([1.0, 0.0])


@pytest.mark.parametrize("changed", [{"weights": {"colour": 1.0}}, {"threshold": 1.5}, {"threshold": -0.1}])
def test_a_calibration_that_cannot_be_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"calibration test: (unknown evidence colour|threshold)"):
        made(**changed)


def test_save_and_load(tmp_path: Path) -> None:
    model = made(measured={"ece": 0.04}, conflict_cap=0.4)
    model.save(tmp_path / "calibration.json")
    assert Calibration.load(tmp_path / "calibration.json") == model


@pytest.mark.parametrize("text", ["", "[]", '{"weights": {}}', '{"weights": {"colour": 1}, "bias": 0, "threshold": 0.5, "version": "x", "conflict_cap": 0.4}'])
def test_a_file_that_is_no_calibration_names_the_cure(tmp_path: Path, text: str) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SnapshotError, match=r"calibration\.json: not a calibration .*fit-fusion"):
        Calibration.load(path)


def test_a_missing_file_names_the_cure(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="run `nlp-service build`"):
        Calibration.load(tmp_path / "none.json")


def test_the_shipped_one_keeps_its_signs_and_says_how_well_it_was_measured() -> None:
    shipped = Calibration.load()
    for name, weight in shipped.weights.items():
        assert name in FREE or (weight <= 0 if name in FALLING else weight >= 0), name
    assert shipped.measured["ece"] <= 0.05
    assert {kind: len(value) for kind, value in shipped.measured["refused"].items()} == {"in": 2, "out": 2, "outside": 2, "stay": 2}
    assert json.dumps(shipped.measured)


def test_a_poem_is_below_the_shipped_threshold_and_a_case_of_the_cause_above() -> None:
    shipped = Calibration.load()
    poem = Evidence(near_cause=0.5, top_cause=0.25, certainty=0.3, dense=0.1, lexical=0.3, strange_words=0.3, strange_pairs=0.5)
    case = Evidence(near_cause=0.99, top_cause=0.97, certainty=0.95, dense=0.6, reasoning=0.6, lexical=0.8, agree=1)
    p = shipped.probabilities([poem, case])
    assert p[0] < shipped.threshold < p[1]
    assert np.all((p > 0) & (p < 1))
