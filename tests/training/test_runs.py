"""Tests of training.runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.runs import DataError, read_pools, read_qrels, read_queries, read_run, write_run


def file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_qrels_in_three_forms(tmp_path: Path) -> None:
    expected = {"q1": {"a": 3, "b": 0}}
    assert read_qrels(file(tmp_path, "a.tsv", "query\tcase\tgrade\nq1\ta\t3\nq1\tb\t0\n")) == expected
    assert read_qrels(file(tmp_path, "b.txt", "q1 0 a 3\nq1 0 b 0\n")) == expected
    assert read_qrels(file(tmp_path, "c.jsonl", '{"query_id":"q1","text":"x","rel":{"a":3,"b":0}}\n')) == expected


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.tsv:2"):
        read_qrels(file(tmp_path, "a.tsv", "q1 a 3\nq1 a\n"))
    with pytest.raises(DataError, match=r"q\.jsonl:1"):
        read_queries(file(tmp_path, "q.jsonl", '{"text":"x"}\n'))
    with pytest.raises(DataError, match=r"r\.trec:1"):
        read_run(file(tmp_path, "r.trec", "q1 Q0 a\n"))


def test_a_run_comes_back_in_the_order_of_its_ranks(tmp_path: Path) -> None:
    write_run(tmp_path / "r.trec", {"q1": [("b", 2.5), ("a", 1.0)]}, "test")
    assert (tmp_path / "r.trec").read_text(encoding="utf-8") == "q1 Q0 b 1 2.500000 test\nq1 Q0 a 2 1.000000 test\n"
    assert read_run(tmp_path / "r.trec") == {"q1": ["b", "a"]}
    shuffled = file(tmp_path, "s.trec", "q1 Q0 a 2 1.0 t\nq1 Q0 b 1 2.5 t\n")
    assert read_run(shuffled) == {"q1": ["b", "a"]}


def test_pools_are_strings(tmp_path: Path) -> None:
    assert read_pools(file(tmp_path, "p.json", '{"7": [1, "b"]}')) == {"7": ["1", "b"]}
