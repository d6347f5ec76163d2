"""Tests of nlp_service.explain: which sentences match, which elements agree, conflict, or are stated on one side only."""

from __future__ import annotations

from typing import Any

import pytest

from corpora.schema import Case, PivotValue
from corpora.text import sentences
from corpora.violations import Violation, load_violations
from indexes.analyzer import Analyzer
from nlp_service.drafts import read_draft
from nlp_service.explain import Elements, Passage, compare_elements, matching_passages, sentence_words


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer(())


def rare(word: str) -> float:
    return 5.0 if word == "净化器" else 1.0


def match(analyzer: Analyzer, text: str, other: Case) -> tuple[Passage, ...]:
    ours = sentence_words(analyzer, text)
    return matching_passages(analyzer, {word: rare(word) for _, words in ours for word in words}, ours, other)


def case(**values: Any) -> Case:
    return Case(case_id="X", **{"facts": "无", **values})


@pytest.fixture(scope="module")
def violation() -> Violation:
    """Return a violation of the catalogue with a decisive yes/no pivot and a number."""
    return next(v for v in load_violations().values() if any(p.decisive and p.type == "bool" for p in v.pivots) and any(p.type == "number" for p in v.pivots))


def names(violation: Violation) -> tuple[str, str]:
    decisive = next(p.name for p in violation.pivots if p.decisive and p.type == "bool")
    return decisive, next(p.name for p in violation.pivots if p.type == "number")


def compare(violation: Violation | None, ours: dict[str, PivotValue], other: Case) -> Elements:
    return compare_elements(read_draft("案情"), violation, ours, other)


def test_the_sentence_pair_with_the_rarest_shared_words_comes_first(analyzer: Analyzer) -> None:
    text = "水果店在人行道摆放商品。烧烤店油烟净化器没有清洗。"
    found = match(analyzer, text, case(facts="居民投诉不断。执法人员发现油烟净化器没有清洗。商品摆放在人行道。"))
    assert "净化器" in found[0].words
    ours, theirs = found[0].draft, found[0].case
    assert text[slice(*ours)].startswith("烧烤店油烟净化器")
    assert "居民投诉不断。执法人员发现油烟净化器没有清洗。商品摆放在人行道。"[slice(*theirs)].startswith("执法人员")
    assert len(found) == 2
    assert {"人行道", "商品", "摆放"} & set(found[1].words)


def test_one_shared_word_is_no_match_and_each_sentence_is_used_once(analyzer: Analyzer) -> None:
    assert match(analyzer, "净化器损坏。", case(facts="净化器缺失。")) == ()
    repeated = "油烟净化器没有清洗。" * 5
    found = match(analyzer, repeated, case(facts=repeated))
    assert len(found) == 3
    assert len({p.draft for p in found}) == len({p.case for p in found}) == 3


def test_spans_are_whole_sentences_of_both_texts(analyzer: Analyzer) -> None:
    text, facts = "甲店油烟净化器没有清洗。乙店正常。", "丙店油烟净化器没有清洗；丁店正常。"
    passage = match(analyzer, text, case(facts=facts))[0]
    assert passage.draft in sentences(text)
    assert passage.case in sentences(facts)


def test_empty_texts_match_nothing(analyzer: Analyzer) -> None:
    assert match(analyzer, "", case(facts="", title="x")) == ()


def test_without_a_violation_nothing_is_compared() -> None:
    assert compare(None, {"a": True}, case()) == Elements((), (), ())


def test_another_violation_differs_and_its_pivots_are_not_compared(violation: Violation) -> None:
    decisive, _ = names(violation)
    found = compare(violation, {decisive: True}, case(causes=("别的违法行为",), pivots={decisive: True}))
    assert [(e.name, e.ours, e.theirs) for e in found.different] == [("违法行为", violation.name, "别的违法行为")]
    assert found.same == found.unknown == ()


def test_agreement_conflict_and_what_one_side_states(violation: Violation) -> None:
    decisive, number = names(violation)
    agrees = compare(violation, {decisive: True, number: 100}, case(cause_code=violation.code, pivots={decisive: True, number: 80}))
    assert [e.name for e in agrees.same if e.name in (decisive, number)] == [p.name for p in violation.pivots if p.name in (decisive, number)]
    assert not agrees.has_decisive_conflict
    conflicts = compare(violation, {decisive: True, number: 100}, case(cause_code=violation.code, pivots={decisive: False, number: 70}))
    assert {e.name for e in conflicts.different} == {decisive, number}
    assert conflicts.has_decisive_conflict
    one_sided = compare(violation, {decisive: True}, case(cause_code=violation.code, pivots={number: 5}))
    assert {(e.name, e.ours, e.theirs) for e in one_sided.unknown} == {(decisive, True, None), (number, None, 5)}


@pytest.mark.parametrize(("ours", "theirs", "same"), [(0, 0, True), (2.8, 3, True), (3, 40, False), (100, 75, True), (100, 74, False), (0, 1, False)])
def test_numbers_within_a_quarter_of_the_larger_are_the_same(violation: Violation, ours: float, theirs: float, same: bool) -> None:
    _, number = names(violation)
    found = compare(violation, {number: ours}, case(cause_code=violation.code, pivots={number: theirs}))
    assert (number in {e.name for e in found.same}) is same
    assert (number in {e.name for e in found.different}) is not same
