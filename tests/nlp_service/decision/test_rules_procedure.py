"""Tests of the rules of procedure, time, competence and discretion, on drafts as officers write them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from corpora.schema import PartyType
from corpora.violations import load_violations
from nlp_service.decision.discretion import Step, place, step_findings
from nlp_service.decision.findings import Finding, load_procedure, notice
from nlp_service.decision.rules import judge
from nlp_service.decision.rules_procedure import procedure_findings
from nlp_service.decision.rules_time import competence_findings, time_findings, years_later
from nlp_service.decision.situation import read_base, read_situation
from nlp_service.drafts import Draft, Planned

TODAY = dt.date(2023, 1, 1)


def findings(
    code: str, text: str, plan: Planned | None, *, today: dt.date = TODAY, party: PartyType | None = None, pivots: dict | None = None
) -> list[Finding]:
    violation = load_violations()[code]
    draft = Draft(text=text, n_characters=len(text), planned=plan)
    situation = read_situation(draft, violation, pivots or {}, today=today, party=party)
    ruling = judge(violation, situation.pivots, plan, day=situation.act_on, party=situation.party)
    return [
        *procedure_findings(violation, ruling, situation),
        *time_findings(violation, ruling, situation),
        *competence_findings(violation, situation),
        *step_findings(ruling, situation, violation.family, [], []),
    ]


def codes(*arguments: object, **more: object) -> list[str]:
    return [finding.code for finding in findings(*arguments, **more)]  # type: ignore[arg-type]


def fine(yuan: int, *kinds: str, base: int | None = None) -> Planned:
    return Planned((*kinds, "罚款"), Decimal(yuan), Decimal(base) if base else None)


def test_every_finding_says_what_to_check_on_what_basis_and_whether_a_lawyer_has() -> None:
    found = findings("CX02", "厂房未按许可施工", Planned(("限期拆除",)))
    assert {finding.code for finding in found} >= {"notify", "hearing_demolition", "collective", "legal_review", "route_planning"}
    for finding in found:
        assert finding.cite
        assert finding.check
        assert finding.status in ("checked", "to_confirm")
        assert finding.direction is None


@pytest.mark.parametrize("word", ["已告知听证权利", "听证告知书已送达"])
def test_what_the_draft_says_was_done_is_not_asked_again(word: str) -> None:
    text = f"厂房超建，{word}，事先告知书已送达，经集体讨论，法制审核通过"
    assert set(codes("CX02", text, Planned(("限期拆除",)))) == {"precondition", "route_planning"}


@pytest.mark.parametrize(
    ("today", "party", "yuan", "is_over"),
    [
        (dt.date(2021, 7, 14), None, 50, False),
        (dt.date(2021, 7, 14), None, 51, True),
        (dt.date(2021, 7, 14), PartyType.ORGANISATION, 1000, False),
        (dt.date(2021, 7, 14), PartyType.ORGANISATION, 1001, True),
        (dt.date(2021, 7, 15), None, 200, False),
        (dt.date(2021, 7, 15), None, 201, True),
        (dt.date(2021, 7, 15), PartyType.ORGANISATION, 3000, False),
        (dt.date(2021, 7, 15), PartyType.ORGANISATION, 3001, True),
    ],
)
def test_the_limits_of_a_fine_on_the_spot_changed_on_2021_07_15(today: dt.date, party: PartyType | None, yuan: int, is_over: bool) -> None:
    assert ("on_the_spot" in codes("SR05", "张贴小广告，拟当场处罚", fine(yuan), today=today, party=party)) is is_over


def test_only_a_small_fine_or_a_warning_can_be_given_on_the_spot() -> None:
    assert "on_the_spot_kind" in codes("SR02", "越门经营，拟当场处罚，责令停业", Planned(("责令停产停业",)))
    assert "on_the_spot_kind" not in codes("SR02", "越门经营，拟当场处罚", Planned(("警告",)))


def test_the_date_in_the_draft_decides_which_procedure_applies() -> None:
    old = findings("SR05", "2020年5月6日张贴小广告，拟当场处罚", fine(100), today=TODAY)
    assert [finding.cite for finding in old if finding.code == "on_the_spot"] == [("行政处罚法（2017）§33",)]
    new = findings("SR05", "2022年5月6日张贴小广告，拟当场处罚", fine(100), today=TODAY)
    assert "on_the_spot" not in [finding.code for finding in new]


@pytest.mark.parametrize(
    ("kinds", "code"), [(("没收违法所得",), "hearing"), (("吊销许可证件",), "hearing"), (("责令停产停业",), "hearing"), (("限期拆除",), "hearing_demolition")]
)
def test_grave_kinds_ask_for_a_hearing(kinds: tuple[str, ...], code: str) -> None:
    assert code in codes("SJ02", "销售过期食品", Planned(kinds))


def test_the_old_law_speaks_of_hearings_in_its_own_article() -> None:
    found = findings("SJ02", "2019年3月1日销售过期食品", Planned(("责令停产停业",)))
    assert [finding.cite for finding in found if finding.code == "hearing"] == [("行政处罚法（2017）§42",)]


@pytest.mark.parametrize(
    ("yuan", "party", "asks"), [(1999, None, False), (2000, None, True), (19_999, PartyType.ORGANISATION, False), (20_000, PartyType.ORGANISATION, True)]
)
def test_a_large_fine_asks_whether_it_is_large(yuan: int, party: PartyType | None, asks: bool) -> None:
    found = findings("SR12", "油烟超标", fine(yuan), party=party)
    assert ("hearing_amount" in [finding.code for finding in found]) is asks
    assert all(finding.status == "to_confirm" for finding in found if finding.code == "hearing_amount")


def test_no_penalty_and_no_plan_ask_for_no_procedure() -> None:
    assert codes("SJ02", "销售过期食品", Planned(("不予处罚", "责令改正"))) == []
    assert codes("SJ02", "销售过期食品", None) == []


def test_a_reduced_fine_asks_for_a_collective_discussion() -> None:
    assert {"reduced", "collective"} <= set(codes("SJ02", "连锁超市销售过期食品，货值24元", fine(3000), pivots={"三小一摊": False}))
    assert {"reduced", "collective"} <= set(codes("CX02", "超建，造价100000元，可改正", fine(3000, "责令改正", base=100_000), pivots={"可改正": True}))


def test_a_reduced_fine_that_the_catalogue_knows_is_a_question_not_a_departure() -> None:
    ruling = judge(load_violations()["SJ02"], {"三小一摊": False}, fine(3000, "没收非法财物"), day=None, party=None)
    assert [(finding.code, finding.direction) for finding in ruling.findings] == [("fine_reduced", None)]


def test_a_fine_that_presupposes_an_order_to_correct() -> None:
    plan = fine(300, "责令改正")
    needing = findings("SR02", "水果店越门摆放", plan, pivots={"先行限改": True, "逾期不改": True})
    assert "correct_first" in [finding.code for finding in needing] or all(
        "责令" not in (rule.precondition or "") for rule in load_violations()["SR02"].disposals
    )
    assert "correct_first" not in codes("SR02", "水果店越门摆放，5月6日责令限期改正，期满仍未改", plan)


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("CX02", "拟限期拆除，逾期不拆将申请人民法院强制拆除", "route_planning_wrong"),
        ("CX02", "拟限期拆除，逾期由区政府组织强制拆除", "route_planning"),
        ("CX04", "村民未取得乡村建设规划许可建房，拟限期拆除", "route_village"),
        ("ZR01", "未经批准占地，拟限期拆除，逾期由本局组织强制拆除", "route_land_wrong"),
        ("ZR01", "未经批准占地，拟限期拆除，逾期申请人民法院强制执行", "route_land"),
    ],
)
def test_a_demolition_is_enforced_by_government_in_planning_and_through_the_court_for_land(code: str, text: str, expected: str) -> None:
    found = [item for item in codes(code, text, Planned(("限期拆除",))) if item.startswith("route")]
    assert found == [expected]


@pytest.mark.parametrize(("code", "expected"), [("CX04", "authority_village"), ("ZR03", "authority_homestead")])
def test_who_may_decide_is_asked_where_it_is_often_wrong(code: str, expected: str) -> None:
    assert expected in codes(code, "村民建房", Planned(("限期拆除",)))


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("SR03", "2018年3月1日设置完工，2020年3月1日检查发现", []),
        ("SR03", "2018年3月1日设置完工，2020年3月2日检查发现", ["limitation_past"]),
        ("SJ02", "2019年3月1日售出过期食品，2022年3月1日接投诉发现", ["limitation_long"]),
        ("SJ02", "2016年3月1日售出过期食品，2022年3月1日接投诉发现", ["limitation_past"]),
        ("SJ02", "2016年3月1日售出过期食品，2019年3月1日接投诉发现", ["limitation_past"]),  # before 2021-07-15 two years for all
        ("CX02", "2015年3月1日建成，2022年3月1日巡查发现", ["continuing"]),
        ("GA07", "2021年3月1日在小区发生殴打，行为结束，2021年12月1日接报案立案发现", ["limitation_public_security"]),
    ],
)
def test_limitation(code: str, text: str, expected: list[str]) -> None:
    violation = load_violations()[code]
    draft = Draft(text=text, n_characters=len(text), planned=fine(500))
    situation = read_situation(draft, violation, {}, today=TODAY)
    ruling = judge(violation, {}, draft.planned, day=situation.act_on, party=None)
    assert [item.code for item in time_findings(violation, ruling, situation) if item.code not in ("law_change", "first_offence")] == expected


def test_a_change_of_the_penalty_clause_between_act_and_decision_is_named() -> None:
    found = findings("ZR02", "2021年6月1日停止施工，2021年10月8日检查发现占用耕地", fine(5000, "责令改正"), pivots={"种植条件破坏": True})
    change = [finding for finding in found if finding.code == "law_change"]
    assert len(change) == 1
    assert "行政处罚法§37" in change[0].cite


def test_years_later_knows_leap_days() -> None:
    assert years_later(dt.date(2020, 2, 29), 2) == dt.date(2022, 2, 28)
    assert years_later(dt.date(2020, 3, 1), 5) == dt.date(2025, 3, 1)


@pytest.mark.parametrize(
    ("yuan", "step"), [(3_000, Step.LIGHT), (5_333, Step.LIGHT), (5_400, Step.ORDINARY), (7_667, Step.ORDINARY), (7_700, Step.HEAVY), (10_000, Step.HEAVY)]
)
def test_the_range_is_cut_into_thirds(yuan: int, step: Step) -> None:
    placed = place(yuan, 3_000, 10_000)
    assert placed is not None
    assert placed.step is step


def test_outside_the_range_there_is_no_step() -> None:
    assert place(2_000, 3_000, 10_000) is None
    assert place(3_000, 3_000, 3_000) is None


@pytest.mark.parametrize(("yuan", "step", "words"), [(60_215, "从轻", "百分之五"), (96_344, "一般", "百分之八"), (120_430, "从重", "百分之十")])
def test_planning_has_the_steps_of_one_county(yuan: int, step: str, words: str) -> None:
    found = findings("CX02", "超建，可改正", fine(yuan, "责令改正", base=1_204_300), pivots={"可改正": True})
    text = next(finding.text for finding in found if finding.code == "step_planning")
    assert f"为造价的{words}，位于“{step}”档" in text


def test_factors_that_point_the_other_way_are_asked_about() -> None:
    violation = load_violations()["CX02"]
    plan = fine(120_430, "责令改正", base=1_204_300)
    draft = Draft(text="超建", n_characters=2, planned=plan)
    situation = read_situation(draft, violation, {"可改正": True}, today=TODAY)
    ruling = judge(violation, {"可改正": True}, plan, day=None, party=None)
    found = [item.code for item in step_findings(ruling, situation, "planning", ["主动停建"], [])]
    assert found == ["step_planning", "step_against_factors"]
    assert [item.code for item in step_findings(ruling, situation, "planning", ["主动停建"], ["擅自加层"])] == ["step_planning"]


def test_evidence_from_cameras_asks_for_their_check() -> None:
    assert "offsite" in codes("GA03", "2022年5月1日测速设备拍下超速", fine(500))


@pytest.mark.parametrize(
    ("text", "yuan", "is_named"),
    [
        ("每盒7.5元，合计22.5元。货值不足一万元的起点就是五万元", 22.5, True),
        ("过期饮料3瓶，货值24元", 24.0, True),
        ("货值金额共计1,320元，合计拟罚款50000元", 1320.0, True),
        ("没有写明金额", None, False),
    ],
)
def test_the_base_of_a_fine_is_read_only_where_it_is_stated(text: str, yuan: float | None, is_named: bool) -> None:
    base = read_base(text, load_violations()["SJ02"], None, {})
    assert (base.yuan if base else None) == yuan
    assert (base.is_named if base else False) is is_named


def test_a_planned_base_and_a_pivot_in_yuan_win() -> None:
    violation = load_violations()["SJ02"]
    given = read_base("货值24元", violation, fine(1000, base=50), {})
    pivot = read_base("", violation, None, {"货值": 33.0})
    assert given is not None
    assert pivot is not None
    assert (given.yuan, pivot.yuan) == (50.0, 33.0)


def test_versions_of_a_notice_do_not_overlap() -> None:
    for code, versions in load_procedure().notices.items():
        for day in (dt.date(2005, 1, 1), dt.date(2021, 7, 14), dt.date(2021, 7, 15), dt.date(2026, 1, 1)):
            assert sum(version.holds_on(day) for version in versions) <= 1, code


def test_a_notice_of_another_time_is_none() -> None:
    assert notice("offsite", dt.date(2021, 7, 14)) is None


def test_an_old_act_dealt_with_under_the_new_law_has_one_more_ground() -> None:
    old = "2021年3月1日售出过期食品，2021年4月1日检查发现，"
    (finding,) = [item for item in findings("SJ02", old + "2021年9月1日提出处理意见", fine(50_000)) if item.code == "first_offence"]
    assert finding.cite == ("行政处罚法§33①", "行政处罚法§37")
    assert "first_offence" not in codes("SJ02", old + "2021年5月1日提出处理意见", fine(50_000))  # dealt with under the old law
    assert "first_offence" not in codes("SJ02", "2022年3月1日检查发现超市卖过期食品", fine(50_000))
    assert "first_offence" not in codes("SJ02", old + "2021年9月1日提出处理意见", Planned(("不予处罚",)))
