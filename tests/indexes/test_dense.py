"""Tests of indexes.dense against exact search by numpy; one suite over both kinds of index."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexes.dense import DenseIndex
from indexes.encoders import unit_rows
from indexes.errors import SnapshotError

N_CASES, PER_CASE, DIMENSION = 600, 3, 16


def data(seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    vectors = unit_rows(generator.normal(size=(N_CASES * PER_CASE, DIMENSION)))
    rows = np.repeat(np.arange(N_CASES, dtype=np.int32), PER_CASE)
    spans = np.stack([np.tile(np.arange(PER_CASE) * 10, N_CASES), np.tile(np.arange(PER_CASE) * 10 + 9, N_CASES)], axis=1).astype(np.int32)
    return vectors, rows, spans


def oracle(vectors: np.ndarray, rows: np.ndarray, query: np.ndarray, allowed: np.ndarray | None, k: int) -> list[int]:
    best = np.full(rows.max() + 1, -np.inf)
    np.maximum.at(best, rows, vectors @ query)
    if allowed is not None:
        best[~allowed] = -np.inf
    order = np.argsort(-best, kind="stable")
    return [int(row) for row in order[:k] if np.isfinite(best[row])]


@pytest.fixture(params=["flat", "ivf-sq8"])
def index(request: pytest.FixtureRequest) -> DenseIndex:
    vectors, rows, spans = data()
    built = DenseIndex.build(vectors, rows, spans, flat_limit=10_000 if request.param == "flat" else 100)
    assert built.kind == request.param
    return built


def queries(n: int = 20) -> np.ndarray:
    return unit_rows(np.random.default_rng(9).normal(size=(n, DIMENSION)))


def agreement(index: DenseIndex, allowed: np.ndarray | None, k: int) -> float:
    vectors, rows, _ = data()
    shares = []
    for query in queries():
        found = index.search(query, k, allowed).rows.tolist()
        expected = oracle(vectors, rows, query, allowed, k)
        assert len(found) == len(expected)
        shares.append(len(set(found) & set(expected)) / len(expected))
    return float(np.mean(shares))


def test_finds_what_exact_search_finds(index: DenseIndex) -> None:
    assert agreement(index, None, 10) >= (1.0 if index.kind == "flat" else 0.6)


def test_a_filter_holds_and_k_cases_come_back(index: DenseIndex) -> None:
    allowed = np.zeros(N_CASES, bool)
    allowed[::40] = True
    assert agreement(index, allowed, 10) >= (1.0 if index.kind == "flat" else 0.9)


def test_asking_for_more_than_there_is_returns_what_there_is(index: DenseIndex) -> None:
    allowed = np.zeros(N_CASES, bool)
    allowed[[5, 77]] = True
    assert sorted(index.search(queries()[0], 10, allowed).rows.tolist()) == [5, 77]


def test_scores_of_are_exact_with_the_span_of_the_best_passage(index: DenseIndex) -> None:
    vectors, _, spans = data()
    query = vectors[3 * 42 + 1]
    hits = index.scores_of(query, np.array([42, 7]))
    assert hits.scores.tolist() == pytest.approx([1.0, float((vectors[21:24] @ query).max())], abs=0.02)
    assert hits.spans[0].tolist() == spans[3 * 42 + 1].tolist()


def test_additions_are_found_and_the_old_view_is_untouched(index: DenseIndex) -> None:
    query = queries()[3]
    extended = index.extended(query[None, :], [N_CASES], np.array([[0, 5]]))
    assert extended.search(query, 1, None).rows.tolist() == [N_CASES]
    assert extended.scores_of(query, np.array([N_CASES])).scores.tolist() == pytest.approx([1.0], abs=1e-5)
    assert N_CASES not in index.search(query, 5, None).rows.tolist()


def test_a_query_without_a_known_word_finds_nothing(index: DenseIndex) -> None:
    assert index.search(np.zeros(DIMENSION, np.float32), 5, None).rows.tolist() == []


def test_save_and_load_answer_the_same(index: DenseIndex, tmp_path: Path) -> None:
    index.save(tmp_path)
    loaded = DenseIndex.load(tmp_path)
    assert loaded.kind == index.kind
    for query in queries(5):
        assert loaded.search(query, 7, None).rows.tolist() == index.search(query, 7, None).rows.tolist()


def test_recall_is_measured(index: DenseIndex) -> None:
    recall = index.recall_at_10(data()[0])
    assert recall == 1.0 if index.kind == "flat" else 0.5 < recall <= 1.0


def test_an_index_with_additions_is_not_saved(index: DenseIndex, tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="build"):
        index.extended(queries(1), [N_CASES], np.array([[0, 1]])).save(tmp_path)


def test_a_damaged_file_is_a_clear_error(index: DenseIndex, tmp_path: Path) -> None:
    index.save(tmp_path)
    (tmp_path / "dense.faiss").write_bytes(b"nonsense")
    with pytest.raises(SnapshotError, match="rebuild"):
        DenseIndex.load(tmp_path)
