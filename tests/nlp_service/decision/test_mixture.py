"""Tests of nlp_service.decision.mixture: two violations in one draft are both named, and nothing is warned of on the wrong one."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import corpora.samples
from corpora.schema import case_from_json
from corpora.store import CaseStore
from corpora.violations import load_violations
from indexes.library import Library
from nlp_service.decision.assess import Assessment, assess
from nlp_service.decision.mixture import Relation, Rival, rivals
from nlp_service.decision.shape import assessment_json
from nlp_service.decision.wording import HEADLINES, MIXED_HEADLINE, UNSURE_HEADLINE
from nlp_service.drafts import read_draft
from nlp_service.runtime import build_library
from nlp_service.settings import Settings

TODAY = dt.date(2023, 6, 1)
CODES = ("CX01", "SJ01", "SJ02", "SJ04", "SR01", "SR02", "SR04", "XF01")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[CaseStore, Library]]:
    """Build a library of the bundled cases of eight violations."""
    folder = tmp_path_factory.mktemp("mixture")
    lines = Path(corpora.samples.__file__).with_name("cases.jsonl").read_text(encoding="utf-8").splitlines()
    records = [record for line in lines if (record := json.loads(line))["cause_code"] in CODES]
    settings = Settings(home=folder)
    with CaseStore.open(settings.store) as store:
        store.put_many([case_from_json(record) for record in records])
        build_library(settings, store)
        library = Library.open(settings.library, store)
        yield store, library
        library.close()


def assessed(opened: tuple[CaseStore, Library], text: str, cause: str | None = None) -> Assessment:
    store, library = opened
    return assess(store, library, read_draft(text, cause=cause), today=TODAY)


@pytest.mark.parametrize(
    ("text", "main", "other"),
    [
        ("某公司未取得建设工程规划许可证在厂区搭建钢棚300平方米，同时在厂门口人行道上堆放建材，拟限期拆除并罚款1000元", "CX01", "SR04"),
        ("小店没有食品经营许可证卖小吃，还卖过期牛奶3盒，货值26元，拟罚款5万", "SJ02", "SJ01"),
        ("超市卖过期牛奶，后门的疏散通道被货物堵住，拟罚5万", "SJ02", "XF01"),
    ],
)
def test_two_violations_are_both_named_and_not_compared(opened: tuple[CaseStore, Library], text: str, main: str, other: str) -> None:
    found = assessed(opened, text)
    assert found.answer.violation is not None
    assert {found.answer.violation.code, *(item.code for item in found.others if item.relation is Relation.SEPARATE)} == {main, other}
    assert (found.level, found.direction, found.signals) == ("insufficient", None, ())
    assert found.headline == MIXED_HEADLINE
    assert load_violations()[main].name in found.notes[0]
    assert load_violations()[other].name in found.notes[0]
    assert all(item.options for item in found.others)  # what the statute has for each is told apart
    shape = assessment_json(found)
    assert shape["headline"] == MIXED_HEADLINE
    assert other in {item["code"] for item in shape["others"]} | {found.answer.violation.code}


def test_named_by_the_officer_one_is_compared_and_the_other_only_mentioned(opened: tuple[CaseStore, Library]) -> None:
    text = "小店没有食品经营许可证卖小吃，还卖过期牛奶3盒，货值26元，拟罚款5万"
    found = assessed(opened, text, cause="SJ02")
    assert found.headline != MIXED_HEADLINE
    assert found.level == "notice"
    assert found.notes[0].startswith("本次只按“经营超过保质期食品或使用过期原料”比较；案情还写到“未取得许可从事食品经营”")


@pytest.mark.parametrize(
    "text",
    [
        "超市卖过期牛奶，货值26元，拟罚款五万元",
        "餐馆后厨用过期调料做菜，食品经营许可证有效，拟罚5万",
        "水果店把货摆到门外人行道上，责令整改后还摆，拟罚款1000元",
        "厂房没办规划许可证，未占用消防通道，拟限期拆除",
    ],
)
def test_one_violation_is_one(opened: tuple[CaseStore, Library], text: str) -> None:
    assert [item for item in assessed(opened, text).others if item.relation is Relation.SEPARATE] == []


def test_a_fact_that_weighs_in_this_case_is_no_second_case(opened: tuple[CaseStore, Library]) -> None:
    found = assessed(opened, "小卖部过期饼干2包共26元，没有进货台账，拟处罚款50000元")
    assert [(item.code, item.relation) for item in found.others] == [("SJ04", Relation.CIRCUMSTANCE)]
    assert found.level == "notice"


def test_what_may_be_something_else_is_never_a_warning(opened: tuple[CaseStore, Library]) -> None:
    violation = load_violations()["SR01"]
    assert rivals(violation, [("SR01", 0.62), ("SR17", 0.30), ("ZR01", 0.08)]) == [Rival("SR17", load_violations()["SR17"].name)]
    assert rivals(violation, [("SR01", 0.90), ("SR17", 0.10)]) == []
    assert rivals(violation, []) == []


def test_what_may_be_something_else_is_not_said_to_be_in_line_either(opened: tuple[CaseStore, Library]) -> None:
    text = "人行道上摆货，拟责令改正"
    found = assessed(opened, text)
    assert found.answer.violation is not None and found.rivals and found.others == ()
    assert (found.level, found.direction, found.headline) == ("insufficient", None, UNSURE_HEADLINE)
    assert found.rivals[0].name in "".join(found.notes)
    chosen = assessed(opened, text, cause=found.answer.violation.code)
    assert (chosen.level, chosen.headline, chosen.rivals) == ("none", HEADLINES["none"], ())


def test_what_nothing_in_the_library_is_like_has_no_violation(opened: tuple[CaseStore, Library]) -> None:
    found = assessed(opened, "床前明月光，疑是地上霜。举头望明月，低头思故乡。拟罚款五百元")
    assert found.answer.violation is None
    assert found.level == "insufficient"
    assert found.text.startswith("未能确定违法行为，因此不作比较，也不列法定处置。")
