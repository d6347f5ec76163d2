"""Masks keep the length, leave nothing to find, and leave alone what is not personal."""

from dataclasses import fields
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.privacy import FindingKind, MaskingError, find, is_clean, mask, mask_case, verify_masked
from corpora.schema import Case, Review, ReviewType


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("当事人王建国承认", "当事人王某某承认"),
        ("当事人王强承认", "当事人王某承认"),
        ("当事人：欧阳修，男", "当事人：欧阳某，男"),
        ("当事人：欧阳建国，男", "当事人：欧阳某某，男"),
        ("当事人王某、李某某承认", "当事人王某、李某某承认"),
        ("电话13800138000", "电话138****8000"),
        ("电话138-0013-8000", "电话138-****-8000"),
        ("电话0571-63320000", "电话0571-******00"),
        ("证号11010519491231002X", "证号******************"),
        ("卡号6217000000000000004", "卡号***************0004"),
        ("驾驶浙A12301轿车", "驾驶浙A***01轿车"),
        ("住富阳区富春街道桂花路12号。", "住富阳区富春街道******。"),
        ("1967年2月17日出生", "1967年*月**日出生"),
        ("邮箱wjg@163.com", "邮箱w**@163.com"),
    ],
)
def test_mask(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_find_names_the_kinds_in_order_without_overlap() -> None:
    text = "当事人王建国，电话13800138000，证号11010519491231002X，王建国驾驶浙A12345"
    kinds = [finding.kind for finding in find(text)]
    assert kinds == [FindingKind.NAME, FindingKind.MOBILE, FindingKind.IDENTITY_NUMBER, FindingKind.NAME, FindingKind.PLATE]


def test_a_name_is_masked_where_it_stands_without_a_cue() -> None:
    assert mask("当事人王建国到场。次日王建国又建。") == "当事人王某某到场。次日王某某又建。"


def test_names_known_from_elsewhere_are_masked() -> None:
    assert mask("次日王建国又建", ["王建国"]) == "次日王某某又建"


def test_verify_masked_finishes_what_is_left() -> None:
    assert verify_masked("电话13800138000") == "电话138****8000"
    assert verify_masked("已清洁") == "已清洁"


def test_verify_masked_gives_up_aloud() -> None:
    with pytest.raises(MaskingError, match="1 findings"):
        verify_masked("电话13800138000", passes=0)


SAFE = [
    *("杭富综执罚决字〔2022〕第000318号", "（2021）浙01行终123号", "罚款5000元", "罚款人民币叁仟元整", "面积562.5平方米", "2022年3月5日"),
    *("《城乡规划法》第六十四条第一款", "百分之五", "杭州恒某机械有限公司", "富阳区综合行政执法局", "责令限期改正", "统一社会信用代码91330111MA0000000A"),
]
PERSONAL = [
    *("当事人王建国到场", "证人李小明、赵六的证言", "当事人：欧阳修，女", "电话13800138000", "手机139 0013 9000", "座机0571-63320000"),
    *("身份证11010519491231002X", "身份证330122190002300024", "卡号6217000000000000004", "驾驶浙A12345", "微信号wang_88", "wang@163.com"),
    *("住富春街道桂花路12号3幢501室", "1967年2月17日出生", "一三九零零一二三四五六", "负责人王　强", "法定代表人买买提·库尔班"),
]


@given(st.lists(st.one_of(st.sampled_from(SAFE), st.sampled_from(PERSONAL), st.text(max_size=8)), max_size=8), st.sampled_from(["，", "。", "\n", ""]))
@settings(max_examples=300)
def test_a_masked_text_has_the_same_length_and_is_clean(parts: list[str], glue: str) -> None:
    text = glue.join(parts)
    masked = mask(text)
    assert len(masked) == len(text)
    assert is_clean(masked)
    assert mask(masked) == masked


@given(st.lists(st.sampled_from(SAFE), min_size=1, max_size=8), st.lists(st.sampled_from(PERSONAL), max_size=4))
def test_numbers_of_documents_amounts_and_statutes_stay(safe: list[str], personal: list[str]) -> None:
    text = "。\n".join([*personal, *safe])
    assert mask(text).endswith("。\n".join(safe))


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["电话{}", "{}。", "联系人{}，", "（{}）"]))
def test_no_mobile_number_comes_through(number: str, form: str) -> None:
    assert number not in mask(form.format(number))


def test_mask_case_masks_a_name_in_every_part() -> None:
    case = Case(
        case_id="c1",
        title="王建国违法搭建案",
        facts="当事人王建国，电话13800138000，造价48000元。",
        reasoning="王建国主动改正。",
        disposition="对王建国处罚款2400元。",
        evidence=("王建国的询问笔录",),
        doc_no="富综执罚决字〔2020〕第0312号",
        fine_yuan=Decimal(2400),
        review=Review(ReviewType.RECONSIDERATION, "维持", reason="王建国的申请不成立"),
        pivots={"可改正": True, "备注": "王建国自述"},
        extra={"note": "王建国来电", "n": 1},
    )
    masked = mask_case(case)
    assert masked.title == "王某某违法搭建案"
    assert masked.facts == "当事人王某某，电话138****8000，造价48000元。"
    assert masked.reasoning == "王某某主动改正。"
    assert masked.disposition == "对王某某处罚款2400元。"
    assert masked.evidence == ("王某某的询问笔录",)
    assert masked.review is not None
    assert masked.review.reason == "王某某的申请不成立"
    assert masked.pivots == {"可改正": True, "备注": "王某某自述"}
    assert masked.extra == {"note": "王某某来电", "n": 1}
    same = {field.name for field in fields(Case) if getattr(case, field.name) == getattr(masked, field.name)}
    assert {"case_id", "doc_no", "fine_yuan", "agency", "kinds"} <= same


def test_a_clean_case_comes_back_equal() -> None:
    case = Case(case_id="c2", facts="当事人王某搭建钢棚48.5平方米。")
    assert mask_case(case) == case
