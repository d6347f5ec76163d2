"""What would change the answer: how peers with a fact the draft does not state were disposed of, by pivot and by factor. Counts, no forecasts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpora.pivots import read_factors
from corpora.violations import Pattern, Violation

from ..drafts import Draft
from ..search import Answer
from .distribution import MIN_BAR_N, Distribution, distribution
from .neighbours import Neighbour
from .wording import level_name

MAX_PEERS = 40  # whose facts are read for factors


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """Peers with (or without) a fact. `median` is the usual disposal, None below five; `kind` is pivot, mitigating or aggravating."""

    pivot: str
    value: bool
    n: int
    median: str | None
    counts: dict[str, int]
    kind: str = "pivot"


def counterfactuals(answer: Answer, draft: Draft, items: Sequence[Neighbour]) -> list[Counterfactual]:
    """Return what peers say for each open decisive pivot (both ways) and each factor that the draft does not mention."""
    violation = answer.violation
    if violation is None:
        return []
    eligible = [item for item in items if item.is_eligible and item.level is not None]
    return [*_pivots(answer, violation, eligible), *_factors(draft, violation, eligible)]


def _pivots(answer: Answer, violation: Violation, eligible: Sequence[Neighbour]) -> list[Counterfactual]:
    found = []
    for pivot in violation.pivots:
        if pivot.type != "bool" or not pivot.decisive or pivot.name in answer.pivots:
            continue
        for value in (True, False):
            chosen = [item for item in eligible if item.case.pivots.get(pivot.name) is value]
            if chosen:
                found.append(_made(pivot.name, value, "pivot", chosen, violation))
    return found


def _factors(draft: Draft, violation: Violation, eligible: Sequence[Neighbour]) -> list[Counterfactual]:
    found = []
    for kind, patterns in (("mitigating", violation.mitigating), ("aggravating", violation.aggravating)):
        stated = {mention.name for mention in read_factors(patterns, draft.text)}
        open_patterns = [pattern for pattern in patterns if pattern.name not in stated]
        has = _mentions(open_patterns, eligible[:MAX_PEERS])
        for pattern in open_patterns:
            chosen = [item for item in eligible[:MAX_PEERS] if has(item, pattern.name)]
            if len(chosen) >= MIN_BAR_N:
                found.append(_made(pattern.name, True, kind, chosen, violation))
    return found


def _mentions(patterns: Sequence[Pattern], items: Sequence[Neighbour]) -> Callable[[Neighbour, str], bool]:
    read = {item.case.case_id: {mention.name for mention in read_factors(patterns, item.case.facts)} for item in items}
    return lambda item, name: name in read[item.case.case_id]


def _made(name: str, value: bool, kind: str, chosen: Sequence[Neighbour], violation: Violation) -> Counterfactual:
    found: Distribution = distribution([item.level or 0 for item in chosen], [item.weight for item in chosen])
    median = level_name(violation.family, found.median) if found.median is not None and found.n >= MIN_BAR_N else None
    counts = {level_name(violation.family, level): count for level, count in found.counts.items()}
    return Counterfactual(name, value, found.n, median, counts, kind)
