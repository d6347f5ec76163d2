"""Tests of indexes.analyzer."""

from __future__ import annotations

import re

from corpora.violations import domain_words, load_violations
from indexes.analyzer import Analyzer, own_tokenizer

HAN = re.compile(r"[\u4e00-\u9fff]+")


def test_words_drop_stop_characters_and_lower_latin() -> None:
    assert Analyzer().words("在ABC公司的仓库") == ["abc", "公司", "仓库"]


def test_numbers_and_percentages_are_whole_words() -> None:
    assert Analyzer().words("超建52.5平方米，占2.8%") == ["超建", "52.5", "平方米", "占", "2.8%"]


def test_domain_words_follow_their_parts() -> None:
    terms = Analyzer(["限期拆除"]).terms("责令限期拆除")
    assert terms[-1] == "限期拆除"
    assert "拆除" in terms


def test_a_domain_word_that_is_a_word_already_is_not_added_again() -> None:
    assert Analyzer(["拆除"]).terms("拆除") == ["拆除"]


def test_version_depends_on_the_dictionary_only() -> None:
    assert Analyzer(["油烟", "超建"]).version == Analyzer(["超建", "油烟"]).version
    assert Analyzer(["油烟"]).version != Analyzer(["超建"]).version


def test_rare_characters_and_emoji_do_not_break() -> None:
    assert "𠮷" in "".join(Analyzer().words("𠮷野家㍿🙂开业"))
    assert Analyzer().words("🙂🙂") == []


def test_fast_cut_equals_jieba_token_for_token_on_the_taxonomy() -> None:
    """Every run of Chinese characters in the catalogue is cut the same by rjieba and by a jieba Tokenizer of our own."""
    reference = own_tokenizer()
    violations = load_violations().values()
    texts = [
        *domain_words(violations),
        *(element for violation in violations for element in (*violation.elements, *violation.steps)),
        *(pivot.question for violation in violations for pivot in violation.pivots),
        *(ground.text for violation in violations for ground in violation.loss_grounds),
    ]
    runs = {run for text in texts for run in HAN.findall(text)}
    assert len(runs) > 1000
    fast = Analyzer()._cut
    assert {run: fast(run) for run in runs} == {run: reference(run) for run in runs}


def test_two_analyzers_do_not_share_a_dictionary() -> None:
    first, second = Analyzer(["富春江畔"]), Analyzer()
    assert "富春江畔" in first.terms("富春江畔")
    assert "富春江畔" not in second.terms("富春江畔")
