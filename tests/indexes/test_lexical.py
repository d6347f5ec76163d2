"""Tests of indexes.lexical against BM25 worked out here."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import pytest

from corpora.schema import Case
from indexes.errors import SnapshotError
from indexes.lexical import LexicalIndex, LexicalWriter
from indexes.query import Filters

DOCUMENTS = {"a": "占道 经营 水果", "b": "占道 占道 占道 修车", "c": "违建 钢棚", "d": "油烟"}


def write(folder: Path) -> LexicalWriter:
    writer = LexicalWriter(folder / "lexical", create=True)
    for row, (case_id, body) in enumerate(DOCUMENTS.items()):
        case = Case(case_id=case_id, facts=body, region="330111" if row < 2 else "330483", decided_on=dt.date(2019 + row, 1, 1))
        writer.add(case, row, {"title": [], "body": body.split()})
    writer.close()
    return writer


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    write(tmp_path)
    return LexicalIndex.open(tmp_path / "lexical")


def bm25(term_frequency: int, length: int, document_frequency: int, k1: float = 1.2, b: float = 0.75) -> float:
    n, average = len(DOCUMENTS), sum(len(body.split()) for body in DOCUMENTS.values()) / len(DOCUMENTS)
    idf = math.log(1 + (n - document_frequency + 0.5) / (document_frequency + 0.5))
    return idf * term_frequency * (k1 + 1) / (term_frequency + k1 * (1 - b + b * length / average))


def test_scores_are_bm25(index: LexicalIndex) -> None:
    rows, scores = index.search(["占道"], 10)
    assert rows.tolist() == [1, 0]
    assert scores.tolist() == pytest.approx([bm25(3, 4, 2), bm25(1, 3, 2)], rel=1e-3)


def test_a_query_term_counts_once(index: LexicalIndex) -> None:
    once, often = index.search(["占道"], 10), index.search(["占道", "占道", "占道"], 10)
    assert once[1].tolist() == often[1].tolist()


def test_a_weight_multiplies_the_part_of_its_term(index: LexicalIndex) -> None:
    weighed = dict(zip(*(part.tolist() for part in index.search({"占道": 2.0, "水果": 0.5}, 10)), strict=True))
    assert weighed[0] == pytest.approx(2.0 * bm25(1, 3, 2) + 0.5 * bm25(1, 3, 1), rel=1e-3)
    assert weighed[1] == pytest.approx(2.0 * bm25(3, 4, 2), rel=1e-3)


def test_filters_hold_inside_the_search_and_do_not_change_scores(index: LexicalIndex) -> None:
    rows, scores = index.search(["占道", "违建"], 10, filters=Filters(regions=("330483",)))
    assert rows.tolist() == [2]
    assert scores.tolist() == pytest.approx(index.search(["违建"], 1)[1].tolist())
    assert index.search(["占道"], 10, filters=Filters(decided_from=dt.date(2020, 1, 1)))[0].tolist() == [1]
    assert index.search(["占道"], 10, pool=["a", "d"])[0].tolist() == [0]


def test_nothing_known_finds_nothing(index: LexicalIndex) -> None:
    assert index.search(["从未见过"], 5)[0].tolist() == []
    assert index.search([], 5)[0].tolist() == []


def test_a_view_does_not_see_later_changes(tmp_path: Path) -> None:
    write(tmp_path)
    before = LexicalIndex.open(tmp_path / "lexical")
    writer = LexicalWriter(tmp_path / "lexical")
    writer.remove("a")
    writer.add(Case(case_id="e", facts="占道"), 4, {"title": [], "body": ["占道"]})
    writer.commit()
    after = LexicalIndex(writer.index)
    assert sorted(before.search(["占道"], 9)[0].tolist()) == [0, 1]
    assert sorted(after.search(["占道"], 9)[0].tolist()) == [1, 4]
    writer.close()


def test_a_folder_without_an_index_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="rebuild"):
        LexicalIndex.open(tmp_path)
