"""Schemes: the bundled ones hold, broken ones are refused with file, line and cure, versions follow the content."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp_service.tagging.schemes import Level, SchemeError, Verdict, bundled_scheme, load_scheme

SMALL = """name: small
scope: {family: hold}
tags:
- code: X1
  name: 走失
  definition: 人不见了
  level: L4
  scope: {past: hold}
  triggers: [不见了, {text: 走丢, needs: [老人]}]
  hints: [没看见]
"""


def test_the_bundled_schemes_have_every_tag_filled() -> None:
    correction, grid = bundled_scheme("correction"), bundled_scheme("grid")
    assert (len(correction.tags), len(grid.tags)) == (45, 35)
    assert correction.tag("C02").level is Level.L4
    assert correction.tag("C02").keeps_level
    for tag in (*correction.tags, *grid.tags):
        assert len(tag.all_triggers) >= 20, tag.code
        assert tag.actor, tag.code


def test_weights_follow_the_list_and_tags_inherit_the_scheme_scope() -> None:
    tag = load_scheme(SMALL).tag("X1")
    assert [trigger.weight for trigger in tag.all_triggers] == [0.9, 0.9, 0.6]
    assert tag.triggers[1].needs == ("老人",)
    assert tag.scope.family is Verdict.HOLD
    assert tag.scope.past is Verdict.HOLD
    assert tag.scope.other is Verdict.REJECT


def test_the_version_follows_content_not_layout() -> None:
    version = load_scheme(SMALL).version
    assert load_scheme("# 注释\n" + SMALL).version == version
    assert load_scheme(SMALL.replace("没看见", "没瞧见")).version != version


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("level: L4", "level: L9", 7, "L0"),
        ("name: 走失", "name: ''", 5, "at least 1 character"),
        ("[没看见]", "['没看*见']", 10, "bounded repeat"),
        ("[没看见]", "[12345]", 10, "quotes"),
        ("hints: [没看见]", "hint: [没看见]", 10, "Extra inputs"),
        ("  level: L4", "  level: L4\n  level: L3", 8, "twice"),
        ("scope: {past: hold}", "scope: {past: maybe}", 8, "'hold', 'suspect' or 'reject'"),
        ("hints: [没看见]", "conflicts: [Z9]", 10, "no tag with this code"),
    ],
)
def test_a_broken_scheme_names_file_line_and_cure(old: str, new: str, line: int, words: str) -> None:
    assert old in SMALL
    with pytest.raises(SchemeError) as caught:
        load_scheme(SMALL.replace(old, new, 1), origin="small.yaml")
    assert any(problem.startswith(f"small.yaml:{line}: ") and words in problem for problem in caught.value.problems), caught.value.problems


def test_two_tags_with_one_code_are_refused() -> None:
    doubled = SMALL + "- {code: X1, name: 再一个, definition: 又一个, level: L1}\n"
    with pytest.raises(SchemeError, match="used twice"):
        load_scheme(doubled)


@pytest.mark.parametrize("text", ["", "- a", "a: [", "name: &x small\ntags: *x", "name: small"])
def test_what_is_no_scheme_is_refused(text: str) -> None:
    with pytest.raises(SchemeError):
        load_scheme(text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SchemeError, match=r"none\.yaml"):
        load_scheme(tmp_path / "none.yaml")
