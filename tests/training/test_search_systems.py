"""Tests of training.search_systems: plain BM25, channels, ablations, and the candidates within a cause, over a small library."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from indexes.calibration import Evidence
from indexes.fusion import Fusion
from indexes.query import Channel
from training.examine import Examined
from training.search_systems import (
    BM25,
    CHANNELS,
    FUSED,
    Bench,
    ablations,
    any_order,
    channel_run,
    fused_run,
    own_causes,
    systems,
    told,
    within_cause,
)

IDS = ("a", "b", "c")


def made(**channels: list[float]) -> Examined:
    return Examined("q", IDS, {Channel(name): np.array(values) for name, values in channels.items()}, np.array([0.0, 0.0, 3.0]), (Evidence(),) * 3)


def quiet(stage: str, share: float) -> None:
    """Hear nothing."""


def bench(searched: SimpleNamespace, **more: Any) -> Bench:
    return Bench(searched.store, searched.library, searched.queries, **more)


def test_progress_is_told_after_each_item() -> None:
    heard: list[tuple[str, float]] = []
    assert list(told("abcd", "stage", lambda stage, share: heard.append((stage, share)))) == list("abcd")
    assert heard == [("stage", 0.25), ("stage", 0.5), ("stage", 0.75), ("stage", 1.0)]


def test_a_channel_ranks_by_its_scores_alone_and_what_it_does_not_know_is_last() -> None:
    one = made(lexical=[1.0, 1.0, 0.0], reasoning=[-math.inf, -0.5, -0.2])
    assert channel_run([one], Channel.LEXICAL) == {"q": [("a", 1.0), ("b", 1.0), ("c", 0.0)]}
    assert [case_id for case_id, _ in channel_run([one], Channel.REASONING)["q"]] == ["c", "b", "a"]
    unknown = made(reasoning=[-math.inf] * 3)
    assert [case_id for case_id, _ in channel_run([unknown], Channel.REASONING)["q"]] == ["a", "b", "c"]


def test_the_fused_run_has_pivots_in_its_order_and_fused_scores() -> None:
    """c scores 0 and its pivots add 3 thirds of the best: it is level with a, which keeps its place before it."""
    assert fused_run([made(lexical=[2.0, 1.0, 0.0])], Fusion({Channel.LEXICAL: 1.0})) == {"q": [("a", 1.0), ("c", 0.0), ("b", 0.5)]}


def test_every_system_ranks_every_query(searched: SimpleNamespace) -> None:
    asked = bench(searched)
    runs = systems(asked, asked.ask("x", quiet), quiet)
    assert list(runs) == [FUSED, BM25, *(channel.value for channel in CHANNELS)]
    for run in runs.values():
        assert list(run) == [query["query_id"] for query in searched.queries]
    assert all(int(case_id[2:]) % 4 == 0 for case_id, _ in runs[FUSED]["q00"][:10])


def test_plain_bm25_is_the_lexical_index_with_every_term_once_and_alike(searched: SimpleNamespace) -> None:
    view = searched.library.view
    asked = Bench(searched.store, searched.library, [{"query_id": "q", "text": "油烟油烟油烟，投诉"}])
    run = systems(asked, asked.ask("x", quiet), quiet)[BM25]["q"]
    rows, scores = view.lexical.search(dict.fromkeys(view.analyzer.terms("油烟，投诉"), 1.0), 100)
    assert run == [(view.columns.ids[row], pytest.approx(float(score))) for row, score in zip(rows.tolist(), scores, strict=True)]


def test_pools_and_self_matches_hold_in_every_system(searched: SimpleNamespace) -> None:
    facts = searched.store.get_many(["C-00011"])["C-00011"].facts
    query = {"query_id": "q", "text": facts}
    alone = Bench(searched.store, searched.library, [query], {"q": ["C-00011", "C-00003", "C-00002"]})
    for run in systems(alone, alone.ask("x", quiet), quiet).values():
        assert {case_id for case_id, _ in run["q"]} <= {"C-00011", "C-00003", "C-00002"}
    whole = Bench(searched.store, searched.library, [query], without_self=True)
    for run in systems(whole, whole.ask("x", quiet), quiet).values():
        assert "C-00011" not in [case_id for case_id, _ in run["q"]]


def test_ablations_leave_out_one_part_each(searched: SimpleNamespace) -> None:
    asked = bench(searched)
    examined = asked.ask("x", quiet)
    runs = ablations(asked, examined, quiet)
    assert {"no lexical", "no dense", "no causes", "no reasoning", "equal weights", "reciprocal ranks", "no pivots", "no salience"} <= set(runs)
    assert "no statutes" not in runs, "no draft cites an article"
    assert "no speech" not in runs, "this library has none"
    weights = searched.library.view.fusion.weights
    assert runs["no dense"] == fused_run(examined, Fusion({**weights, Channel.DENSE: 0.0}))
    assert runs["no pivots"] == fused_run(examined, searched.library.view.fusion), "these cases have no pivots"
    assert runs["no dense"] != runs["no causes"]


def test_own_causes_are_those_of_the_similar_cases(searched: SimpleNamespace) -> None:
    """C-00000 is 占道经营, C-00001 违法建设, C-00002 无证取水."""
    assert own_causes(searched.store, {"C-00000": 3, "C-00001": 2, "C-00002": 1}) == {"占道经营", "违法建设"}
    assert own_causes(searched.store, {"C-00000": 1, "C-00001": 0}) == {"占道经营"}, "with nothing better the highest grade counts"
    assert own_causes(searched.store, {"C-00000": 0}) == frozenset()
    assert own_causes(searched.store, {}) == frozenset()
    assert own_causes(searched.store, {"gone": 3}) == frozenset()


def test_within_a_cause_only_its_cases_are_candidates(searched: SimpleNamespace) -> None:
    inner, inside = within_cause(bench(searched), {**searched.qrels, "q00": {"C-00000": 3, "C-00001": 1}})
    assert [query["query_id"] for query in inner.queries] == [query["query_id"] for query in searched.queries]
    assert inner.pools is not None
    assert inner.pools["q00"] == [f"C-{number:05d}" for number in range(0, 64, 4)]
    assert inside["q00"] == {case_id: 3 if case_id == "C-00000" else 0 for case_id in inner.pools["q00"]}, "the judged case of another cause is no candidate"


def test_within_a_cause_given_pools_are_narrowed_and_equal_grades_left_out(searched: SimpleNamespace) -> None:
    pools = {query["query_id"]: ["C-00000", "C-00016", "C-00001"] for query in searched.queries}
    inner, inside = within_cause(bench(searched, pools=pools), {"q00": {"C-00000": 3, "C-00016": 3}, "q04": {"C-00000": 3, "C-00016": 2}})
    assert inner.pools == {"q04": ["C-00000", "C-00016"]}
    assert inside == {"q04": {"C-00000": 3, "C-00016": 2}}
    assert [query["query_id"] for query in inner.queries] == ["q04"]


def test_any_order_is_the_mean_over_all_orders() -> None:
    """Grades 3 and 1: orders 31 and 13, NDCG@1 1 and 1/3; NDCG@2 1 and (1 + 3/log2 3) / (3 + 1/log2 3)."""
    assert any_order({"a": 3, "b": 1}, 1) == pytest.approx((1 + 1 / 3) / 2)
    second = 1 / math.log2(3)
    assert any_order({"a": 3, "b": 1}, 10) == pytest.approx((1 + (1 + 3 * second) / (3 + second)) / 2)
    assert any_order({"a": 0}, 10) == 0.0
