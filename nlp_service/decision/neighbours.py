"""Which found cases count as peers, and how much each weighs: grade, similarity, eligibility (domain §4.3 and §7 steps 1–2)."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpora.citations import find_citations
from corpora.kinds import severity
from corpora.outcomes import OutcomeGroup, outcome_group
from corpora.schema import Case, PivotValue
from corpora.violations import Violation

from ..drafts import Draft
from ..search import Answer, case_pivots
from .distribution import weight

TEXT, PIVOTS, ARTICLES, CAUSE_PARTY, TIME_PLACE = 0.35, 0.30, 0.20, 0.10, 0.05  # domain §4.3
CONFLICT_CAP = 0.6
UNKNOWN_PIVOT = 0.5
DUPLICATE = "与另一案为同一事件，只计一次"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One peer. `level` is the ordinal severity of its disposal in the violation's family, `reason` why it is not eligible."""

    case: Case
    grade: int
    similarity: float
    weight: float
    level: int | None
    group: OutcomeGroup | None
    same: tuple[str, ...]
    conflicts: tuple[str, ...]
    reason: str | None

    @property
    def is_eligible(self) -> bool:
        """Whether it enters the distribution."""
        return self.reason is None and self.weight > 0

    @property
    def rate(self) -> float | None:
        """Fine as a fraction of the base."""
        if self.case.fine_yuan is None or not self.case.base_amount_yuan:
            return None
        return float(self.case.fine_yuan / self.case.base_amount_yuan)


def _agreement(violation: Violation, ours: Mapping[str, PivotValue], theirs: Mapping[str, PivotValue]) -> tuple[float, tuple[str, ...], tuple[str, ...]]:
    """Return the pivot match 0 … 1, the decisive pivots that agree, and those that conflict."""
    same: list[str] = []
    conflicts: list[str] = []
    score = total = 0.0
    for pivot in violation.pivots:
        if pivot.type != "bool":
            continue
        share = 1.0 if pivot.decisive else 0.4
        mine, other = ours.get(pivot.name), theirs.get(pivot.name)
        if mine is None:
            continue
        total += share
        if other is None:
            score += share * UNKNOWN_PIVOT
        elif other == mine:
            score += share
            if pivot.decisive:
                same.append(pivot.name)
        elif pivot.decisive:
            conflicts.append(pivot.name)
    return (score / total if total else UNKNOWN_PIVOT), tuple(same), tuple(conflicts)


def _articles(violation: Violation, case: Case) -> float:
    """Return 1 when the case rests on an article of the violation's penalty clauses, .5 when none of its citations can be read."""
    wanted = frozenset().union(*(_keys(dated.cite) for dated in violation.penalty))
    cited = frozenset().union(*(_keys(basis) for basis in case.basis))
    if not wanted or not cited:
        return 0.5
    return 1.0 if wanted & cited else 0.0


@functools.lru_cache(maxsize=16384)
def _keys(basis: str) -> frozenset[tuple[str, int]]:
    """Return (statute, article) of every citation in a basis; the same ones come again and again."""
    return frozenset((citation.statute, citation.article) for citation in find_citations(basis))


def _time_place(draft_region: str | None, today: dt.date, case: Case) -> float:
    recent = 1.0 if case.decided_on and (today - case.decided_on).days <= 3 * 366 else 0.5
    near = 0.5 if not draft_region or not case.region else (1.0 if draft_region[:4] == case.region[:4] else 0.5)
    return (recent + near) / 2


def is_of(violation: Violation, case: Case) -> bool:
    """Whether a case is of the violation."""
    return case.cause_code == violation.code or violation.name in case.causes


def neighbours(
    answer: Answer, draft: Draft, *, today: dt.date, region: str | None = None, include_corrected: bool = False, include_conflicts: bool = False
) -> list[Neighbour]:
    """Return every case of the draft's violation with grade, similarity and weight, best first; duplicates of one incident count once."""
    violation = answer.violation
    if violation is None:
        return []
    scores = [hit.score for hit, _ in answer.ranked]
    low, high = (min(scores), max(scores)) if scores else (0.0, 0.0)
    seen: set[tuple[object, ...]] = set()
    result = []
    for hit, case in answer.ranked:
        if not is_of(violation, case):
            continue
        text = (hit.score - low) / (high - low) if high > low else 1.0
        neighbour = _neighbour(case, violation, answer.pivots, text, today, region, include_corrected, include_conflicts)
        incident = (case.agency, case.decided_on, case.facts[:60])
        result.append(neighbour if incident not in seen else _as_duplicate(neighbour))
        seen.add(incident)
    return sorted(result, key=lambda item: (-item.weight, -item.similarity, item.case.case_id))


def _as_duplicate(neighbour: Neighbour) -> Neighbour:
    values = {name: getattr(neighbour, name) for name in Neighbour.__slots__}
    return Neighbour(**{**values, "reason": DUPLICATE})


def _neighbour(
    case: Case,
    violation: Violation,
    pivots: Mapping[str, PivotValue],
    text: float,
    today: dt.date,
    region: str | None,
    include_corrected: bool,
    include_conflicts: bool,
) -> Neighbour:
    agreement, same, conflicts = _agreement(violation, pivots, case_pivots(violation, case, pivots))
    similarity = TEXT * (0.5 + 0.5 * text) + PIVOTS * agreement + ARTICLES * _articles(violation, case) + CAUSE_PARTY
    similarity += TIME_PLACE * _time_place(region, today, case)
    if conflicts:
        similarity = min(similarity, CONFLICT_CAP)
    grade = 1 if conflicts else 3 if same and agreement >= 0.75 else 2
    group = outcome_group(case.review) if case.review else None
    level = severity(case.kinds, violation.family)
    reason = None
    if conflicts and not include_conflicts:
        reason = "关键事实相反：" + "、".join(conflicts)
    elif group in (OutcomeGroup.CORRECTED, OutcomeGroup.SELF_CORRECTED) and not include_corrected:
        reason = "处罚决定已被纠正"
    elif level is None:
        reason = "处置种类未载明"
    # Peers of the library are compared among themselves: the year of the decision is shown, and old ones fade slowly.
    years = (today - case.decided_on).days / 365.25 if case.decided_on else 5.0
    return Neighbour(case, grade, similarity, weight(grade, similarity, years), level, group, same, conflicts, reason)


def corrected_of(items: Sequence[Neighbour]) -> list[Neighbour]:
    """Return the peers whose decision was corrected: the counter-examples. One incident counts once, whether its facts agree with the draft's or not."""
    return [item for item in items if item.group in (OutcomeGroup.CORRECTED, OutcomeGroup.SELF_CORRECTED) and item.reason != DUPLICATE]


def reviewed_of(items: Sequence[Neighbour]) -> tuple[int, int]:
    """Return how many of the reviewed peers were corrected (just the counter-examples) and upheld."""
    return len(corrected_of(items)), sum(item.group is OutcomeGroup.UPHELD and item.reason != DUPLICATE for item in items)
