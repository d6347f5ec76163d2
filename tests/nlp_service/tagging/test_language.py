"""Spelling variants keep the way back to the raw text; a broken file names its entry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_service.tagging.language import LanguageError, default_language, parse_language

SMALL = """
variants:
  请假: [情价]
  昨天: [昨日子, 昨日]
protected: [昨日子村]
traditional: 報报
cues: {negation: [没有]}
persons: {other: [邻居]}
surnames: 赵钱
"""


def test_variants_are_respelled_longest_first_and_point_at_the_raw_word() -> None:
    folded = parse_language(SMALL).fold("昨日子没情价")
    assert folded.text == "昨天没请假"
    assert folded.to_original(0, 2) == (0, 3)
    assert folded.to_original(3, 5) == (4, 6)


def test_protected_words_stay_as_they_are() -> None:
    assert parse_language(SMALL).fold_text("昨日子村") == "昨日子村"


def test_traditional_letters_and_full_width_signs_are_folded() -> None:
    assert parse_language(SMALL).fold_text("報ＡＢ１") == "报ab1"


def test_speech_recognition_slips_of_the_bundled_file() -> None:
    assert default_language().fold_text("射脚对象今朝没来报道") == "社矫对象今天没来报到"


@given(st.text(alphabet="昨日子没情价報A\u200b 一", max_size=40))
def test_every_character_of_a_folded_text_has_a_raw_span(raw: str) -> None:
    folded = parse_language(SMALL).fold(raw)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    for index in range(len(folded.text)):
        start, end = folded.to_original(index, index + 1)
        assert 0 <= start < end <= len(raw)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("variants: [1]", "variants"),
        ("cues: {negation: [1]}", "cues.negation"),
        ("traditional: 報", "traditional"),
        ("- a", "expected a mapping"),
        ("a: [", "not readable"),
    ],
)
def test_a_broken_file_names_the_entry(text: str, words: str) -> None:
    with pytest.raises(LanguageError, match=words):
        parse_language(text)


def test_the_version_follows_the_content() -> None:
    assert parse_language(SMALL).version != parse_language(SMALL.replace("情价", "请价")).version
    assert parse_language(SMALL).version == parse_language(SMALL + "\n# 注释").version
