"""Tests of indexes.causes and indexes.labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from corpora.schema import Case
from indexes.causes import CauseClassifier, fit_causes
from indexes.labels import cause_label, cause_labels
from indexes.terms import CountBuilder


def fitted() -> CauseClassifier:
    builder = CountBuilder()
    labels = []
    for number in range(40):
        theme = number % 2
        builder.add((["油烟", "烧烤", "净化器"] if theme else ["钢棚", "规划", "造价"]) + ["检查", f"n{number}"])
        labels.append(["油烟" if theme else "违建"])
    return fit_causes(builder.matrix(), list(builder.vocabulary), labels)


@pytest.mark.parametrize(("name", "label"), [("盗窃罪", "盗窃"), ("伪造、买卖国家机关印章罪", "伪造买卖国家机关印章"), ("未批先建 案", "未批先建")])
def test_spellings_of_a_cause_meet(name: str, label: str) -> None:
    assert cause_label(name) == label


def test_a_code_wins_over_names() -> None:
    assert cause_labels(Case(case_id="1", facts="x", causes=("甲", "乙罪"), cause_code="CX01")) == ["CX01"]
    assert cause_labels(Case(case_id="1", facts="x", causes=("甲", "甲罪", "乙"))) == ["甲", "乙"]


def test_probabilities_sum_to_one_and_find_the_cause() -> None:
    classifier = fitted()
    values = classifier.probabilities(["烧烤", "净化器"])
    assert values.sum() == pytest.approx(1.0, abs=1e-5)
    assert classifier.top(["烧烤", "净化器"])[0][0] == "油烟"
    assert classifier.top(["钢棚"])[0][0] == "违建"


def test_unknown_words_say_nothing() -> None:
    values = fitted().probabilities(["从未见过"])
    assert values.tolist() == pytest.approx([0.5, 0.5], abs=0.05)


def test_the_same_seed_gives_the_same_weights() -> None:
    assert np.array_equal(fitted().weights, fitted().weights)


def test_save_and_load_give_the_same_answers(tmp_path: Path) -> None:
    classifier = fitted()
    classifier.save(tmp_path)
    loaded = CauseClassifier.load(tmp_path)
    assert loaded.top(["造价", "油烟"]) == classifier.top(["造价", "油烟"])
    assert loaded.rarity("从未见过") == float("inf")


def test_distributions_are_roots_of_probabilities() -> None:
    classifier = fitted()
    roots = classifier.distribution_rows([["烧烤"], []])
    assert (roots.astype(np.float32) ** 2).sum(axis=1).tolist() == pytest.approx([1.0, 1.0], abs=2e-3)
    assert roots[0].astype(np.float32).tolist() == pytest.approx(np.sqrt(classifier.probabilities(["烧烤"])).tolist(), abs=1e-3)


def test_one_cause_only_leaves_the_channel_silent() -> None:
    builder = CountBuilder()
    builder.add(["甲"])
    builder.add(["乙"])
    classifier = fit_causes(builder.matrix(), list(builder.vocabulary), [["x"], ["x"]])
    assert classifier.labels == ()
    assert classifier.top(["甲"]) == []
    assert classifier.distribution_rows([["甲"]]).shape == (1, 0)
