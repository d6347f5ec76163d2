"""The figures of `evaluate search` as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import StringIO

from rich.console import Console
from rich.table import Table

from .evaluate_search import AGAINST, MAIN, Evaluation, Figures, compare
from .fit_calibration import KINDS
from .metrics.bootstrap import Interval
from .search_systems import BM25, FUSED
from .search_trust import Trust

WIDTH = 160


def say(found: Evaluation) -> Iterator[str]:
    """Yield what was measured, a table for each part."""
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    yield f"{found.n_queries} queries with a relevant case, {'pools' if found.in_pools else 'whole library'}; {versions}"
    yield _systems(found.by_system)
    for name in (BM25, found.best_single):
        for metric in AGAINST:
            yield f"fused − {name} {metric}: {_signed(compare(found.fused, found.by_system[name], metric).mean)}"
    for metric, difference in found.against.items():
        left = found.n_queries - len(difference.by_query)
        yield f"fused − {found.against_name} {metric}: {_signed(difference.mean)}" + (f" ({left} queries are not in that run and left out)" if left else "")
    if found.within:
        system = found.within.by_system
        yield f"within the causes of each query, {len(system[FUSED].queries)} queries, any order {found.within.any_order.mean:.3f}:"
        yield _table(["system", MAIN, "MAP"], [[name, _span(item.interval(MAIN)), _span(item.interval("MAP"))] for name, item in system.items()])
    if found.ablations:
        yield "without a part:"
        yield _table(["what", MAIN, "change", "MAP"], [_ablation(name, item, found.fused) for name, item in found.ablations.items()])
    yield from _trust(found.trust)


def _systems(by_system: Mapping[str, Figures]) -> str:
    metrics = list(by_system[FUSED].values)
    others = [metric for metric in metrics if metric != MAIN]
    rows = [[name, _span(item.interval(MAIN)), *(f"{item.interval(metric).mean:.3f}" for metric in others)] for name, item in by_system.items()]
    return _table(["system", MAIN, *others], rows)


def _ablation(name: str, item: Figures, fused: Figures) -> list[str]:
    return [name, f"{item.interval(MAIN).mean:.3f}", _signed(compare(item, fused).mean), f"{item.interval('MAP').mean:.3f}"]


def _trust(trust: Trust) -> Iterator[str]:
    yield f"calibration {trust.version}, 20 best hits: ECE {trust.ece:.3f} (judged hits {trust.ece_judged:.3f}), Brier {trust.brier:.3f}; threshold {trust.threshold:.3f}"
    for kind, (share, n) in trust.refused.items():
        yield f"  told 没有足够相似的案例: {share:.1%} of {n} {KINDS[kind]}"


def _span(value: Interval) -> str:
    return f"{value.mean:.3f} [{value.low:.3f}, {value.high:.3f}]"


def _signed(value: Interval) -> str:
    return f"{value.mean:+.3f} [{value.low:+.3f}, {value.high:+.3f}]"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    table = Table(*head)
    for row in rows:
        table.add_row(*row)
    text = StringIO()
    Console(file=text, width=WIDTH, highlight=False).print(table)
    return text.getvalue().rstrip()
