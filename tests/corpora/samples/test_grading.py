"""The rule of graded relevance, on cases made for it."""

from __future__ import annotations

from typing import Any

import pytest

from corpora.samples.grading import MAX_NEIGHBOURS, MAX_REFERENCES, NEIGHBOURS, grade, judge
from corpora.violations import load_violations

ABOUT: dict[str, Any] = {"cause_code": "CX02", "pivots": {"竣工后加建": False, "占公共用地": False}, "issue": "轻微超建能否改正", "style": "短问"}


def case(case_id: str = "S-1", **values: object) -> dict[str, Any]:
    """Return a case of CX02 that agrees with ABOUT."""
    return {
        "case_id": case_id,
        "cause_code": "CX02",
        "title": "某公司厂房超面积建设案",
        "facts": "厂房比许可多建六十平方米，尚未竣工。",
        "reasoning": "",
        "review": None,
        "basis": ["《中华人民共和国城乡规划法》第六十四条"],
        "party_type": "法人",
        "pivots": {"竣工后加建": False, "占公共用地": False},
        **values,
    }


def test_all_decisive_pivots_agree() -> None:
    assert grade(ABOUT, case()) == 3
    assert (
        grade(ABOUT, case(pivots={"竣工后加建": False, "占公共用地": False, "可改正": True, "超建比例": 40.0})) == 3
    )  # what the query leaves open lowers nothing


def test_an_opposite_decisive_pivot_leaves_a_reference() -> None:
    assert grade(ABOUT, case(pivots={"竣工后加建": False, "占公共用地": True})) == 1


def test_a_decisive_pivot_not_on_record() -> None:
    assert grade(ABOUT, case(pivots={"竣工后加建": False})) == 2
    assert grade(ABOUT, case(pivots={})) == 1  # silent on everything in dispute


def test_one_or_two_lesser_differences_but_not_three() -> None:
    about = {**ABOUT, "pivots": {**ABOUT["pivots"], "主动停建或补办": True, "停建通知后抢建": False, "已销售": False}}
    known = {"竣工后加建": False, "占公共用地": False}
    assert grade(about, case(pivots=known)) == 3  # a pivot that decides nothing may stay unsaid
    assert grade(about, case(pivots={**known, "主动停建或补办": False})) == 2
    assert grade(about, case(pivots={**known, "主动停建或补办": False, "停建通知后抢建": True})) == 2
    assert grade(about, case(pivots={**known, "主动停建或补办": False, "停建通知后抢建": True, "已销售": True})) == 1


def test_the_pivot_in_dispute_decides() -> None:
    about = {**ABOUT, "pivots": {**ABOUT["pivots"], "停建通知后抢建": True}, "turns_on": ["可改正", "停建通知后抢建"]}
    known = {"竣工后加建": False, "占公共用地": False}
    assert grade(about, case(pivots=known)) == 1  # not a word on what the query turns on
    assert grade(about, case(pivots={**known, "可改正": True})) == 2
    assert grade(about, case(pivots={**known, "停建通知后抢建": True})) == 3
    assert grade(about, case(pivots={**known, "停建通知后抢建": False})) == 1


def test_an_open_question_takes_cases_of_either_answer() -> None:
    about = {"cause_code": "CX02", "pivots": {}, "turns_on": ["可改正"]}
    assert [grade(about, case(pivots={"可改正": value})) for value in (True, False)] == [3, 3]
    assert grade(about, case(pivots={"占公共用地": True})) == 1


def test_marks_and_scene() -> None:
    about = {**ABOUT, "marks": "越权|职权", "scene": "厂房"}
    assert grade(about, case()) == 1
    assert grade(about, case(reasoning="本局没有职权。")) == 3
    assert grade(about, case(review={"result": "撤销", "reason": "超越职权"})) == 3
    assert grade(about, case(title="某住宅案", facts="住宅多建六十平方米。", reasoning="职权")) == 2


def test_another_article_is_a_difference() -> None:
    assert grade(ABOUT, case(basis=["《中华人民共和国土地管理法》第七十七条"])) == 2
    drafted = {**ABOUT, "articles": ["《浙江省违法建筑处置规定》第十条"]}
    assert grade(drafted, case()) == 2
    assert grade(drafted, case(basis=["《浙江省违法建筑处置规定》第十条"])) == 3


def test_party_counts_only_where_the_law_tells_parties_apart() -> None:
    about = {"cause_code": "SR04", "pivots": {"逾期不改": True}, "party": "个人"}
    dumped = case(cause_code="SR04", basis=["《浙江省城市市容和环境卫生管理条例》第十二条第三款"], pivots={"逾期不改": True})
    assert [grade(about, {**dumped, "party_type": party}) for party in ("个人", "个体工商户", "法人", None)] == [3, 3, 2, 3]
    assert grade({**ABOUT, "party": "个人"}, case()) == 3  # 城乡规划法§64 knows no difference


