"""Evidence per tag: noisy-or over distinct triggers, hints never confirm, rejected triggers never count."""

from __future__ import annotations

import pytest

from nlp_service.tagging.language import default_language
from nlp_service.tagging.matcher import Hit
from nlp_service.tagging.rules import RuleReader, combine
from nlp_service.tagging.schemes import load_scheme
from nlp_service.tagging.scope import ScopeVerdict, Status


def _verdict(trigger: int, weight: float, status: Status) -> ScopeVerdict:
    return ScopeVerdict(Hit(0, 0, 2, weight, trigger), status, (), ())


def test_one_strong_trigger_that_holds() -> None:
    evidence = combine([_verdict(0, 0.9, Status.HOLDS)])
    assert (evidence.p_holds, evidence.p_any, evidence.status) == (pytest.approx(0.9), pytest.approx(0.9), Status.HOLDS)


def test_two_distinct_triggers_add_up_one_repeated_does_not() -> None:
    assert combine([_verdict(0, 0.9, Status.HOLDS), _verdict(1, 0.9, Status.HOLDS)]).p_holds == pytest.approx(1 - 0.1 * 0.1)
    assert combine([_verdict(0, 0.9, Status.HOLDS), _verdict(0, 0.9, Status.HOLDS)]).p_holds == pytest.approx(0.9)


def test_hints_only_suspect_however_many() -> None:
    evidence = combine([_verdict(number, 0.6, Status.HOLDS) for number in range(5)])
    assert evidence.status is Status.SUSPECTED
    assert evidence.p_holds == pytest.approx(1 - (1 - 0.6 * 0.45) ** 5)


def test_a_suspected_trigger_raises_only_the_second_probability() -> None:
    evidence = combine([_verdict(0, 0.9, Status.SUSPECTED)])
    assert (evidence.p_holds, evidence.p_any, evidence.status) == (0.0, pytest.approx(0.9), Status.SUSPECTED)


def test_rejected_and_weak_triggers() -> None:
    assert combine([_verdict(0, 0.9, Status.REJECTED)]).status is Status.REJECTED
    assert combine([_verdict(0, 0.9, Status.REJECTED)]).p_any == 0.0
    assert combine([_verdict(0, 0.35, Status.HOLDS)]).status is None
    assert combine([]).status is None


def test_a_new_tag_works_from_its_triggers_alone() -> None:
    scheme = load_scheme("name: n\ntags: [{code: Z1, name: 养蜂, definition: 养蜂被蜇, level: L1, triggers: [养蜂, '蜜蜂.{0,4}蜇']}]")
    reader = RuleReader(scheme, default_language())
    assert reader.read("他最近在山上养蜂").evidence[0].status is Status.HOLDS
    assert reader.read("被蜜蜂给蜇了").evidence[0].status is Status.HOLDS
    assert reader.read("他没有养蜂").evidence[0].status is Status.REJECTED
    assert reader.read("他养鸡").evidence == {}
