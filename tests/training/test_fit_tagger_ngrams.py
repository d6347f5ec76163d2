"""The n-gram trainer chooses by unseen texts: words near each other where only they tell, fewer features where they do not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from nlp_service.tagging.schemes import load_scheme
from training.datasets import Example
from training.fit_blend import read_texts
from training.fit_tagger_ngrams import fit_ngrams
from training.recipe import Ngrams

SCHEME = load_scheme("name: s\ntags:\n- {code: T, name: 标签, definition: 某一类, level: L1, triggers: [不出现的词]}\n")
BETWEEN = ("昨天", "早上", "下午", "傍晚", "夜里", "周末", "月初", "月底", "春天", "夏天", "秋天", "冬天")


def _examples(holds: dict[tuple[str, str], bool]) -> list[Example]:
    pairs = itertools.product(holds.items(), BETWEEN, BETWEEN[:4])
    return [Example(f"e{n}", f"{first}{one}路过{other}{second}", tags=("T",) if tag else ()) for n, (((first, second), tag), one, other) in enumerate(pairs)]


@pytest.mark.parametrize(
    ("holds", "skip_pairs"),
    [
        ({("苹果", "电视"): True, ("香蕉", "冰箱"): True, ("苹果", "冰箱"): False, ("香蕉", "电视"): False}, True),
        ({("苹果", "电视"): True, ("苹果", "冰箱"): True, ("香蕉", "电视"): False, ("香蕉", "冰箱"): False}, False),
    ],
)
def test_features_are_chosen_by_unseen_texts(holds: dict[tuple[str, str], bool], skip_pairs: bool) -> None:
    examples = _examples(holds)
    fit = fit_ngrams(examples, read_texts(examples, SCHEME), Ngrams(c=[1.0], folds=3), seed=0)
    assert fit.model.skip_pairs is skip_pairs
    said = fit.held_out[:, 0, 0] > 0
    assert np.mean(said == [bool(example.tags) for example in examples]) > 0.9


def test_a_recipe_may_decide_itself() -> None:
    examples = _examples({("苹果", "电视"): True, ("香蕉", "电视"): False})
    fit = fit_ngrams(examples, read_texts(examples, SCHEME), Ngrams(c=[1.0], folds=3, skip_pairs=True), seed=0)
    assert fit.model.skip_pairs is True
    assert any(name[0] == "s" for name in fit.model.vocabulary)
