"""The artefact: logits as sums, round trip, and every kind of damage refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nlp_service.tagging.calibration import Calibration
from nlp_service.tagging.linear import ArtefactError, LinearModel, load_model, save_model


def _model() -> LinearModel:
    calibration = Calibration(1.0, 0.0, np.zeros(2))
    return LinearModel(
        tags=("A1", "B2"),
        report_vocabulary={"w酒": 0, "c闹": 1, "rA1h": 2},
        report_idf=np.array([1.0, 2.0, 1.0], dtype=np.float32),
        report_weights=np.array([[1, 0, 0, 0, 2, 0], [0, 1, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0]], dtype=np.float32),
        report_bias=np.array([0.5, 0, 0, -1, 0, 0], dtype=np.float32),
        window_weights=np.array([[1, 0], [0, 3], [0, 0]], dtype=np.float32),
        window_bias=np.array([-1, 0.25], dtype=np.float32),
        pair_vocabulary={"logit": 0, "none": 1},
        pair_weights=np.array([[2, 1], [-1, 0]], dtype=np.float32),
        pair_bias=np.array([0, 0.25], dtype=np.float32),
        calibrations=(calibration, calibration),
        thresholds=np.array([[0.5, 0.5], [0.3, 0.3]], dtype=np.float32),
        about={"version": "linear-test"},
    )


def test_logits_are_bias_plus_weighted_sums() -> None:
    model = _model()
    # the only word known is scaled to length 1.5, the only n-gram to 2
    logits = model.report_logits([{"rA1h": 1.0, "r新": 7.0}, {}], model.vectorizer.find(["酒", ""]))
    assert logits[:, 0] == pytest.approx(np.array([[2.0, 0.0], [1.0, -1.0], [3.0, 0.0]]))
    assert logits[:, 1] == pytest.approx(np.array([[0.5, 0.0], [0.0, -1.0], [0.0, 0.0]]))


def test_each_pair_has_its_own_logits() -> None:
    logits = _model().pair_logits([{"logit": 3.0, "none": 1.0, "fremd": 9.0}, {}, {"none": 2.0}])
    assert logits == pytest.approx(np.array([[5.0, 3.25], [0.0, 0.25], [-2.0, 0.25]]))
    assert _model().pair_logits([{}]) == pytest.approx(np.array([[0.0, 0.25]]))


def test_each_window_has_its_own_logits() -> None:
    model = _model()
    logits = model.window_logits(model.vectorizer.find(["酒，闹，走"]), [[(0, 1), (2, 3), (4, 5)]])
    assert logits == pytest.approx(np.array([[0.5, 0.25], [-1.0, 6.25], [-1.0, 0.25]]))


def test_the_second_probability_is_never_below_the_first() -> None:
    p = _model().probabilities(np.array([[2.0, 1.0], [-1.0, 1.0]]), [0, 1])
    assert p[0, 1] == p[0, 0] == pytest.approx(1 / (1 + np.exp(-2.0)))
    assert p[1, 1] > p[1, 0]


def test_a_saved_model_opens_equal(tmp_path: Path) -> None:
    save_model(_model(), tmp_path / "m")
    opened = load_model(tmp_path / "m")
    assert opened.tags == ("A1", "B2")
    assert opened.about == {"version": "linear-test"}
    assert opened.report_vocabulary == _model().report_vocabulary
    found = opened.vectorizer.find(["闹"])
    assert opened.window_logits(found, [[(0, 1)]]) == pytest.approx(_model().window_logits(found, [[(0, 1)]]))
    assert opened.report_logits([{"rA1h": 1.0}], found) == pytest.approx(_model().report_logits([{"rA1h": 1.0}], found))
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_an_existing_folder_is_never_overwritten(tmp_path: Path) -> None:
    save_model(_model(), tmp_path / "m")
    with pytest.raises(ArtefactError, match="already exists"):
        save_model(_model(), tmp_path / "m")


@pytest.mark.parametrize("name", ["manifest.json", "weights.safetensors", "vocabulary.json"])
def test_a_missing_file_is_refused(tmp_path: Path, name: str) -> None:
    save_model(_model(), tmp_path / "m")
    (tmp_path / "m" / name).unlink()
    with pytest.raises(ArtefactError, match="not a complete model folder"):
        load_model(tmp_path / "m")


@pytest.mark.parametrize("name", ["weights.safetensors", "vocabulary.json"])
def test_a_changed_byte_is_refused(tmp_path: Path, name: str) -> None:
    save_model(_model(), tmp_path / "m")
    path = tmp_path / "m" / name
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(ArtefactError, match="hash"):
        load_model(tmp_path / "m")


def test_another_format_and_wrong_shapes_are_refused(tmp_path: Path) -> None:
    save_model(_model(), tmp_path / "m")
    path = tmp_path / "m" / "manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, "format": "other"}))
    with pytest.raises(ArtefactError, match="format"):
        load_model(tmp_path / "m")
    path.write_text(json.dumps({**manifest, "tags": ["A1"]}))
    with pytest.raises(ArtefactError, match="shape"):
        load_model(tmp_path / "m")
