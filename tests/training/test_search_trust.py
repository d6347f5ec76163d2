"""Tests of training.search_trust: the serving calibration against judged queries, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from indexes.calibration import Calibration
from training.fit_calibration import KINDS, TOP
from training.search_systems import Bench
from training.search_trust import measure_trust


def quiet(stage: str, share: float) -> None:
    """Hear nothing."""


def bench(searched: SimpleNamespace, calibration: Calibration, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Return the queries over a library that serves with this calibration."""
    monkeypatch.setattr(searched.library, "_view", replace(searched.library.view, calibration=calibration))
    return Bench(searched.store, searched.library, searched.queries)


def test_one_probability_for_all_is_off_by_the_share_of_similar_cases(searched: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each query's TOP hits its four cases of grade 3 are similar; always .5 is off by .5 − 4/20 and Brier is 1/4."""
    asked = bench(searched, Calibration({}, 0.0, 0.4, "flat"), monkeypatch)
    examined = asked.ask("x", quiet)
    found = measure_trust(asked, examined, searched.qrels, tell=quiet)
    similar = sum(searched.qrels[one.query_id].get(case_id, 0) == 3 for one in examined for case_id in one.ranking(searched.library.view.fusion, TOP))
    assert found.ece == pytest.approx(0.5 - similar / (8 * TOP))
    assert found.brier == pytest.approx(0.25)
    assert [(item.n, item.predicted) for item in found.bins] == [(8 * TOP, 0.5)]
    assert found.ece_judged <= found.ece, "of the judged hits more are similar"
    assert found.refused == {"in": (0.0, 8)}
    assert (found.version, found.threshold) == ("flat", 0.4)


def test_a_threshold_above_all_refuses_all(searched: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = bench(searched, Calibration({}, 0.0, 0.6, "strict"), monkeypatch)
    found = measure_trust(asked, asked.ask("x", quiet), searched.qrels, tell=quiet)
    assert found.refused == {"in": (1.0, 8)}


def test_texts_of_another_world_and_libraries_without_causes_are_asked(searched: SimpleNamespace) -> None:
    asked = Bench(searched.store, searched.library, searched.queries)
    outside = [{"query_id": "o1", "text": "😀😀"}, {"query_id": "o2", "text": "Hello"}]
    found = measure_trust(asked, asked.ask("x", quiet), searched.qrels, tell=quiet, outside=outside, out_folds=2)
    assert list(found.refused) == ["in", "outside", "out", "stay"]
    assert found.refused["outside"] == (1.0, 2), "a text that finds nothing at all is refused too"
    assert (found.refused["out"][1], found.refused["stay"][1]) == (8, 8)
    assert set(found.refused) == set(KINDS)


def test_queries_without_a_relevant_case_do_not_count(searched: SimpleNamespace) -> None:
    asked = Bench(searched.store, searched.library, searched.queries)
    found = measure_trust(asked, asked.ask("x", quiet), {**searched.qrels, "q00": {"C-00000": 0}}, tell=quiet)
    assert found.refused["in"][1] == 7
