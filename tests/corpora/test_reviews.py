"""The last outcome that a text reports is read; a notice of rights is none."""

import datetime as dt

import pytest

from corpora.reviews import read_review
from corpora.schema import ReviewType

R, L, E = ReviewType.RECONSIDERATION, ReviewType.LITIGATION, ReviewType.ENFORCEMENT


@pytest.mark.parametrize(
    ("text", "kind", "result"),
    [
        ("市政府复议决定撤销该处罚决定，责令重新作出处理。", R, "撤销"),
        ("区政府经复议维持原处罚决定。", R, "维持"),
        ("复议机关以程序违法为由确认该处罚违法。", R, "确认违法"),
        ("复议机关驳回申请人的复议请求。", R, "驳回请求"),
        ("法院判决驳回诉讼请求。", L, "驳回诉讼请求"),
        ("吴某上诉，二审驳回上诉，维持原判。", L, "驳回诉讼请求"),
        ("一审判决撤销处罚决定；区局上诉，二审驳回上诉，维持原判。", L, "撤销"),
        ("法院认为处罚明显不当，判决将罚款变更为5000元，维持没收部分。", L, "变更"),
        ("一审判决撤销处罚决定第二项。", L, "部分撤销"),
        ("法院判决确认强制拆除行为违法。", L, "确认违法"),
        ("原告撤回起诉，法院裁定准许撤诉。", L, "准予撤诉"),
        ("法院审查后裁定不准予执行。", E, "不准予执行"),
        ("法院裁定准予强制执行。", E, "准予执行"),
        ("区政府复议维持原处罚决定；当事人起诉，一审判决撤销。", L, "撤销"),
    ],
)
def test_outcomes(text: str, kind: ReviewType, result: str) -> None:
    review = read_review(text)
    assert review is not None
    assert (review.type, review.result) == (kind, result)


@pytest.mark.parametrize(
    "text",
    [
        "如不服本决定，可以在六十日内向市人民政府申请行政复议，也可以在六个月内向法院起诉。",
        "当事人请求撤销处罚。",
        "责令停止违法行为，维持市场秩序。",
        "执法人员撤销了原通知。",
        "屈某不服提起诉讼。",
        "二审驳回上诉，维持原判。",
        "法院裁定撤销缓刑。",
        "",
    ],
)
def test_no_outcome(text: str) -> None:
    assert read_review(text) is None


def test_reason_date_and_number() -> None:
    review = read_review("富阳区人民法院于2022年5月6日作出（2022）浙0111行审12号裁定，认为罚款缺乏责令改正的前置程序，裁定不准予执行。")
    assert review is not None
    assert review.reason == "罚款缺乏责令改正的前置程序"
    assert review.decided_on == dt.date(2022, 5, 6)
    assert review.doc_no == "（2022）浙0111行审12号"


def test_the_reason_may_stand_in_the_sentence_before() -> None:
    review = read_review("法院认为主要证据不足。判决撤销处罚决定。")
    assert review is not None
    assert review.reason == "主要证据不足"
