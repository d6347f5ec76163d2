"""Evaluate search on a library: fused and every channel alone, strict and judged-only, within a cause, with intervals; TREC runs of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpora.store import CaseStore
from indexes.library import Library
from indexes.query import Channel
from nlp_service.plans import draft_from_record
from nlp_service.search import search

from .metrics.bootstrap import Interval, interval, paired
from .metrics.ranking import average_precision, judged_only, ndcg, precision, recall
from .runs import Qrels, write_run

MAX_CHARS = 1_000_000
DEPTH = 100
FUSED = "fused"


@dataclass(frozen=True, slots=True)
class Figures:
    """Per-query values of each metric, in the order of the queries."""

    values: Mapping[str, Sequence[float]]

    def interval(self, metric: str) -> Interval:
        """Return mean and 95 % interval of one metric."""
        return interval(self.values[metric])


Scored = dict[str, list[tuple[str, float]]]


def run_search(
    store: CaseStore, library: Library, queries: Sequence[Mapping[str, Any]], *, pools: Mapping[str, Sequence[str]] | None, without_self: bool
) -> dict[str, Scored]:
    """Return scored rankings per system: `fused` and each channel over the same candidates."""
    runs: dict[str, Scored] = {FUSED: {}}
    for query in queries:
        query_id, draft = query["query_id"], draft_from_record(query, MAX_CHARS)
        pool = list(pools[query_id]) if pools is not None else None
        answer = search(store, library, draft, 0, pool=pool, depth=DEPTH + 20, with_passages=False)
        hits = [hit for hit, case in answer.ranked if not (without_self and is_self(query["text"], case.facts))]
        runs[FUSED][query_id] = [(hit.case_id, hit.score) for hit in hits[:DEPTH]]
        for channel in (Channel.LEXICAL, Channel.DENSE, Channel.CAUSES, Channel.REASONING):
            scored = sorted(hits, key=lambda hit: (-hit.channels[channel].score, hit.case_id))
            runs.setdefault(channel.value, {})[query_id] = [(hit.case_id, hit.channels[channel].score) for hit in scored[:DEPTH]]
    return runs


def is_self(text: str, facts: str) -> bool:
    """Whether a draft occurs verbatim in a case: that is finding itself, not finding a similar one."""
    core = "".join(text.split())[:120]
    return len(core) >= 40 and core in "".join(facts.split())


def figures(run: Mapping[str, Sequence[tuple[str, float]]], qrels: Qrels) -> Figures:
    """Return every metric per judged query."""
    values: dict[str, list[float]] = {}
    for query_id, grades in sorted(qrels.items()):
        if query_id not in run or not any(grades.values()):
            continue
        ranking = [case_id for case_id, _ in run[query_id]]
        judged = judged_only(ranking, grades)
        row = {f"NDCG@{k}": ndcg(ranking, grades, k) for k in (10, 20, 30)}
        row |= {"MAP": average_precision(ranking, grades), "P@5": precision(ranking, grades, 5), "judged NDCG@10": ndcg(judged, grades, 10)}
        row["recall@100"] = recall(ranking, grades, 100)
        for name, value in row.items():
            values.setdefault(name, []).append(value)
    return Figures(values)


def compare(new: Figures, old: Figures, metric: str = "NDCG@10") -> Interval:
    """Return the paired difference of two systems."""
    return paired(new.values[metric], old.values[metric])


def save_runs(folder: Path, runs: Mapping[str, Scored]) -> None:
    """Write one TREC file per system."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, scored in runs.items():
        write_run(folder / f"{name}.trec", scored, name)
