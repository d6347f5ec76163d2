"""Numbers, dates and parties are read from what stands around a decision."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.documents import read_act_dates, read_dates, read_decided_on, read_doc_no, read_party_type
from corpora.schema import PartyType


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("本机关作出杭富综执罚决字〔2022〕第000318号《行政处罚决定书》", "杭富综执罚决字〔2022〕第000318号"),
        ("富公(交)行罚决字〔2022〕01234号", "富公(交)行罚决字〔2022〕01234号"),
        ("桐综法罚字〔2019〕城058号", "桐综法罚字〔2019〕城058号"),
        ("依据杭富综执罚决字[2022]第000318-1号", "杭富综执罚决字[2022]第000318-1号"),
        ("杭政复〔2023〕12号", "杭政复〔2023〕12号"),
        ("本院（2021）浙01行终123号判决", "（2021）浙01行终123号"),
        ("(2022)浙0111行审12号", "(2022)浙0111行审12号"),
        ("国办发〔2022〕27号", None),
        ("没有文号，2022年5月1日", None),
    ],
)
def test_read_doc_no(text: str, number: str | None) -> None:
    assert read_doc_no(text) == number


def test_read_dates() -> None:
    text = "2020年3月11日巡查，同年4月8日复查；2021-02-30、2021/3/5、二〇二一年十二月二十八日，编号K2021-03-05-7"
    found = read_dates(text)
    assert [date for date, _, _ in found] == [dt.date(2020, 3, 11), dt.date(2020, 4, 8), dt.date(2021, 3, 5), dt.date(2021, 12, 28)]
    assert [text[start:end] for _, start, end in found] == ["2020年3月11日", "同年4月8日", "2021/3/5", "二〇二一年十二月二十八日"]


@given(st.dates(dt.date(1950, 1, 1), dt.date(2049, 12, 31)), st.sampled_from(["{0.year}年{0.month}月{0.day}日", "{0:%Y-%m-%d}", "{0.year}/{0.month}/{0.day}"]))
def test_every_date_is_read(date: dt.date, form: str) -> None:
    written = form.format(date)
    assert read_dates(f"于{written}查获") == [(date, 1, 1 + len(written))]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("处罚款5000元。\n杭州市富阳区综合行政执法局\n2022年5月30日", dt.date(2022, 5, 30)),
        ("处罚款5000元。\n2022年5月30日", dt.date(2022, 5, 30)),
        ("本局于2022年5月30日作出行政处罚决定", dt.date(2022, 5, 30)),
        ("限2022年5月30日前改正。", None),
        ("责令停业，自2022年5月30日起", None),
    ],
)
def test_read_decided_on(text: str, date: dt.date | None) -> None:
    assert read_decided_on(text) == date


@pytest.mark.parametrize(
    ("facts", "dates"),
    [
        ("当事人自2021年3月1日至2021年5月6日建设钢棚", (dt.date(2021, 3, 1), dt.date(2021, 5, 6))),
        ("2021年3月1日至2021年5月6日期间销售过期食品", (dt.date(2021, 3, 1), dt.date(2021, 5, 6))),
        ("自2021年5月6日至2021年3月1日建设", (None, None)),
        ("2021年3月1日立案，2021年5月6日建成", (None, None)),
        ("许可证有效期自2021年3月1日至2024年5月6日。", (None, None)),
    ],
)
def test_read_act_dates(facts: str, dates: tuple[dt.date | None, dt.date | None]) -> None:
    assert read_act_dates(facts) == dates


@pytest.mark.parametrize(
    ("title", "facts", "party"),
    [
        ("杭州恒某机械有限公司违法建设案", "", PartyType.ORGANISATION),
        ("吴某在露台搭建阳光房案", "", PartyType.PERSON),
        ("沈某(梧桐某汽车维修店)搭建彩钢房案", "", PartyType.SOLE_TRADER),
        ("某土菜馆油烟案", "", None),
        ("吴某经营的早餐店油烟案", "", None),
        ("", "当事人：王某，男，1980年生", PartyType.PERSON),
        ("", "当事人富阳某机械有限公司未办证", PartyType.ORGANISATION),
        ("", "巡查发现钢棚", None),
    ],
)
def test_read_party_type(title: str, facts: str, party: PartyType | None) -> None:
    assert read_party_type(title, facts) is party
