"""The n-gram model and its blend: features and logits by hand, round trip, damage refused."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from nlp_service.artefacts import ArtefactError
from nlp_service.tagging.blend import Blend, BlendClassifier, blend_inputs
from nlp_service.tagging.calibration import Calibration
from nlp_service.tagging.language import default_language
from nlp_service.tagging.ngrams import NgramModel, load_ngrams, ngram_features
from nlp_service.tagging.rules import RuleReader
from nlp_service.tagging.schemes import load_scheme
from nlp_service.tagging.scope import Status

SCHEME = load_scheme(
    """name: s
tags:
- {code: B1, name: 喝酒, definition: 喝酒, level: L2, triggers: [喝酒]}
- {code: C1, name: 上班, definition: 上班, level: L0, triggers: [上班]}
- {code: N1, name: 新标签, definition: 新标签, level: L1, triggers: [养鹅]}
"""
)


def model() -> NgramModel:
    weights = np.asarray([[3, 0], [0, 2], [0, 4]], np.float32)
    return NgramModel(("B1", "C1"), {"c醉": 0, "w上班": 1, "t酒": 2}, np.asarray([2, 1, 1], np.float32), weights, np.asarray([-1, -2], np.float32))


def blend() -> Blend:
    calibration = Calibration(1.0, 0.0, np.zeros(2))
    return Blend(np.asarray([[1, 2, 0, -2], [1, 2, 1, -2]], float), (calibration, calibration), np.asarray([[0.5, 0.5], [0.4, 0.3]]))


def test_blocks_of_features() -> None:
    names = ngram_features("喝酒3次")
    assert {"c喝", "c酒0次$", "w喝酒", "w喝酒 0"} <= set(names)
    assert not [name for name in names if name[0] == "t"]
    assert "t酒" in ngram_features("喝酒\n第二行")
    assert "s喝酒_邻居" in ngram_features("喝酒的邻居")
    assert not [name for name in ngram_features("喝酒的邻居", skip_pairs=False) if name[0] == "s"]


def test_logits_are_bias_plus_scaled_blocks() -> None:
    # one known feature a block: whatever its idf and count, its value is the length of the block
    assert model().logits(["醉"])[0] == pytest.approx(np.asarray([[2, -2], [2, -2]]))
    assert model().logits(["在上班"])[0, 0] == pytest.approx([-1, 0])
    assert model().logits(["酒\n醉"])[0, 0] == pytest.approx([2, 2])
    assert model().logits(["别的"])[0, 1] == pytest.approx([-1, -2])
    assert model().logits([]).shape == (0, 2, 2)


def test_round_trip_and_damage(tmp_path: Path) -> None:
    model().save(tmp_path)
    blend().save(tmp_path)
    assert load_ngrams(tmp_path).logits(["醉着上班"]) == pytest.approx(model().logits(["醉着上班"]))
    assert Blend.load(tmp_path, 2).thresholds == pytest.approx(blend().thresholds)
    with pytest.raises(ArtefactError, match="another number of tags"):
        Blend.load(tmp_path, 3)
    (tmp_path / "vocabulary.json").write_text('{"tags": ["B1", "C1"], "skip_pairs": true, "features": ["c醉"]}', encoding="utf-8")
    with pytest.raises(ArtefactError, match="does not fit 1 features"):
        load_ngrams(tmp_path)
    (tmp_path / "weights.safetensors").write_bytes(b"x")
    with pytest.raises(ArtefactError, match="not a complete n-gram model"):
        load_ngrams(tmp_path)


def test_rules_and_model_are_weighed_and_denied_tags_need_more() -> None:
    assert blend_inputs(np.asarray([40.0, -1.0]), Status.REJECTED).tolist() == [[12, 0, 0, 1], [-1, 0, 0, 1]]
    classifier = BlendClassifier(model(), blend(), SCHEME, "test-1")
    reader = RuleReader(SCHEME, default_language())
    holds = classifier.score(reader.read("今天醉了，又喝酒"))[0]
    # logit 3 − 1 = 2, and 2 more because the rules say it holds
    assert holds.p_holds == pytest.approx(1 / (1 + math.exp(-4)))
    assert (holds.from_rules, holds.from_model, holds.confirm_at) == (True, True, 0.5)
    denied = classifier.score(reader.read("没有喝酒"))[0]
    assert denied.p_holds == pytest.approx(1 / (1 + math.exp(3)))
    assert (denied.confirm_at, denied.suspect_at) == (0.65, 0.5)


class SureOfWine:
    """Says B1 of every text with 酒 in it."""

    tags = ("B1", "C1")

    def logits(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([[[9.0 if "酒" in text else -9.0, -9.0]] * 2 for text in texts])


@pytest.mark.parametrize(
    ("text", "is_named"),
    [("没有喝酒", False), ("没有喝酒，人在家", False), ("没有喝酒，满身酒气", True), ("没有喝酒，" + "今天去了村委会又去了田里，" * 2, True)],
)
def test_a_bare_denial_names_nothing_however_sure_the_model(text: str, is_named: bool) -> None:
    classifier = BlendClassifier(SureOfWine(), blend(), SCHEME, "test-1")
    score = classifier.score(RuleReader(SCHEME, default_language()).read(text))[0]
    assert score.p_holds > score.confirm_at
    assert (score.is_named, score.is_denied) == (is_named, not is_named)


def test_tags_younger_than_the_model_are_scored_by_rules() -> None:
    classifier = BlendClassifier(model(), blend(), SCHEME, "test-1")
    analysis = RuleReader(SCHEME, default_language()).read("他家院子里养鹅")
    assert classifier.score(analysis)[2].p_holds == pytest.approx(0.9)
    assert classifier.support(analysis, 2) is None


def test_the_clause_that_speaks_for_a_tag_is_found() -> None:
    classifier = BlendClassifier(model(), blend(), SCHEME, "test-1")
    analysis = RuleReader(SCHEME, default_language()).read("天气晴好，醉在路边，大家散了")
    place = classifier.support(analysis, 0)
    assert place is not None
    assert analysis.context.text[slice(*place)].strip("，") == "醉在路边"
