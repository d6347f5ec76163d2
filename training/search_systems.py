"""What `evaluate search` compares: search as it serves, each channel alone, plain BM25, search without one of its parts, and search within a cause."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from corpora.store import CaseStore
from indexes.calibration import RELEVANT
from indexes.fusion import Fusion, reciprocal_ranks
from indexes.labels import cause_labels
from indexes.library import Library
from indexes.query import Channel
from indexes.salience import Salience
from indexes.speech import Speech
from indexes.view import View

from .examine import Examined, Floats, examine, is_self
from .runs import Qrels

FUSED, BM25 = "fused", "bm25"
CHANNELS = (Channel.LEXICAL, Channel.DENSE, Channel.CAUSES, Channel.REASONING)  # statutes alone rank only the drafts that cite an article
DEPTH = 100
SELVES = 20  # read beyond DEPTH, in case some of them hold the draft verbatim
Scored = dict[str, list[tuple[str, float]]]
Queries = Sequence[Mapping[str, Any]]
Pools = Mapping[str, Sequence[str]]
Tell = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Bench:
    """A library and the queries asked of it. Without pools the whole library is searched; `without_self` leaves out cases that hold the draft verbatim."""

    store: CaseStore
    library: Library
    queries: Queries
    pools: Pools | None = None
    without_self: bool = False

    def ask(self, stage: str, tell: Tell, *, view: View | None = None) -> list[Examined]:
        """Examine every query, in the serving view unless another is given. Raises DataError for a query that cannot be read."""
        return [
            examine(self.store, self.library, query, pool=self.pool(str(query["query_id"])), without_self=self.without_self, view=view)
            for query in told(self.queries, stage, tell)
        ]

    def pool(self, query_id: str) -> list[str] | None:
        """Return the candidates of a query, None for the whole library."""
        return list(self.pools[query_id]) if self.pools is not None else None


def told(items: Sequence[Any], stage: str, tell: Tell) -> Iterator[Any]:
    """Yield the items and tell how many are done."""
    for done, item in enumerate(items, 1):
        yield item
        tell(stage, done / len(items))


def fused_run(examined: Sequence[Examined], fusion: Fusion) -> Scored:
    """Return the rankings under these weights, with fused scores."""
    return {one.query_id: _ranked(one, one.order(fusion), one.fused(fusion)) for one in examined}


def channel_run(examined: Sequence[Examined], channel: Channel) -> Scored:
    """Return the rankings by one channel's scores over the same candidates, equal scores by id; no pivots."""
    return {one.query_id: _by(one, one.channels[channel]) for one in examined}


def bm25_run(bench: Bench, examined: Sequence[Examined], tell: Tell) -> Scored:
    """Return what anybody gets from the lexical index with nothing of ours: each distinct term of the draft once and alike (no salience), over the whole library or the pool."""
    view, run = bench.library.view, Scored()
    for one in told(examined, "BM25", tell):
        terms = dict.fromkeys(view.analyzer.terms(one.text), 1.0)
        rows, scores = view.lexical.search(terms, DEPTH + SELVES, pool=bench.pool(one.query_id))
        found = [(view.columns.ids[row], score) for row, score in zip(rows.tolist(), scores.tolist(), strict=True)]
        if bench.without_self:
            cases = bench.store.get_many([case_id for case_id, _ in found])
            found = [(case_id, score) for case_id, score in found if case_id in cases and not is_self(one.text, cases[case_id].facts)]
        run[one.query_id] = found[:DEPTH]
    return run


def systems(bench: Bench, examined: Sequence[Examined], tell: Tell) -> dict[str, Scored]:
    """Return the rankings of search, of plain BM25 and of each channel."""
    runs = {FUSED: fused_run(examined, bench.library.view.fusion), BM25: bm25_run(bench, examined, tell)}
    return runs | {channel.value: channel_run(examined, channel) for channel in CHANNELS}


