"""Tests of corpora.statements: what states a fact, what denies it, what leaves it open; whole figures; sentences kept apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.statements import Reading, Stance


def stances(text: str, pattern: str) -> list[Stance]:
    return [statement.stance for statement in Reading(text).find([pattern])]


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("当事人未取得驾驶证。", "取得.{0,6}驾驶证"),
        ("骑车人没戴头盔", "戴(安全)?头盔"),
        ("车辆未悬挂号牌", "悬挂"),
        ("进口饼干未加贴中文标签", "加贴中文标签"),
        ("隔墙不符合消防技术标准", "符合.{0,14}标准"),
        ("包装上没有审定编号", "审定编号"),
        ("几个人打牌，没有抽头", "抽头"),
        ("店家未虚构原价", "虚构原价"),
        ("出水中未检出重金属", "重金属"),
        ("现场没有泥浆外流", "泥浆"),
        ("几年来没人投诉", "投诉"),
        ("货物非易燃易爆物品", "易燃易爆"),
        ("伐区不在公益林里", "公益林"),
        ("夹层里没有住人", "住人"),
        ("项目不属于报告表类", "报告表类"),
        ("厂房没有扩建", "扩建"),
        ("地块没有列入县政府划定的禁烧区", "禁烧区"),
        ("现场没有死鱼、油花和黑臭", "黑臭"),
        ("当事人未在规定期限内改正", "改正"),
        ("无一户居民反映", "反映"),
    ],
)
def test_a_negation_before_a_fact_denies_it(text: str, pattern: str) -> None:
    assert stances(text, pattern) == [Stance.DENIED]


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("染色后雨水井无显色", "染色.{0,12}显色"),
        ("边坡排水未受影响", "(边坡|排水).{0,8}影响"),
        ("网目不小于五厘米", "网目.{0,12}小于"),
        ("豆芽抽检不合格", "(抽检|检验).{0,8}合格"),
        ("监控没有拍到何人", "监控.{0,12}拍到"),
        ("商店没有开喇叭", "商店.{0,12}喇叭"),
    ],
)
def test_a_negation_inside_a_fact_denies_it(text: str, pattern: str) -> None:
    assert set(stances(text, pattern)) == {Stance.DENIED}


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("未经许可占用人行道", "占用人行道"),
        ("公司未办手续擅自占用道路", "公司.{0,16}占用"),
        ("无证经营，不仅占用绿地", "占用绿地"),
        ("没收赌资，有抽头", "抽头"),
        ("占用非机动车道摆摊", "非机动车道"),
        ("该款不属于轻微，未成年人三名", "未成年人"),
        ("林种为商品林，不属于公益林", "林种.{0,12}(商品林|公益林)"),
        ("没有签字，也没有作业票", "没有.{0,8}作业票"),
    ],
)
def test_a_negation_of_something_else_leaves_the_fact_standing(text: str, pattern: str) -> None:
    assert stances(text, pattern) == [Stance.STATED]


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("是否占用消防通道", "占用"),
        ("问：有没有抽头？答：记不清", "抽头"),
        ("不能认定超过排放标准", "超过"),
        ("责令当事人立即恢复原状", "恢复原状"),
        ("执法人员要求限期补办手续", "补办手续"),
        ("未落实防扬散、防渗漏措施", "渗漏"),
        ("逾期不改正才罚款", "逾期不改正"),
        ("罚款以拒不改正为前提", "拒不改正"),
        ("逾期不改正的，处五百元罚款", "逾期不改正"),
        ("如再次违法将从重", "再次"),
        ("认定占用没有依据", "占用"),
    ],
)
def test_a_question_an_order_or_a_condition_states_nothing(text: str, pattern: str) -> None:
    assert set(stances(text, pattern)) == {Stance.OPEN}


def test_a_pattern_stays_in_its_sentence() -> None:
    assert stances("有维保。合同另签", "维保.{0,8}合同") == []
    assert stances("有维保；合同另签", "维保[^，]{0,8}合同") == []
    assert stances("有维保的合同", "维保.{0,8}合同") == [Stance.STATED]


def test_what_is_not_stated_does_not_hide_what_is() -> None:
    assert stances("责令立即停止，公司当场停工", "(立即|当场).{0,8}(停止|停工)") == [Stance.OPEN, Stance.STATED]


@pytest.mark.parametrize(
    ("text", "pattern", "found"),
    [
        ("货值36000元", r"货值.{0,10}[1-9]\d{0,3}元", []),
        ("货值6000元", r"货值.{0,10}[1-9]\d{0,3}元", ["货值6000元"]),
        ("渔获38公斤", r"渔获.{0,12}\d(\.\d+)?公斤", []),
        ("结果为23.6mg", r"结果.{0,12}?\dmg", []),
        ("行驶1200米", r"\d{2,3}米", []),
        ("赌资18,640元", r"赌资\d{4,}元", ["赌资18,640元"]),
    ],
)
def test_a_figure_is_read_whole_and_its_place_is_that_of_the_text(text: str, pattern: str, found: list[str]) -> None:
    assert [text[s.start : s.end] for s in Reading(text).find([pattern])] == found


@pytest.mark.parametrize(
    ("text", "pattern", "figure"),
    [
        ("货值二百一十元", r"货值(\d+)元", "210"),
        ("货值三万一千二百元", r"货值(\d+)元", "31200"),
        ("接纳两名未成年人", r"(\d+)名未成年", "2"),
        ("十五名学生", r"(\d+)名学生", "15"),
    ],
)
def test_where_figures_are_wanted_chinese_ones_are_read(text: str, pattern: str, figure: str) -> None:
    (statement,) = Reading(text, figures=True).find([pattern])
    assert statement.groups == (figure,)
    assert text[statement.start : statement.end] in text


@pytest.mark.parametrize("text", ["第二次被查", "同一处场所", "几十人围观", "千万元", "四百多元"])
def test_words_that_hold_a_numeral_are_no_figures(text: str) -> None:
    assert list(Reading(text, figures=True).find([r"\d+"])) == []


def test_ten_thousands_are_yuan_only_where_money_is_wanted() -> None:
    text = "总投资额86.4万元，另付1,200元"
    (sum_, fee) = Reading(text, figures=True).find([r"(?:总投资额|另付)(\d+)元"])
    assert (sum_.groups, fee.groups) == (("864000",), ("1200",))
    assert text[sum_.start : sum_.end] == "总投资额86.4万元"
    assert text[fee.start : fee.end] == "另付1,200元"
    assert [s.groups for s in Reading(text).find([r"(\d+)元"])] == [("1200",)]


def test_words_about_another_case_are_marked() -> None:
    text = "同类案件中另一店货值3000元，本店货值900元。本店货值910元。"
    assert [s.aside for s in Reading(text).find([r"货值\d+元"])] == [True, True, False]


@given(st.text(alphabet="未没有不占用道路，。？1,234万元.责令的", max_size=40))
def test_places_lie_in_the_text(text: str) -> None:
    for reading in (Reading(text), Reading(text, figures=True)):
        for statement in reading.find(["占用", r"\d+元", "有.{0,4}用", "[^，]{1,3}路"]):
            assert 0 <= statement.start < statement.end <= len(text)
