"""Batches: every text is read once, in one go, and the answers are those of one report after the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlp_service.tagging.batching import BatchedClassifier, KeptModel, score_all
from nlp_service.tagging.blend import Blend, BlendClassifier
from nlp_service.tagging.calibration import Calibration
from nlp_service.tagging.classifier import RuleClassifier
from nlp_service.tagging.language import default_language
from nlp_service.tagging.neural import BATCH, BATCH_TOKENS, batches
from nlp_service.tagging.rules import RuleReader
from nlp_service.tagging.schemes import load_scheme

SCHEME = load_scheme(
    """name: s
tags:
- {code: A1, name: 失联, definition: 找不到人, level: L4, triggers: [失联]}
- {code: B1, name: 喝酒, definition: 喝酒, level: L2, triggers: [喝酒]}
"""
)
READER = RuleReader(SCHEME, default_language())


class Counting:
    """Logits are the number of 人 and of 酒; `asked` holds every call's texts."""

    tags = ("A1", "B1")

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        self.asked.append(list(texts))
        return np.asarray([[[text.count("人"), text.count("酒")]] * 2 for text in texts], float)


def blend() -> Blend:
    plain = Calibration(1.0, 0.0, np.zeros(2))
    return Blend(np.asarray([[1.0, 2.0, 0.0, -2.0]] * 2), (plain, plain), np.full((2, 2), 0.6))


def test_a_text_is_read_once_and_the_newest_are_kept() -> None:
    inner = Counting()
    model = KeptModel(inner, n_kept=2)
    assert model.logits(["人", "酒酒", "人"])[:, 0].tolist() == [[1, 0], [0, 2], [1, 0]]
    assert inner.asked == [["人", "酒酒"]]
    model.logits(["酒酒", "人人"])
    assert inner.asked[1:] == [["人人"]]
    model.logits(["人"])
    assert inner.asked[2:] == [["人"]], "the oldest was dropped"
    assert model.logits([]).shape == (0, 2, 2)


def test_a_batch_is_one_call_and_answers_as_one_by_one() -> None:
    texts = ["人不见了，失联", "昨天喝酒，桌上是酒", "没有喝酒，人在家"]
    analyses = [READER.read(text) for text in texts]
    together, alone = Counting(), BlendClassifier(Counting(), blend(), SCHEME, "v")
    classifier = BatchedClassifier(together, blend(), SCHEME, "v")
    assert score_all(classifier, analyses) == [alone.score(analysis) for analysis in analyses]
    assert together.asked == [texts]
    assert [classifier.support(analysis, 1) for analysis in analyses] == [alone.support(analysis, 1) for analysis in analyses]
    n_calls = len(together.asked)
    assert classifier.support(analyses[1], 0) == alone.support(analyses[1], 0)
    assert len(together.asked) == n_calls, "another tag of the same report costs no call"


def test_a_classifier_without_batches_scores_one_after_the_other() -> None:
    analyses = [READER.read("失联"), READER.read("喝酒")]
    assert [sorted(scores) for scores in score_all(RuleClassifier(), analyses)] == [[0], [1]]


def test_windows_of_like_length_go_together_within_bounds() -> None:
    assert list(batches([5, 9, 7])) == [[1, 2, 0]]
    assert [len(rows) for rows in batches([10] * (BATCH + 1))] == [BATCH, 1]
    long = BATCH_TOKENS // 2
    assert [len(rows) for rows in batches([long, 3, long, long])] == [2, 2]
    assert list(batches([BATCH_TOKENS * 2])) == [[0]]
    assert list(batches([])) == []
