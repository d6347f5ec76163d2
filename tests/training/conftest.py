"""Labelled texts, recipes, tiny neural models and homes that the tests of training share."""

from __future__ import annotations

import io
import json
import logging
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import structlog

from corpora.schema import Case
from corpora.store import CaseStore
from indexes.build import BuildSpec, build
from indexes.library import Library
from nlp_service.api.logs import configure_logs
from training.datasets import Example, write_jsonl

WORDS = {
    "饮酒": ("喝得烂醉", "酒气冲天", "又喝白酒", "醉倒路边"),
    "噪声": ("半夜放音响", "工地轰鸣", "喇叭吵闹", "机器轰隆"),
    "垃圾": ("垃圾满地", "桶满溢出", "乱倒渣土", "臭味难闻"),
}
PLACES = ("东街", "西街", "南桥", "北村", "中路", "河边", "山脚", "码头")
FILLER = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥金木水火土春夏秋冬梅兰竹菊松柏桃李杏梨枣柳"
PLAIN = ("走访未见异常", "家中整洁", "按时报到", "天气晴好")


def make_examples(n: int, *, start: int = 0, noise: int = 0) -> list[Example]:
    """Return texts whose words decide their tags (none, one or two); every `noise`-th has a wrong tag."""
    names = list(WORDS)
    found = []
    for number in range(start, start + n):
        kind = number % 5
        tags = [names[number % 3]] if kind < 3 else [names[number % 3], names[(number + 1) % 3]] if kind == 3 else []
        words = [WORDS[tag][(number // 3) % 4] for tag in tags] or [PLAIN[number % 4]]
        told = "".join(random.Random(number).sample(FILLER, 9))
        text = f"{PLACES[number % 8]}{told}，{'，'.join(words)}，{'已记录' if tags else '无事'}"
        if noise and number % noise == 0:
            tags = [names[(names.index(tags[0]) + 1) % 3]] if tags else [names[0]]
        found.append(Example(f"R{number}", text, tuple(sorted(tags)), author=f"a{number % 7}", document=f"d{number // 4}"))
    return found


@pytest.fixture(autouse=True)
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Send the service's logs of every test to a text of its own: an app of an earlier test would have them in a file that is closed."""
    target = io.StringIO()
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    configure_logs("INFO", target)
    yield target
    structlog.reset_defaults()


@pytest.fixture(name="make_examples")
def make_examples_fixture() -> Callable[..., list[Example]]:
    """Return `make_examples`."""
    return make_examples


@pytest.fixture
def examples() -> list[Example]:
    """Return 240 clean examples."""
    return make_examples(240)


@pytest.fixture
def write_lines(tmp_path: Path) -> Callable[..., Path]:
    """Return a writer of JSONL files of examples or objects."""

    def write(name: str, items: list[Any]) -> Path:
        path = tmp_path / name
        records = [item.to_json() if isinstance(item, Example) else item for item in items]
        path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
        return path

    return write


def make_recipe(
    folder: Path, model: str = "ngrams", *, train: list[Example] | None = None, test: list[Example] | None = None, more: str = "", name: str = "recipe"
) -> Path:
    """Write a recipe and its data."""
    write_jsonl(train if train is not None else make_examples(240), folder / f"{name}-train.jsonl")
    write_jsonl(test if test is not None else make_examples(80, start=1000), folder / f"{name}-test.jsonl")
    path = folder / f"{name}.toml"
    path.write_text(
        f'scheme = "none"\nname = "street"\nmodel = "{model}"\nseed = 3\n[data]\ntrain = ["{name}-train.jsonl"]\ntest = ["{name}-test.jsonl"]\n{more}\n',
        encoding="utf-8",
    )
    return path


@pytest.fixture
def recipe(tmp_path: Path) -> Callable[..., Path]:
    """Return a maker of recipes over made examples: recipe(model, train=…, test=…, more='…TOML…')."""

    def make(model: str = "ngrams", **options: Any) -> Path:
        return make_recipe(tmp_path, model, **options)

    return make


def make_tiny_bert(folder: Path, texts: list[str]) -> Path:
    """Write a one-layer BERT of width 32 with a character vocabulary and random weights, and its tokenizer."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder.mkdir(parents=True)
    characters = sorted({char for text in texts for char in text if not char.isspace()})
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=96,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    BertModel(config).save_pretrained(folder)
    BertTokenizerFast(vocab=str(folder / "vocab.txt"), model_max_length=64).save_pretrained(folder)
    return folder


ASKED = ("水果店越门摆放摊位，逾期未改正", "钢结构厂房超建，规划许可证", "打井取水，水泵流量计量", "烧烤店油烟净化器，居民投诉")


def theme_queries(n: int) -> list[dict[str, Any]]:
    """Return n queries on the four themes of `make_case` in turn, each with the 16 cases of its theme judged: four of them 3, the others 1."""
    queries = []
    for number in range(n):
        theme = number % 4
        rel = {f"C-{case:05d}": 3 if case // 4 % 4 == number // 4 % 4 else 1 for case in range(theme, 64, 4)}
        queries.append({"query_id": f"q{number:02d}", "text": f"{ASKED[theme]}，第{number}号", "rel": rel})
    return queries


@pytest.fixture(scope="session")
def search_home(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """Build once a home of 64 cases of four themes: C-00000 … C-00063, theme = number modulo 4. Tests only read it."""
    make_case: Callable[..., Case] = next(plugin.make_case for plugin in request.config.pluginmanager.get_plugins() if hasattr(plugin, "make_case"))
    home = tmp_path_factory.mktemp("search-home")
    with CaseStore.open(home / "cases.db") as store:
        store.put_many([make_case(number) for number in range(64)])
        build(store, home / "library", BuildSpec())
    return home


@pytest.fixture
def searched(search_home: Path) -> Iterator[SimpleNamespace]:
    """Return the store and the library of `search_home`, and eight judged queries with their qrels."""
    queries = theme_queries(8)
    with CaseStore.open(search_home / "cases.db") as store:
        library = Library.open(search_home / "library", store)
        yield SimpleNamespace(home=search_home, store=store, library=library, queries=queries, qrels={query["query_id"]: query["rel"] for query in queries})
        library.close()


@pytest.fixture(name="theme_queries")
def theme_queries_fixture() -> Callable[[int], list[dict[str, Any]]]:
    """Return `theme_queries`."""
    return theme_queries
