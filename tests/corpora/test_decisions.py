"""Decisions are read into kinds, amounts and deadlines, and fill what a case leaves out."""

import datetime as dt
from decimal import Decimal

import pytest

from corpora.decisions import derive, read_base_amount, read_disposition
from corpora.schema import Case, PartyType, Review, ReviewType


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("处罚款人民币5000元", "5000"),
        ("并处建设工程造价428600元百分之五的罚款,计人民币21430元。", "21430"),
        ("处工程造价428600元百分之五的罚款", "21430"),
        ("处违法所得46850元二倍的罚款", "93700"),
        ("处罚款每平方米100元，共562平方米。", "56200"),
        ("处罚款，每平方米100元，共562平方米，计5.62万元。", "56200"),
        ("1.对张某罚款500元；2.对李某罚款300元", "800"),
        ("对张某罚款500元，对李某罚款300元，合计罚款800元", "800"),
        ("分别处罚款500元、300元，合并执行罚款800元", "800"),
        ("分别处罚款500元、300元", "800"),
        ("对张某、李某分别处罚款500元", "1000"),
        ("对张某、李某、王某各处罚款200元", "600"),
        ("处罚款5000元；上述罚款5000元限十五日内缴纳", "5000"),
        ("责令改正，并处罚款8000元(捌仟元整)", "8000"),
        ("不予行政处罚", None),
        ("处违法所得三倍的罚款", None),
        ("处罚款；逾期不缴纳的，每日按罚款数额的百分之三加处罚款", None),
        ("拟处罚款5000元", None),
    ],
)
def test_the_fine(text: str, fine: str | None) -> None:
    assert read_disposition(text).fine_yuan == (None if fine is None else Decimal(fine))


def test_all_fields_of_one_decision() -> None:
    text = (
        "责令自收到本决定书之日起三十日内改正；没收违法所得492元；处货值金额32480元十二倍的罚款，计389760元，"
        "十五日内缴至指定银行。逾期不缴纳的，每日按罚款数额的百分之三加处罚款。"
    )
    read = read_disposition(text)
    assert read.kinds == ("责令改正", "没收违法所得", "罚款")
    assert (read.fine_yuan, read.confiscated_yuan, read.multiple, read.rate) == (389760, 492, 12, None)
    assert (read.deadline_days, read.deadline_text) == (30, "自收到本决定书之日起三十日内")
    assert read.detention_days is None
    assert not read.conflict


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("行政拘留五日并处罚款二百元", 5),
        ("拘留14日并处罚款600元", 14),
        ("行政拘留十日（刑事拘留7日折抵行政拘留7日）", 10),
        ("行政拘留十日、十二日，合并执行行政拘留二十日", 20),
        ("移送公安机关行政拘留", None),
        ("罚款五百元", None),
    ],
)
def test_detention(text: str, days: int | None) -> None:
    assert read_disposition(text).detention_days == days


@pytest.mark.parametrize(
    ("text", "days", "words"),
    [
        ("责令于十五日内自行拆除", 15, "十五日内"),
        ("责令两个月内补办手续", 60, "两个月内"),
        ("责令于2022年8月10日前停止店外加工", None, "于2022年8月10日前"),
        ("责令立即改正，罚款500元，十五日内缴纳", None, None),
        ("责令改正；六十日内可申请复议", None, None),
        ("罚款500元，限十五日内缴至银行", None, None),
    ],
)
def test_deadline(text: str, days: int | None, words: str | None) -> None:
    read = read_disposition(text)
    assert (read.deadline_days, read.deadline_text) == (days, words)


@pytest.mark.parametrize(
    ("text", "conflict"),
    [
        ("罚款贰万元整（小写：30000元）", True),
        ("处工程造价100万元5%的罚款，计5万1千元", True),
        ("处工程造价1204310元5%的罚款，计60215元", False),
        ("罚款贰万元整（20000元）", False),
    ],
)
def test_conflict(text: str, conflict: bool) -> None:
    assert read_disposition(text).conflict is conflict


def test_proposals_on_request() -> None:
    read = read_disposition("拟责令限期拆除，并处罚款5000元", include_proposed=True)
    assert (read.kinds, read.fine_yuan) == (("限期拆除", "罚款"), 5000)


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("经鉴定，工程造价为5862400元", "5862400"),
        ("货值金额共计24元，违法所得6元", "24"),
        ("合同价款120万元", "1200000"),
        ("没收违法所得80元", "80"),
        ("初估造价50000元；经鉴定造价为48000元", "48000"),
        ("造价约5万元", None),
        ("损失300元", None),
        ("处罚款300元", None),
    ],
)
def test_base_amount(text: str, base: str | None) -> None:
    assert read_base_amount(text) == (None if base is None else Decimal(base))


FULL = Case(
    case_id="c1",
    title="杭州恒某机械有限公司未取得建设工程规划许可证搭建案",
    facts="当事人自2020年2月1日至2020年3月5日搭建钢棚，工程造价为428600元。当事人不服，区政府复议维持原处罚决定。",
    reasoning="依据《城乡规划法》第六十四条、《行政处罚法》第三十二条。",
    disposition="富综执罚决字〔2020〕第0312号：责令九十日内补办手续；处工程造价百分之五的罚款，计21430元。\n富阳区综合行政执法局\n2020年5月19日",
)


def test_derive_fills_what_is_absent() -> None:
    case = derive(FULL)
    assert case.kinds == ("责令改正", "罚款")
    assert (case.fine_yuan, case.base_amount_yuan) == (21430, 428600)
    assert case.basis == ("《中华人民共和国城乡规划法》第六十四条", "《中华人民共和国行政处罚法》第三十二条")
    assert case.doc_no == "富综执罚决字〔2020〕第0312号"
    assert case.decided_on == dt.date(2020, 5, 19)
    assert (case.act_from, case.act_to) == (dt.date(2020, 2, 1), dt.date(2020, 3, 5))
    assert case.review == Review(ReviewType.RECONSIDERATION, "维持")
    assert case.party_type is PartyType.ORGANISATION
    assert set(case.derived) == {
        *("kinds", "fine_yuan", "base_amount_yuan", "basis", "doc_no", "decided_on", "act_from", "act_to", "review", "party_type"),
    }


def test_derive_leaves_given_values_alone() -> None:
    given = Case(case_id="c2", facts=FULL.facts, disposition=FULL.disposition, kinds=("警告",), fine_yuan=Decimal(1), act_from=dt.date(2020, 2, 2))
    case = derive(given)
    assert (case.kinds, case.fine_yuan, case.act_from, case.act_to) == (("警告",), 1, dt.date(2020, 2, 2), None)
    assert "kinds" not in case.derived
    assert "base_amount_yuan" in case.derived


def test_derive_on_a_case_that_says_nothing_changes_nothing() -> None:
    case = Case(case_id="c3", facts="现场有一堆砂石。")
    assert derive(case) is case
