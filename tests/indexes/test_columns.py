"""Tests of indexes.columns."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np

from corpora.schema import Case, Review, ReviewType
from indexes.columns import Columns, attributes
from indexes.query import Filters


def case(case_id: str, **values: object) -> Case:
    return Case(case_id=case_id, facts="事实", **values)  # type: ignore[arg-type]


def rows(mask: np.ndarray | None) -> list[int]:
    assert mask is not None
    return np.flatnonzero(mask).tolist()


COLUMNS = Columns.empty().extended(
    [
        case("a", region="330111001", kinds=("罚款", "责令改正"), decided_on=dt.date(2020, 5, 1), causes=("违法建设罪",)),
        case("b", region="330483", kinds=("限期拆除",), decided_on=dt.date(2021, 5, 1), review=Review(ReviewType.LITIGATION, "撤销")),
        case("c", region="330111", kinds=("罚款",)),
    ]
)


def test_attributes_hold_every_region_prefix() -> None:
    words = attributes(case("x", region="330111001"))
    assert [word for word in words if word.startswith("region=")] == ["region=33", "region=3301", "region=330111", "region=330111001"]


def test_no_filter_and_all_alive_needs_no_mask() -> None:
    assert COLUMNS.mask(None) is None


def test_fields_add_up_and_values_are_alternatives() -> None:
    assert rows(COLUMNS.mask(Filters(regions=("3301",)))) == [0, 2]
    assert rows(COLUMNS.mask(Filters(regions=("3301",), kinds=("责令改正", "限期拆除")))) == [0]
    assert rows(COLUMNS.mask(Filters(kinds=("责令改正", "限期拆除")))) == [0, 1]
    assert rows(COLUMNS.mask(Filters(outcomes=("撤销",)))) == [1]
    assert rows(COLUMNS.mask(Filters(outcomes=("未受审查",)))) == [0, 2]


def test_dates_are_inclusive_and_undated_cases_fall_out() -> None:
    assert rows(COLUMNS.mask(Filters(decided_from=dt.date(2020, 5, 1), decided_to=dt.date(2020, 5, 1)))) == [0]
    assert rows(COLUMNS.mask(Filters(decided_to=dt.date(2022, 1, 1)))) == [0, 1]


def test_pool_and_filter_both_hold() -> None:
    assert rows(COLUMNS.mask(Filters(regions=("3301",)), ["b", "c", "unknown"])) == [2]


def test_a_replaced_case_dies_and_a_gone_one_too() -> None:
    changed = COLUMNS.extended([case("a", region="330483")], gone=["b"])
    assert changed.n_alive == 2
    assert changed.row_of == {"a": 3, "c": 2}
    assert rows(changed.mask(Filters(regions=("33",)))) == [2, 3]
    assert COLUMNS.n_alive == 3, "the older view is untouched"


def test_save_and_load_give_the_same(tmp_path: Path) -> None:
    changed = COLUMNS.extended([case("a", region="330483")], gone=["b"])
    changed.save(tmp_path)
    loaded = Columns.load(tmp_path)
    assert loaded.ids == changed.ids
    assert loaded.row_of == changed.row_of
    assert rows(loaded.mask(Filters(regions=("330483",)))) == [3]
    assert {word: found.tolist() for word, found in loaded.postings.items()} == {word: found.tolist() for word, found in changed.postings.items()}
