"""Ask a library for what it does not hold: rebuilt without some violations at a time, their queries must be answered 没有足够相似的案例, the others as before."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from corpora.store import CaseStore
from indexes.calibration import RELEVANT
from indexes.fusion import Fusion
from indexes.labels import cause_labels
from indexes.library import Library
from nlp_service.runtime import build_library
from nlp_service.settings import Settings

from .examine import examine
from .fit_calibration import Rows, joined, rows_of
from .runs import Qrels

FOLDS = 6
BATCH = 2000
OUTSIDE = Path(__file__).with_name("outside.txt")
STAY_WEIGHT = 0.2  # the same queries are asked of every fold's library
Queries = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Without:
    """A library without the cases of some causes: the queries all of whose relevant cases are gone, and those that keep all of theirs."""

    labels: frozenset[str]
    out: tuple[Mapping[str, Any], ...]
    stay: tuple[Mapping[str, Any], ...]


def outside_texts() -> list[dict[str, str]]:
    """Return texts that no library of penalty cases answers (recipes, football, divorce, …) as queries."""
    lines = OUTSIDE.read_text(encoding="utf-8").splitlines()
    return [{"query_id": f"outside-{number}", "text": line} for number, line in enumerate(lines, 1) if line.strip()]


def plan(labels: Mapping[str, Sequence[str]], queries: Queries, qrels: Qrels, *, n_folds: int = FOLDS, seed: int = 0) -> list[Without]:
    """Take each cause out once, several at a time; `labels` are those of each case."""
    names = sorted({label for found in labels.values() for label in found})
    order = np.random.default_rng(seed).permutation(len(names))
    needed = {query["query_id"]: {case for case, grade in qrels.get(query["query_id"], {}).items() if grade >= RELEVANT} for query in queries}
    folds = []
    for fold in range(n_folds):
        gone = frozenset(names[j] for j in order[fold::n_folds].tolist())
        is_gone = {case: bool(gone & set(found)) for case, found in labels.items()}
        share = {query: [is_gone.get(case, False) for case in cases] for query, cases in needed.items() if cases}
        out = tuple(query for query in queries if query["query_id"] in share and all(share[query["query_id"]]))
        stay = tuple(query for query in queries if query["query_id"] in share and not any(share[query["query_id"]]))
        folds.append(Without(gone, out, stay))
    return folds


def case_labels(store: CaseStore) -> dict[str, list[str]]:
    """Return the cause labels of every case."""
    return {case.case_id: cause_labels(case) for _, case in store.iter_cases()}


def without_rows(store: CaseStore, queries: Queries, qrels: Qrels, fusion: Fusion, *, n_folds: int = FOLDS) -> Iterator[Rows]:
    """Rebuild the library without each fold's causes in a folder of its own, ask, and return the rows of that fold."""
    labels = case_labels(store)
    for number, fold in enumerate(plan(labels, queries, qrels, n_folds=n_folds), 1):
        with tempfile.TemporaryDirectory(prefix="out-of-library-") as folder:
            settings = Settings(home=Path(folder))
            with CaseStore.open(settings.home / "cases.db") as smaller:
                _copy(store, smaller, {case for case, found in labels.items() if not fold.labels & set(found)})
                build_library(settings, smaller)
                library = Library.open(settings.library, smaller)
                try:
                    parts = [
                        rows_of(
                            [examine(smaller, library, query) for query in asked],
                            qrels if kind == "stay" else {},
                            fusion,
                            kind=kind,
                            name=f"{number}",
                            weight=w,
                        )
                        for kind, asked, w in (("out", fold.out, 1.0), ("stay", fold.stay, STAY_WEIGHT))
                        if asked
                    ]
                finally:
                    library.close()
        if parts:
            yield joined(parts)


def _copy(source: CaseStore, target: CaseStore, wanted: set[str]) -> None:
    batch = []
    for _, case in source.iter_cases():
        if case.case_id in wanted:
            batch.append(case)
        if len(batch) == BATCH:
            target.put_many(batch)
            batch = []
    target.put_many(batch)
