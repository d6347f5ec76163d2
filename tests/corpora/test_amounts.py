"""Sums of money are found, told apart by what they are for, and left out where the law says so (domain §2)."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.amounts import Amount, AmountKind, find_amounts, find_multiples, find_percentages, find_unit_prices, parse_number


def found(text: str) -> list[tuple[str, int]]:
    return [(amount.kind.value, int(amount.yuan)) for amount in find_amounts(text)]


def only(text: str) -> Amount:
    amounts = find_amounts(text)
    assert len(amounts) == 1, amounts
    return amounts[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("处罚款人民币5000元。", [("fine", 5000)]),
        ("处以人民币叁仟元的罚款", [("fine", 3000)]),
        ("处人民币500元罚款", [("fine", 500)]),
        ("罚款三万五。", [("fine", 35000)]),
        ("罚款五百", [("fine", 500)]),
        ("罚了20块钱", [("fine", 20)]),
        ("罚款¥2.35万", [("fine", 23500)]),
        ("并处罚款１２，０００元", [("fine", 12000)]),
        ("没收违法所得80元，并处罚款30000元", [("confiscation", 80), ("fine", 30000)]),
        ("没收违法所得492元(销售收入648元扣除已退赔156元)", [("confiscation", 492), ("base", 648), ("other", 156)]),
        ("处货值金额32480元十二倍的罚款,计389760元", [("base", 32480), ("fine", 389760)]),
        ("并处工程造价428600元百分之五的罚款，计人民币21430元", [("base", 428600), ("fine", 21430)]),
        ("违法所得三百元予以没收", [("confiscation", 300)]),
        ("拟处罚款5000元", [("proposed", 5000)]),
        ("告知拟处罚款5000元，听证后决定处罚款3000元", [("proposed", 5000), ("fine", 3000)]),
        ("罚款由50000元变更为5000元", [("fine", 5000)]),
        ("逾期不缴纳的，每日加处罚款150元", [("other", 150)]),
        ("对逾期不改正的行为处罚款300元", [("fine", 300)]),
        ("此前曾被罚款一万元", [("other", 10000)]),
        ("造价约5万元", [("other", 50000)]),
    ],
)
def test_the_kind_of_an_amount(text: str, expected: list[tuple[str, int]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "罚款1-3万元",
        "处5千元以上5万元以下罚款",
        "罚款1万元至3万元",
        "违法所得超过2万元",
        "货值不足一万元",
        "可处五十元以下罚款",
        "不予罚款5000元",
        "免于罚款5000元",
        "并处罚金5000元",
        "处5000元罚金",
        "罚款500美元",
        "罚款港币500元",
        "花了五万余元",
        "3单元502室",
        "每平方米100元",
    ],
)
def test_what_is_no_amount(text: str) -> None:
    assert find_amounts(text) == []


@pytest.mark.parametrize(
    ("text", "yuan", "conflict"),
    [
        ("处罚款人民币叁仟元(¥3,000.00)", 3000, False),
        ("罚款8000元(捌仟元整)", 8000, False),
        ("罚款三万五千元（大写：叁万伍仟元整）", 35000, False),
        ("罚款贰万元整，小写：20000元", 20000, False),
        ("罚款贰万元整（小写：30000元）", 20000, True),
        ("罚款30000元（大写：贰万元整）", 20000, True),
    ],
)
def test_a_sum_written_twice_comes_once_and_capitals_count(text: str, yuan: int, conflict: bool) -> None:
    amount = only(text)
    assert (amount.kind, amount.yuan, amount.conflict) == (AmountKind.FINE, yuan, conflict)
    assert amount.text == text[amount.start : amount.end]
    assert amount.end == len(text)


def test_totals_are_marked() -> None:
    amounts = find_amounts("对张某罚款500元，对李某罚款300元，合计罚款800元")
    assert [(int(a.yuan), a.is_total) for a in amounts] == [(500, False), (300, False), (800, True)]


def test_a_unit_price_stands_apart_from_the_total() -> None:
    text = "每平方米100元,共562平方米,计5.62万元"
    assert [amount.yuan for amount in find_amounts(text)] == [Decimal(56200)]
    price = find_unit_prices(text)[0]
    assert (price.yuan, price.unit, price.quantity, price.total_yuan) == (100, "平方米", 562, 56200)


@pytest.mark.parametrize(
    ("text", "unit", "total"),
    [("按100元/平方米，面积12.5平方米", "平方米", "1250"), ("收取财物，三人，每人罚款500元", "人", "1500"), ("每吨20元", "吨", None)],
)
def test_unit_prices(text: str, unit: str, total: str | None) -> None:
    price = find_unit_prices(text)[0]
    assert price.unit == unit
    assert price.total_yuan == (None if total is None else Decimal(total))


def test_percentages_are_fractions_and_ranges_are_left_out() -> None:
    text = "百分之五的罚款，7.5％，千分之三，5%-10%，百分之五以上百分之十以下，百分之五至百分之十"
    assert [str(ratio.value) for ratio in find_percentages(text)] == ["0.05", "0.075", "0.003"]


def test_multiples() -> None:
    text = "五倍罚款，3-5倍，1.5倍，一倍以上五倍以下，三至五倍，十二倍，倍数"
    assert [str(ratio.value) for ratio in find_multiples(text)] == ["5", "1.5", "12"]


@given(st.integers(1, 10**9))
def test_any_decided_fine_is_found(yuan: int) -> None:
    amount = only(f"决定对当事人处罚款人民币{yuan}元，限十五日内缴纳。")
    assert (amount.yuan, amount.kind) == (yuan, AmountKind.FINE)


@given(st.text(alphabet="罚款处没收违法所得元万千百一二三0123456789.,，。（）大写小壹贰拾%倍至-以上", max_size=40))
def test_spans_lie_in_the_text_and_do_not_overlap(text: str) -> None:
    amounts = find_amounts(text)
    assert all(text[a.start : a.end] == a.text and a.yuan >= 0 for a in amounts)
    assert all(a.end <= b.start for a, b in pairwise(amounts))


def test_parse_number_is_offered_here() -> None:
    assert parse_number("3万5") == 35000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("拟罚5千", [5_000]),
        ("打算罚款5万块，", [50_000]),
        ("骑车罚20", [20]),
        ("罚5万合适吗", [50_000]),
        ("货值3万，罚多少", [30_000]),
        ("造价约120万", [1_200_000]),
        ("值26块钱", [26]),
        ("处罚2022年", []),
        ("罚3次", []),
        ("人口5万，距离3万，占地3块，", []),
        ("售价6.5元一瓶", []),
    ],
)
def test_sums_as_people_write_them(text: str, expected: list[int]) -> None:
    assert [amount.yuan for amount in find_amounts(text)] == expected


def test_total_of_bottles_sold_by_the_piece() -> None:
    (price,) = find_unit_prices("过期酸奶4瓶，售价6.5元一瓶")
    assert price.total_yuan == 26
