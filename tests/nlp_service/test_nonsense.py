"""What is no case gets no similar case: verses, recipes, chat, other languages, digits, asked of the bundled library."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal

import pytest

from corpora.importing import import_files
from corpora.samples import CASES, QUERIES
from corpora.store import CaseStore
from indexes.library import Library
from nlp_service.decision.assess import assess
from nlp_service.drafts import Planned, read_draft
from nlp_service.runtime import build_library
from nlp_service.search import NOT_SIMILAR, NOTHING_FOUND, Answer, search
from nlp_service.settings import Settings

VERSES = (
    "床前明月光，疑是地上霜。举头望明月，低头思故乡。",
    "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。",
    "春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。",
    "红豆生南国，春来发几枝。愿君多采撷，此物最相思。",
)
OTHERS = (
    "糖醋排骨怎么做：排骨焯水，放冰糖炒糖色，加醋和生抽，小火焖四十分钟收汁。",
    "西红柿炒鸡蛋，先打三个鸡蛋加盐，热锅下油，蛋液凝固盛出，再炒西红柿。",
    "饺子馅怎么调才好吃，猪肉白菜的",
    "哈哈哈哈笑死我了，你太逗了",
    "早上好，今天天气真不错，出去走走吧",
    "我想你了，什么时候回来",
    "今天上班好累，想躺平",
    "高考数学最后一道大题怎么做",
    "太阳系有几大行星",
    "人工智能会取代程序员吗",
    "世界杯决赛阿根廷点球赢了法国",
    "股票今天跌停了，要不要割肉",
    "猫不吃饭怎么办",
)
UNREADABLE = (
    "Hello, how are you today? I would like to book a table for two.",
    "SELECT * FROM users WHERE id = 1;",
    "1234567890",
    "3.1415926535 2.7182818284",
    "2024-01-01 12:00:00",
    "。。。。。。",
    "！！！？？？",
    "asdfghjkl qwertyuiop",
    "😀😀😀🎉",
    "Привет, как дела?",
    "안녕하세요 오늘 날씨가 좋네요",
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[CaseStore, Library]]:
    """Build the bundled library."""
    settings = Settings(home=tmp_path_factory.mktemp("bundled"))
    with CaseStore.open(settings.store) as store:
        import_files(store, [CASES])
        build_library(settings, store)
        library = Library.open(settings.library, store)
        yield store, library
        library.close()


def asked(opened: tuple[CaseStore, Library], text: str) -> Answer:
    store, library = opened
    return search(store, library, read_draft(text), 3, with_passages=False)


@pytest.mark.parametrize("text", [*VERSES, *UNREADABLE])
def test_verses_and_what_is_not_chinese_find_nothing_similar(opened: tuple[CaseStore, Library], text: str) -> None:
    answer = asked(opened, text)
    assert not answer.result.is_match
    assert answer.notice == (NOT_SIMILAR if answer.found else NOTHING_FOUND)


@pytest.mark.parametrize("text", [*VERSES, *UNREADABLE])
def test_nor_is_a_plan_for_them_compared_or_called_a_violation(opened: tuple[CaseStore, Library], text: str) -> None:
    found = assess(*opened, read_draft(text, planned=Planned(("罚款",), Decimal(500))), today=dt.date(2026, 1, 1))
    assert found.answer.violation is None
    assert found.level == "insufficient"


def test_of_everyday_talk_nine_in_ten_find_nothing_similar(opened: tuple[CaseStore, Library]) -> None:
    refused = [not asked(opened, text).result.is_match for text in OTHERS]
    assert sum(refused) >= 0.9 * len(OTHERS)


def test_of_judged_drafts_one_in_twenty_at_most_is_refused(opened: tuple[CaseStore, Library]) -> None:
    drafts = [json.loads(line)["text"] for line in QUERIES.read_text(encoding="utf-8").splitlines()][::3]
    answers = [asked(opened, text) for text in drafts]
    assert sum(not answer.result.is_match for answer in answers) <= 0.05 * len(drafts)
    assert {answer.notice for answer in answers if answer.result.is_match} == {None}
