"""Ranking metrics, strict (unlabelled = irrelevant) and judged-only, with linear gain (Järvelin & Kekäläinen 2002)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

Grades = Mapping[str, int]


def ndcg(ranking: Sequence[str], grades: Grades, k: int) -> float:
    """Return NDCG@k with linear gain; 0 when nothing is relevant."""
    gained = sum(grades.get(case_id, 0) / math.log2(rank + 1) for rank, case_id in enumerate(ranking[:k], 1))
    ideal = sum(grade / math.log2(rank + 1) for rank, grade in enumerate(sorted(grades.values(), reverse=True)[:k], 1))
    return gained / ideal if ideal else 0.0


def average_precision(ranking: Sequence[str], grades: Grades, *, relevant_from: int = 3) -> float:
    """Return the mean precision at each relevant case; cases that are not found count as 0."""
    n_relevant = sum(grade >= relevant_from for grade in grades.values())
    found, total = 0, 0.0
    for rank, case_id in enumerate(ranking, 1):
        if grades.get(case_id, 0) >= relevant_from:
            found += 1
            total += found / rank
    return total / n_relevant if n_relevant else 0.0


def precision(ranking: Sequence[str], grades: Grades, k: int, *, relevant_from: int = 3) -> float:
    """Return the share of relevant cases among the first k."""
    return sum(grades.get(case_id, 0) >= relevant_from for case_id in ranking[:k]) / k


def recall(ranking: Sequence[str], grades: Grades, k: int, *, relevant_from: int = 3) -> float:
    """Return the share of the relevant cases found among the first k; 1 when there is none to find."""
    relevant = {case_id for case_id, grade in grades.items() if grade >= relevant_from}
    return len(relevant & set(ranking[:k])) / len(relevant) if relevant else 1.0


def judged_only(ranking: Sequence[str], grades: Grades) -> list[str]:
    """Return the ranking without cases nobody judged."""
    return [case_id for case_id in ranking if case_id in grades]
