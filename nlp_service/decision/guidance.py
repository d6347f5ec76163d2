"""Guidance per violation: constituent facts, evidence held and missing, grounds for losing, factors, procedure, steps. No probabilities."""

from __future__ import annotations

from dataclasses import dataclass

from corpora.pivots import Mention, read_factors
from corpora.violations import LossGround, Pattern, Violation


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """A piece of evidence and where the draft mentions it, None where it does not."""

    item: str
    mention: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Guidance:
    """What the file of such a case needs; `citations` carry whether a lawyer has checked them."""

    violation: str
    elements: tuple[str, ...]
    evidence: tuple[EvidenceItem, ...]
    loss_grounds: tuple[LossGround, ...]
    mitigating: tuple[Mention, ...]
    aggravating: tuple[Mention, ...]
    procedure: dict[str, str]
    steps: tuple[str, ...]
    citations: tuple[tuple[str, str], ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Evidence the draft does not mention."""
        return tuple(item.item for item in self.evidence if item.mention is None)


def guide(violation: Violation, text: str) -> Guidance:
    """Read a draft against the catalogue's entry of its violation."""
    points = [Pattern(name=point.item, patterns=point.patterns) for point in violation.evidence]
    held = {mention.name: (mention.start, mention.end) for mention in read_factors(points, text)}
    return Guidance(
        violation=violation.name,
        elements=violation.elements,
        evidence=tuple(EvidenceItem(point.item, held.get(point.item)) for point in violation.evidence),
        loss_grounds=violation.loss_grounds,
        mitigating=tuple(read_factors(violation.mitigating, text)),
        aggravating=tuple(read_factors(violation.aggravating, text)),
        procedure=dict(violation.procedure),
        steps=violation.steps,
        citations=tuple((dated.cite, dated.status) for dated in (*violation.duty, *violation.penalty)),
    )
