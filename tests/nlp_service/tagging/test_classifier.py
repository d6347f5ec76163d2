"""Scores: rules alone by status; with a model calibrated pairs; what scope rejected needs more; young tags stay with the rules."""

from __future__ import annotations

import numpy as np
import pytest

from nlp_service.tagging.calibration import Calibration
from nlp_service.tagging.classifier import REJECTED_CONFIRM_AT, REJECTED_SUSPECT_AT, RuleClassifier, StackedClassifier
from nlp_service.tagging.concepts import parse_concepts
from nlp_service.tagging.language import default_language
from nlp_service.tagging.linear import LinearModel
from nlp_service.tagging.rules import CONFIRM_AT, SUSPECT_AT, RuleReader
from nlp_service.tagging.schemes import load_scheme

SCHEME = load_scheme(
    """name: s
tags:
- {code: B1, name: 喝酒, definition: 喝酒, level: L2, triggers: [喝酒], hints: [酒味]}
- {code: N1, name: 养蜂, definition: 新标签, level: L1, triggers: [养蜂]}
"""
)
READER = RuleReader(SCHEME, default_language())
CONCEPTS = parse_concepts("醉: [摇摇晃晃]", default_language())


def _model(holds_weight: float = 1.0) -> LinearModel:
    calibration = Calibration(1.0, 0.0, np.zeros(1))
    return LinearModel(
        tags=("B1",),
        report_vocabulary={"k醉": 0, "c摇摇": 1},
        report_idf=np.ones(2, dtype=np.float32),
        report_weights=np.array([[holds_weight] * 3, [0, 0, 0]], dtype=np.float32),
        report_bias=np.array([-5, -5, -5], dtype=np.float32),
        window_weights=np.array([[0], [2]], dtype=np.float32),
        window_bias=np.zeros(1, dtype=np.float32),
        pair_vocabulary={"logit": 0},
        pair_weights=np.array([[1, 1]], dtype=np.float32),
        pair_bias=np.zeros(2, dtype=np.float32),
        calibrations=(calibration, calibration),
        thresholds=np.array([[0.4], [0.3]], dtype=np.float32),
        about={"version": "linear-test"},
    )


def test_rules_alone_confirm_by_status() -> None:
    score = RuleClassifier().score(READER.read("天天喝酒"))[0]
    assert (score.p_holds, score.confirm_at, score.suspect_at) == (pytest.approx(0.9), CONFIRM_AT, SUSPECT_AT)
    hinted = RuleClassifier().score(READER.read("有酒味"))[0]
    assert hinted.p_holds < CONFIRM_AT
    assert hinted.p_any >= SUSPECT_AT
    denied = RuleClassifier().score(READER.read("没有喝酒"))[0]
    assert denied.p_any < SUSPECT_AT


def test_the_model_speaks_where_no_trigger_does() -> None:
    # one concept of the k block has length 2: logit −5 + 3·2 = 1; the pair sees half of it
    classifier = StackedClassifier(_model(3.0), SCHEME, CONCEPTS)
    score = classifier.score(READER.read("走路摇摇晃晃"))[0]
    assert score.p_holds == pytest.approx(1 / (1 + np.exp(-0.5)))
    assert (score.confirm_at, score.suspect_at) == (pytest.approx(0.4), pytest.approx(0.3))
    assert (score.from_rules, score.from_model) == (False, True)
    assert 0 not in classifier.score(READER.read("走路平稳"))


def test_the_clause_that_speaks_for_a_tag_without_triggers() -> None:
    classifier = StackedClassifier(_model(3.0), SCHEME, CONCEPTS)
    analysis = READER.read("早上来的，走路摇摇晃晃")
    assert classifier.support(analysis, 0) == (5, 11)
    assert classifier.score(analysis)[0].place == (5, 11)
    assert classifier.score(READER.read("走路摇摇晃晃，喝酒"))[0].place is None  # a trigger says where
    assert classifier.support(analysis, 1) is None
    assert RuleClassifier().support(analysis, 0) is None


def test_what_scope_rejected_needs_a_surer_model() -> None:
    score = StackedClassifier(_model(), SCHEME, CONCEPTS).score(READER.read("没有喝酒"))[0]
    assert (score.confirm_at, score.suspect_at) == (REJECTED_CONFIRM_AT, REJECTED_SUSPECT_AT)


def test_a_tag_younger_than_the_model_is_scored_by_rules() -> None:
    score = StackedClassifier(_model(), SCHEME, CONCEPTS).score(READER.read("在山上养蜂"))[1]
    assert (score.p_holds, score.confirm_at, score.from_model) == (pytest.approx(0.9), CONFIRM_AT, False)


def test_many_reports_are_scored_as_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nlp_service.tagging.classifier._CHARS_TOGETHER", 10)
    classifier = StackedClassifier(_model(3.0), SCHEME, CONCEPTS)
    analyses = [READER.read(text) for text in ("走路摇摇晃晃", "没有喝酒", "在山上养蜂", "走路平稳", "早上来的，走路摇摇晃晃，有酒味")]
    assert classifier.score_many(analyses) == [classifier.score(analysis) for analysis in analyses]
    assert classifier.score_many([]) == []
