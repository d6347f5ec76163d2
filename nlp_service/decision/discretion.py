"""Where a planned fine stands between the statutory minimum and maximum: 从轻, 一般, 从重; a convention until the agency's own standard is entered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from corpora.violations import DisposalRule

from .figures import percent_words
from .findings import Finding, notice
from .rules import Ruling, cites, fine_limits, fine_range
from .situation import Situation


class Step(StrEnum):
    """The three steps of discretion."""

    LIGHT = "从轻"
    ORDINARY = "一般"
    HEAVY = "从重"


# One county's published steps for planning (domain §1.7 CX02, §8): 5–6 %, 7–8 %, 9–10 % of the cost; what lies between belongs to the lower step.
PLANNING_STEPS = ((0.05, 0.065, Step.LIGHT, "百分之五至六"), (0.065, 0.085, Step.ORDINARY, "百分之七至八"), (0.085, 0.1, Step.HEAVY, "百分之九至十"))


@dataclass(frozen=True, slots=True)
class Placed:
    """A fine's step and the limits of that step in yuan."""

    step: Step
    low: float
    high: float


def place(fine: float, low: float, high: float) -> Placed | None:
    """Return the third of [low, high] in which a fine lies, None outside or where there is no room."""
    if not low - 0.5 <= fine <= high + 0.5 or high <= low:
        return None
    width = (high - low) / 3
    index = min(2, max(0, int((fine - low) / width)))
    if index and abs(fine - (low + index * width)) < 0.5:
        index -= 1  # an end belongs to the milder step
    return Placed(tuple(Step)[index], low + index * width, low + (index + 1) * width)


def _range_of(ruling: Ruling, base: float | None, fine: float) -> tuple[float, float, Sequence[DisposalRule]] | None:
    """Return the one range a fine lies in; None where it lies in several: an open fact decides which, and the steps of a range made of two mean nothing."""
    found = fine_range(ruling.lawful, ruling.steered, base)
    if found is None:
        return None
    ranges = [(limits, rule) for rule in found[2] if rule.fine is not None and (limits := fine_limits(rule.fine, base)) is not None]
    holding = [(limits, rule) for limits, rule in ranges if limits[0] - 0.5 <= fine <= limits[1] + 0.5]
    plain = [(limits, rule) for limits, rule in holding if rule.precondition is None] or holding
    if len({limits for limits, _ in plain}) != 1:
        return None
    (low, high), _ = plain[0]
    return low, high, [rule for _, rule in plain]


def step_findings(ruling: Ruling, situation: Situation, family: str, mitigating: Sequence[str], aggravating: Sequence[str]) -> list[Finding]:
    """Return the step of the planned fine, and a question where the factors found point the other way."""
    planned = situation.planned
    if planned is None or planned.fine_yuan is None:
        return []
    base = situation.base.yuan if situation.base and situation.base.is_named else None
    fine, day = float(planned.fine_yuan), situation.handled_on
    found = _range_of(ruling, base, fine)
    if found is None:
        return []
    low, high, rules = found
    placed = place(fine, low, high)
    if placed is None:
        return []
    step, finding = placed.step, None
    is_share = family == "planning" and base and all(rule.fine is not None and rule.fine.kind == "percent" and rule.fine.min == 0.05 for rule in rules)
    if is_share and base:
        rate = fine / base
        _, _, step, words = next((row for row in PLANNING_STEPS if rate <= row[1] + 1e-9), PLANNING_STEPS[-1])
        finding = notice("step_planning", day, cite=cites(rules)[:2], rate=percent_words(rate), step=step, step_range=words)
    else:
        values = {"fine": fine, "low": low, "high": high, "step_low": placed.low, "step_high": placed.high}
        finding = notice("step", day, cite=cites(rules)[:2], step=step, **{name: f"{value:,.0f}" for name, value in values.items()})
    against = mitigating if step is Step.HEAVY and not aggravating else aggravating if step is Step.LIGHT and not mitigating else ()
    clash = notice("step_against_factors", day, factors="、".join(against), step=step) if against else None
    return [item for item in (finding, clash) if item is not None]
