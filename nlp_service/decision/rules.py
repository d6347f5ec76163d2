"""The statute before the statistics: which disposals the known pivots leave open, what is still to be proved, whether the plan fits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from corpora.kinds import severity
from corpora.schema import PartyType, PivotValue
from corpora.violations import DisposalRule, FineRange, Violation

from ..drafts import Planned

DEMOLITION = frozenset({"限期拆除", "恢复原状"})


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules say. `steered` are the disposals decisive pivots lead to, `lawful` all that are open; `steering` the pivots that lead there."""

    lawful: tuple[DisposalRule, ...]
    steered: tuple[DisposalRule, ...]
    steering: tuple[str, ...]
    pending: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One point where plan and rule part. `gap` is in levels (0 for amounts); `is_hard` marks what lies outside the statutory range."""

    direction: str
    gap: int
    is_hard: bool
    text: str
    cite: tuple[str, ...]


def _party_fits(rule: DisposalRule, party: PartyType | None) -> bool:
    if rule.party == "任意" or party is None:
        return True
    return (rule.party == "单位") == (party is PartyType.ORGANISATION)


def open_rules(violation: Violation, pivots: Mapping[str, PivotValue], day: dt.date | None, party: PartyType | None) -> list[DisposalRule]:
    """Return the disposals in force on the day that no known pivot excludes."""
    return [
        rule
        for rule in violation.disposals
        if rule.in_force(day) and _party_fits(rule, party) and all(pivots.get(name, value) == value for name, value in rule.when.items())
    ]


def _steered(violation: Violation, pivots: Mapping[str, PivotValue], lawful: list[DisposalRule]) -> tuple[list[DisposalRule], list[str]]:
    """Return the disposals that decisive pivots lead to. In planning a pivot that leads to demolition goes first (domain §7.1)."""
    by_id = {rule.id: rule for rule in violation.disposals}
    votes: list[tuple[str, list[DisposalRule]]] = []
    for pivot in violation.pivots:
        value = pivots.get(pivot.name)
        if pivot.decisive and isinstance(value, bool) and value in pivot.steers:
            votes.append((pivot.name, [by_id[target] for target in pivot.steers[value]]))
    if violation.family == "planning":
        demolishing = [(name, rules) for name, rules in votes if any(DEMOLITION & set(rule.kinds) for rule in rules)]
        confiscating = [(name, rules) for name, rules in votes if any("没收实物" in rule.kinds for rule in rules)]
        votes = confiscating or demolishing or votes
    open_ids = {rule.id for rule in lawful}
    chosen = {rule.id: rule for _, rules in votes for rule in rules if rule.id in open_ids or violation.family == "planning"}
    return list(chosen.values()), [name for name, _ in votes]


def fine_limits(limits: FineRange, base: float | None) -> tuple[float, float] | None:
    """Return the fine's range in yuan, None when its base is not known."""
    if limits.kind == "fixed":
        return limits.min, limits.max
    return (limits.min * base, limits.max * base) if base else None


def _pending(violation: Violation, pivots: Mapping[str, PivotValue]) -> list[str]:
    return [pivot.question for pivot in violation.pivots if pivot.decisive and pivot.name not in pivots]


def judge(violation: Violation, pivots: Mapping[str, PivotValue], planned: Planned | None, *, day: dt.date | None, party: PartyType | None) -> Ruling:
    """Apply the rules of a violation to what is known and planned."""
    lawful = open_rules(violation, pivots, day, party)
    steered, steering = _steered(violation, pivots, lawful)
    findings: list[Finding] = []
    if planned and planned.kinds:
        findings += _kind_findings(violation, steered, steering, planned)
        findings += _fine_findings(lawful, steered, planned)
    return Ruling(tuple(lawful), tuple(steered), tuple(steering), tuple(_pending(violation, pivots)), tuple(findings))


def _kind_findings(violation: Violation, steered: list[DisposalRule], steering: list[str], planned: Planned) -> list[Finding]:
    level = severity(planned.kinds, violation.family)
    levels = [value for rule in steered if (value := severity((*rule.kinds, *rule.optional), violation.family)) is not None]
    lowest = [value for rule in steered if (value := severity(rule.kinds, violation.family)) is not None]
    if level is None or not lowest:
        return []
    cite = tuple(dict.fromkeys(cite for rule in steered for cite in rule.cite))
    titles = "；".join(dict.fromkeys(rule.title for rule in steered))
    facts = "、".join(steering)
    if level > max(levels):
        return [Finding("heavier", level - max(levels), False, f"按已查明的“{facts}”，依据指向“{titles}”，拟处置比其重", cite)]
    if level < min(lowest):
        return [Finding("lighter", min(lowest) - level, False, f"按已查明的“{facts}”，依据指向“{titles}”，拟处置比其轻", cite)]
    return []


def _fine_findings(lawful: list[DisposalRule], steered: list[DisposalRule], planned: Planned) -> list[Finding]:
    if planned.fine_yuan is None:
        return []
    fine = float(planned.fine_yuan)
    base = float(planned.base_amount_yuan) if planned.base_amount_yuan else None
    rules = [rule for rule in (steered or lawful) if rule.fine is not None] or [rule for rule in lawful if rule.fine is not None]
    if any(rule.fine is not None and fine_limits(rule.fine, base) is None for rule in rules):
        return []  # a base is missing: nothing to compare with
    ranges = [limits for rule in rules if rule.fine is not None and (limits := fine_limits(rule.fine, base)) is not None]
    if not ranges:
        return []
    low, high = min(limits[0] for limits in ranges), max(limits[1] for limits in ranges)
    cite = tuple(dict.fromkeys(cite for rule in rules for cite in rule.cite))
    if fine > high * 1.0001:
        return [Finding("heavier", 0, True, f"拟罚款{fine:,.0f}元，高于法定上限{high:,.0f}元", cite)]
    if fine < low * 0.9999:
        return [Finding("lighter", 0, True, f"拟罚款{fine:,.0f}元，低于法定下限{low:,.0f}元；减轻处罚须载明依据并经集体讨论", cite)]
    return []
