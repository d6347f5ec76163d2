"""Which column is which field, and how cells are read."""

from __future__ import annotations

import pytest

from corpora.readers.columns import CaseIds, Columns, field_names, is_personal
from corpora.schema import case_from_json


def record(header: list[str], *cells: str) -> dict[str, object]:
    """Read one row."""
    columns = Columns.find(header)
    assert columns is not None
    return columns.read(cells)


PINYIN = ["CF_WSH", "CF_WFXW", "CF_SY", "CF_YJ", "CF_CFLB", "CF_NR", "CF_NR_FK", "CF_JDRQ", "CF_CFJG", "CF_XDR_LB"]
CHINESE = [
    "行政处罚决定书文号",
    "违法行为类型",
    "违法事实",
    "处罚依据",
    "处罚类别",
    "处罚内容",
    "罚款金额（万元）",
    "处罚决定日期",
    "处罚机关",
    "行政相对人类别",
]
ENGLISH = ["doc_no", "cause", "facts", "basis", "kinds", "disposition", "fine_yuan", "decided_on", "agency", "party_type"]
PLAIN = ["文号", "案由", "案情", "法律依据", "处罚种类", "处罚结果", "罚款", "决定日期", "执法机关", "当事人类型"]
CELLS = ["甲罚字〔2022〕1号", "占道经营", "占道摆摊", "《城市市容条例》第1条", "警告、罚款", "罚款2000元", "0.2", "2022/5/30", "某局", "自然人"]


@pytest.mark.parametrize(("header", "fine"), [(PINYIN, "0.2"), (CHINESE, "0.2"), (ENGLISH, "2000"), (PLAIN, "2,000元")])
def test_the_same_row_under_each_kind_of_header_gives_the_same_record(header: list[str], fine: str) -> None:
    found = record(header, *CELLS[:6], fine, *CELLS[7:])
    case = case_from_json({**found, "case_id": "x"})
    assert found == {
        "doc_no": "甲罚字〔2022〕1号",
        "causes": "占道经营",
        "facts": "占道摆摊",
        "basis": "《城市市容条例》第1条",
        "kinds": ["警告", "罚款"],
        "disposition": "罚款2000元",
        "fine_yuan": found["fine_yuan"],
        "decided_on": "2022/5/30",
        "agency": "某局",
        "party_type": "个人",
    }
    assert case.fine_yuan == 2000


@pytest.mark.parametrize(
    ("header", "cell", "yuan"),
    [
        ("罚款金额", "500", 500),
        ("罚款金额(元)", "1,234.50", "1234.50"),
        ("罚款金额（单位：万元）", "1.5", 15_000),
        ("罚款金额（万元）", "5000元", 5_000),  # the cell's own unit counts
        ("罚款（元）", "2万元", 20_000),
        ("CF_NR_FK", "0.0055", 55),
        ("CF_NR_FK", "０．５", 5_000),
        ("罚款", "人民币500元整", 500),
        ("货值金额", "1亿元", 100_000_000),
    ],
)
def test_amounts_are_turned_into_yuan(header: str, cell: str, yuan: float | str) -> None:
    found = record(["案由", header], "占道经营", cell)
    case = case_from_json({**found, "case_id": "x"})
    assert str(case.fine_yuan or case.base_amount_yuan) == str(yuan)


def test_an_amount_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match=r"罚款金额 '见附件': expected an amount such as 21430"):
        record(["案由", "罚款金额"], "占道经营", "见附件")


def test_a_negative_fine_reaches_the_schema_as_negative() -> None:
    assert record(["案由", "罚款"], "占道经营", "-5")["fine_yuan"] == "-5"


def test_a_review_is_put_together_and_its_header_says_the_kind() -> None:
    found = record(["案由", "诉讼结果", "判决日期"], "占道经营", "撤销", "2023-01-05")
    assert found["review"] == {"type": "诉讼", "result": "撤销", "decided_on": "2023-01-05"}
    assert "review" not in record(["案由", "复议结果"], "占道经营", "")


def test_personal_columns_are_left_out_and_unknown_ones_kept_beside() -> None:
    found = record(
        ["案由", "行政相对人名称", "CF_XDR_ZJHM", "法定代表人", "联系电话", "家庭住址", "备注"], "占道经营", "张三", "330", "李四", "139", "某路", "无"
    )
    assert found == {"causes": "占道经营", "title": "占道经营", "extra": {"备注": "无"}}


@pytest.mark.parametrize("name", ["姓名", "当事人", "身份证号码", "phone", "ID_NO", "CF_FRDB", "cf_xdr_mc", "手机 号"])
def test_names_of_personal_columns(name: str) -> None:
    assert is_personal(name)


@pytest.mark.parametrize("name", ["备注", "CF_XDR_LB", "工商登记", "案件名称", "note"])
def test_names_of_other_columns(name: str) -> None:
    assert not is_personal(name) or name.upper() in field_names()


def test_a_line_without_a_column_for_the_text_is_no_header() -> None:
    assert Columns.find(["某市处罚公示表", "", ""]) is None
    assert Columns.find(["处罚日期", "处罚机关"]) is None
    assert Columns.find([]) is None


def test_a_row_longer_than_its_header_is_not_guessed_at() -> None:
    with pytest.raises(ValueError, match="3 cells under 2 columns; put a cell that holds the delimiter in quotation marks"):
        record(["案由", "罚款"], "占道经营", "1", "500")
    assert record(["案由", "罚款"], "占道经营", "1", "", "") == {"causes": "占道经营", "title": "占道经营", "fine_yuan": "1"}
    assert record(["案由", "罚款"], "占道经营") == {"causes": "占道经营", "title": "占道经营"}


def test_a_second_column_for_one_field_stays_beside() -> None:
    assert record(["违法事实", "案情"], "甲", "乙") == {"facts": "甲", "extra": {"案情": "乙"}}


def test_objects_and_yes_or_no_in_cells() -> None:
    found = record(["案由", "pivots", "已撤回"], "占道经营", '{"可改正": true}', "否")
    assert (found["pivots"], found["withdrawn"]) == ({"可改正": True}, False)
    assert record(["案由", "withdrawn"], "占道经营", "true")["withdrawn"] is True
    with pytest.raises(ValueError, match="pivots '可改正': expected a JSON object"):
        record(["案由", "pivots"], "占道经营", "可改正")


def test_ids_come_from_the_number_and_differ_for_different_rows_of_one_number() -> None:
    ids = CaseIds()
    first = ids.of({"doc_no": "甲罚字〔2022〕1号 ", "title": "张某案"})
    assert first == "甲罚字〔2022〕1号"
    assert ids.of({"doc_no": "甲罚字〔2022〕1号 ", "title": "张某案"}) == first
    second = ids.of({"doc_no": "甲罚字〔2022〕1号", "title": "李某案"})
    assert second.startswith(first + "~")
    assert ids.of({"doc_no": "甲/乙\\丙 1号"}) == "甲-乙-丙1号"


def test_ids_without_a_number_are_the_same_each_time_and_depend_on_the_content() -> None:
    one = CaseIds().of({"title": "张某案", "facts": "甲"})
    assert one == CaseIds().of({"facts": "甲", "title": "张某案"})
    assert one != CaseIds().of({"facts": "乙", "title": "张某案"})
    assert one.startswith("H-")
