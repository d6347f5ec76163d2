"""Tests of nlp_service.decision.options: the statute speaks whatever the words of the draft, and says what its range hangs on."""

from __future__ import annotations

import datetime as dt

import pytest

from corpora.pivots import read_pivots, values
from corpora.violations import load_violations
from nlp_service.decision.options import Option, describe_options, options, range_findings, scale_finding
from nlp_service.decision.rules import Ruling, judge
from nlp_service.decision.situation import Situation, read_situation
from nlp_service.drafts import read_draft

FOOD, PLANNING = load_violations()["SJ02"], load_violations()["CX02"]
TODAY = dt.date(2024, 1, 1)


def read(text: str, code: str = "SJ02") -> tuple[Ruling, Situation, list[Option]]:
    violation = load_violations()[code]
    draft = read_draft(text)
    situation = read_situation(draft, violation, values(read_pivots(violation, draft.text)), today=TODAY)
    base = situation.base.yuan if situation.base and situation.base.is_named else None
    ruling = judge(violation, situation.pivots, draft.planned, day=situation.act_on, party=situation.party, base=base)
    return ruling, situation, options(violation, ruling, situation)


@pytest.mark.parametrize(
    "text",
    [
        "超市卖过期牛奶，货值26元，拟罚款五万元",
        "超市卖过期牛奶，货值26元，拟罚款5万元",
        "超市卖过期牛奶，货值26元，拟罚款5万",
        "小店卖过期牛奶三盒，值26块钱，打算罚5万",
        "小卖部过期饼干2包共26元，没有进货台账，拟处罚款50000元",
        "个体户开的便利店卖过期饮料，货值二十六元，拟罚款伍万元",
        "食杂店货架上有过期酸奶4瓶，售价6.5元一瓶，拟没收过期食品并处5万元罚款",
        "超市过期牛奶，罚5万合适吗，货值只有26元",
        "2022年3月5日检查发现某超市货架上有过期牛奶2盒，货值26元，没有进货查验记录，当事人主动下架，拟罚款五万元",
        "某超市有限公司销售超过保质期的牛奶，货值26元，违反食品安全法第三十四条第十项，依据第一百二十四条拟处罚款五万元",
    ],
)
def test_fifty_thousand_for_twenty_six_yuan_is_asked_about_in_any_words(text: str) -> None:
    ruling, situation, found = read(text)
    finding = scale_finding(ruling, situation, aggravated=False)
    assert finding is not None
    assert finding.text == "货值26元，属于固定幅度50,000元至100,000元，与货值多少无关；拟罚款约为货值的1,923倍"  # 50,000 / 26
    assert {option.rule_id for option in found} >= {"province_small", "fine_small", "no_penalty", "reduced_fine"}
    assert "fine_multiple" not in {option.rule_id for option in found}  # that range begins at 10,000 yuan


def test_aggravating_facts_or_a_larger_base_ask_nothing() -> None:
    ruling, situation, _ = read("超市卖过期牛奶，货值26元，拟罚款五万元")
    assert scale_finding(ruling, situation, aggravated=True) is None
    ruling, situation, _ = read("超市卖过期牛奶，货值600元，拟罚款五万元")  # 83 times
    assert scale_finding(ruling, situation, aggravated=False) is None


def test_the_finding_follows_the_law_of_the_day() -> None:
    ruling, situation, found = read("2019年5月6日检查，超市卖过期牛奶，货值26元，拟罚款五万元")
    finding = scale_finding(ruling, situation, aggravated=False)
    assert finding is not None
    assert finding.cite[1:] == ("行政处罚法（2017）§4②", "行政处罚法（2017）§27")
    assert "按行为日2019-05-06的规定" in describe_options(found, situation.act_on)


def test_a_month_is_enough_to_tell_whose_law_applies() -> None:
    assert read("2019年5月，超市卖过期牛奶，拟罚款五万元")[1].act_on == dt.date(2019, 5, 31)


def test_an_open_fact_may_bring_another_range() -> None:
    ruling, situation, _ = read("超市卖过期牛奶，货值26元，拟罚款五万元")
    texts = [finding.text for finding in range_findings(FOOD, ruling, situation)]
    assert texts == ["如查明“小餐饮店、小食杂店、小作坊或食品摊贩”为是，罚款幅度为3,000元至10,000元，拟罚款50,000元高于这一幅度"]


def test_what_is_milder_than_the_ordinary_range_comes_last() -> None:
    found = read("超市卖过期牛奶，货值26元，拟罚款五万元")[2]
    assert [option.is_mild for option in found] == sorted(option.is_mild for option in found)
    assert found[-1].is_mild


def test_a_share_is_worked_out_in_yuan() -> None:
    text = "厂房按许可1860平方米建成1912平方米，规划部门复函可采取改正措施，工程造价1,204,300元。拟责令限期改正并处罚款60,215元"
    found = read(text, "CX02")[2]
    fined = next(option for option in found if option.rule_id == "correct_and_fine")
    assert (fined.low, fined.high) == (60_215, 120_430)  # 5 % and 10 % of 1,204,300
    assert "按本案为60,215元至120,430元" in fined.words
    assert fined.is_steered


def test_rules_that_have_lapsed_are_shown_as_such_and_judge_nothing() -> None:
    ruling, situation, found = read("棋牌室聚众打麻将抽头，拟拘留10日罚9000元", "GA06")
    assert ruling.lapsed_on == dt.date(2025, 12, 31)
    assert ruling.findings == ()
    assert "2025-12-31以后的新规定尚未收录" in describe_options(found, situation.act_on, ruling.lapsed_on)
    assert read("2023年5月6日查获，棋牌室聚众打麻将抽头，拟拘留10日罚500元", "GA06")[0].lapsed_on is None


def test_of_twin_articles_the_one_of_the_day_is_cited() -> None:
    then = {option.rule_id: option.cite for option in read("2019年5月6日检查，超市卖过期牛奶，拟罚款五万元")[2]}
    now = {option.rule_id: option.cite for option in read("2023年5月6日检查，超市卖过期牛奶，拟罚款五万元")[2]}
    assert (then["no_penalty"], now["no_penalty"]) == (("行政处罚法(2017)§27②",), ("行政处罚法§33①",))
    assert then["reduced_fine"] == ("食品安全法§124①(五)", "行政处罚法(2017)§27①")
    assert now["reduced_fine"] == ("食品安全法§124①(五)", "行政处罚法§32")
