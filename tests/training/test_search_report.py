"""Tests of training.search_report: one page that needs nothing else, with every part that was measured."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

from training.evaluate_search import Evaluation, Options, evaluate
from training.search_report import name_of, write_search_report
from training.search_systems import Bench
from training.search_tables import say


def quiet(stage: str, share: float) -> None:
    """Hear nothing."""


class Page(HTMLParser):
    """The tags of a page, those left open, its ids and everything that would be fetched."""

    VOID = frozenset({"meta", "rect", "line", "circle", "path"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href", "onclick")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            last = len(self.open) - 1 - self.open[::-1].index(tag)
            del self.open[last:]


@pytest.fixture
def found(searched: SimpleNamespace) -> Evaluation:
    """Return everything that can be measured on a small library; one draft holds markup."""
    queries = [{**searched.queries[0], "text": "<img src=x onerror=alert(1)>水果店越门摆放"}, *searched.queries[1:]]
    run = {query["query_id"]: ["C-00063", "C-00062"] for query in queries[1:]}
    options = Options(name="<test>", within_cause=True, ablations=True, against=("old.trec", run), outside=[{"query_id": "o", "text": "Hello"}])
    return evaluate(Bench(searched.store, searched.library, queries), searched.qrels, options, quiet)[0]


def test_the_page_has_every_part_and_fetches_nothing(found: Evaluation, tmp_path: Path) -> None:
    write_search_report(tmp_path / "r.html", found)
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    assert page.fetched == []
    assert len(page.ids) == len(set(page.ids))
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    for part in ("各系统", "普通 BM25", "每个查询的差别", "先前结果 old.trec", "同案由内", "任意排列", "去掉一部分", "相似概率是否可信", "最差的 8 个查询"):
        assert part in text
    assert "&lt;test&gt;" in text
    assert "<img" not in text
    assert page.tags.count("svg") == 1 + 4 + 1 + 1 + 1  # systems; two systems and two metrics of the old run; within; ablations; reliability


def test_what_was_not_measured_is_not_on_the_page(found: Evaluation, tmp_path: Path) -> None:
    write_search_report(tmp_path / "r.html", replace(found, within=None, ablations={}, against={}))
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert not any(part in text for part in ("同案由内", "去掉一部分", "先前结果"))


def test_the_lines_say_the_same_figures(found: Evaluation) -> None:
    text = "\n".join(say(found))
    own = found.fused.interval("NDCG@10")
    assert f"{own.mean:.3f} [{own.low:.3f}, {own.high:.3f}]" in text
    assert "8 queries with a relevant case, whole library; snapshot " in text
    assert "fused − bm25 NDCG@10: " in text
    assert f"fused − {found.best_single} MAP: " in text
    assert "fused − old.trec NDCG@10: " in text
    assert "(1 queries are not in that run and left out)" in text
    assert "within the causes of each query, 8 queries, any order " in text
    assert "  told 没有足够相似的案例: 100.0% of 1 texts of another world (rightly)" in text


def test_systems_and_ablations_have_chinese_names() -> None:
    assert name_of("bm25") == "普通 BM25"
    assert name_of("no dense") == "去掉向量通道"
    assert name_of("no speech") == "去掉口语模型"
    assert name_of("something") == "something"
