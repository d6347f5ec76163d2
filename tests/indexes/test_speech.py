"""Tests of indexes.speech: log-odds of words and pairs of characters, worked by hand on two causes."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from indexes.speech import MAX_CASES, PRIOR, TAUGHT_MOST, TAUGHT_PRIOR, TEACHING, Speech, SpeechBuilder, speech_terms


def taught(n_cases: int = 1) -> SpeechBuilder:
    """Return a builder with one teaching text each of `smoke` (油烟) and `stall` (摆摊), and cases of `smoke`."""
    builder = SpeechBuilder(["smoke", "stall"])
    for _ in range(n_cases):
        builder.add_case(["smoke"], [], "油烟")
    builder.add_teaching("smoke", [], "油烟")
    builder.add_teaching("stall", [], "摆摊")
    return builder


def test_terms_are_words_and_pairs_within_a_run_of_chinese() -> None:
    assert speech_terms(["油烟", "扰民"], "油烟机，a扰民") == {"油烟", "扰民", "#油烟", "#烟机", "#扰民"}
    assert speech_terms([], "ab12 3") == set()


def test_odds_compare_a_cause_with_all_under_a_prior() -> None:
    """#油烟 weighs 1 + TEACHING under smoke, #摆摊 TEACHING under stall."""
    speech = taught().fit(["smoke", "stall"])
    smoke, stall = 1 + TEACHING, TEACHING
    share = smoke / (smoke + stall)
    expected = [
        math.log((smoke + PRIOR * share) / (smoke + PRIOR)) - math.log(share),
        math.log((PRIOR * share) / (stall + PRIOR)) - math.log(share),
    ]
    assert speech.odds[speech.index["#油烟"]].astype(float).tolist() == pytest.approx(expected, abs=1e-3)
    assert expected[0] > 0 > expected[1]


def test_scores_are_summed_over_the_root_of_how_many_are_known() -> None:
    speech = taught().fit(["smoke", "stall"])
    one, other = (speech.odds[speech.index[term]].astype(np.float32) for term in ("#油烟", "#摆摊"))
    assert speech.scores([], "油烟").tolist() == pytest.approx(one.tolist())
    assert speech.scores([], "油烟，摆摊").tolist() == pytest.approx(((one + other) / math.sqrt(2)).tolist())
    assert speech.scores([], "从未见过").tolist() == [0.0, 0.0]


def test_probabilities_are_the_softmax_of_the_scores() -> None:
    speech = taught().fit(["smoke", "stall"])
    scores = np.exp(speech.scores([], "油烟"))
    assert speech.probabilities([], "油烟").tolist() == pytest.approx((scores / scores.sum()).tolist())
    assert speech.probabilities([], "从未见过").tolist() == [0.5, 0.5]


def test_a_label_that_is_not_taught_stays_as_likely_as_before() -> None:
    speech = taught().fit(["other", "smoke", "stall"])
    assert speech.odds[:, 0].tolist() == [0.0, 0.0]
    assert speech.scores([], "油烟")[0] == 0.0


def test_familiar_is_the_share_of_known_pairs() -> None:
    speech = taught().fit(["smoke", "stall"])
    assert speech.familiar("油烟") == 1.0
    assert speech.familiar("油烟摆摊") == pytest.approx(2 / 3)  # 油烟, 烟摆, 摆摊
    assert speech.familiar("床前明月光") == 0.0
    assert speech.familiar("hello") == 0.0


def test_without_cases_of_taught_causes_nothing_is_said() -> None:
    builder = SpeechBuilder(["smoke"])
    builder.add_case(["theft"], ["盗窃"], "盗窃")
    assert not builder.has_cases
    builder.add_teaching("smoke", [], "油烟")
    for silent in (builder.fit(["theft"]), builder.fit_taught()):
        assert len(silent.index) == 0
        assert silent.familiar("床前明月光") == 1.0, "nothing was learned to compare with"
    assert taught().fit([]).index == {}


def test_at_most_so_many_cases_of_a_cause_are_read() -> None:
    some, more = taught(MAX_CASES).fit(["smoke", "stall"]), taught(MAX_CASES + 20).fit(["smoke", "stall"])
    assert np.array_equal(some.odds, more.odds)


def test_rare_terms_are_left_out() -> None:
    builder = taught()
    builder.add_case(["smoke"], ["一次"], "")
    assert "一次" not in builder.fit(["smoke", "stall"]).index, "its weight of 1 is below the least"


def test_the_taught_odds_know_only_the_teaching_each_cause_on_the_same_footing() -> None:
    """Every text counts 1 and no term more than TAUGHT_MOST; the cases count nothing."""
    builder = taught(n_cases=5)
    for _ in range(9):
        builder.add_teaching("smoke", [], "油烟")
    speech = builder.fit_taught()
    assert speech.labels == ("smoke", "stall")
    smoke, stall = TAUGHT_MOST, 1.0
    share = smoke / (smoke + stall)
    expected = math.log((smoke + TAUGHT_PRIOR * share) / (smoke + TAUGHT_PRIOR)) - math.log(share)
    assert float(speech.odds[speech.index["#油烟"], 0]) == pytest.approx(expected, abs=1e-3)


def test_save_and_load_under_two_names(tmp_path: Path) -> None:
    builder = taught()
    speech, only_taught = builder.fit(["smoke", "stall"]), builder.fit_taught()
    speech.save(tmp_path)
    only_taught.save(tmp_path, "taught")
    for made, loaded in ((speech, Speech.load(tmp_path)), (only_taught, Speech.load(tmp_path, "taught"))):
        assert (loaded.labels, dict(loaded.index)) == (made.labels, dict(made.index))
        assert np.array_equal(loaded.odds, made.odds)
