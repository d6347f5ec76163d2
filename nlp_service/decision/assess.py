"""Assess a draft: peers, rules, deviation, guidance, one record that can be reproduced."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
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
from .burden import Burden
from .counterfactuals import Counterfactual, counterfactuals
from .deviation import Gap, Signal, combine, ordinal_gap
from .discretion import step_findings
from .distribution import Amounts, Distribution, Reviewed, distribution
from .findings import Finding, notice
from .guidance import Guidance, guide
from .mixture import OtherAct, Relation, Rival, candidates, other_acts, rivals
from .neighbours import Neighbour, corrected_of, is_of, neighbours, reviewed_of
from .options import Option, describe_options, options, range_findings, scale_finding
from .places import Place, by_place
from .rules import Ruling, judge
from .rules_procedure import procedure_findings
from .rules_time import competence_findings, time_findings
from .signals import find_signals, fines_of_peers, rules_affirm
from .situation import Situation, read_situation
from .wording import HEADLINES, compose, describe_mixture, describe_silence, describe_unknown, headline

SURE, STRANGE = 0.9, 0.15  # of the likeliest violation; of words the library does not know
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
    options: tuple[Option, ...]
    others: tuple[OtherAct, ...]
    rivals: tuple[Rival, ...]
    headline: str
    notes: tuple[str, ...]
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
    if answer.violation is not None and not draft.cause and _is_doubtful(answer):
        answer = replace(answer, violation=None)  # nothing in the library is near enough to say what this is; a person names it
    violation = answer.violation
    if violation is not None and sum(is_of(violation, case) for _, case in answer.ranked) < ENOUGH and not (filters and filters.causes):
        # Peers are looked for among the cases of the violation, so that a common word does not crowd them out.
        only = Filters(**{**{name: getattr(filters or Filters(), name) for name in Filters.__slots__}, "causes": (violation.code, violation.name)})
        answer = search(store, library, draft, 0, filters=only, view=view, with_passages=False)
    day = today or dt.date.today()
    situation = read_situation(draft, violation, answer.pivots, today=day, act_on=act_on, party=party, region=region) if violation else None
    place = situation.region if situation else region
    items = neighbours(answer, draft, today=day, region=place, include_corrected=include_corrected, include_conflicts=include_conflicts)
    others = other_acts(view, draft, violation, situation) if violation else []
    return judge_items(answer, items, draft, situation, others)


def _is_doubtful(answer: Answer) -> bool:
    """Whether nothing found is similar enough and the draft's own words do not settle the violation either (a poem has a likeliest cause too)."""
    if answer.result.is_match or not answer.ranked:
        return not answer.ranked
    evidence = answer.ranked[0][0].evidence
    return evidence is None or evidence.top_cause < SURE or evidence.strange_words > STRANGE


def judge_items(answer: Answer, items: Sequence[Neighbour], draft: Draft, situation: Situation | None, others: Sequence[OtherAct] = ()) -> Assessment:
    """Assess a draft against given peers. `others` are violations it tells of besides: with two of them nobody knows which the plan is for."""
    violation, planned = answer.violation, draft.planned
    eligible = [item for item in items if item.is_eligible and item.level is not None]
    levels = [item.level for item in eligible if item.level is not None]
    weights = [item.weight for item in eligible]
    found = distribution(levels, weights)
    reviewed = Reviewed(*reviewed_of(items))
    if violation is None or situation is None:
        maybe = candidates(answer.result.causes)
        text = describe_unknown([rival.name for rival in maybe])
        return _unknown("insufficient" if planned else "none", answer, items, found, reviewed, text, maybe)
    guidance = guide(violation, draft.text)
    ruling = _rule(violation, situation, guidance)
    level = severity(planned.kinds, violation.family) if planned and planned.kinds else None
    fines, planned_amount = fines_of_peers(violation, eligible, planned, level, situation)
    gap = ordinal_gap(found, levels, weights, level) if level is not None else None
    weighed, signals = find_signals(
        violation,
        items,
        found=found,
        gap=gap,
        ruling=ruling,
        situation=situation,
        guidance=guidance,
        level=level,
        fines=fines,
        planned_amount=planned_amount,
    )
    verdict, direction = combine(signals)
    if planned and not found.has_bars and not _may_speak(ruling, level, violation.family, verdict):
        verdict, direction = "insufficient", None
    near = [] if draft.cause else rivals(violation, answer.result.causes)
    separate = [] if draft.cause else [other for other in others if other.relation is Relation.SEPARATE]
    if planned and separate:
        verdict, direction, signals = "insufficient", None, []
    elif planned and near:
        verdict, signals = _unsure(verdict, signals)
    title = headline(verdict, {signal.source for signal in signals}, is_mixed=bool(planned and separate), is_unsure=bool(planned and near))
    places = by_place(items, situation.region)
    open_to = options(violation, ruling, situation)
    notes = _mixture(violation, others, near, is_named=bool(draft.cause))
    if not separate:
        notes += _notes(violation, found, situation, fines)
    text = compose(
        violation,
        verdict,
        planned=_said(planned) if planned else None,
        ruling=ruling,
        found=found,
        fines=fines,
        reviewed=reviewed,
        reasons=[signal.text for signal in signals],
        title=title,
        corrected=corrected_of(items),
        opposite=[item for item in items if item.conflicts],
        years=_years(eligible),
        places=places,
        statute=describe_options(open_to, situation.act_on, ruling.lapsed_on),
        notes=notes,
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
        options=tuple(open_to),
        others=tuple(others),
        rivals=tuple(near),
        headline=title,
        notes=tuple(notes),
        text=text,
    )


