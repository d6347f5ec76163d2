"""What every case goes through before it is stored."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from corpora.prepare import harmless, prepare, region_warning
from corpora.privacy import is_clean
from corpora.schema import Case


def test_what_the_texts_say_is_read_before_they_are_masked() -> None:
    case = prepare(
        Case(
            case_id="c1",
            title="张小明占道经营案",
            facts="当事人张小明,手机13912345678,在人行道摆摊。",
            disposition="决定对张小明处罚款人民币500元。",
            agency="杭州市富阳区综合行政执法局",
        )
    )
    assert case.fine_yuan == Decimal(500)
    assert "罚款" in case.kinds
    assert case.region == "330111"
    assert {"fine_yuan", "kinds", "region"} <= set(case.derived)
    for text in (case.title, case.facts, case.disposition):
        assert "小明" not in text
        assert is_clean(text)
    assert "12345678" not in case.facts
    assert len(case.facts) == len("当事人张小明,手机13912345678,在人行道摆摊。")


def test_what_was_given_is_kept() -> None:
    given = Case(case_id="c1", facts="某店占道经营。", agency="桐乡市综合行政执法局", region="330111", fine_yuan=Decimal(7), disposition="罚款500元。")
    case = prepare(given)
    assert (case.region, case.fine_yuan) == ("330111", Decimal(7))
    assert prepare(case) == case  # a second time changes nothing


def test_an_agency_of_no_known_place_gives_no_region() -> None:
    assert prepare(Case(case_id="c1", facts="某店占道经营。", agency="市场监督管理局")).region is None


def test_keys_of_personal_data_are_left_out_at_every_depth_and_texts_masked() -> None:
    extra = {
        "party_name": "李大牛",
        "note": "电话13912345678",
        "inner": {"身份证号": "x", "note": "电话13912345678", "list": ["电话13912345678", {"phone": "1", "n": 3}]},
        "n": 5,
    }
    kept = prepare(Case(case_id="c1", facts="某店占道经营。", extra=extra)).extra
    assert kept == {
        "note": "电话139****5678",
        "inner": {"note": "电话139****5678", "list": ["电话139****5678", {"n": 3}]},
        "n": 5,
    }


def test_a_case_of_the_catalogue_gets_its_code_and_pivots() -> None:
    case = prepare(Case(case_id="c1", facts="某公司未取得建设工程规划许可证搭建钢棚。", causes=("未取得建设工程规划许可证进行建设",)))
    assert case.cause_code == "CX01"
    assert "cause_code" in case.derived


@pytest.mark.parametrize(
    ("region", "day", "doubt"),
    [
        (None, None, None),
        ("330111", dt.date(2022, 1, 1), None),
        ("330111", None, None),
        ("330999", dt.date(2022, 1, 1), "region 330999 is not in the table of regions; kept as it is"),
        ("330104", dt.date(2022, 1, 1), "region 330104 (江干区) was not in force on 2022-01-01; kept as it is, now 330102、330114"),
        ("330113", dt.date(2020, 1, 1), "region 330113 (临平区) was not in force on 2020-01-01; kept as it is"),
    ],
)
def test_doubts_about_a_region(region: str | None, day: dt.date | None, doubt: str | None) -> None:
    assert region_warning(Case(case_id="c1", facts="占道", region=region, decided_on=day)) == doubt


def test_a_region_read_from_the_agency_is_not_doubted() -> None:
    case = prepare(Case(case_id="c1", facts="占道", agency="杭州市江干区城市管理局", decided_on=dt.date(2022, 1, 1)))
    assert case.region == "330104"
    assert region_warning(case) is None


def test_a_reason_shows_no_more_than_the_beginning_of_a_value_and_no_person() -> None:
    long = "一二三四五六七八九十" * 4
    assert harmless(f"x '{long}': expected") == f"x '{long[:30]}…': expected"
    assert harmless("fine_yuan '短': expected 'y'") == "fine_yuan '短': expected 'y'"
    assert "13912345678" not in harmless("fine_yuan '电话13912345678': expected an amount")
