"""Tests of corpora.pivots: what a text says of a pivot, and that silence and contradiction are not answers."""

from __future__ import annotations

import pytest

from corpora.pivots import known_pivots, read_factors, read_pivots, values
from corpora.violations import Pattern, Pivot, Violation, load_violations


def pivot(name: str, **values: object) -> Pivot:
    plain: dict[str, object] = {"label": name, "type": "bool", "unit": None, "decisive": False, "question": "？", "value": None, "steers": {}}
    return Pivot.model_validate({"name": name, **plain, **values})


@pytest.fixture(scope="module")
def violation() -> Violation:
    """Return a violation with a yes/no pivot, a number and a text."""
    pivots = (
        pivot("占用消防通道", yes=["占用消防通道"], no=["未占用消防通道", "没有占用消防通道"]),
        pivot("面积", type="number", unit="平方米", value=r"超建([\d,]+(?:\.\d+)?)平方米|([\d.]+)㎡"),
        pivot("收入", type="number", unit="元", value=r"(收入|所得)(?:合计)?([\d.]+)元"),
        pivot("未覆盖", yes=["未覆盖"], no=["已覆盖"], stands="first"),
        pivot("不改", yes=["仍未改"], no=["已改"], stands="yes"),
        pivot("地点", type="text", value=r"(?:人行道|绿地)"),
    )
    return next(iter(load_violations().values())).model_copy(update={"pivots": pivots, "disposals": ()})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("摊位占用消防通道。", {"占用消防通道": True}),
        ("摊位未占用消防通道。", {"占用消防通道": False}),
        ("摊位没有占用消防通道，也未占用消防通道。", {"占用消防通道": False}),
        ("先称未占用消防通道，后查明占用消防通道。", {}),
        ("摊位摆在店门口。", {}),
        ("", {}),
        ("超建52平方米。", {"面积": 52.0}),
        ("超建1,052.5平方米。", {"面积": 1052.5}),
        ("面积3.2㎡", {"面积": 3.2}),
        ("东侧超建20平方米，西侧超建30平方米，合计超建50平方米", {"面积": 20.0}),
        ("超建二十平方米", {"面积": 20.0}),
        ("同类案件中邻厂超建90平方米。本厂超建20平方米", {"面积": 20.0}),
        ("同类案件中邻厂超建90平方米。", {}),
        ("超建不足20平方米", {}),
        ("处罚以占用消防通道为前提。", {}),
        ("另案当事人占用消防通道。本案摊位未占用消防通道。", {"占用消防通道": False}),
        ("摊位不占用消防通道", {"占用消防通道": False}),
        ("有没有占用消防通道？", {}),
        ("面积1.2.3㎡", {}),
        ("收入86.4万元", {"收入": 864_000.0}),
        ("零售收入3142元，收入合计9,330元", {"收入": 9330.0}),
        ("砂土未覆盖，次日已覆盖", {"未覆盖": True}),
        ("砂土已覆盖，次日又未覆盖", {"未覆盖": False}),
        ("店外已改，三天后复查仍未改", {"不改": True}),
        ("在人行道摆摊，占用消防通道，超建5平方米", {"占用消防通道": True, "面积": 5.0, "地点": "人行道"}),
    ],
)
def test_what_a_text_says_is_read_and_nothing_else(violation: Violation, text: str, expected: dict[str, object]) -> None:
    assert values(read_pivots(violation, text)) == expected


def test_a_reading_names_its_place(violation: Violation) -> None:
    text = "经查，超建52平方米，摊位未占用消防通道。"
    found = read_pivots(violation, text)
    assert text[found["面积"].start : found["面积"].end] == "超建52平方米"
    assert text[found["占用消防通道"].start : found["占用消防通道"].end] == "未占用消防通道"


def test_what_is_known_of_a_text_is_what_is_read(violation: Violation) -> None:
    text = "改建后占用消防通道。"
    names = [pivot.name for pivot in violation.pivots]
    assert dict(known_pivots(violation, text)) == values(read_pivots(violation, text))
    assert known_pivots(violation, text) is known_pivots(violation, text)
    assert dict(known_pivots(violation, text, names[:1])) == values(read_pivots(violation, text, names[:1]))


def test_a_violation_read_anew_is_another(violation: Violation) -> None:
    text = "改建后占用消防通道。"
    silent = violation.model_copy(update={"pivots": ()})
    assert known_pivots(violation, text) != known_pivots(silent, text) == {}


def test_the_first_mention_of_each_factor_is_returned_in_the_order_of_the_patterns() -> None:
    patterns = [Pattern(name="首次", patterns=("首次违法", "第一次")), Pattern(name="配合", patterns=("主动配合",)), Pattern(name="拒绝", patterns=("拒不",))]
    text = "主动配合调查，系首次违法，第一次。主动配合。"
    found = read_factors(patterns, text)
    assert [(m.name, text[m.start : m.end], m.start) for m in found] == [("首次", "首次违法", 8), ("配合", "主动配合", 0)]


def test_the_catalogue_reads_the_worked_example() -> None:
    violation = load_violations()["CX02"]
    text = "厂房按许可1860平方米建成1912平方米，竣工前发现，规划部门复函可采取改正措施消除影响。"
    found = values(read_pivots(violation, text))
    assert found, "at least the possibility of correction is read"
    assert True in found.values()


def test_a_denied_factor_is_no_factor() -> None:
    patterns = [Pattern(name="后果", patterns=("污染", "死鱼")), Pattern(name="投诉", patterns=("投诉",))]
    assert [mention.name for mention in read_factors(patterns, "未造成污染，也没有死鱼，居民多次投诉")] == ["投诉"]