def _unknown(level: str, answer: Answer, items: Sequence[Neighbour], found: Distribution, reviewed: Reviewed, text: str, maybe: Sequence[Rival]) -> Assessment:
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
        options=(),
        others=(),
        rivals=tuple(maybe),
        headline=HEADLINES[level],
        notes=(text.split("\n")[0],),
        text=text,
    )


def _unsure(verdict: str, signals: Sequence[Signal]) -> tuple[str, list[Signal]]:
    """Return verdict and signals where the draft may be about another violation: never a warning, and never in line with cases it may not be like."""
    softer = {"warning": "notice", "none": "insufficient"}.get(verdict, verdict)
    return softer, [replace(signal, level="notice") for signal in signals] if verdict == "warning" else list(signals)


def _said(planned: Planned) -> str:
    """Return the plan in words."""
    parts = list(planned.kinds)
    if planned.fine_yuan is not None:
        parts.append(f"罚款{planned.fine_yuan:,}元")
    return "、".join(part for part in parts if part != "罚款" or planned.fine_yuan is None)


def _rule(violation: Violation, situation: Situation, guidance: Guidance) -> Ruling:
    """Apply statute, procedure, limitation, competence and discretion."""
    base = situation.base.yuan if situation.base and situation.base.is_named else None
    ruling = judge(violation, situation.pivots, situation.planned, day=situation.act_on, party=situation.party, base=base)
    mitigating, aggravating = [item.name for item in guidance.mitigating], [item.name for item in guidance.aggravating]
    mild = None
    if mitigating and situation.planned and "不予处罚" not in situation.planned.kinds:
        mild = notice("mitigation", situation.law_on, factors="、".join(mitigating))
    scale = scale_finding(ruling, situation, aggravated=bool(aggravating))
    if scale is not None:
        ruling = replace(ruling, findings=(*ruling.findings, replace(scale, direction="heavier")))
    procedure = [
        *range_findings(violation, ruling, situation),
        *competence_findings(violation, situation),
        *time_findings(violation, ruling, situation),
        *procedure_findings(violation, ruling, situation),
        *step_findings(ruling, situation, violation.family, mitigating, aggravating),
        *([mild] if mild else []),
    ]
    return replace(ruling, procedure=tuple(procedure))


def _mixture(violation: Violation, others: Sequence[OtherAct], near: Sequence[Rival], *, is_named: bool) -> list[str]:
    """Return what the draft tells of besides, in words."""
    names = {relation: [other.name for other in others if other.relation is relation] for relation in Relation}
    found = [rival.name for rival in near if all(rival.code != other.code for other in others)]
    return describe_mixture(violation.name, names, found, is_named=is_named)


def _notes(violation: Violation, found: Distribution, situation: Situation, fines: Amounts | None) -> list[str]:
    """Return why something is not compared."""
    planned, base = situation.planned, situation.base
    has_fine = bool(planned and planned.fine_yuan)
    wanted = next((rule.fine.base for rule in violation.disposals if rule.fine and rule.fine.base), None)
    lacks_base = has_fine and wanted is not None and not (base and base.is_named)
    is_few = has_fine and not lacks_base and found.has_bars and not (fines and fines.has_interval)
    few = (fines.n if fines else 0) if is_few else None
    return describe_silence(found, has_plan=bool(planned and planned.kinds), base_name=wanted if lacks_base else None, few_amounts=few)


def _may_speak(ruling: Ruling, level: int | None, family: str, verdict: str) -> bool:
    """Whether the rules alone carry the answer where peers are too few: the statutory range, and the planning trees."""
    if any(finding.is_hard or finding.code == "scale" for finding in ruling.findings):
        return True
    return family == "planning" and (verdict != "none" or rules_affirm(ruling, level, family))


def _years(items: Sequence[Neighbour]) -> str:
    years = sorted(item.case.decided_on.year for item in items if item.case.decided_on)
    if not years:
        return ""
    return f"（{years[0]}年）" if years[0] == years[-1] else f"（{years[0]}—{years[-1]}年）"
