"""Tests of corpora.schema: what a record may be, and what an error says."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from corpora.schema import Case, Judgement, RecordError, Review, ReviewType, case_from_json, case_to_json, parse_date, parse_money, with_derived

RECORD = {
    "case_id": "A-1",
    "cause": "无证经营",
    "facts": "经查……",
    "kinds": ["罚款"],
    "fine_yuan": 21430.5,
    "region": "330111",
    "decided_on": "2020年5月19日",
    "party_type": "个人",
    "review": {"type": "复议", "result": "维持"},
    "pivots": {"可改正": True, "超建比例": 2.8, "不详": None},
    "voice": "电话记录",
}


def test_a_record_becomes_a_case_and_comes_back_equal() -> None:
    case = case_from_json(RECORD)
    assert case.causes == ("无证经营",)
    assert case.fine_yuan == Decimal("21430.5")
    assert case.decided_on == dt.date(2020, 5, 19)
    assert case.review == Review(ReviewType.RECONSIDERATION, "维持")
    assert case.pivots == {"可改正": True, "超建比例": 2.8}
    assert case.extra == {"voice": "电话记录"}
    assert case_from_json(case_to_json(case)) == case


def test_the_hash_follows_the_content() -> None:
    case = case_from_json(RECORD)
    assert case.content_hash() == case_from_json(dict(reversed(RECORD.items()))).content_hash()
    assert case.content_hash() != case_from_json({**RECORD, "facts": "经查…"}).content_hash()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"case_id": ""}, "case_id is missing"),
        ({"case_id": "a b"}, "without spaces"),
        ({"fine_yuan": -1}, "fine_yuan -1"),
        ({"fine_yuan": "一千"}, "expected an amount"),
        ({"fine_yuan": "1e5000000"}, "not a plausible amount"),
        ({"decided_on": "1823-04-01"}, "earlier than 1949"),
        ({"decided_on": "2021-02-30"}, "not a date"),
        ({"region": "杭州"}, "GB/T 2260"),
        ({"party_type": "公司"}, "个人、个体工商户、法人"),
        ({"review": {"type": "复议"}}, "both needed"),
        ({"pivots": {"x": [1]}}, "pivots.x"),
        ({"pivots": "是"}, "pivots: expected an object"),
        ({"extra": "x"}, "extra: expected an object"),
        ({"withdrawn": "maybe"}, "withdrawn 'maybe'"),
        ({"kinds": 3}, "expected a list"),
        ({"facts": "\ud800"}, "surrogate"),
        ({"act_from": "2021-05-02", "act_to": "2021-05-01"}, "lies after"),
    ],
)
def test_an_error_names_field_value_and_cure(change: dict, words: str) -> None:
    with pytest.raises(RecordError, match=words):
        case_from_json({**RECORD, **change})


def test_a_case_needs_some_text() -> None:
    with pytest.raises(RecordError, match="at least one text"):
        Case(case_id="x")


@pytest.mark.parametrize(("value", "expected"), [(True, True), ("否", False), ("false", False), ("是", True), (None, False), ("", False)])
def test_withdrawn_is_read_as_it_is_written(value: object, expected: bool) -> None:
    assert case_from_json({**RECORD, "withdrawn": value}).withdrawn is expected


@pytest.mark.parametrize(
    "value", ["2021-03-05", "2021/3/5", "20210305", "2021年3月5日", "2021-03-05T10:00:00", dt.datetime(2021, 3, 5, 9), dt.date(2021, 3, 5)]
)
def test_dates_in_every_usual_form(value: object) -> None:
    assert parse_date("d", value) == dt.date(2021, 3, 5)


@pytest.mark.parametrize(("value", "expected"), [("1,234.50", Decimal("1234.50")), (3, Decimal(3)), (0.1, Decimal("0.10")), (None, None), ("", None)])
def test_money(value: object, expected: Decimal | None) -> None:
    assert parse_money("m", value) == expected


def test_derived_values_fill_gaps_and_are_named() -> None:
    case = case_from_json({"case_id": "x", "facts": "f", "kinds": ["警告"]})
    filled = with_derived(case, {"kinds": ("罚款",), "fine_yuan": Decimal(5), "doc_no": None})
    assert (filled.kinds, filled.fine_yuan, filled.derived) == (("警告",), Decimal(5), ("fine_yuan",))


def test_a_judgement_is_between_zero_and_three() -> None:
    assert Judgement("q", "c", 3).relevance == 3
    with pytest.raises(RecordError, match="0, 1, 2 or 3"):
        Judgement("q", "c", 4)
