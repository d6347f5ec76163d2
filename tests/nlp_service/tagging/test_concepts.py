"""Concepts: several words, one meaning; overlapping words of one concept count once."""

from __future__ import annotations

import pytest

from nlp_service.tagging.concepts import default_concepts, parse_concepts
from nlp_service.tagging.language import LanguageError, default_language

LEXICON = "不通: [不通, 打不通, 关机]\n电话: [电话, 手机]\n夜: ['110', 关机]\n"


def test_mentions_are_ordered_and_the_longest_word_of_a_concept_counts() -> None:
    found = parse_concepts(LEXICON, default_language()).find("手机打不通")
    assert [(mention.concept, mention.start, mention.end) for mention in found] == [("电话", 0, 2), ("不通", 2, 5)]


def test_one_word_may_carry_two_concepts() -> None:
    found = parse_concepts(LEXICON, default_language()).find("关机")
    assert sorted(mention.concept for mention in found) == ["不通", "夜"]


def test_lexicon_words_are_respelled_like_the_reports() -> None:
    language = default_language()
    concepts = parse_concepts("钱: [铜钿]", language)
    assert [mention.concept for mention in concepts.find(language.fold_text("没铜钿了"))] == ["钱"]


@pytest.mark.parametrize("text", ["- a", "a: b", "a: [1]", "a: [", "a: ['']"])
def test_a_broken_lexicon_is_refused(text: str) -> None:
    with pytest.raises(LanguageError):
        parse_concepts(text, default_language())


def test_the_version_follows_the_content() -> None:
    assert parse_concepts(LEXICON, default_language()).version == parse_concepts("# x\n" + LEXICON, default_language()).version
    assert parse_concepts(LEXICON, default_language()).version != default_concepts().version
