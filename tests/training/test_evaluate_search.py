"""Tests of training.evaluate_search and the command line over a small library."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from corpora.schema import Case
from corpora.store import CaseStore
from indexes.build import BuildSpec, build
from training.__main__ import main
from training.evaluate_search import compare, figures
from training.examine import is_self
from training.runs import read_run


def test_figures_are_per_query_and_unjudged_queries_are_left_out() -> None:
    run = {"q1": [("a", 2.0), ("b", 1.0)], "q2": [("a", 1.0)], "q3": [("a", 1.0)]}
    found = figures(run, {"q1": {"b": 3}, "q2": {"a": 3}, "q3": {"a": 0}})
    assert found.values["MAP"] == [0.5, 1.0]
    assert found.values["judged NDCG@10"] == [1.0, 1.0]


def test_compare_is_paired() -> None:
    better = figures({"q": [("a", 1.0)]}, {"q": {"a": 3}})
    worse = figures({"q": [("x", 1.0), ("a", 0.5)]}, {"q": {"a": 3}})
    assert compare(better, worse, "MAP").mean.mean == pytest.approx(0.5)


def test_a_draft_that_lies_verbatim_in_a_case_is_the_case_itself() -> None:
    draft = "当事人在人行道摆放水果框二十三只，占用面积六平方米，执法人员责令其收回，三日后复查仍未收回，影响行人通行。"
    assert is_self(draft, f"经查，{draft}据此处理。")
    assert not is_self(draft, "当事人在人行道摆放水果框二十三只。")
    assert not is_self("短句", "短句")


def test_the_command_prints_every_channel_and_writes_runs(
    tmp_path: Path, case_factory: Callable[..., Case], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    with CaseStore.open(tmp_path / "cases.db") as store:
        store.put_many([case_factory(number) for number in range(60)])
        build(store, tmp_path / "library", BuildSpec())
    queries = tmp_path / "queries.jsonl"
    rel = {f"C-{number:05d}": 3 for number in range(3, 60, 4)}
    queries.write_text(json.dumps({"query_id": "q1", "text": "烧烤店油烟净化器居民投诉", "rel": rel}, ensure_ascii=False), encoding="utf-8")
    code = main(["evaluate", "search", "--home", str(tmp_path), "--queries", str(queries), "--qrels", str(queries), "--runs", str(tmp_path / "runs")])
    printed = capsys.readouterr().out
    assert code == 0
    assert all(name in printed for name in ("fused", "lexical", "dense", "causes", "reasoning"))
    assert set(read_run(tmp_path / "runs" / "fused.trec")["q1"][:10]) <= set(rel)


def test_a_missing_library_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    queries = tmp_path / "q.jsonl"
    queries.write_text('{"query_id":"1","text":"x","rel":{"a":1}}', encoding="utf-8")
    assert main(["evaluate", "search", "--home", str(tmp_path), "--queries", str(queries), "--qrels", str(queries)]) == 2
    assert capsys.readouterr().err.startswith("error: ")