def test_a_sole_trader_stands_where_the_rules_of_the_violation_put_it() -> None:
    # XF01: the rules for 单位 meet a sole trader too, so its case is a model for either side; SR04 knows it as a person only.
    dumped = case(cause_code="XF01", basis=["《中华人民共和国消防法》第六十条第一款第三项"], pivots={"当场改正": True})
    grades = {
        party: [grade({"cause_code": "XF01", "pivots": {"当场改正": True}, "party": side}, {**dumped, "party_type": party}) for side in ("个人", "单位")]
        for party in ("个人", "个体工商户", "法人")
    }
    assert grades == {"个人": [3, 2], "个体工商户": [3, 3], "法人": [2, 3]}
    street = case(cause_code="SR04", basis=["《浙江省城市市容和环境卫生管理条例》第十二条第三款"], pivots={"逾期不改": True}, party_type="个体工商户")
    assert [grade({"cause_code": "SR04", "pivots": {"逾期不改": True}, "party": side}, street) for side in ("个人", "单位")] == [3, 2]


@pytest.mark.parametrize(("sum_yuan", "expected"), [(24, 3), (9999.5, 3), (10000, 1), (43200, 1), (None, 2)])
def test_a_sum_counts_by_the_statutory_line(sum_yuan: float | None, expected: int) -> None:
    about = {"cause_code": "SJ02", "pivots": {"三小一摊": False, "货值": 486}}
    pivots = {"三小一摊": False} | ({} if sum_yuan is None else {"货值": sum_yuan})
    assert grade(about, case(cause_code="SJ02", basis=["《中华人民共和国食品安全法》第一百二十四条第一款第五项"], pivots=pivots)) == expected


def test_neighbouring_violation_of_the_same_facts() -> None:
    about = {"cause_code": "SR06", "pivots": {}, "scene": "遗撒"}
    spilled = case(cause_code="SR11", facts="罐车滴漏，遗撒路面三百米。", pivots={})
    assert grade(about, spilled) == 1
    assert grade(about, {**spilled, "facts": "车斗没有盖严。"}) == 0
    assert grade({**about, "near": "盖严"}, {**spilled, "facts": "车斗没有盖严。"}) == 1
    assert grade({"cause_code": "SR06", "pivots": {}}, spilled) == 0  # no scene: nothing says that the facts are the same
    assert grade(about, {**spilled, "cause_code": "GA03"}) == 0


def test_a_second_violation_counts_as_the_first() -> None:
    about = {**ABOUT, "also": [{"cause_code": "SR11", "pivots": {"未密闭": True}}]}
    spilled = case(cause_code="SR11", basis=["《中华人民共和国大气污染防治法》第一百一十六条"], pivots={"未密闭": True})
    assert (grade(about, case()), grade(about, spilled)) == (3, 3)
    assert grade(ABOUT, spilled) == 0


def test_place_year_and_fine_change_nothing() -> None:
    assert grade(ABOUT, case(region="331181", decided_on="2019-01-02", fine_yuan=900000)) == grade(ABOUT, case(region="330111", fine_yuan=1)) == 3


def test_judge_keeps_the_references_that_matter() -> None:
    opposite = [case(f"S-O{number:02d}", pivots={"竣工后加建": number % 2 == 0, "占公共用地": True}) for number in range(40)]
    near = [case(f"S-N{number:02d}", cause_code="CX01") for number in range(20)]
    rel = judge({**ABOUT, "scene": "厂房"}, [*near, *opposite, case("S-A"), case("S-B", pivots={"占公共用地": False}), case("S-Z", cause_code="GA03")])
    assert list(rel.items())[:2] == [("S-A", 3), ("S-B", 2)]
    references = [case_id for case_id, found in rel.items() if found == 1]
    assert len(references) == MAX_REFERENCES
    assert sum(case_id.startswith("S-N") for case_id in references) == MAX_NEIGHBOURS
    kept = [case_id for case_id in references if case_id.startswith("S-O")]
    assert kept == sorted(case_id for number in range(1, 35, 2) for case_id in [f"S-O{number:02d}"])  # 17 of the 20 that agree in one pivot


def test_neighbours_are_mutual_and_known() -> None:
    codes = load_violations().keys()
    assert NEIGHBOURS.keys() == codes  # each of the 96 has one
    assert all(code in NEIGHBOURS[other] and other != code for code in codes for other in NEIGHBOURS[code])
    assert {"SR11", "SR07", "HJ08"} <= NEIGHBOURS["SR06"]
    assert "HJ05" in NEIGHBOURS["HJ04"]
