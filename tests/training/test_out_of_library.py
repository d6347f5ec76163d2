"""Tests of training.out_of_library: causes are taken out one after the other, and the smaller libraries asked."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from indexes.fusion import Fusion
from training.out_of_library import STAY_WEIGHT, case_labels, outside_texts, plan, without_rows

LABELS = {"a": ["X"], "b": ["Y"], "c": ["X", "Y"], "d": ["Z"]}


def query(name: str) -> dict[str, str]:
    return {"query_id": name, "text": "无"}


def test_each_cause_goes_once_and_queries_go_with_all_their_similar_cases() -> None:
    queries = [query("x"), query("both"), query("z"), query("none")]
    qrels = {"x": {"a": 3, "b": 1}, "both": {"a": 2, "b": 2}, "z": {"d": 3}, "none": {"a": 1}}
    folds = plan(LABELS, queries, qrels, n_folds=3)
    assert sorted(next(iter(fold.labels)) for fold in folds) == ["X", "Y", "Z"]
    asked = {next(iter(fold.labels)): ([q["query_id"] for q in fold.out], [q["query_id"] for q in fold.stay]) for fold in folds}
    assert asked == {
        "X": (["x"], ["z"]),  # `both` loses one of its two similar cases: it is neither
        "Y": ([], ["x", "z"]),  # b has grade 1: it is no similar case of x
        "Z": (["z"], ["x", "both"]),
    }


def test_a_case_of_two_causes_goes_with_either() -> None:
    folds = plan(LABELS, [query("q")], {"q": {"a": 3, "c": 3}}, n_folds=3)
    assert {next(iter(fold.labels)): (len(fold.out), len(fold.stay)) for fold in folds} == {"X": (1, 0), "Y": (0, 0), "Z": (0, 1)}


def test_the_plan_is_the_same_for_the_same_seed() -> None:
    labels = {str(number): [f"L{number}"] for number in range(20)}
    assert plan(labels, [], {}, n_folds=4) == plan(labels, [], {}, n_folds=4)
    assert [len(fold.labels) for fold in plan(labels, [], {}, n_folds=4)] == [5, 5, 5, 5]
    assert plan(labels, [], {}, n_folds=4) != plan(labels, [], {}, n_folds=4, seed=1)


def test_outside_texts_have_ids_of_their_own() -> None:
    texts = outside_texts()
    assert len({item["query_id"] for item in texts}) == len(texts) >= 60
    assert all(item["text"].strip() for item in texts)


def test_labels_are_those_of_each_case(searched: SimpleNamespace) -> None:
    labels = case_labels(searched.store)
    assert len(labels) == 64
    assert labels["C-00003"] == ["油烟超标"]


def test_the_smaller_libraries_are_asked_and_thrown_away(searched: SimpleNamespace, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two causes at a time are out: each query is out of one library and stays in the other, 20 rows each."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    parts = list(without_rows(searched.store, searched.queries, searched.qrels, Fusion(), n_folds=2))
    assert list(tmp_path.iterdir()) == []
    assert len(parts) == 2
    for part in parts:
        out, stay = part.where(part.kind == "out"), part.where(part.kind == "stay")
        assert len(set(out.search.tolist())) == len(set(stay.search.tolist())) == 4
        assert not out.relevant.any()
        assert stay.relevant.any()
        assert set(stay.weight.tolist()) == {STAY_WEIGHT}
        assert set(out.query.tolist()).isdisjoint(stay.query.tolist())
    assert set(parts[0].where(parts[0].kind == "out").query.tolist()) == set(parts[1].where(parts[1].kind == "stay").query.tolist())
