"""Evaluate search on a library: every system strict and judged-only, within a cause, without its parts, against an earlier run; its probabilities; its worst queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .metrics.bootstrap import Interval, interval, paired
from .metrics.ranking import average_precision, judged_only, ndcg, precision, recall
from .runs import DataError, Qrels, write_run
from .search_systems import CHANNELS, FUSED, Bench, Queries, Scored, Tell, ablations, any_order, systems, within_cause
from .search_trust import Trust, measure_trust
from .worst_queries import Asked, worst_queries

MAIN = "NDCG@10"
AGAINST = (MAIN, "MAP")


@dataclass(frozen=True, slots=True)
class Figures:
    """Values of each metric per query, in the order of `queries`."""

    queries: tuple[str, ...]
    values: Mapping[str, Sequence[float]]

    def interval(self, metric: str) -> Interval:
        """Return mean and 95 % interval of one metric."""
        return interval(self.values[metric])

    def of(self, metric: str) -> dict[str, float]:
        """Return one metric by query."""
        return dict(zip(self.queries, self.values[metric], strict=True))


def figures(run: Mapping[str, Sequence[tuple[str, float]]], qrels: Qrels) -> Figures:
    """Return every metric of each query of the run that has a relevant case. Raises DataError where there is none."""
    values: dict[str, list[float]] = {}
    queries = [query for query, grades in sorted(qrels.items()) if query in run and any(grades.values())]
    if not queries:
        raise DataError("no query of the run has a case judged relevant: do queries and qrels belong together?")
    for query_id in queries:
        grades = qrels[query_id]
        ranking = [case_id for case_id, _ in run[query_id]]
        judged = judged_only(ranking, grades)
        row = {f"NDCG@{k}": ndcg(ranking, grades, k) for k in (10, 20, 30)}
        row |= {"MAP": average_precision(ranking, grades), "P@5": precision(ranking, grades, 5), "judged NDCG@10": ndcg(judged, grades, 10)}
        row["recall@100"] = recall(ranking, grades, 100)
        for name, value in row.items():
            values.setdefault(name, []).append(value)
    return Figures(tuple(queries), values)


@dataclass(frozen=True, slots=True)
class Difference:
    """How much better one system is than another: per query, and the mean with its paired 95 % interval. Queries that only one of them has are left out."""

    by_query: Mapping[str, float]
    mean: Interval


def compare(new: Figures, old: Figures, metric: str = MAIN) -> Difference:
    """Return the paired difference of two systems. Raises DataError when no query is in both."""
    mine, theirs = new.of(metric), old.of(metric)
    both = [query for query in mine if query in theirs]
    if not both:
        raise DataError("the two runs have no judged query in common: nothing to compare")
    mean = paired([mine[query] for query in both], [theirs[query] for query in both])
    return Difference({query: mine[query] - theirs[query] for query in both}, mean)


@dataclass(frozen=True, slots=True)
class Within:
    """NDCG@10 of each system within the query's own causes, and what the same candidates give in any order."""

    by_system: Mapping[str, Figures]
    any_order: Interval


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that was measured; runs are kept apart. Parts that were not asked for are None or empty."""

    name: str
    n_queries: int
    in_pools: bool
    versions: Mapping[str, str]
    by_system: Mapping[str, Figures]
    best_single: str
    against: Mapping[str, Difference]
    against_name: str
    within: Within | None
    ablations: Mapping[str, Figures]
    trust: Trust
    worst: Sequence[Asked]

    @property
    def fused(self) -> Figures:
        """Search as it serves."""
        return self.by_system[FUSED]


@dataclass(frozen=True, slots=True)
class Options:
    """What is measured besides the systems themselves: an earlier run by name and rankings, libraries rebuilt without causes, texts of another world."""

    name: str = "search"
    within_cause: bool = False
    ablations: bool = False
    against: tuple[str, Mapping[str, Sequence[str]]] | None = None
    out_folds: int = 0
    outside: Queries = ()


def evaluate(bench: Bench, qrels: Qrels, options: Options, tell: Tell) -> tuple[Evaluation, dict[str, Scored]]:
    """Measure; return the figures and the rankings of all systems over the whole library or the pools."""
    view = bench.library.view
    examined = bench.ask("检索", tell)
    runs = systems(bench, examined, tell)
    found = {name: figures(run, qrels) for name, run in runs.items()}
    without = ablations(bench, examined, tell) if options.ablations else {}
    return (
        Evaluation(
            name=options.name,
            n_queries=len(found[FUSED].queries),
            in_pools=bench.pools is not None,
            versions={"snapshot": view.name, "fusion": view.fusion.version, "calibration": view.calibration.version},
            by_system=found,
            best_single=max((channel.value for channel in CHANNELS), key=lambda name: found[name].interval(MAIN).mean),
            against=_against(found[FUSED], options.against[1], qrels) if options.against else {},
            against_name=options.against[0] if options.against else "",
            within=_within(bench, qrels, tell) if options.within_cause else None,
            ablations={name: figures(run, qrels) for name, run in without.items()},
            trust=measure_trust(bench, examined, qrels, out_folds=options.out_folds, outside=options.outside, tell=tell),
            worst=worst_queries(bench.store, examined, runs[FUSED], found[FUSED].of(MAIN), qrels, view.calibration),
        ),
        runs | without,
    )


def _against(fused: Figures, run: Mapping[str, Sequence[str]], qrels: Qrels) -> dict[str, Difference]:
    earlier = figures({query: [(case_id, 0.0) for case_id in ranking] for query, ranking in run.items()}, qrels)
    return {metric: compare(fused, earlier, metric) for metric in AGAINST}


def _within(bench: Bench, qrels: Qrels, tell: Tell) -> Within | None:
    inner, inside = within_cause(bench, qrels)
    if not inner.queries:
        return None
    examined = inner.ask("同案由内", tell)
    return Within(
        {name: figures(run, inside) for name, run in systems(inner, examined, tell).items()},
        interval([any_order(grades, 10) for _, grades in sorted(inside.items())]),
    )


def save_runs(folder: Path, runs: Mapping[str, Scored]) -> None:
    """Write one TREC file per system."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, scored in runs.items():
        write_run(folder / f"{name.replace(' ', '-')}.trec", scored, name.replace(" ", "-"))
