"""`fit-fusion`: weights of the channels and calibration for one home, from judgements; what serves stays unless new weights win on unseen queries."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .runs import DataError, Qrels, read_pools, read_qrels, read_queries

MIN_QUERIES = 20


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    fitting = commands.add_parser("fit-fusion", help="fit channel weights and calibration of search from judgements, cross-validated by query")
    fitting.add_argument("--home", type=Path, required=True, help="home of the service with store and snapshot")
    fitting.add_argument("--queries", type=Path, default=None, help="without it: the judgements that the service's own users made")
    fitting.add_argument("--qrels", type=Path, default=None, help="TREC qrels, TSV, or the query file with `rel` (default: the query file)")
    fitting.add_argument("--pools", type=Path, default=None)
    fitting.add_argument("--out", type=Path, default=None, help="folder for fusion.json and calibration.json (default: the home, where `build` picks them up)")
    fitting.add_argument("--out-folds", type=int, default=6, help="libraries rebuilt without some causes, for 没有足够相似的案例; 0: none")
    fitting.add_argument("--seed", type=int, default=0)
    fitting.set_defaults(run=run_fit_fusion)


def _say(line: str) -> None:
    print(line)  # noqa: T201


def _judged(arguments: argparse.Namespace, store: Any) -> tuple[list[dict[str, Any]], Qrels]:
    if arguments.queries is not None:
        return read_queries(arguments.queries), read_qrels(arguments.qrels or arguments.queries)
    from nlp_service.assessments import AssessmentBook
    from nlp_service.audit import AuditLog
    from nlp_service.settings import Settings

    from .datasets.judgements import judged

    found, unknown = judged(store, AssessmentBook(AuditLog(Settings(home=arguments.home).audit)))
    if unknown:
        _say(f"{len(unknown)} judged queries whose text is not known any more are left out")
    queries = [{"query_id": query, "text": passage.text} for query, passage in found.queries.items()]
    return queries, {query: dict(grades) for query, grades in found.qrels["judged"].items()}


def run_fit_fusion(arguments: argparse.Namespace) -> int:
    """Fit, say what was found, and write what wins."""
    from corpora.store import CaseStore
    from indexes.library import Library
    from nlp_service.commands.base import progress_bar

    from .fit_fusion import fit_fusion
    from .search_systems import Bench

    with CaseStore.open(arguments.home / "cases.db", create=False) as store, progress_bar() as tell:
        queries, qrels = _judged(arguments, store)
        queries = [query for query in queries if any(qrels.get(query["query_id"], {}).values())]
        if len(queries) < MIN_QUERIES:
            raise DataError(f"{len(queries)} judged queries with a relevant case: at least {MIN_QUERIES} are needed to fit and to check a fit")
        pools = read_pools(arguments.pools, queries) if arguments.pools else None
        library = Library.open(arguments.home / "library", store)
        try:
            serving = library.view.fusion
            examined = Bench(store, library, queries, pools, without_self=pools is None).ask("检索", tell)
            outside = Bench(store, library, _outside()).ask("库外文字", tell)
        finally:
            library.close()
        fitted = fit_fusion(examined, qrels, serving, seed=arguments.seed)
        _say(f"{len(queries)} queries; serving weights {_short(serving.weights)} ({serving.version}): NDCG@10 {fitted.start:.4f}")
        _say(f"fitted {_short(fitted.weights)}: {fitted.on_fit:.4f} on the queries of the fit, {fitted.held_out:.4f} on unseen ones")
        _say(f"gain on unseen queries {fitted.gain.mean:+.4f} [{fitted.gain.low:+.4f}, {fitted.gain.high:+.4f}]")
        out = arguments.out or arguments.home
        out.mkdir(parents=True, exist_ok=True)
        fusion = serving
        if fitted.is_better:
            fusion = type(serving)(fitted.weights, f"fit-{_hash(queries, qrels)}")
            fusion.save(out / "fusion.json")
            _say(f"→ {out / 'fusion.json'}")
        else:
            _say("the serving weights stay: on unseen queries the fitted ones do not win for certain")
        _calibrate(arguments, store, queries, qrels, fusion, examined, outside, out, tell)
    return 0


def _outside() -> list[dict[str, str]]:
    from .out_of_library import outside_texts

    return outside_texts()


def _calibrate(
    arguments: argparse.Namespace,
    store: Any,
    queries: Sequence[Mapping[str, Any]],
    qrels: Qrels,
    fusion: Any,
    examined: Sequence[Any],
    outside: Sequence[Any],
    out: Path,
    tell: Callable[[str, float], None],
) -> None:
    from dataclasses import replace

    from .fit_calibration import KINDS, cross_validate, expected_calibration_error, fit, joined, rows_of
    from .out_of_library import without_rows

    parts = [rows_of(examined, qrels, fusion, kind="in", name="0"), rows_of(outside, {}, fusion, kind="outside", name="0")]
    for done, part in enumerate(without_rows(store, queries, qrels, fusion, n_folds=arguments.out_folds), 1):
        parts.append(part)
        tell("缺案由的库", done / arguments.out_folds)
    rows = joined(parts)
    checked = cross_validate(rows, seed=arguments.seed)
    mine = rows.kind == "in"
    figures: dict[str, Any] = {"queries": len(queries), "data": _hash(queries, qrels)}
    for name, chosen in (("ece", mine), ("ece_top10", mine & (rows.rank <= 10))):
        figures[name] = round(expected_calibration_error(checked.probabilities[chosen], rows.relevant[chosen]), 4)
    figures["brier"] = round(float(np.mean((checked.probabilities[mine] - rows.relevant[mine]) ** 2)), 4)
    figures["refused"] = {kind: [round(share, 4), checked.n_searches[kind]] for kind, share in checked.refused.items()}
    model = replace(fit(rows, f"fit-{figures['data']}"), measured=figures)
    model.save(out / "calibration.json")
    _say(f"calibration, cross-validated: ECE {figures['ece']:.3f} (20 best hits), {figures['ece_top10']:.3f} (10 best), Brier {figures['brier']:.3f}")
    for kind, (share, n) in figures["refused"].items():
        _say(f"  told 没有足够相似的案例: {share:.1%} of {n} {KINDS[kind]}")
    _say(f"→ {out / 'calibration.json'}; both count after the next `nlp-service build`")


def _short(weights: Mapping[Any, float]) -> str:
    return ", ".join(f"{name} {weight:g}" for name, weight in weights.items())


def _hash(queries: Sequence[Mapping[str, Any]], qrels: Qrels) -> str:
    record = json.dumps([[query["query_id"], query["text"], qrels.get(query["query_id"], {})] for query in queries], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(record.encode()).hexdigest()[:12]
