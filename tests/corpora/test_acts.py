"""Tests of corpora.acts: an act is one that the text states; what it denies, asks, orders or says of another case is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpora.acts import find_acts, load_acts
from corpora.violations import TaxonomyError


def acts(text: str, *without: str) -> list[tuple[str, ...]]:
    return [mention.codes for mention in find_acts(text, without)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("没办规划许可证在厂区搭了钢棚", "CX01"),
        ("在门口人行道上堆放建材", "SR04"),
        ("小店没有食品经营许可证", "SJ01"),
        ("还卖过期牛奶3盒", "SJ02"),
        ("没有进货台账", "SJ04"),
        ("沿路撒漏渣土", "SR06"),
        ("工地半夜浇混凝土", "SR21"),
        ("裸土未覆盖", "SR10"),
        ("喝了酒开车", "GA01"),
        ("疏散通道被堵", "XF01"),
        ("灭火器全部过期", "XF02"),
        ("非法占用耕地三亩", "ZR01"),
    ],
)
def test_an_act_is_found(text: str, code: str) -> None:
    assert any(code in codes for codes in acts(text))


@pytest.mark.parametrize(
    "text",
    [
        "食品经营许可证有效",
        "未占用消防通道",
        "疏散通道没有被堵",
        "是否占道经营",
        "责令停止占道经营",
        "没有超速",
        "打了12345反映",
        "同类案件中有占道经营的",
        "已取得规划许可证",
    ],
)
def test_what_is_not_stated_is_no_act(text: str) -> None:
    assert acts(text) == []


def test_an_act_that_may_be_the_drafts_own_is_left_out() -> None:
    assert acts("没办规划许可证搭了钢棚，占道经营", "CX03") == [("SR01", "SR02", "SR04", "SR17")]


def test_the_clause_of_an_act() -> None:
    text = "老板人不错，店里卖过期牛奶，已下架"
    (mention,) = find_acts(text)
    assert text[mention.clause_start : mention.clause_end] == "店里卖过期牛奶"
    assert text[mention.start : mention.end] == "过期牛奶"


def test_what_one_act_may_breach() -> None:
    assert load_acts().overlap("CX01", "ZR01")
    assert not load_acts().overlap("CX01", "SR02")


def test_a_code_nobody_knows_is_named(tmp_path: Path) -> None:
    path = tmp_path / "acts.yaml"
    path.write_text("acts: [{codes: [XX99], patterns: ['占道']}]\noverlaps: []\n", encoding="utf-8")
    with pytest.raises(TaxonomyError, match=r"acts\.yaml: acts\.0\.codes: .*XX99: no such violation"):
        load_acts(path)
