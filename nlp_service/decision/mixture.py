"""A draft that tells of more than one violation: which others it states, so that none is judged under the wrong name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from corpora.acts import ActMention, find_acts, load_acts
from corpora.pivots import read_factors, read_pivots, values
from corpora.violations import Violation, find_signs, find_violation, load_violations
from indexes.view import View

from ..drafts import Draft
from ..plan_words import told_before
from .options import MAX_SAID, options
from .rules import judge
from .situation import Situation

# Over the facts of 1,226 bundled cases and 195 drafts, each of one violation: an act of another named in 1.1 %, most of them truly a second one.
AGREES = 0.5  # of the clause's own probability on the act's violations
FOREIGN = 0.2  # most that the clause may speak for the draft's violation
RIVAL, SURE = 0.15, 0.85
CANDIDATES, MAYBE = 3, 0.05  # named where none is sure, and the least probability for it


class Relation(StrEnum):
    """How another violation stands to the one a draft is judged under: an act of its own, the same act, or a fact that weighs in this case."""

    SEPARATE = "separate"
    SAME_ACT = "same_act"
    CIRCUMSTANCE = "circumstance"


@dataclass(frozen=True, slots=True)
class OtherAct:
    """A violation that the draft states beside the one it is judged under."""

    code: str
    name: str
    clause: str
    relation: Relation
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rival:
    """A violation that the whole draft may be about as well."""

    code: str
    name: str


def other_acts(view: View, draft: Draft, violation: Violation, situation: Situation | None = None) -> list[OtherAct]:
    """Return the other violations whose act the draft states before its plan, each once, in the order of the text."""
    told = told_before(draft.text)
    labels = {label: place for place, label in enumerate(view.causes.labels)}
    found: dict[str, OtherAct] = {}
    for mention in find_acts(told, without=(violation.code,)):
        codes = [code for code in mention.codes if code in labels]
        clause = told[mention.clause_start : mention.clause_end]
        terms = view.analyzer.terms(clause)
        said = view.causes.posterior(terms, find_signs(clause), view.speech.scores(terms, clause) if view.speech.index else None)
        ours = float(said[labels[violation.code]]) if violation.code in labels else 0.0
        if not codes or ours >= FOREIGN or sum(float(said[labels[code]]) for code in codes) < AGREES:
            continue
        code = max(codes, key=lambda one: said[labels[one]])
        if code not in found:
            other = load_violations()[code]
            found[code] = OtherAct(
                code, other.name, clause.strip(), _relation(code, violation, clause, mention), _open_to(other, draft, situation) if situation else ()
            )
    return list(found.values())


def _relation(code: str, violation: Violation, clause: str, mention: ActMention) -> Relation:
    if load_acts().overlap(code, violation.code):
        return Relation.SAME_ACT
    # 没有进货台账 in a case of expired food is a fact its disposal weighs, whether or not it is punished as well.
    start, end = mention.start - mention.clause_start, mention.end - mention.clause_start
    facts = [(fact.start, fact.end) for fact in read_pivots(violation, clause).values()]
    facts += [(factor.start, factor.end) for factor in read_factors([*violation.mitigating, *violation.aggravating], clause)]
    return Relation.CIRCUMSTANCE if any(first < end and start < last for first, last in facts) else Relation.SEPARATE


def _open_to(other: Violation, draft: Draft, situation: Situation) -> tuple[str, ...]:
    """Return the lawful disposals of the other violation: the rules can be told apart even where the plan cannot."""
    pivots = values(read_pivots(other, draft.text))
    ruling = judge(other, pivots, None, day=situation.act_on, party=situation.party)
    return tuple(option.words for option in options(other, ruling, None) if not option.is_mild)[:MAX_SAID]


def rivals(violation: Violation, causes: Sequence[tuple[str, float]]) -> list[Rival]:
    """Return what else the whole draft may be about, where its own violation is not sure."""
    mine = next((p for label, p in causes if find_violation(label) == violation), 0.0)
    if mine >= SURE:
        return []
    near = [found for label, p in causes if p >= RIVAL and (found := find_violation(label)) is not None and found != violation]
    return [Rival(other.code, other.name) for other in near]


def candidates(causes: Sequence[tuple[str, float]]) -> list[Rival]:
    """Return what a draft may be about where nothing settles it, likeliest first."""
    found = [(find_violation(label), p) for label, p in causes]
    return [Rival(violation.code, violation.name) for violation, p in found if violation is not None and p >= MAYBE][:CANDIDATES]
