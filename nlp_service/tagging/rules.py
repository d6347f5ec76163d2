"""Per-tag probabilities from triggers and scope alone: works for a tag that was added to the YAML a minute ago."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nlp_service.tagging.language import Folded, Language
from nlp_service.tagging.matcher import Hit, Matcher
from nlp_service.tagging.schemes import HINT, WEAK, Scheme
from nlp_service.tagging.scope import ScopeContext, ScopeVerdict, Status, judge, read_context

CONFIRM_AT = 0.7
SUSPECT_AT = 0.5
# A hint alone stays below CONFIRM_AT; two different hints, or a hint and weak words, may be worth a look but sanction nobody.
_HOLDS_SHARE = 0.45


@dataclass(frozen=True, slots=True)
class TagEvidence:
    """What the rules say of one tag: `p_holds` ≤ `p_any` (holds or suspected), and the verdicts behind them."""

    p_holds: float
    p_any: float
    status: Status | None
    verdicts: tuple[ScopeVerdict, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """One report read by the rules: folded text, scope context, verdicts of every trigger, evidence per tag index."""

    folded: Folded
    context: ScopeContext
    evidence: dict[int, TagEvidence]


_NOTHING = TagEvidence(0.0, 0.0, None, ())


class RuleReader:
    """Matcher, scope and combination for one scheme; read-only, shared between threads."""

    def __init__(self, scheme: Scheme, language: Language) -> None:
        self.scheme = scheme
        self.language = language
        self._matcher = Matcher(scheme, language)

    def read(self, raw: str) -> Analysis:
        """Analyse a raw report; never fails on any text."""
        folded = self.language.fold(raw)
        found = self._matcher.find(folded.text)
        context = read_context(folded.text, found, self.language)
        negatives: dict[int, list[Hit]] = {}
        for negative in found.negatives:
            negatives.setdefault(negative.tag, []).append(negative)
        verdicts: dict[int, list[ScopeVerdict]] = {}
        for hit in found.hits:
            verdicts.setdefault(hit.tag, []).append(judge(hit, self.scheme.tags[hit.tag], context, negatives.get(hit.tag, ())))
        return Analysis(folded, context, {tag: combine(items) for tag, items in verdicts.items()})


def combine(verdicts: Sequence[ScopeVerdict]) -> TagEvidence:
    """Combine the verdicts on all triggers of one tag (noisy-or over distinct triggers).

    A holding trigger counts with its weight, a suspected one with its weight toward `p_any` only, a rejected one not at all.
    """
    if not verdicts:
        return _NOTHING
    misses_holds = misses_any = 1.0
    strongest = strongest_any = strongest_rejected = 0.0
    seen: set[tuple[int, Status]] = set()
    for verdict in verdicts:
        key = (verdict.hit.trigger, verdict.status)
        weight = verdict.hit.weight
        if verdict.status is Status.REJECTED:
            strongest_rejected = max(strongest_rejected, weight)
            continue
        strongest_any = max(strongest_any, weight)
        if verdict.status is Status.HOLDS:
            strongest = max(strongest, weight)
        if key in seen:
            continue
        seen.add(key)
        misses_any *= 1.0 - weight
        if verdict.status is Status.HOLDS:
            misses_holds *= 1.0 - (weight if weight > HINT else weight * _HOLDS_SHARE)
    p_holds, p_any = 1.0 - misses_holds, 1.0 - misses_any
    status: Status | None = None
    if strongest > HINT and p_holds >= CONFIRM_AT:
        status = Status.HOLDS
    elif strongest_any > WEAK and p_any >= SUSPECT_AT:
        status = Status.SUSPECTED
    elif strongest_rejected > WEAK:
        status = Status.REJECTED
    return TagEvidence(p_holds, p_any, status, tuple(verdicts))
