"""One pass finds triggers, patterns, cues and persons; context that is missing makes a trigger weak."""

from __future__ import annotations

from nlp_service.tagging.language import default_language
from nlp_service.tagging.matcher import Matcher
from nlp_service.tagging.schemes import WEAK, load_scheme

SCHEME = """name: small
macros: {酒: [白酒, 黄酒]}
tags:
- code: X1
  name: 喝酒
  definition: 喝酒
  level: L2
  triggers: [喝酒, '喝.{0,3}<酒>', {text: 复查, needs: [保外]}, {text: 聚餐, unless: [单位]}]
  weak: [酒]
  negative: ['(卖|送)酒']
- code: X2
  name: 请假
  definition: 请假
  level: L1
  triggers: [请假]
"""


def _find(text: str) -> tuple[list[tuple[int, str, float]], list[str], list[str], list[str]]:
    language = default_language()
    folded = language.fold_text(text)
    found = Matcher(load_scheme(SCHEME), language).find(folded)
    hits = [(hit.tag, folded[hit.start : hit.end], hit.weight) for hit in found.hits]
    negatives = [folded[hit.start : hit.end] for hit in found.negatives]
    return hits, negatives, [cue.kind for cue in found.cues], [folded[p.start : p.end] for p in found.persons]


def test_literals_patterns_and_variants_are_found() -> None:
    hits, _, _, _ = _find("合久，又喝了黄酒，还没情价")
    assert (0, "喝酒", 0.9) in hits
    assert (0, "喝了黄酒", 0.9) in hits
    assert (1, "请假", 0.9) in hits


def test_a_hit_inside_a_stronger_one_of_the_same_tag_is_dropped() -> None:
    hits, _, _, _ = _find("喝酒")
    assert hits == [(0, "喝酒", 0.9)]


def test_needs_and_unless_turn_a_trigger_weak() -> None:
    assert _find("没交复查单")[0] == [(0, "复查", WEAK)]
    assert _find("保外的没交复查单")[0] == [(0, "复查", 0.9)]
    assert _find("单位聚餐")[0] == [(0, "聚餐", WEAK)]


def test_contexts_that_do_not_count_are_kept_apart() -> None:
    hits, negatives, _, _ = _find("他卖酒")
    assert hits == [(0, "酒", WEAK)]
    assert negatives == ["卖酒"]


def test_cues_and_persons_come_with_the_same_pass() -> None:
    _, _, cues, persons = _find("听说邻居没有喝酒")
    assert "hearsay" in cues
    assert "negation" in cues
    assert persons == ["邻居"]
