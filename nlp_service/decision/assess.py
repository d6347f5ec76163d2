"""Assess a draft: peers, rules, deviation, guidance, one record that can be reproduced."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from corpora.kinds import severity
from corpora.schema import PartyType
from corpora.store import CaseStore
from corpora.violations import Violation
from indexes.library import Library
from indexes.query import Filters
from indexes.view import View

from ..drafts import Draft, Planned
from ..search import Answer, search
from .burden import Burden, burden, burden_signal, corrected_signal, near_amounts, weight_in_money
from .counterfactuals import Counterfactual, counterfactuals
from .deviation import Gap, Signal, amount_signal, combine, explained, nearest_agree, ordinal_gap, ordinal_signal, rule_signals
from .discretion import step_findings
from .distribution import Amounts, Distribution, Reviewed, amounts, distribution
from .findings import Finding, notice
from .guidance import Guidance, guide
from .neighbours import Neighbour, is_of, neighbours, reviewed_of
from .places import Place, by_place
from .rules import Ruling, judge
from .rules_procedure import procedure_findings
from .rules_time import competence_findings, time_findings
from .situation import Situation, read_situation
from .wording import compose, level_name

ENOUGH = 40  # peers among the first hits that make a second search needless
# What a draft says when it plans no penalty for a reason.
_GROUNDS = re.compile(
    r"轻微|及时(?:改正|纠正|整改)|首次|初次|头一回|没有(?:造成)?危害|未造成|证据不足|不足以|不能(?:证明|证实|认定)|无法(?:证明|证实|认定|查实)|不成立|时效|超过(?:两|二|2)年"
    r"|误差|不属于|不构成|无需|不需要|免于|没有主观过错|不可抗力|已自行|自行(?:拆除|改正|清除)|当场(?:收|搬|改|清|撤)"
)
MONEY = frozenset({2, 3})  # levels of the general order that differ by a sum of money only


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is said before the decision. `level` is none, notice, warning or insufficient; `signals` say why."""

    level: str
    direction: str | None
    answer: Answer
    neighbours: tuple[Neighbour, ...]
    distribution: Distribution
    fines: Amounts | None
    planned_amount: float | None
    planned_level: int | None
    reviewed: Reviewed
    gap: Gap | None
    burden: Burden | None
    ruling: Ruling | None
    signals: tuple[Signal, ...]
    guidance: Guidance | None
    places: tuple[Place, ...]
    counterfactuals: tuple[Counterfactual, ...]
    situation: Situation | None
    text: str

    @property
    def pending(self) -> tuple[str, ...]:
        """Questions whose answers would decide."""
        return self.ruling.pending if self.ruling else ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the rules say of the plan and what a person has to check."""
        return (*self.ruling.findings, *self.ruling.procedure) if self.ruling else ()


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
    region: str | None = None,
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
    situation = read_situation(draft, violation, answer.pivots, today=day, act_on=act_on, party=party, region=region) if violation else None
    place = situation.region if situation else region
    items = neighbours(answer, draft, today=day, region=place, include_corrected=include_corrected, include_conflicts=include_conflicts)
    return judge_items(answer, items, draft, situation)


def judge_items(answer: Answer, items: Sequence[Neighbour], draft: Draft, situation: Situation | None) -> Assessment:
    """Assess a draft against given peers."""
    violation, planned = answer.violation, draft.planned
    eligible = [item for item in items if item.is_eligible and item.level is not None]
    levels = [item.level for item in eligible if item.level is not None]
    weights = [item.weight for item in eligible]
    found = distribution(levels, weights)
    reviewed = Reviewed(*reviewed_of(items))
    if violation is None or situation is None:
        text = "未能识别违法行为，无法比较；请补充案情或指定案由。"
        return _unknown("insufficient" if planned else "none", answer, items, found, reviewed, text)
    guidance = guide(violation, draft.text)
    ruling = _rule(violation, situation, guidance)
    level = severity(planned.kinds, violation.family) if planned and planned.kinds else None
    fines, planned_amount = _fines(violation, eligible, planned, level, situation)
    gap = ordinal_gap(found, levels, weights, level) if level is not None else None
    weighed, signals = _signals(violation, items, found, gap, ruling, situation, guidance, level=level, fines=fines, planned_amount=planned_amount)
    verdict, direction = combine(signals)
    if planned and not found.has_bars and not _may_speak(ruling, level, violation.family, verdict):
        verdict, direction = "insufficient", None
    places = by_place(items, situation.region)
    text = compose(
        violation,
        verdict,
        planned=_said(planned) if planned else None,
        ruling=ruling,
        found=found,
        fines=fines,
        reviewed=reviewed,
        reasons=[signal.text for signal in signals],
        corrected=[item for item in items if item.reason == "处罚决定已被纠正"],
        opposite=[item for item in items if item.conflicts],
        years=_years(eligible),
        places=places,
    )
    return Assessment(
        level=verdict,
        direction=direction,
        answer=answer,
        neighbours=tuple(items),
        distribution=found,
        fines=fines,
        planned_amount=planned_amount,
        planned_level=level,
        reviewed=reviewed,
        gap=gap,
        burden=weighed,
        ruling=ruling,
        signals=tuple(signals),
        guidance=guidance,
        places=tuple(places),
        counterfactuals=tuple(counterfactuals(answer, draft, items)),
        situation=situation,
        text=text,
    )


def _unknown(level: str, answer: Answer, items: Sequence[Neighbour], found: Distribution, reviewed: Reviewed, text: str) -> Assessment:
    return Assessment(
        level=level,
        direction=None,
        answer=answer,
        neighbours=tuple(items),
        distribution=found,
        fines=None,
        planned_amount=None,
        planned_level=None,
        reviewed=reviewed,
        gap=None,
        burden=None,
        ruling=None,
        signals=(),
        guidance=None,
        places=(),
        counterfactuals=(),
        situation=None,
        text=text,
    )


def _said(planned: Planned) -> str:
    """Return the plan in words."""
    parts = list(planned.kinds)
    if planned.fine_yuan is not None:
        parts.append(f"罚款{planned.fine_yuan:,}元")
    return "、".join(part for part in parts if part != "罚款" or planned.fine_yuan is None)


def _rule(violation: Violation, situation: Situation, guidance: Guidance) -> Ruling:
    """Apply statute, procedure, limitation, competence and discretion."""
    ruling = judge(violation, situation.pivots, situation.planned, day=situation.act_on, party=situation.party)
    mitigating, aggravating = [item.name for item in guidance.mitigating], [item.name for item in guidance.aggravating]
    mild = None
    if mitigating and situation.planned and "不予处罚" not in situation.planned.kinds:
        mild = notice("mitigation", situation.handled_on, factors="、".join(mitigating))
    procedure = [
        *competence_findings(violation, situation),
        *time_findings(violation, ruling, situation),
        *procedure_findings(violation, ruling, situation),
        *step_findings(ruling, situation, violation.family, mitigating, aggravating),
        *([mild] if mild else []),
    ]
    return replace(ruling, procedure=tuple(procedure))


def _signals(
    violation: Violation,
    items: Sequence[Neighbour],
    found: Distribution,
    gap: Gap | None,
    ruling: Ruling,
    situation: Situation,
    guidance: Guidance,
    *,
    level: int | None,
    fines: Amounts | None,
    planned_amount: float | None,
) -> tuple[Burden | None, list[Signal]]:
    """Return the plan's place in money and every reason to look again: rules, levels of peers, amounts, corrected peers."""
    planned, base = situation.planned, situation.base.yuan if situation.base else None
    by_rate = fines_are_rates(violation)
    weighed = None if by_rate or violation.family == "planning" else burden(items, planned, level, base)
    ours = weight_in_money(planned.kinds, level, float(planned.fine_yuan) if planned.fine_yuan is not None else None) if planned else None
    peers = level_name(violation.family, found.median) if found.median is not None else ""
    ordinal = ordinal_signal(found, gap, peers)
    if weighed is not None and level in MONEY and found.median in MONEY:
        ordinal = None  # 罚款 beside 没收 is a difference of money, and that is compared as such
    of_peers = [signal for signal in (ordinal, amount_signal(fines, planned_amount), burden_signal(weighed, ours)) if signal is not None]
    corrected = None if violation.family == "planning" else corrected_signal(items, planned, level, base)
    if corrected is not None:
        of_peers.append(corrected)
    if _rules_affirm(ruling, level, violation.family):
        # Where the rules lead to the planned level, peers of another level are no reason to warn.
        of_peers = [signal for signal in of_peers if signal.source != "peers"]
    near = [item for item in sorted(items, key=lambda item: -item.similarity) if item.is_eligible and item.level is not None]
    of_rules = rule_signals(ruling.findings, violation.family)
    if level is not None:
        levels, fines_near = [float(item.level or 0) for item in near], _near_fines(near, by_rate=by_rate)
        values = {"peers": (levels, level), "amount": (fines_near, planned_amount), "fine_below": (fines_near, planned_amount)}
        of_peers = [signal for signal in of_peers if not _is_shared(signal, values)]
        of_rules = [signal for signal in of_rules if not _is_shared(signal, values)]
    if violation.family == "planning" and not ruling.steering:
        # No decisive fact is known: the tree asks for evidence and leans neither way (domain §7.1); peers may still say that a plan is heavy.
        of_peers = [signal for signal in of_peers if signal.direction != "lighter"]
    has_grounds = level == 0 and _GROUNDS.search(situation.text) is not None
    facts = {"mitigating": bool(guidance.mitigating), "aggravating": bool(guidance.aggravating), "grounds": has_grounds}
    return weighed, [*explained(of_rules, **facts, of_rules=True), *explained(of_peers, **facts)]


