"""Sampling by hand-worked numbers, doubtful labels, drift."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from training.__main__ import main
from training.datasets import Example, label_set
from training.drift import drift, psi, unseen_rate
from training.label_errors import suspects
from training.label_schemes import coded, scheme_of_labels
from training.sampling import choose, text_vectors, uncertainty

Make = Callable[..., list[Example]]


def test_uncertainty_is_entropy_weighted_by_rarity() -> None:
    # 1 bit at p = .5; a tag with 3 examples counts 1/√4, one with none counts 1
    found = uncertainty(np.asarray([[0.5, 0.5], [0.5, 0.0], [1.0, 0.0]]), np.asarray([3, 0]))
    assert found == pytest.approx([1.5, 0.5, 0.0], abs=1e-4)


def test_no_two_alike_are_chosen_and_nothing_like_what_is_known() -> None:
    vectors = sp.csr_matrix(np.asarray([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], float))
    scores = np.asarray([1.0, 0.9, 0.5, 0.4])
    assert choose(scores, vectors, 3) == [0, 2, 3]
    assert choose(scores, vectors, 2, known=vectors[:1]) == [2, 3]
    assert choose(scores, vectors, 9) == [0, 2, 3, 1]


def test_vectors_are_unit_rows() -> None:
    assert np.linalg.norm(text_vectors(["又喝酒了", "走访"]).toarray(), axis=1) == pytest.approx([1.0, 1.0])


def test_wrong_labels_are_found(make_examples: Make) -> None:
    clean = make_examples(200)
    wrong = [Example(e.example_id, e.text, ("垃圾",) if number in (30, 75) else e.tags) for number, e in enumerate(clean)]
    assert {clean[30].tags, clean[75].tags} == {("噪声",), ("噪声",)} or "垃圾" not in clean[30].tags + clean[75].tags
    scheme, _ = scheme_of_labels("street", label_set(wrong))
    found = suspects(coded(wrong, scheme), scheme, least=0.6)
    assert {item.example.example_id for item in found[:3]} <= {"R30", "R75"}
    assert {item.example.example_id for item in found} >= {"R30", "R75"}


def test_psi_by_hand() -> None:
    # Two bins with halves before, ¼ and ¾ now: (.25−.5)·ln(.5) + (.75−.5)·ln(1.5)
    before, now = np.asarray([0.1, 0.2, 0.8, 0.9]), np.asarray([0.1, 0.8, 0.8, 0.9])
    assert psi(before, now, n_bins=2) == pytest.approx(-0.25 * math.log(0.5) + 0.25 * math.log(1.5))
    assert psi(before, before, n_bins=2) == 0.0


def test_unknown_words_and_shift_are_reported() -> None:
    assert unseen_rate(["走访 走访 喝酒"], {"走访"}) == pytest.approx(1 / 3)
    before, now = np.tile([0.2, 0.1], (20, 1)), np.tile([0.6, 0.1], (20, 1))
    found = drift(["走访"] * 20, ["喝酒"] * 20, before, now, ["A", "B"], known={"走访"})
    assert (found.unseen_before, found.unseen_now) == (0.0, 1.0)
    assert found.shift == {"A": (pytest.approx(0.2), pytest.approx(0.6)), "B": (pytest.approx(0.1), pytest.approx(0.1))}
    assert found.verdict == "moved"
    with pytest.raises(ValueError, match="at least one"):
        drift([], ["喝酒"], np.zeros((0, 1)), np.zeros((1, 1)), ["A"])


def test_commands(
    recipe: Callable[..., Path], write_lines: Callable[..., Path], make_examples: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fit-tagger", str(recipe()), "--out", str(tmp_path / "m")]) == 0
    pool = write_lines("pool.jsonl", [Example(e.example_id, e.text, is_labelled=False) for e in make_examples(60, start=5000)])
    labelled = tmp_path / "recipe-train.jsonl"
    assert main(["sample", "next", str(pool), "--model", str(tmp_path / "m"), "--labelled", str(labelled), "-n", "7", "--out", str(tmp_path / "n.jsonl")]) == 0
    lines = [json.loads(line) for line in (tmp_path / "n.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len({line["report_id"] for line in lines}) == 7
    assert all("tags" not in line for line in lines)
    assert main(["sample", "drift", str(labelled), str(pool), "--model", str(tmp_path / "m"), "--json", str(tmp_path / "d.json")]) == 0
    assert json.loads((tmp_path / "d.json").read_bytes())["unseen_words"][0] < 1
    scheme = str(tmp_path / "m" / "scheme.yaml")
    assert main(["sample", "errors", str(labelled), "--scheme", scheme, "--out", str(tmp_path / "e.jsonl")]) == 0
    assert "labels to look at again in 240 texts" in capsys.readouterr().out
