"""Shingles, Jaccard and the pairs above the threshold."""

from __future__ import annotations

import random

import pytest

from corpora.samples.duplicates import jaccard, near_duplicates, shingles


def test_shingles_are_runs_of_five_characters_without_space() -> None:
    assert shingles("一二三四五六") == {"一二三四五", "二三四五六"}
    assert shingles("一二 三\n四五") == {"一二三四五"}
    assert shingles("短") == {"短"}
    assert shingles("") == {""}


def test_jaccard() -> None:
    assert jaccard({"a", "b", "c"}, {"b", "c", "d"}) == pytest.approx(2 / 4)
    assert jaccard(set(), set()) == 1.0
    assert jaccard({"a"}, set()) == 0.0


def test_pairs_above_the_threshold_are_found_and_no_others() -> None:
    draw = random.Random(1)
    base = "".join(chr(0x4E00 + draw.randrange(3000)) for _ in range(300))
    other = "".join(chr(0x4E00 + draw.randrange(3000)) for _ in range(300))
    texts = {"a": base, "half": base[:150] + other[:150], "near": base[:240] + other[240:], "none": other}
    # 296 shingles each; near shares 236 with a: 236 / (2 · 296 − 236) = .663; half shares 146: .327, and 146 with near as well
    found = near_duplicates(texts)
    assert [(first, second) for first, second, _ in found] == [("a", "near")]
    assert found[0][2] == pytest.approx(236 / 356)


def test_groups_confine_the_search_to_different_ones() -> None:
    texts = {"a": "渣土车半夜倒土在村口", "b": "渣土车半夜倒土在村口", "c": "渣土车半夜倒土在村口"}
    assert near_duplicates(texts, groups={"a": 1, "b": 1, "c": 2}) == [("a", "c", 1.0), ("b", "c", 1.0)]
    assert len(near_duplicates(texts)) == 3
    assert near_duplicates({}) == []
