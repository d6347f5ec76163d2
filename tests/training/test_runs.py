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


def test_what_stands_lower_is_written_with_a_lower_score(tmp_path: Path) -> None:
    """Pivots have put c before b: programs that order by score must see that too."""
    write_run(tmp_path / "r.trec", {"q": [("a", 1.0), ("c", 0.25), ("b", 0.5), ("d", 0.1)]}, "x")
    scores = [float(line.split()[4]) for line in (tmp_path / "r.trec").read_text(encoding="utf-8").splitlines()]
    assert scores == [1.0, 0.25, 0.249999, 0.1]


def test_a_query_id_that_occurs_twice_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"q\.jsonl:3: query 1 occurs twice"):
        read_queries(file(tmp_path, "q.jsonl", '{"query_id":"1","text":"x"}\n\n{"query_id":1,"text":"y"}\n'))


@pytest.mark.parametrize("rel", ["[1]", '{"a": "viel"}', '"a"', "3"])
def test_grades_that_are_none_are_named(tmp_path: Path, rel: str) -> None:
    with pytest.raises(DataError, match=r"c\.jsonl: query q1: expected `rel`"):
        read_qrels(file(tmp_path, "c.jsonl", f'{{"query_id":"q1","text":"x","rel":{rel}}}\n'))
    assert read_qrels(file(tmp_path, "d.jsonl", '{"query_id":"q1","text":"x","rel":null}\n')) == {"q1": {}}


@pytest.mark.parametrize("text", ["", "[]", '{"q": 3}', "{"])
def test_a_file_without_pools_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError, match=r"p\.json: expected an object"):
        read_pools(file(tmp_path, "p.json", text))


def test_every_query_needs_a_pool(tmp_path: Path) -> None:
    path = file(tmp_path, "p.json", '{"q1": ["a"]}')
    assert read_pools(path, [{"query_id": "q1"}]) == {"q1": ["a"]}
    with pytest.raises(DataError, match="no pool for 2 of 3 queries, the first is q2"):
        read_pools(path, [{"query_id": "q1"}, {"query_id": "q2"}, {"query_id": "q3"}])


def test_pools_are_strings(tmp_path: Path) -> None:
    assert read_pools(file(tmp_path, "p.json", '{"7": [1, "b"]}')) == {"7": ["1", "b"]}
