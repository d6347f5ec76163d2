"""Assess a draft: peers, rules, deviation, guidance, one record that can be reproduced."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from corpora.kinds import severity
from corpora.schema import PartyType
from corpora.store import CaseStore
from corpora.violations import Violation
from indexes.library import Library
from indexes.query import Filters
from indexes.view import View

from ..drafts import Draft, Planned
from ..search import Answer, search
from .deviation import Gap, Signal, amount_signal, combine, ordinal_gap, ordinal_signal, rule_signals
from .distribution import Amounts, Distribution, Reviewed, amounts, distribution
from .guidance import Guidance, guide
from .neighbours import Neighbour, is_of, neighbours, reviewed_of
from .rules import Ruling, judge
from .wording import compose, level_name

ENOUGH = 40  # peers among the first hits that make a second search needless


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is said before the decision. `level` is none, notice, warning or insufficient; `signals` say why."""

    level: str
    direction: str | None
    answer: Answer
    neighbours: tuple[Neighbour, ...]
    distribution: Distribution
    fines: Amounts | None
    reviewed: Reviewed
    gap: Gap | None
    ruling: Ruling | None
    signals: tuple[Signal, ...]
    guidance: Guidance | None
    counterfactuals: tuple[Counterfactual, ...]
    text: str

    @property
    def pending(self) -> tuple[str, ...]:
        """Questions whose answers would decide."""
        return self.ruling.pending if self.ruling else ()


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """How peers with this value of a pivot the draft does not state were disposed of."""

    pivot: str
    value: bool
    n: int
    median: str | None


def assess(
    store: CaseStore,
    library: Library,
    draft: Draft,
    *,
    answer: Answer | None = None,
    filters: Filters | None = None,
    view: View | None = None,
    today: dt.date | None = None,
    act_on: dt.date | None = None,
    party: PartyType | None = None,
    include_corrected: bool = False,
    include_conflicts: bool = False,
) -> Assessment:
    """Assess a draft against the library. `answer` saves the search when there is one already; `today` fixes the age of cases."""
    view = view or library.view
    answer = answer or search(store, library, draft, 0, filters=filters, view=view, with_passages=False)
    violation = answer.violation
    if violation is not None and sum(is_of(violation, case) for _, case in answer.ranked) < ENOUGH and not (filters and filters.causes):
        # Peers are looked for among the cases of the violation, so that a common word does not crowd them out.
        only = Filters(**{**{name: getattr(filters or Filters(), name) for name in Filters.__slots__}, "causes": (violation.code, violation.name)})
        answer = search(store, library, draft, 0, filters=only, view=view, with_passages=False)
    day = today or dt.date.today()
    items = neighbours(answer, draft, today=day, include_corrected=include_corrected, include_conflicts=include_conflicts)
    return judge_items(answer, items, draft, day=act_on, party=party)


def judge_items(answer: Answer, items: Sequence[Neighbour], draft: Draft, *, day: dt.date | None, party: PartyType | None) -> Assessment:
    """Assess a draft against given peers."""
    violation, planned = answer.violation, draft.planned
    eligible = [item for item in items if item.is_eligible and item.level is not None]
    levels = [item.level for item in eligible if item.level is not None]
    weights = [item.weight for item in eligible]
    found = distribution(levels, weights)
    reviewed = Reviewed(*reviewed_of(items))
    if violation is None:
        text = "未能识别违法行为，无法比较；请补充案情或指定案由。"
        return Assessment("insufficient" if planned else "none", None, answer, tuple(items), found, None, reviewed, None, None, (), None, (), text)
    ruling = judge(violation, answer.pivots, planned, day=day, party=party)
    level = severity(planned.kinds, violation.family) if planned and planned.kinds else None
    fines, planned_amount = _fines(violation, eligible, planned, level)
    gap = ordinal_gap(found, levels, weights, level) if level is not None else None
    peers = level_name(violation.family, found.median) if found.median is not None else ""
    signals = [*rule_signals(ruling.findings, violation.family), *(s for s in (ordinal_signal(found, gap, peers), amount_signal(fines, planned_amount)) if s)]
    signals = _without_contradicted(signals, ruling, level, violation.family)
    verdict, direction = combine(signals)
    if planned and not found.has_bars and not _may_speak(ruling, level, violation.family, verdict):
        verdict, direction = "insufficient", None
    corrected = [item for item in items if item.reason == "处罚决定已被纠正"]
    opposite = [item for item in items if item.conflicts]
    text = compose(
        violation,
        verdict,
        planned="、".join(planned.kinds) if planned else None,
        ruling=ruling,
        found=found,
        fines=fines,
        reviewed=reviewed,
        reasons=[signal.text for signal in signals],
        corrected=corrected,
        opposite=opposite,
        years=_years(eligible),
    )
    return Assessment(
        verdict,
        direction,
        answer,
        tuple(items),
        found,
        fines,
        reviewed,
        gap,
        ruling,
        tuple(signals),
        guide(violation, draft.text),
        tuple(_counterfactuals(answer, eligible)),
        text,
    )


