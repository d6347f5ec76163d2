"""The queries that search answers worst: what came first and what should have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpora.store import CaseStore
from indexes.calibration import Calibration

from .examine import Examined
from .runs import Qrels
from .search_systems import Scored

N_WORST = 15
N_SHOWN = 5
NOWHERE = 10**6


@dataclass(frozen=True, slots=True)
class Shown:
    """A case in the list of a query: its place in the ranking (None: not found), its grade (None: not judged), P(relevance ≥ 2)."""

    case_id: str
    title: str
    cause: str
    rank: int | None
    grade: int | None
    relevance: float | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One query with what came first and what should have."""

    query_id: str
    text: str
    figure: float
    hits: Sequence[Shown]
    wanted: Sequence[Shown]


def worst_queries(
    store: CaseStore, examined: Sequence[Examined], run: Scored, values: Mapping[str, float], qrels: Qrels, calibration: Calibration
) -> list[Asked]:
    """Return the N_WORST queries by their `values` (NDCG@10) with their first hits and the best judged cases."""
    by_id = {one.query_id: one for one in examined}
    worst = sorted(values.items(), key=lambda item: (item[1], item[0]))[:N_WORST]
    return [_asked(store, by_id[query], run[query], figure, qrels[query], calibration) for query, figure in worst]


def _asked(store: CaseStore, one: Examined, ranking: Sequence[tuple[str, float]], figure: float, grades: Mapping[str, int], model: Calibration) -> Asked:
    rank = {case_id: place for place, (case_id, _) in enumerate(ranking, 1)}
    similar = [case_id for case_id, grade in grades.items() if grade]
    wanted = sorted(similar, key=lambda case_id: (-grades[case_id], rank.get(case_id, NOWHERE), case_id))[:N_SHOWN]
    first = [case_id for case_id, _ in ranking[:N_SHOWN]]
    p = dict(zip(one.ids, model.probabilities(one.evidence).tolist(), strict=True))
    cases = store.get_many([*first, *wanted])

    def shown(case_id: str) -> Shown:
        case = cases.get(case_id)
        cause = "、".join(case.causes) if case else ""
        return Shown(case_id, case.title if case else "", cause, rank.get(case_id), grades.get(case_id), p.get(case_id))

    return Asked(one.query_id, one.text, figure, [shown(case_id) for case_id in first], [shown(case_id) for case_id in wanted])
