"""Fitting: authors stay together, the model learns what no trigger says, equal seeds give equal models."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nlp_service.tagging.concepts import parse_concepts
from nlp_service.tagging.language import default_language
from nlp_service.tagging.linear import digest_of, load_model, save_model
from nlp_service.tagging.schemes import load_scheme
from nlp_service.tagging.tagger import Tagger
from training.fit_tagger_linear import _folds, fit
from training.labelled_reports import LabelledReport

SCHEME = load_scheme(
    """name: s
tags:
- {code: B1, name: 喝酒, definition: 喝酒, level: L2, triggers: [喝酒]}
- {code: C1, name: 上班, definition: 上班, level: L0, triggers: [上班]}
"""
)
CONCEPTS = parse_concepts("醉: [摇摇晃晃, 东倒西歪, 满脸通红]\n活: [拧螺丝, 送货]", default_language())


def _reports() -> list[LabelledReport]:
    drunk, busy, plain = ["摇摇晃晃", "东倒西歪", "满脸通红"], ["拧螺丝", "送货"], ["下雨", "走访", "开会"]
    rows: list[LabelledReport] = []
    for number in range(90):
        author = f"a{number % 3}"
        kind = number % 5
        if kind == 0:
            text, tags = f"昨晚{drunk[number % 3]}回来", {"B1"}
        elif kind == 1:
            text, tags = f"今天在{busy[number % 2]}", {"C1"}
        elif kind == 2:
            text, tags = "他又喝酒", {"B1"}
        elif kind == 3:
            text, tags = f"没有喝酒，{plain[number % 3]}", set()
        else:
            text, tags = f"今天{plain[number % 3]}", set()
        rejected = frozenset({"B1"}) if kind == 3 else frozenset()
        rows.append(LabelledReport(str(number), text, frozenset(tags), rejected=rejected, author=author))
    return rows


def test_no_author_stands_on_both_sides_of_a_fold() -> None:
    reports = _reports()
    folds = list(_folds(reports, 0))
    assert len(folds) == 3
    for train, test in folds:
        assert {reports[i].author for i in train}.isdisjoint({reports[i].author for i in test})


def test_the_model_learns_what_no_trigger_says_and_keeps_denials_out(tmp_path: Path) -> None:
    save_model(fit(_reports(), SCHEME, 1, concepts=CONCEPTS), tmp_path / "m")
    tagger = Tagger.open(SCHEME, tmp_path / "m", concepts=CONCEPTS)
    tags = [{tag.tag for tag in item.tags} for item in tagger.tag([("1", "半夜东倒西歪回来"), ("2", "在送货"), ("3", "没有喝酒，走访"), ("4", "今天开会")])]
    assert tags == [{"B1"}, {"C1"}, set(), set()]


def test_equal_seeds_give_equal_models() -> None:
    first, second = (fit(_reports(), SCHEME, 5, concepts=CONCEPTS) for _ in range(2))
    assert np.array_equal(first.report_weights, second.report_weights)
    assert np.array_equal(first.window_weights, second.window_weights)
    assert np.array_equal(first.pair_weights, second.pair_weights)
    assert first.about == second.about


def test_the_version_names_what_was_fitted_not_only_what_from(tmp_path: Path) -> None:
    first, second = (fit(_reports(), SCHEME, 5, concepts=CONCEPTS), fit(_reports()[:-10], SCHEME, 5, concepts=CONCEPTS))
    assert first.about["version"] == f"linear-{digest_of(first)[:8]}" != second.about["version"]
    save_model(first, tmp_path / "m")
    assert digest_of(load_model(tmp_path / "m")) == digest_of(first)  # nothing is lost when it is kept


def test_lineage_is_recorded() -> None:
    about = fit(_reports(), SCHEME, 1, concepts=CONCEPTS).about
    assert (about["n_reports"], about["n_authors"], about["scheme_version"], about["concepts_version"]) == ("90", "3", SCHEME.version, CONCEPTS.version)


def test_too_few_reports_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 20"):
        fit(_reports()[:5], SCHEME, 1, concepts=CONCEPTS)


def test_a_window_learns_its_tag_from_reports_labelled_as_a_whole() -> None:
    model = fit(_reports(), SCHEME, 1, concepts=CONCEPTS)
    drunk, busy = (model.window_logits(model.vectorizer.find([text]), [[(0, len(text))]]) for text in ("东倒西歪回来", "在送货"))
    assert drunk[0].argmax() == 0
    assert busy[0].argmax() == 1


def test_drills_alone_can_be_fitted() -> None:
    drills = [replace(report, is_drill=True) for report in _reports()]
    assert np.array_equal(fit(drills, SCHEME, 1, concepts=CONCEPTS).thresholds, fit(_reports(), SCHEME, 1, concepts=CONCEPTS).thresholds)