def _fines(violation: Violation, eligible: Sequence[Neighbour], planned: Planned | None, level: int | None) -> tuple[Amounts | None, float | None]:
    """Return the fines of peers disposed of like the plan, and the planned amount alike: rates where the statute fixes a share of a base, else yuan."""
    if planned is None or not planned.fine_yuan:
        return None, None
    fined = [item for item in eligible if item.case.fine_yuan and (level is None or item.level == level or item.level == 2)]
    kinds = [rule.fine.kind for rule in violation.disposals if rule.fine is not None]
    if sum(kind != "fixed" for kind in kinds) * 2 > len(kinds):
        if not planned.base_amount_yuan:
            return None, None  # the draft does not state the base
        rated = [(item.rate, item.weight) for item in fined if item.rate is not None]
        return amounts([rate for rate, _ in rated], [part for _, part in rated], is_rate=True), float(planned.fine_yuan / planned.base_amount_yuan)
    return amounts([float(item.case.fine_yuan or 0) for item in fined], [item.weight for item in fined], is_rate=False), float(planned.fine_yuan)


def _may_speak(ruling: Ruling, level: int | None, family: str, verdict: str) -> bool:
    """Whether the rules alone carry the answer where peers are too few: the statutory range, and the planning trees."""
    if any(finding.is_hard for finding in ruling.findings):
        return True
    return family == "planning" and (verdict != "none" or _rules_affirm(ruling, level, family))


def _rules_affirm(ruling: Ruling, level: int | None, family: str) -> bool:
    """Whether decisive pivots lead to disposals of just the planned level."""
    if level is None or not ruling.steered:
        return False
    low = min(severity(rule.kinds, family) or 0 for rule in ruling.steered)
    high = max(severity((*rule.kinds, *rule.optional), family) or 0 for rule in ruling.steered)
    return low <= level <= high


def _without_contradicted(signals: list[Signal], ruling: Ruling, level: int | None, family: str) -> list[Signal]:
    """Drop what statistics say against the statute: where the rules lead to the planned level, peers of another level are no reason to warn."""
    if not _rules_affirm(ruling, level, family):
        return signals
    return [signal for signal in signals if signal.source != "peers"]


def _years(items: Sequence[Neighbour]) -> str:
    years = sorted(item.case.decided_on.year for item in items if item.case.decided_on)
    if not years:
        return ""
    return f"（{years[0]}年）" if years[0] == years[-1] else f"（{years[0]}—{years[-1]}年）"


def _counterfactuals(answer: Answer, eligible: Sequence[Neighbour]) -> list[Counterfactual]:
    violation = answer.violation
    if violation is None:
        return []
    result = []
    for pivot in violation.pivots:
        if pivot.type != "bool" or not pivot.decisive or pivot.name in answer.pivots:
            continue
        for value in (True, False):
            chosen = [item for item in eligible if item.case.pivots.get(pivot.name) is value and item.level is not None]
            if chosen:
                found = distribution([item.level or 0 for item in chosen], [item.weight for item in chosen])
                median = level_name(violation.family, found.median) if found.median is not None else None
                result.append(Counterfactual(pivot.name, value, found.n, median))
    return result
