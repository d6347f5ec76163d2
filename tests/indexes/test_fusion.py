"""Tests of indexes.fusion, with figures worked by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexes.fusion import Fusion, min_max, ranks, reciprocal_ranks
from indexes.query import Channel


def test_min_max_scales_and_gives_unknown_the_median() -> None:
    assert min_max(np.array([2.0, 4.0, 8.0, -np.inf])).tolist() == pytest.approx([0.0, 1 / 3, 1.0, 1 / 3])


def test_min_max_of_equal_or_no_scores_is_zero() -> None:
    assert min_max(np.array([3.0, 3.0])).tolist() == [0.0, 0.0]
    assert min_max(np.array([-np.inf, -np.inf])).tolist() == [0.0, 0.0]


def test_ranks_start_at_one_and_unknown_has_none() -> None:
    assert ranks(np.array([1.0, 5.0, -np.inf, 5.0])).tolist() == [3, 1, 0, 2]


def test_fuse_adds_weighted_parts_and_takes_probabilities_as_they_are() -> None:
    fusion = Fusion({Channel.LEXICAL: 2.0, Channel.CAUSES: 0.5})
    fused = fusion.fuse({Channel.LEXICAL: np.array([0.0, 10.0]), Channel.CAUSES: np.array([0.8, 0.2]), Channel.DENSE: np.array([1.0, 0.0])})
    assert fused.tolist() == pytest.approx([0.0 * 2 + 0.8 * 0.5, 1.0 * 2 + 0.2 * 0.5])


def test_negative_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="lexical"):
        Fusion({Channel.LEXICAL: -1.0})


def test_reciprocal_ranks() -> None:
    fused = reciprocal_ranks({Channel.LEXICAL: np.array([3.0, 1.0]), Channel.DENSE: np.array([-np.inf, 2.0])}, constant=60)
    assert fused.tolist() == pytest.approx([1 / 61, 1 / 62 + 1 / 61])


def test_save_and_load(tmp_path: Path) -> None:
    fusion = Fusion({Channel.LEXICAL: 1.5}, "fit-7")
    fusion.save(tmp_path / "fusion.json")
    assert Fusion.load(tmp_path / "fusion.json") == fusion
