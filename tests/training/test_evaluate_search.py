"""Tests of training.evaluate_search and the command line over a small library."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from training.__main__ import main
from training.evaluate_search import compare, figures
from training.examine import is_self
from training.runs import DataError, read_run


def test_figures_are_per_query_and_unjudged_queries_are_left_out() -> None:
    run = {"q1": [("a", 2.0), ("b", 1.0)], "q2": [("a", 1.0)], "q3": [("a", 1.0)]}
    found = figures(run, {"q1": {"b": 3}, "q2": {"a": 3}, "q3": {"a": 0}})
    assert found.values["MAP"] == [0.5, 1.0]
    assert found.values["judged NDCG@10"] == [1.0, 1.0]


def test_compare_is_paired() -> None:
    better = figures({"q": [("a", 1.0)]}, {"q": {"a": 3}})
    worse = figures({"q": [("x", 1.0), ("a", 0.5)]}, {"q": {"a": 3}})
    difference = compare(better, worse, "MAP")
    assert difference.mean.mean == pytest.approx(0.5)
    assert difference.by_query == {"q": 0.5}


def test_runs_are_compared_on_the_queries_they_share() -> None:
    qrels = {"q1": {"a": 3}, "q2": {"a": 3}, "q3": {"a": 3}}
    new = figures({"q1": [("a", 1.0)], "q2": [("x", 2.0), ("a", 1.0)]}, qrels)
    old = figures({"q2": [("a", 1.0)], "q3": [("a", 1.0)]}, qrels)
    assert compare(new, old, "MAP").by_query == {"q2": -0.5}
    with pytest.raises(DataError, match="no judged query in common"):
        compare(new, figures({"q3": [("a", 1.0)]}, qrels))


def test_without_a_relevant_case_there_is_nothing_to_measure() -> None:
    with pytest.raises(DataError, match="do queries and qrels belong together"):
        figures({"q1": [("a", 1.0)]}, {"q2": {"a": 3}, "q1": {"a": 0}})


def test_a_draft_that_lies_verbatim_in_a_case_is_the_case_itself() -> None:
    draft = "当事人在人行道摆放水果框二十三只，占用面积六平方米，执法人员责令其收回，三日后复查仍未收回，影响行人通行。"
    assert is_self(draft, f"经查，{draft}据此处理。")
    assert not is_self(draft, "当事人在人行道摆放水果框二十三只。")
    assert not is_self("短句", "短句")


def test_the_command_prints_everything_and_writes_runs_and_report(
    search_home: Path, theme_queries: Callable[[int], list[dict[str, Any]]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queries = tmp_path / "queries.jsonl"
    queries.write_text("\n".join(json.dumps(query, ensure_ascii=False) for query in theme_queries(8)), encoding="utf-8")
    command = ["evaluate", "search", "--home", str(search_home), "--queries", str(queries), "--runs", str(tmp_path / "runs")]
    assert main([*command, "--ablations", "--within-cause", "--report", str(tmp_path / "report.html")]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in ("fused", "bm25", "lexical", "dense", "causes", "reasoning", "no causes", "within the causes"))
    assert (tmp_path / "report.html").stat().st_size > 10_000
    runs = {path.stem for path in (tmp_path / "runs").glob("*.trec")}
    assert {"fused", "bm25", "lexical", "no-dense", "reciprocal-ranks"} <= runs
    assert all(int(case_id[2:]) % 4 == 1 for case_id in read_run(tmp_path / "runs" / "fused.trec")["q01"][:10])
    assert main([*command, "--against", str(tmp_path / "runs" / "fused.trec")]) == 0
    again = capsys.readouterr().out
    assert "fused − fused.trec NDCG@10: +0.000 [+0.000, +0.000]" in again
    assert "fused − fused.trec MAP: +0.000 [+0.000, +0.000]" in again


def test_a_missing_library_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    queries = tmp_path / "q.jsonl"
    queries.write_text('{"query_id":"1","text":"x","rel":{"a":1}}', encoding="utf-8")
    assert main(["evaluate", "search", "--home", str(tmp_path), "--queries", str(queries), "--qrels", str(queries)]) == 2
    assert capsys.readouterr().err.startswith("error: ")
