"""Whether the probabilities of the calibration that serves can be believed on given queries, and whether it refuses what the library does not hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from indexes.calibration import Calibration

from .examine import Examined
from .fit_calibration import TOP, Bin, Rows, best_of, expected_calibration_error, probabilities, reliability, rows_of
from .out_of_library import without_rows
from .runs import Qrels
from .search_systems import Bench, Queries, Tell


@dataclass(frozen=True, slots=True)
class Trust:
    """Whether the probabilities of the calibration that serves can be believed: bins and ECE over the best hits, among these the judged ones, refusals by kind.

    `refused` is kind → (share answered 没有足够相似的案例, number of searches); kinds as in fit_calibration.Rows.
    """

    version: str
    threshold: float
    bins: Sequence[Bin]
    ece: float
    ece_judged: float
    brier: float
    refused: Mapping[str, tuple[float, int]]


def measure_trust(bench: Bench, examined: Sequence[Examined], qrels: Qrels, *, tell: Tell, out_folds: int = 0, outside: Queries = ()) -> Trust:
    """Measure on the TOP hits of each judged query, fused; `out_folds` libraries are rebuilt without some causes, `outside` are texts that no case answers."""
    view = bench.library.view
    model, fusion = view.calibration, view.fusion
    judged = [one for one in examined if any(qrels.get(one.query_id, {}).values())]
    rows = rows_of(judged, qrels, fusion, kind="in", name="0")
    p = probabilities(model, rows)
    is_judged = np.array([case_id in qrels[one.query_id] for one in judged for case_id in one.ranking(fusion, TOP)], bool)
    others: list[Rows] = []
    if outside:
        asked = Bench(bench.store, bench.library, outside).ask("库外文字", tell)
        others.append(rows_of(asked, {}, fusion, kind="outside", name="0"))
    if out_folds:
        for done, part in enumerate(without_rows(bench.store, bench.queries, qrels, fusion, n_folds=out_folds), 1):
            others.append(part)
            tell("缺案由的库", done / out_folds)
    return Trust(
        version=model.version,
        threshold=model.threshold,
        bins=reliability(p, rows.relevant),
        ece=expected_calibration_error(p, rows.relevant),
        ece_judged=expected_calibration_error(p[is_judged], rows.relevant[is_judged]),
        brier=float(np.mean((p - rows.relevant) ** 2)) if len(p) else 0.0,
        refused=_refused(model, [rows, *others], {"in": len(judged), "outside": len(outside)}),
    )


def _refused(model: Calibration, parts: Sequence[Rows], asked: Mapping[str, int]) -> dict[str, tuple[float, int]]:
    """Return the share of searches whose best hit stays below the threshold; one that found nothing at all has no row and is refused too."""
    answered: dict[str, list[bool]] = {kind: [] for kind, n in asked.items() if n}
    for part in parts:
        p = probabilities(model, part)
        for kind in dict.fromkeys(part.kind.tolist()):
            answered.setdefault(kind, []).extend(value >= model.threshold for value in best_of(part, p, (kind,)).values())
    n = {kind: max(len(values), asked.get(kind, 0)) for kind, values in answered.items()}
    return {kind: (1.0 - sum(values) / n[kind], n[kind]) for kind, values in answered.items()}
