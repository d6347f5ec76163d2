"""Tests of nlp_service.plan_words: what an officer in a hurry writes is read as a plan, what a party intends or what was imposed before is not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nlp_service.drafts import read_draft


@pytest.mark.parametrize(
    ("text", "kinds", "fine"),
    [
        ("超市卖过期牛奶，货值26元，拟罚款五万元", ("罚款",), 50_000),
        ("超市卖过期牛奶，货值26元，拟罚款5万", ("罚款",), 50_000),
        ("小店卖过期牛奶三盒，值26块钱，打算罚5万", ("罚款",), 50_000),
        ("便利店卖过期饮料，货值二十六元，拟罚5千", ("罚款",), 5_000),
        ("卖过期牛奶被举报，准备罚款5万块，能不能少罚", ("罚款",), 50_000),
        ("超市过期牛奶，罚5万合适吗，货值只有26元", ("罚款",), 50_000),
        ("饭店油烟直排，拟罚5000块", ("罚款",), 5_000),
        ("骑电瓶车不戴头盔，罚20", ("罚款",), 20),
        ("没营业执照开小旅馆，拟没收违法所得并罚5000", ("没收违法所得", "罚款"), 5_000),
        ("没做消防检查就开业，拟责令停业并罚3万", ("责令停产停业", "罚款"), 30_000),
        ("公路边搭棚子卖西瓜，拟拆", ("限期拆除",), None),
        ("楼顶加盖玻璃房，准备让他拆掉", ("限期拆除",), None),
        ("占了一亩耕地盖房子，拟拆除并复垦", ("限期拆除", "恢复原状"), None),
        ("占用土地3亩，拟每平方米罚款20元", ("罚款",), None),
        ("酒后骑摩托，拟罚1000扣证6个月", ("罚款", "暂扣许可证件"), 1_000),
        ("首次且已下架，拟不罚", ("不予处罚",), None),
        ("拟合并认定为一个违法行为，责令改正，处罚款22,000元", ("责令改正", "罚款"), 22_000),
        ("拟责令停产停业，拟罚款五万元。请领导审定。", ("责令停产停业", "罚款"), 50_000),
    ],
)
def test_plan_is_read(text: str, kinds: tuple[str, ...], fine: int | None) -> None:
    planned = read_draft(text).planned
    assert planned is not None
    assert set(planned.kinds) == set(kinds)
    assert planned.fine_yuan == fine


@pytest.mark.parametrize(
    "text",
    [
        "厂里打算自己拆掉，问可不可以补办",
        "当事人准备自行拆除，请求宽限",
        "拟建厂房两层，用地已批",
        "该店去年已罚5万，今年又被查到",
        "网吧里三个学生，罚款一万五以下取多少？",
        "现在能直接罚二百还是先警告？",
        "店家愿意再改，要罚五万十万吗？",
        "这两样东西怎么罚",
    ],
)
def test_no_plan_is_read(text: str) -> None:
    assert read_draft(text).planned is None


def test_what_is_taken_away_is_no_part_of_the_fine() -> None:
    planned = read_draft("某公司无证经营烟花爆竹。拟没收违法所得5,130元，罚款40,000元。").planned
    assert planned is not None
    assert planned.fine_yuan == Decimal(40_000)  # not 5,130 + 40,000


def test_what_follows_only_if_is_no_kind_of_the_plan() -> None:
    planned = read_draft("拟罚款五千元，逾期不改正的，依法拆除。").planned
    assert planned is not None
    assert planned.kinds == ("罚款",)
