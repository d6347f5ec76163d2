"""Tests of indexes.statutes: articles cited, scored and predicted, with figures worked by hand."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from corpora.schema import Case
from indexes.statutes import StatuteIndex, case_articles, cited_scores, read_articles

CITY, FOOD = "《中华人民共和国城乡规划法》第六十四条", "《中华人民共和国食品安全法》第一百二十四条第一款第五项"


def case(number: int, label: str, *basis: str) -> Case:
    return Case(case_id=f"C{number}", facts="事实", cause_code=label, basis=basis)


def test_articles_are_read_once_without_paragraph_and_item() -> None:
    city, food = read_articles(f"依据{CITY}、{FOOD}，又{CITY}。")
    assert city.endswith("§64")
    assert food.endswith("§124")
    assert read_articles("未援引法条") == ()
    assert case_articles(case(1, "CX01", CITY, FOOD, CITY)) == [city, food]


def test_an_inserted_article_is_another_article() -> None:
    plain, inserted = read_articles("《中华人民共和国刑法》第一百三十三条、第一百三十三条之一")
    assert (plain.split("§")[1], inserted.split("§")[1]) == ("133", "133之1")


def test_cited_scores_are_the_share_of_idf_of_the_known_articles() -> None:
    """Of 8 rows two rest on a, four on b: weights ln(1 + 8/2) and ln(1 + 8/4); x is cited and unknown."""
    postings = {"article=a": np.array([0, 1], np.int32), "article=b": np.array([1, 2, 3, 4], np.int32)}
    found = cited_scores(["a", "b", "x"], np.array([0, 1, 2, 7]), postings, 8)
    assert found is not None
    a, b = math.log(5), math.log(3)
    assert found.tolist() == pytest.approx([a / (a + b), 1.0, b / (a + b), 0.0])


def test_without_a_known_article_the_channel_is_silent() -> None:
    assert cited_scores([], np.array([0]), {}, 3) is None
    assert cited_scores(["x"], np.array([0]), {"article=a": np.array([0], np.int32), "article=x": np.zeros(0, np.int32)}, 3) is None


def made() -> StatuteIndex:
    """Return an index of four cases of CX01 (three cite the planning law, one of them another law too), one that cites nothing, and one of SJ01."""
    cases = [case(1, "CX01", CITY), case(2, "CX01", CITY), case(3, "CX01", CITY, FOOD), case(4, "CX01", FOOD), case(5, "CX01"), case(6, "SJ01", FOOD)]
    return StatuteIndex.empty().extended(cases[:3]).extended(cases[3:])


def test_counts_grow_with_cases_and_those_without_an_article_do_not_count() -> None:
    (city,), (food,) = read_articles(CITY), read_articles(FOOD)
    index = made()
    assert {label: dict(counts) for label, counts in index.counts.items()} == {"CX01": {city: 3, food: 2}, "SJ01": {food: 1}}
    assert dict(index.n_cases) == {"CX01": 4, "SJ01": 1}


def test_extending_leaves_the_old_index_as_it_was() -> None:
    index = made()
    index.extended([case(9, "CX01", CITY)])
    assert index.n_cases["CX01"] == 4
    assert index.counts["CX01"][read_articles(CITY)[0]] == 3


def test_prediction_is_the_mean_share_under_the_causes() -> None:
    (city,), (food,) = read_articles(CITY), read_articles(FOOD)
    found = made().predict([("CX01", 0.8), ("SJ01", 0.2), ("unknown", 0.5)])
    assert [article for article, _ in found] == [city, food]
    assert [share for _, share in found] == pytest.approx([0.8 * 3 / 4, 0.8 * 2 / 4 + 0.2])
    assert [article for article, _ in made().predict([("CX01", 0.8)], k=1)] == [city]


def test_what_is_hardly_likely_is_not_shown() -> None:
    assert made().predict([("CX01", 0.06)]) == []  # .06 · 3/4 < .05
    assert made().predict([]) == []


def test_save_and_load(tmp_path: Path) -> None:
    made().save(tmp_path)
    loaded = StatuteIndex.load(tmp_path)
    assert loaded.predict([("CX01", 1.0)]) == made().predict([("CX01", 1.0)])
    assert loaded.n_cases == {"CX01": 4, "SJ01": 1}
