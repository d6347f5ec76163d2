"""Does the plan depart from peers? Rules first, then the ordinal gap with its tail interval, then the amount (domain §7 steps 5–6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .distribution import Amounts, Distribution, Tail, tail
from .figures import without_signs
from .findings import Finding

STRONG_GAP, STRONG_SHARE, STRONG_UPPER, STRONG_N_EFF = 2, 0.25, 0.50, 8.0
NOTICE_GAP, NOTICE_SHARE, NOTICE_N_EFF = 1, 0.35, 5.0
LIGHTER_SHARE = 0.10  # a lighter plan is named only where hardly any peer is as light, and peers are many
NEAREST, NEAREST_SIDE = 8, 1
BEYOND = 1.1  # a fine at the very edge of the peers' range is not outside it
RANK = {"none": 0, "notice": 1, "warning": 2}


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason to look again."""

    level: str
    direction: str
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Gap:
    """The plan's place among peers."""

    levels: int
    tail: Tail


def ordinal_gap(found: Distribution, levels: Sequence[int], weights: Sequence[float], planned: int) -> Gap | None:
    """Return the gap to the weighted median and the tail on the plan's side, None without peers."""
    if found.median is None:
        return None
    gap = planned - found.median
    return Gap(gap, tail(levels, weights, planned, heavier=gap >= 0))


def ordinal_signal(found: Distribution, gap: Gap | None, peers: str) -> Signal | None:
    """Return the signal of the ordinal gap: strong, ordinary or none (domain §7 step 5)."""
    if gap is None or gap.levels == 0:
        return None
    direction = "heavier" if gap.levels > 0 else "lighter"
    side = f"比相似案例的中位处置（{peers}）{'重' if gap.levels > 0 else '轻'}{abs(gap.levels)}级"
    if gap.levels < 0:
        side += "，请核对是否漏用从重情节、有无不予或减轻处罚的依据"
    size, share = abs(gap.levels), gap.tail.share
    if gap.levels < 0 and (share > LIGHTER_SHARE or found.n_eff < STRONG_N_EFF):
        return None
    if size >= STRONG_GAP and share <= STRONG_SHARE and gap.tail.high < STRONG_UPPER and found.n_eff >= STRONG_N_EFF:
        return Signal("warning", direction, "peers", side)
    if size >= NOTICE_GAP and share <= NOTICE_SHARE and found.n_eff >= NOTICE_N_EFF:
        return Signal("notice", direction, "peers", side)
    return None


def amount_signal(found: Amounts | None, planned: float | None) -> Signal | None:
    """Return a signal when the planned fine (rate or yuan, as the peers') lies outside the peers' 10–90 % range."""
    if found is None or planned is None or not found.has_interval:
        return None
    if planned > found.q90 * BEYOND:
        return Signal("notice", "heavier", "amount", "拟罚款高于同类案件十分之九分位")
    if planned < found.q10 / BEYOND:
        return Signal("notice", "lighter", "amount", "拟罚款低于同类案件十分之一分位")
    return None


def rule_signals(findings: Sequence[Finding], family: str) -> list[Signal]:
    """Return the signals of the rules: above the statutory maximum, or two levels apart in a planning tree, is strong.

    Outside planning the pivots' steering is the catalogue's, not a statutory tree: it asks to look, no more.
    """
    return [
        Signal(
            "warning" if (finding.gap >= STRONG_GAP and family == "planning") or (finding.is_hard and finding.direction == "heavier") else "notice",
            finding.direction,
            finding.code,
            without_signs(finding.text),
        )
        for finding in findings
        if finding.direction is not None
    ]


def nearest_agree(direction: str, values: Sequence[float], planned: float) -> bool:
    """Whether some of the nearest peers (levels or fines, most similar first) lie on the plan's side: then there is no departure.

    One is enough for a lighter plan, two are needed for a heavier one: the method must not push towards severity (domain §0.7).

    Measured on the bundled cases, each set against the others: of undisputed decisions 22 % lie two levels or more from the median of all
    peers of the violation, 9 % from that of the nearest five.
    """
    near = values[:NEAREST]
    side = sum(value >= planned if direction == "heavier" else value <= planned for value in near)
    return len(near) == NEAREST and side > (NEAREST_SIDE if direction == "heavier" else 0)


def explained(signals: Sequence[Signal], *, mitigating: bool, aggravating: bool, grounds: bool, of_rules: bool = False) -> list[Signal]:
    """Drop what the draft itself gives the reason for: aggravating facts for a heavier fine, mitigating ones or grounds for a lighter plan.

    The method must not push towards severity (domain §0.7): what is lighter than peers is a notice, never a warning, unless the statute says it.
    """
    kept = []
    for signal in signals:
        is_mild = (mitigating and not aggravating) or grounds
        if signal.direction == "heavier" and aggravating and not mitigating and signal.source in ("burden", "amount"):
            continue
        if signal.direction == "lighter" and (grounds or (is_mild and not of_rules) or (is_mild and signal.source == "fine_below")):
            continue
        kept.append(replace(signal, level="notice") if signal.direction == "lighter" and not of_rules else signal)
    return kept


def combine(signals: Sequence[Signal]) -> tuple[str, str | None]:
    """Return the highest level and its direction; signals that pull both ways at that level give `other`."""
    if not signals:
        return "none", None
    level = max((signal.level for signal in signals), key=RANK.__getitem__)
    directions = {signal.direction for signal in signals if signal.level == level}
    return level, directions.pop() if len(directions) == 1 else "other"
