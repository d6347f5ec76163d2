"""Numbers are read as people write them, and capitals lead back to the number."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.numerals import parse_number, read_number, to_capitals


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("贰万叁仟伍佰元整", "23500"),
        ("壹拾万零五百元", "100500"),
        ("3万5", "35000"),
        ("三万五", "35000"),
        ("一百五", "150"),
        ("二万三百", "20300"),
        ("三万零五", "30005"),
        ("十五", "15"),
        ("一百零五", "105"),
        ("两千", "2000"),
        ("廿五", "25"),
        ("卅", "30"),
        ("1,234.50", "1234.50"),
        ("8，317", "8317"),
        ("１２，０００", "12000"),
        ("5.62万", "56200"),
        ("12万5千", "125000"),
        ("3万5000", "35000"),
        ("一亿二千万", "120000000"),
        ("一万亿", "1000000000000"),
        ("三点五万", "35000"),
        ("二〇二一", "2021"),
        ("人民币叁仟元整", "3000"),
        ("五元三角", "5.3"),
        ("伍角", "0.5"),
        ("壹佰元零伍分", "100.05"),
        (" 3 000 元", "3000"),
    ],
)
def test_parse_number(text: str, value: str) -> None:
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "元", "百", "万", "一百二三", "三百五千", "罚款", "3.4.5", "一二元三四角", "点五"])
def test_what_is_no_number_is_refused(text: str) -> None:
    assert read_number(text) is None
    with pytest.raises(ValueError, match="not a number"):
        parse_number(text)


@pytest.mark.parametrize(
    ("yuan", "capitals"),
    [
        ("0", "零元整"),
        ("23500", "贰万叁仟伍佰元整"),
        ("100500", "壹拾万零伍佰元整"),
        ("10000005.05", "壹仟万零伍元零伍分"),
        ("0.50", "伍角整"),
        ("3000.30", "叁仟元叁角整"),
        ("100000000", "壹亿元整"),
        ("100010000", "壹亿零壹万元整"),
    ],
)
def test_to_capitals(yuan: str, capitals: str) -> None:
    assert to_capitals(Decimal(yuan)) == capitals


@given(st.decimals(min_value=0, max_value=Decimal("999999999999.99"), places=2))
def test_capitals_lead_back_to_the_number(yuan: Decimal) -> None:
    assert parse_number(to_capitals(yuan)) == yuan


@given(st.integers(0, 10**12), st.sampled_from(["{}", "{:,}", "人民币{}元", "¥{:,}"]))
def test_figures_lead_back_to_the_number(number: int, form: str) -> None:
    assert parse_number(form.format(number)) == number


@pytest.mark.parametrize("yuan", ["-1", "1000000000000", "0.001"])
def test_to_capitals_refuses_what_cannot_be_written(yuan: str) -> None:
    with pytest.raises(ValueError, match="at most two decimals"):
        to_capitals(Decimal(yuan))


@given(st.text(alphabet="零一二两三五十百千万亿廿壹拾仟0123456789.,元角分整点 ", max_size=12))
def test_reading_never_fails_otherwise(text: str) -> None:
    value = read_number(text)
    assert value is None or value >= 0
