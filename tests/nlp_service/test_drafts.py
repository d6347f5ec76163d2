"""Tests of nlp_service.drafts and plans: what an officer pastes, read once, masked, with the plan it states."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora import privacy
from corpora.violations import load_violations
from nlp_service.drafts import DraftError, Planned, read_draft, read_plan, violation_of
from nlp_service.plans import draft_from_record, planned_from_record


def test_a_draft_is_normalised_and_masked_and_keeps_its_length() -> None:
    draft = read_draft("  当事人：诸葛大力，电话１３８０５７１１２３４，占道经营  ")
    assert "诸葛大力" not in draft.text
    assert "13805711234" not in draft.text
    assert draft.text.endswith("占道经营")
    assert draft.n_characters == len(draft.text) == len("当事人：诸葛大力，电话13805711234，占道经营")


@pytest.mark.parametrize("text", ["", " ", "\n\n\t", "\u3000\u3000", "\ufeff"])
def test_an_empty_draft_is_refused(text: str) -> None:
    with pytest.raises(DraftError, match="案情为空"):
        read_draft(text)


def test_a_draft_at_the_bound_is_read_and_one_above_is_refused() -> None:
    assert read_draft("占" * 100, max_chars=100).n_characters == 100
    with pytest.raises(DraftError, match="101 字，最多 100 字"):
        read_draft("占" * 101, max_chars=100)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_and_comes_out_clean(text: str) -> None:
    try:
        draft = read_draft(text)
    except DraftError:
        return
    assert privacy.is_clean(draft.text)
    assert draft.text.strip() == draft.text != ""


@pytest.mark.parametrize("text", ["𠮷野家占道㍿🙂", "a\u0000b", "\U0010ffff占道", "é́́占"])
def test_rare_characters_survive_or_are_normalised_but_never_fail(text: str) -> None:
    assert read_draft(text).text


@pytest.mark.parametrize(
    ("text", "kinds", "fine"),
    [
        ("水果店占道。拟处罚款500元。", ("罚款",), Decimal(500)),
        ("厂房超建。拟责令限期拆除。", ("限期拆除",), None),
        ("油烟超标。建议给予警告，并处罚款2万元。", ("警告", "罚款"), Decimal(20000)),
        ("前次已罚款300元，现占道。拟处罚款1000元。", ("罚款",), Decimal(1000)),
    ],
)
def test_the_plan_a_draft_states_is_read(text: str, kinds: tuple[str, ...], fine: Decimal | None) -> None:
    plan = read_draft(text).planned
    assert plan is not None
    assert set(plan.kinds) == set(kinds)
    assert plan.fine_yuan == fine


@pytest.mark.parametrize("text", ["水果店占道，已罚款300元。", "当事人拟改正。", "建议进一步调查。"])
def test_what_is_no_plan_is_not_taken_for_one(text: str) -> None:
    assert read_plan(text) is None


def test_the_plan_given_wins_over_the_one_stated() -> None:
    given_plan = Planned(("警告",), None)
    assert read_draft("拟处罚款500元", planned=given_plan).planned == given_plan


def test_the_document_number_named_is_read() -> None:
    assert read_draft("参照富综执罚决字〔2020〕第68号").doc_no is not None
    assert read_draft("水果店占道").doc_no is None


def test_the_violation_named_wins_else_the_librarys_guess_when_it_is_likely() -> None:
    code, other = list(load_violations())[:2]
    name = load_violations()[code].name
    assert violation_of(read_draft("x", cause=name), [(other, 0.9)]).code == code  # type: ignore[union-attr]
    assert violation_of(read_draft("x"), [(other, 0.9)]).code == other  # type: ignore[union-attr]
    assert violation_of(read_draft("x"), [(other, 0.05)]) is None
    assert violation_of(read_draft("x"), []) is None
    assert violation_of(read_draft("x", cause="没有这个案由"), []) is None


def test_pivots_given_win_over_those_read() -> None:
    violation = next(v for v in load_violations().values() if v.pivots)
    name = violation.pivots[0].name
    draft = read_draft("x", pivots={name: False})
    assert draft.pivots(violation)[name] is False


def test_a_plan_is_read_from_a_record() -> None:
    plan = planned_from_record({"kinds": ["罚款", "罚款", "责令限期拆除"], "fine_yuan": "21,430.50", "base_amount_yuan": 428600})
    assert plan.kinds == ("罚款", "限期拆除")
    assert plan.fine_yuan == Decimal("21430.50")
    assert plan.base_amount_yuan == Decimal(428600)
    assert planned_from_record({"kinds": [], "fine_yuan": None}) == Planned()


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"text": None}, "缺少 text"),
        ({}, "缺少 text"),
        ({"text": "x", "planned": "罚款"}, "planned 应为对象"),
        ({"text": "x", "planned": {"kinds": "罚款"}}, "planned.kinds 应为列表"),
        ({"text": "x", "planned": {"kinds": ["飞"]}}, "'飞'：不是已知的处罚种类"),
        ({"text": "x", "planned": {"fine_yuan": "许多"}}, "planned.fine_yuan '许多'"),
        ({"text": "x", "planned": {"fine_yuan": -0.01}}, "不能为负数"),
        ({"text": "x", "planned": {"fine_yuan": float("nan")}}, "finite"),
        ({"text": "x", "planned": {"fine_yuan": "1e5000000"}}, "not a plausible amount"),
        ({"text": "x", "planned": {"fine_yuan": True}}, "planned.fine_yuan True"),
        ({"text": "x", "planned": {"base_amount_yuan": -1}}, "不能为负数"),
        ({"text": "x", "pivots": ["a"]}, "pivots 应为对象"),
        ({"text": "x", "pivots": {"a": {}}}, "pivots 的值"),
        ({"text": "x", "cause": ["a"]}, "cause 应为文字"),
    ],
)
def test_a_record_that_is_wrong_is_refused_by_field(record: dict[str, Any], words: str) -> None:
    with pytest.raises(DraftError, match=words):
        draft_from_record(record, 1000)


def test_a_whole_record_is_read() -> None:
    draft = draft_from_record({"query_id": "q", "text": "占道", "planned": {"kinds": ["警告"]}, "cause": "占道经营", "pivots": {"a": True, "b": None}}, 1000)
    assert draft.planned == Planned(("警告",))
    assert draft.cause == "占道经营"
    assert dict(draft.given) == {"a": True}


def test_days_and_a_fine_without_its_kind_are_read_from_fields() -> None:
    from nlp_service.plans import planned_from_record

    plan = planned_from_record({"kinds": ["责令限期改正"], "fine_yuan": 500, "deadline_days": 15})
    assert (plan.kinds, plan.deadline_days) == (("责令改正", "罚款"), 15)
    for bad in (0, -1, 3651, 1.5, True, "十五"):
        with pytest.raises(DraftError, match="deadline_days"):
            planned_from_record({"kinds": [], "deadline_days": bad})


def test_the_days_of_a_plan_are_read_from_the_text() -> None:
    plan = read_draft("厂房超建。拟责令自收到决定书之日起15日内拆除。").planned
    assert plan is not None
    assert plan.deadline_days == 15


@pytest.mark.parametrize("said", ["他是王小明", "当事人王小明", "老板叫王小明", "王小明（男，45岁）"])
def test_a_name_given_in_passing_is_masked_before_anything_else_sees_it(said: str) -> None:
    draft = read_draft(f"店门口摆货占道。{said}，劝了三次不听。拟罚款500元")
    assert "王小明" not in draft.text
    assert "王某某" in draft.text
    assert draft.planned is not None
