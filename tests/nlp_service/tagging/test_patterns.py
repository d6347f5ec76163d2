"""Patterns: macros, bounds, gaps that stay in a clause, and anchors without which no match is possible."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_service.tagging.patterns import PatternError, anchors, compile_pattern, expand, is_pattern


def _same(text: str) -> str:
    return text


def test_plain_words_are_no_patterns() -> None:
    assert not is_pattern("没有再喝酒")
    assert is_pattern("没.{0,3}来")


def test_macros_become_alternatives_longest_first() -> None:
    assert expand("打<亲>", {"亲": ["妻", "妻子"]}, _same) == "打(?:妻子|妻)"


def test_an_unknown_macro_is_named() -> None:
    with pytest.raises(PatternError, match="<亲>"):
        expand("打<亲>", {}, _same)


def test_a_narrow_gap_stays_in_the_clause_a_wide_one_in_the_sentence() -> None:
    narrow = compile_pattern(expand("门.{0,4}锁", {}, _same))
    wide = compile_pattern(expand("门.{0,12}关机", {}, _same))
    assert narrow.search("门一直锁")
    assert not narrow.search("门开，锁坏")
    assert wide.search("门锁着，电话关机")
    assert not wide.search("门锁着。电话关机")


def test_literals_are_respelled_between_the_signs() -> None:
    assert expand("(勿|弗)来", {}, lambda text: text.replace("勿", "不").replace("弗", "不")) == "(不|不)来"


@pytest.mark.parametrize("text", ["没*来", "没+", "没{2,}", "(没.{0,2}){2,3}", "没{1,99}", "(没"])
def test_unbounded_or_broken_patterns_are_refused(text: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("几天没(见|碰)", [{"几天没"}, {"见", "碰"}]),
        ("(?:门|屋里).{0,4}(?:锁|没人)", [{"门", "屋里"}, {"锁", "没人"}]),
        ("了?[他她]走", [{"走"}, {"他", "她"}]),
        ("(?!不)来", [{"来"}]),
        ("a?|b", []),
        ("来了|走", [{"来了", "走"}]),
        ("(?:打|骂?)人", [{"人"}]),
    ],
)
def test_anchors_are_groups_of_literals_of_which_every_match_holds_one_each(text: str, expected: list[set[str]]) -> None:
    assert [set(group) for group in anchors(text)] == expected


@given(st.text(alphabet="门屋里锁没人不", max_size=12))
def test_no_match_without_an_anchor_of_each_group(text: str) -> None:
    for pattern in ("(?:门|屋里).{0,4}(?:锁|没人)", "没(?:人|锁)?不", "[门锁]里?人", "(?:门|没人){1,2}不?里"):
        if re.search(pattern, text):
            assert all(any(anchor in text for anchor in group) for group in anchors(pattern))