def ablations(bench: Bench, examined: Sequence[Examined], tell: Tell) -> dict[str, Scored]:
    """Return search without one of its parts, as far as that needs no rebuild.

    `no <channel>`: its weight 0; candidates stay those of all channels. `equal weights`, `reciprocal ranks` (RRF over the same channels): another fusion.
    `no emphasis`: a long draft's words weigh no more than a short one's. `no pivots`: agreement and conflict do not move a case.
    `no salience`: every term is as salient as any other. `no speech`: causes are read by the linear classifier alone.
    """
    view = bench.library.view
    weights = view.fusion.weights
    runs = {
        f"no {channel.value}": fused_run(examined, Fusion({**weights, channel: 0.0}))
        for channel, weight in weights.items()
        if weight and any(channel in one.channels for one in examined)
    }
    runs["equal weights"] = fused_run(examined, Fusion(dict.fromkeys(weights, 1.0)))
    runs["reciprocal ranks"] = {one.query_id: _by_fused(one, reciprocal_ranks(one.channels)) for one in examined if one.ids}
    if any(factor != 1.0 for one in examined for factor in one.emphasis.values()):
        runs["no emphasis"] = fused_run([replace(one, emphasis={}) for one in examined], view.fusion)
    runs["no pivots"] = fused_run([replace(one, boosts=np.zeros(len(one.ids))) for one in examined], view.fusion)
    if view.salience.weights:
        runs["no salience"] = fused_run(bench.ask("no salience", tell, view=replace(view, salience=Salience({}))), view.fusion)
    if view.speech.index:
        silent = Speech(view.speech.labels, {}, np.zeros((0, len(view.speech.labels)), np.float16))
        runs["no speech"] = fused_run(bench.ask("no speech", tell, view=replace(view, speech=silent)), view.fusion)
    return runs


def _ranked(one: Examined, order: Sequence[int], scores: Floats) -> list[tuple[str, float]]:
    return [(one.ids[i], float(scores[i])) for i in order[:DEPTH]]


def _by(one: Examined, scores: Floats) -> list[tuple[str, float]]:
    known = np.where(np.isfinite(scores), scores, scores[np.isfinite(scores)].min(initial=0.0) - 1.0)  # where the channel says nothing: last
    return _ranked(one, sorted(range(len(one.ids)), key=lambda i: (-known[i], one.ids[i])), known)


def _by_fused(one: Examined, scores: Floats) -> list[tuple[str, float]]:
    return _ranked(one, one.order_by(scores), scores)


def own_causes(store: CaseStore, grades: Mapping[str, int]) -> frozenset[str]:
    """Return the causes of a query: the cause labels of the cases judged similar to it (grade 2 or more), or, where there is none, of those with its highest grade."""
    least = min(RELEVANT, max(grades.values(), default=0))
    cases = store.get_many([case_id for case_id, grade in grades.items() if grade >= least > 0])
    return frozenset(label for case in cases.values() for label in cause_labels(case))


def within_cause(bench: Bench, qrels: Qrels) -> tuple[Bench, Qrels]:
    """Return the queries with the candidates restricted to the cases of each query's own causes (`own_causes`), and the judgements of these.

    Which cause a draft is about is then given; what is measured is the order of cases of the right cause, where the ideal order is that of
    the same candidates. Queries whose candidates are all graded alike (any order is as good) are left out, as are those without a judged cause.
    """
    columns = bench.library.view.columns
    pools: dict[str, list[str]] = {}
    inside: Qrels = {}
    for query in bench.queries:
        query_id = str(query["query_id"])
        rows = [columns.postings[word] for label in own_causes(bench.store, qrels.get(query_id, {})) if (word := f"label={label}") in columns.postings]
        given = bench.pool(query_id)
        ids = {columns.ids[row] for row in np.unique(np.concatenate(rows)).tolist() if columns.alive[row]} if rows else set()
        pool = sorted(ids if given is None else ids & set(given))
        if len({qrels[query_id].get(case_id, 0) for case_id in pool}) > 1:
            pools[query_id] = pool
            inside[query_id] = {case_id: qrels[query_id].get(case_id, 0) for case_id in pool}
    asked = [query for query in bench.queries if query["query_id"] in pools]
    return replace(bench, queries=asked, pools=pools), inside


def any_order(grades: Mapping[str, int], k: int) -> float:
    """Return the NDCG@k to expect of the candidates in random order: mean grade · Σ discounts over the ideal; how much of a figure within a cause costs nothing."""
    discounts = [1.0 / math.log2(rank + 1) for rank in range(1, min(k, len(grades)) + 1)]
    ideal = sum(grade * discount for grade, discount in zip(sorted(grades.values(), reverse=True), discounts, strict=False))
    return sum(grades.values()) / len(grades) * sum(discounts) / ideal if ideal else 0.0