def _near_fines(near: Sequence[Neighbour], *, by_rate: bool) -> list[float]:
    """Return the fines of peers, most similar first, as rates where the statute fixes a share."""
    values = [item.rate if by_rate else float(item.case.fine_yuan or 0) or None for item in near]
    return [value for value in values if value is not None]


def _is_shared(signal: Signal, values: Mapping[str, tuple[Sequence[float], float | None]]) -> bool:
    """Whether the nearest peers were disposed of on the plan's side too."""
    found, planned = values.get(signal.source, ((), None))
    return planned is not None and nearest_agree(signal.direction, found, planned)


def fines_are_rates(violation: Violation) -> bool:
    """Whether most of the violation's fines are a share or multiple of a base."""
    kinds = [rule.fine.kind for rule in violation.disposals if rule.fine is not None]
    return sum(kind != "fixed" for kind in kinds) * 2 > len(kinds)


def _fines(
    violation: Violation, eligible: Sequence[Neighbour], planned: Planned | None, level: int | None, situation: Situation
) -> tuple[Amounts | None, float | None]:
    """Return the fines of peers disposed of like the plan, and the planned amount alike: rates where the statute fixes a share of a base, else yuan."""
    if planned is None or not planned.fine_yuan:
        return None, None
    if fines_are_rates(violation):
        base = situation.base.yuan if situation.base and situation.base.is_named else None
        if not base:
            return None, None  # the draft does not state the base
        fined = [item for item in eligible if item.case.fine_yuan and (level is None or item.level in (level, 2))]
        rated = [(item.rate, item.weight) for item in fined if item.rate is not None]
        return amounts([rate for rate, _ in rated], [part for _, part in rated], is_rate=True), float(planned.fine_yuan) / base
    return near_amounts(eligible, situation.base.yuan if situation.base else None, level), float(planned.fine_yuan)


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


def _years(items: Sequence[Neighbour]) -> str:
    years = sorted(item.case.decided_on.year for item in items if item.case.decided_on)
    if not years:
        return ""
    return f"（{years[0]}年）" if years[0] == years[-1] else f"（{years[0]}—{years[-1]}年）"
