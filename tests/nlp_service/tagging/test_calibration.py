"""Calibration: Platt scaling recovers a known curve, tags with few rows stay near it, ECE is the arithmetic of its bins."""

from __future__ import annotations

import numpy as np
import pytest

from nlp_service.tagging.calibration import Calibration, expected_calibration_error, fit_calibration, sigmoid


def test_sigmoid_at_known_places_and_far_out() -> None:
    assert sigmoid(np.array([0.0, np.log(3.0), -np.log(3.0), 800.0, -800.0])) == pytest.approx([0.5, 0.75, 0.25, 1.0, 0.0])


def test_apply_adds_the_offset_of_the_tag() -> None:
    calibration = Calibration(slope=2.0, intercept=1.0, offsets=np.array([0.0, -1.0]))
    assert calibration.apply(np.array([0.0, 0.0]), np.array([0, 1])) == pytest.approx([1 / (1 + np.exp(-1.0)), 0.5])


def test_fit_recovers_the_curve_the_labels_came_from() -> None:
    rng = np.random.default_rng(3)
    logits = rng.normal(0, 2, 20000)
    labels = (rng.random(20000) < sigmoid(0.5 * logits - 1.0)).astype(np.int64)
    fitted = fit_calibration(logits, np.zeros(20000, dtype=np.int64), labels, 1)
    assert fitted.slope == pytest.approx(0.5, abs=0.03)
    assert fitted.intercept + fitted.offsets[0] == pytest.approx(-1.0, abs=0.05)


def test_a_tag_with_two_rows_moves_less_than_one_with_many() -> None:
    logits = np.zeros(402)
    tags = np.array([0] * 200 + [1] * 200 + [2] * 2)
    labels = np.array([0, 1] * 100 + [1] * 200 + [1] * 2)
    fitted = fit_calibration(logits, tags, labels, 3)
    assert fitted.offsets[1] > fitted.offsets[2] > fitted.offsets[0]


def test_nothing_to_fit_on_is_an_error() -> None:
    with pytest.raises(ValueError, match="no rows"):
        fit_calibration(np.zeros(0), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), 1)


def test_ece_by_hand() -> None:
    # bin 0.1–0.2: two rows at .15, one true: |.15 − .5| = .35; bin 0.9–1.0: two rows at .9, both true: |.9 − 1| = .1
    value = expected_calibration_error(np.array([0.15, 0.15, 0.9, 0.9]), np.array([1, 0, 1, 1]))
    assert value == pytest.approx((2 * 0.35 + 2 * 0.1) / 4)
    assert expected_calibration_error(np.zeros(0), np.zeros(0, dtype=np.int64)) == 0.0
    assert expected_calibration_error(np.array([1.0]), np.array([1])) == 0.0
