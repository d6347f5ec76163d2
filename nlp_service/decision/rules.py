"""The statute before the statistics: which disposals the known pivots leave open, what is still to be proved, whether the plan fits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpora.kinds import severity
from corpora.schema import PartyType, PivotValue
from corpora.violations import DisposalRule, FineRange, Violation

from ..drafts import Planned
from .findings import Finding

DEMOLITION = frozenset({"限期拆除", "恢复原状"})
CHECK_KIND = "关键事实的证据是否在卷、认定是否书面"
CHECK_FINE = "计罚基数、适用条款与法律版本"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules say. `steered` are the disposals decisive pivots lead to, `lawful` all that are open; `steering` the pivots that lead there.

    `findings` set the plan against the statute; `procedure` is what a person has to check besides (hearing, limitation, enforcement …).
    """

    lawful: tuple[DisposalRule, ...]
    steered: tuple[DisposalRule, ...]
    steering: tuple[str, ...]
    pending: tuple[str, ...]
    findings: tuple[Finding, ...]
    procedure: tuple[Finding, ...] = ()


def party_fits(rule: DisposalRule, party: PartyType | None) -> bool:
    """Whether a rule is for this kind of party; an unknown party meets all."""
    if rule.party == "任意" or party is None:
        return True
    return (rule.party == "单位") == (party is PartyType.ORGANISATION)


def open_rules(violation: Violation, pivots: Mapping[str, PivotValue], day: dt.date | None, party: PartyType | None) -> list[DisposalRule]:
    """Return the disposals in force on the day that no known pivot excludes."""
    return [
        rule
        for rule in violation.disposals
        if rule.in_force(day) and party_fits(rule, party) and all(pivots.get(name, value) == value for name, value in rule.when.items())
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
    """Return the fine's range in yuan; None when its base is not known, or is a number of units (an area, persons) that no sum tells."""
    if limits.kind == "fixed":
        return limits.min, limits.max
    if limits.kind == "per_unit":
        return None
    return (limits.min * base, limits.max * base) if base else None


def is_for_base(limits: FineRange, base: float | None) -> bool:
    """Whether the range is for a base of this size (货值不足一万元, 一万元以上); an unknown base meets all."""
    if base is None:
        return True
    return (limits.base_from is None or base >= limits.base_from) and (limits.base_to is None or base < limits.base_to)


def judge(violation: Violation, pivots: Mapping[str, PivotValue], planned: Planned | None, *, day: dt.date | None, party: PartyType | None) -> Ruling:
    """Apply the rules of a violation to what is known and planned."""
    lawful = open_rules(violation, pivots, day, party)
    steered, steering = _steered(violation, pivots, lawful)
    findings: list[Finding] = []
    if planned and planned.kinds:
        findings += _kind_findings(violation, steered, steering, planned)
        findings += _fine_findings(lawful, steered, planned)
    pending = tuple(pivot.question for pivot in violation.pivots if pivot.decisive and pivot.name not in pivots)
    return Ruling(tuple(lawful), tuple(steered), tuple(steering), pending, tuple(findings))


def cites(rules: Sequence[DisposalRule]) -> tuple[str, ...]:
    """Return the citations of rules, each once."""
    return tuple(dict.fromkeys(cite for rule in rules for cite in rule.cite))


def status_of(rules: Sequence[DisposalRule]) -> str:
    """Return to_confirm where one of the rules still needs a lawyer."""
    return "checked" if all(rule.status == "checked" for rule in rules) else "to_confirm"


def _kind_findings(violation: Violation, steered: list[DisposalRule], steering: list[str], planned: Planned) -> list[Finding]:
    level = severity(planned.kinds, violation.family)
    levels = [value for rule in steered if (value := severity((*rule.kinds, *rule.optional), violation.family)) is not None]
    lowest = [value for rule in steered if (value := severity(rule.kinds, violation.family)) is not None]
    if level is None or not lowest:
        return []
    titles = "；".join(dict.fromkeys(rule.title for rule in steered))
    facts = "、".join(steering)
    if level > max(levels):
        text, direction, gap = f"按已查明的“{facts}”，依据指向“{titles}”，拟处置比其重", "heavier", level - max(levels)
    elif level < min(lowest):
        text, direction, gap = f"按已查明的“{facts}”，依据指向“{titles}”，拟处置比其轻", "lighter", min(lowest) - level
    else:
        return []
    return [Finding("kind", text, cites(steered), status_of(steered), CHECK_KIND, direction, gap)]


def fine_range(lawful: Sequence[DisposalRule], steered: Sequence[DisposalRule], base: float | None) -> tuple[float, float, tuple[DisposalRule, ...]] | None:
    """Return the lowest and highest lawful fine in yuan with the rules behind them, None where a base is missing or no rule has a fine."""
    rules = [rule for rule in (steered or lawful) if rule.fine is not None] or [rule for rule in lawful if rule.fine is not None]
    rules = [rule for rule in rules if rule.fine is not None and is_for_base(rule.fine, base)] or rules
    ranges = [fine_limits(rule.fine, base) for rule in rules if rule.fine is not None]
    known = [limits for limits in ranges if limits is not None]
    if not known or len(known) < len(ranges):
        return None
    return min(low for low, _ in known), max(high for _, high in known), tuple(rules)


def _fine_findings(lawful: list[DisposalRule], steered: list[DisposalRule], planned: Planned) -> list[Finding]:
    if planned.fine_yuan is None:
        return []
    fine = float(planned.fine_yuan)
    found = fine_range(lawful, steered, float(planned.base_amount_yuan) if planned.base_amount_yuan else None)
    if found is None:
        return []
    low, high, rules = found
    if fine > high * 1.0001:
        text = f"拟罚款{fine:,.0f}元，高于法定上限{high:,.0f}元"
        return [Finding("fine_above", text, cites(rules), status_of(rules), CHECK_FINE, "heavier", 0, True)]
    if fine < low * 0.9999:
        text = f"拟罚款{fine:,.0f}元，低于法定下限{low:,.0f}元；减轻处罚须载明依据并经集体讨论"
        return [Finding("fine_below", text, cites(rules), status_of(rules), CHECK_FINE, "lighter", 0, True)]
    return []
