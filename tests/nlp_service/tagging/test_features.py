"""Features: concepts with negation, pairs, rule evidence, windows; and what a (report, tag) pair carries."""

from __future__ import annotations

import math

import pytest

from nlp_service.tagging.concepts import parse_concepts
from nlp_service.tagging.features import Said, pair_features, report_features, window_spans
from nlp_service.tagging.language import default_language
from nlp_service.tagging.rules import RuleReader
from nlp_service.tagging.schemes import load_scheme

SCHEME = load_scheme("name: s\ntags: [{code: B1, name: 喝酒, definition: 喝酒, level: L2, triggers: [喝酒], weak: [酒]}]")
READER = RuleReader(SCHEME, default_language())
CONCEPTS = parse_concepts("酒: [喝酒, 白酒]\n闹: [骂人]\n走: [走了]", default_language())


def test_report_features_name_concepts_pairs_and_rules() -> None:
    features = report_features(READER.read("喝酒骂人，走了3次"), SCHEME, CONCEPTS)
    assert features["k酒"] == features["k闹"] == features["k走"] == 1.0
    assert features["p酒|闹"] == 1.0
    assert features["q酒>走"] == features["q闹>走"] == 1.0
    assert features["rB1h"] == pytest.approx(1.8)
    assert features["rB1holds"] == 1.0


def test_a_denied_concept_is_another_feature() -> None:
    features = report_features(READER.read("没有再喝酒"), SCHEME, CONCEPTS)
    assert "k!酒" in features
    assert "k酒" not in features
    assert features["rB1rejected"] == 1.0


def test_pair_features_without_evidence_say_so() -> None:
    features = pair_features(None, SCHEME, 0, Said(logit=-2.0, text=-20.0, either=-1.0, window=1.0, n_above=3), n_strong=0, text_chars=90)
    assert features == {"tag:B1": 1.0, "logit": -1.0, "text": -4.0, "either": -0.5, "window": 0.5, "above": pytest.approx(-math.log(4)), "none": 1.0}


def test_pair_features_carry_verdicts_and_scope_findings() -> None:
    evidence = READER.read("以前喝酒").evidence[0]
    features = pair_features(evidence, SCHEME, 0, Said(logit=20.0, text=2.0, either=3.0, window=0.0, n_above=0), n_strong=0, text_chars=4)
    assert features["logit"] == 4.0  # clipped at 8
    assert (features["text"], features["text_with_evidence"]) == (1.0, 1.0)
    assert (features["either"], features["either_with_evidence"]) == (1.5, 1.5)
    assert features["trigger:B1:喝酒:rejected"] == 1.0
    assert features["scope:past:strong"] == 1.0
    assert features["scope:B1:past"] == 0.6
    assert features["n:strong:rejected"] == pytest.approx(math.log(2))
    assert "clean:strong" not in features


def test_windows_are_two_clauses_in_a_row() -> None:
    analysis = READER.read("昨天喝酒，骂了人，后来走了")
    assert [analysis.folded.text[start:end] for start, end in window_spans(analysis)] == ["昨天喝酒，骂了人", "骂了人，后来走了"]
    assert window_spans(READER.read("喝酒")) == [(0, 2)]
