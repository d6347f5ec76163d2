"""What reconsideration and courts say, and how it counts."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.outcomes import OutcomeGroup, badge, canonical_outcome, legal_basis, load, outcome_group
from corpora.schema import Review, ReviewType

CORRECTED, UPHELD, NOT_COUNTED, SELF_CORRECTED = OutcomeGroup


@pytest.mark.parametrize(
    ("text", "name", "group"),
    [
        ("撤销", "撤销", CORRECTED),
        ("判决撤销被诉行政处罚决定", "撤销", CORRECTED),
        ("撤销并责令重作", "撤销", CORRECTED),
        ("部分撤销", "部分撤销", CORRECTED),
        ("撤销处罚决定第二项", "部分撤销", CORRECTED),
        ("变更罚款数额为5000元", "变更", CORRECTED),
        ("确认程序违法", "确认违法", CORRECTED),
        ("确认该决定无效", "确认无效", CORRECTED),
        ("责令限期履行法定职责", "责令履行", CORRECTED),
        ("裁定不准予强制执行", "不准予执行", CORRECTED),
        ("维持", "维持", UPHELD),
        ("维持原行政行为", "维持", UPHELD),
        ("驳回诉讼请求", "驳回请求", UPHELD),
        ("驳回复议请求", "驳回请求", UPHELD),
        ("准予执行", "准予执行", UPHELD),
        ("准予撤诉", "撤诉", NOT_COUNTED),
        ("申请人撤回复议申请,终止审理", "撤诉", NOT_COUNTED),
        ("调解结案", "调解", NOT_COUNTED),
        ("不予受理", "不予受理", NOT_COUNTED),
        ("驳回起诉", "驳回起诉", NOT_COUNTED),
        ("驳回行政复议申请", "驳回复议申请", NOT_COUNTED),
        ("未起诉", "未起诉", NOT_COUNTED),
        ("机关自行改变后原告撤诉", "改变后撤诉", SELF_CORRECTED),
        ("被告改变行政行为后,准许撤回起诉", "改变后撤诉", SELF_CORRECTED),
        ("天气晴", None, NOT_COUNTED),
        ("", None, NOT_COUNTED),
    ],
)
def test_a_result_in_free_words_has_a_name_and_a_group(text: str, name: str | None, group: OutcomeGroup) -> None:
    assert canonical_outcome(text) == name
    assert outcome_group(Review(ReviewType.LITIGATION, text)) is group


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("驳回上诉,维持原判", "驳回上诉"),  # upholds the judgement, which may have annulled the decision
        ("撤销一审判决,驳回诉讼请求", "驳回请求"),
        ("撤销一审判决,改判撤销处罚决定", "撤销"),
        ("撤销原判,发回重审", "发回重审"),
        ("撤销某中院(2020)浙01行终1号行政判决,维持处罚决定", "维持"),
    ],
)
def test_what_happens_to_a_lower_judgement_is_not_what_happens_to_the_decision(text: str, name: str) -> None:
    assert canonical_outcome(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("驳回原告要求撤销处罚决定的诉讼请求", "驳回请求"),
        ("确认违法,驳回原告的其他诉讼请求", "确认违法"),
        ("不予撤销", None),
        ("未予撤销", None),
        ("不予维持", None),
    ],
)
def test_what_was_asked_for_or_denied_is_not_what_was_given(text: str, name: str | None) -> None:
    assert canonical_outcome(text) == name


def test_every_canonical_name_means_itself_and_has_one_group() -> None:
    for outcome in load().outcomes:
        assert canonical_outcome(outcome.name) == outcome.name
        assert canonical_outcome(outcome.label or outcome.name) == outcome.name
    names = [outcome.name for outcome in load().outcomes]
    assert sorted(names) == sorted(set(names))
    corrected = {outcome.name for outcome in load().outcomes if outcome.group is CORRECTED}
    assert corrected == {"撤销", "部分撤销", "变更", "确认违法", "确认无效", "责令履行", "不准予执行"}
    assert {outcome.name for outcome in load().outcomes if outcome.group is UPHELD} == {"维持", "驳回请求", "准予执行"}


@pytest.mark.parametrize(
    ("review", "text"),
    [
        (Review(ReviewType.RECONSIDERATION, "决定撤销"), "复议撤销（纠错）"),
        (Review(ReviewType.LITIGATION, "驳回诉讼请求"), "诉讼驳回请求（维持类）"),
        (Review(ReviewType.LITIGATION, "自行改变后撤诉"), "诉讼机关自行改变后撤诉（机关自行纠正）"),
        (Review(ReviewType.ENFORCEMENT, "准予执行"), "非诉审查准予执行（维持类）"),
        (Review(ReviewType.LITIGATION, "  另行处理并继续观察后续情况以便最终作出评价 "), "诉讼另行处理并继续观察后续情况以便最终作出评（不计入）"),
    ],
)
def test_a_badge_says_who_what_and_how_it_counts(review: Review, text: str) -> None:
    assert badge(review) == text


@pytest.mark.parametrize(
    ("kind", "result", "day", "law"),
    [
        (ReviewType.RECONSIDERATION, "维持", dt.date(2024, 1, 1), "《中华人民共和国行政复议法》(2023修订)第68条"),
        (ReviewType.RECONSIDERATION, "维持", dt.date(2023, 12, 31), "《中华人民共和国行政复议法》(2017修正)第28条"),
        (ReviewType.LITIGATION, "撤销", dt.date(2022, 3, 1), "《中华人民共和国行政诉讼法》(2017修正)第70条"),
        (ReviewType.ENFORCEMENT, "不准予执行", dt.date(2022, 3, 1), "《最高人民法院关于适用〈中华人民共和国行政诉讼法〉的解释》第161条"),
        (ReviewType.LITIGATION, "调解", dt.date(2022, 3, 1), None),
        (ReviewType.LITIGATION, "撤销", None, None),
        (ReviewType.RECONSIDERATION, "维持", dt.date(1990, 1, 1), None),
    ],
)
def test_the_article_is_that_of_the_law_in_force_on_the_day(kind: ReviewType, result: str, day: dt.date | None, law: str | None) -> None:
    assert legal_basis(Review(kind, result, decided_on=day)) == law


@given(st.text(max_size=40), st.sampled_from(ReviewType))
def test_any_words_have_exactly_one_group(text: str, kind: ReviewType) -> None:
    review = Review(kind, text)
    assert outcome_group(review) in set(OutcomeGroup)
    assert badge(review).startswith(kind.value)
