"""Every reason to look again, from the rules, the levels and fines of peers and corrected peers; and what silences one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from corpora.kinds import severity
from corpora.violations import Violation

from ..drafts import Planned
from .burden import MONEY, Burden, burden, burden_signal, corrected_signal, near_amounts, weight_in_money
from .deviation import Gap, Signal, amount_signal, explained, nearest_agree, ordinal_signal, rule_signals
from .distribution import Amounts, Distribution, amounts
from .guidance import Guidance
from .neighbours import Neighbour
from .rules import Ruling
from .situation import Situation
from .wording import level_name

# What a draft says when it plans no penalty for a reason.
_GROUNDS = re.compile(
    r"轻微|及时(?:改正|纠正|整改)|首次|初次|头一回|没有(?:造成)?危害|未造成|证据不足|不足以|不能(?:证明|证实|认定)|无法(?:证明|证实|认定|查实)|不成立|时效|超过(?:两|二|2)年"
    r"|误差|不属于|不构成|无需|不需要|免于|没有主观过错|不可抗力|已自行|自行(?:拆除|改正|清除)|当场(?:收|搬|改|清|撤)"
)


def find_signals(
    violation: Violation,
    items: Sequence[Neighbour],
    *,
    found: Distribution,
    gap: Gap | None,
    ruling: Ruling,
    situation: Situation,
    guidance: Guidance,
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
    if rules_affirm(ruling, level, violation.family):
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


def fines_of_peers(
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


def rules_affirm(ruling: Ruling, level: int | None, family: str) -> bool:
    """Whether decisive pivots lead to disposals of just the planned level."""
    if level is None or not ruling.steered:
        return False
    low = min(severity(rule.kinds, family) or 0 for rule in ruling.steered)
    high = max(severity((*rule.kinds, *rule.optional), family) or 0 for rule in ruling.steered)
    return low <= level <= high
