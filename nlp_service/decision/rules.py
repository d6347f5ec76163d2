"""The statute before the statistics: which disposals the known pivots leave open, what is still to be proved, whether the plan fits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpora.kinds import all_kinds, severity
from corpora.schema import PartyType, PivotValue
from corpora.violations import DisposalRule, FineRange, Violation

from ..drafts import Planned
from .findings import Finding

DEMOLITION = frozenset({"限期拆除", "恢复原状"})
PENALTY_LAW_2021, OLD_PENALTY_LAW = dt.date(2021, 7, 15), "行政处罚法(2017)"
CHECK_KIND = "关键事实的证据是否在卷、认定是否书面"
CHECK_FINE = "计罚基数、适用条款与法律版本"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules say. `steered` are the disposals decisive pivots lead to, `lawful` all that are open; `steering` the pivots that lead there.

    `findings` set the plan against the statute; `procedure` is what a person has to check besides (hearing, limitation, enforcement …).
    `lapsed_on` is the last day of the rules where the catalogue has none for the day asked: they are shown, the plan is not set against them.
    """

    lawful: tuple[DisposalRule, ...]
    steered: tuple[DisposalRule, ...]
    steering: tuple[str, ...]
    pending: tuple[str, ...]
    findings: tuple[Finding, ...]
    procedure: tuple[Finding, ...] = ()
    lapsed_on: dt.date | None = None


def party_fits(rule: DisposalRule, party: PartyType | None) -> bool:
    """Whether a rule is for this kind of party; an unknown party meets all."""
    if rule.party == "任意" or party is None or (party is PartyType.SOLE_TRADER and rule.sole_traders is not None):
        return True
    return (rule.party == "单位") == (party is PartyType.ORGANISATION)


def lapsed(violation: Violation, day: dt.date | None) -> dt.date | None:
    """Return the last day of the violation's penalties where none is in force on the day (today without one): a newer law is not in the catalogue yet."""
    ends = [rule.valid_to for rule in violation.disposals if _punishes(rule) and rule.valid_to is not None]
    if not ends or any(_punishes(rule) and rule.in_force(day) for rule in violation.disposals):
        return None
    return max(ends) if day is None or day > max(ends) else None


def _punishes(rule: DisposalRule) -> bool:
    return any(kind != "不予处罚" and not all_kinds()[kind].correction for kind in rule.kinds)


def cited_on(cite: Sequence[str], day: dt.date | None) -> tuple[str, ...]:
    """Return the citations that hold on a day: of a rule that names the twin articles of both penalty laws, the one in force (today's without a day)."""
    is_old = day is not None and day < PENALTY_LAW_2021
    twins = {OLD_PENALTY_LAW in item for item in cite if item.startswith("行政处罚法")}
    if len(twins) < 2:
        return tuple(cite)
    return tuple(item for item in cite if not item.startswith("行政处罚法") or (OLD_PENALTY_LAW in item) is is_old)


def open_rules(violation: Violation, pivots: Mapping[str, PivotValue], day: dt.date | None, party: PartyType | None) -> list[DisposalRule]:
    """Return the disposals in force on the day that no known pivot excludes, each with the articles of that day."""
    return [
        rule.model_copy(update={"cite": cited_on(rule.cite, day), "status": (party is PartyType.SOLE_TRADER and rule.sole_traders) or rule.status})
        for rule in violation.disposals
        if rule.in_force(day) and party_fits(rule, party) and all(pivots.get(name, value) == value for name, value in rule.when.items())
    ]


def _steered(violation: Violation, pivots: Mapping[str, PivotValue], lawful: list[DisposalRule]) -> tuple[list[DisposalRule], list[str]]:
    """Return the disposals that decisive pivots lead to. In planning a pivot that leads to demolition goes first (domain §7.1)."""
    by_id = {rule.id: rule for rule in (*violation.disposals, *lawful)}  # the open ones last: their status may depend on the party
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


def is_reduced(rule: DisposalRule) -> bool:
    """Whether a rule is the way below the ordinary range (减轻处罚): open only where its precondition is proved."""
    return rule.fine is not None and any("减轻" in words for words in (rule.title, rule.precondition or ""))


def judge(
    violation: Violation,
    pivots: Mapping[str, PivotValue],
    planned: Planned | None,
    *,
    day: dt.date | None,
    party: PartyType | None,
    base: float | None = None,
) -> Ruling:
    """Apply the rules of a violation to what is known and planned; `base` is the sum the fine is measured by where the plan does not give it."""
    lapsed_on = lapsed(violation, day)
    lawful = open_rules(violation, pivots, lapsed_on or day, party)
    steered, steering = _steered(violation, pivots, lawful)
    findings: list[Finding] = []
    if planned and planned.kinds and lapsed_on is None:
        findings += _kind_findings(violation, lawful, steered, pivots, steering, planned)
        findings += _fine_findings(lawful, steered, planned, float(planned.base_amount_yuan) if planned.base_amount_yuan else base)
    pending = tuple(pivot.question for pivot in violation.pivots if pivot.decisive and pivot.name not in pivots)
    return Ruling(tuple(lawful), tuple(steered), tuple(steering), pending, tuple(findings), lapsed_on=lapsed_on)


def cites(rules: Sequence[DisposalRule]) -> tuple[str, ...]:
    """Return the citations of rules, each once."""
    return tuple(dict.fromkeys(cite for rule in rules for cite in rule.cite))


def status_of(rules: Sequence[DisposalRule]) -> str:
    """Return to_confirm where one of the rules still needs a lawyer."""
    return "checked" if all(rule.status == "checked" for rule in rules) else "to_confirm"


def _span(rule: DisposalRule, family: str) -> tuple[int, int] | None:
    """Return the levels a disposal covers, from its kinds alone to its kinds with all that may be added."""
    low = severity(rule.kinds, family)
    high = severity((*rule.kinds, *rule.optional), family)
    return None if low is None or high is None else (low, high)


def _has_alternative(lawful: list[DisposalRule], pivots: Mapping[str, PivotValue], steering: list[str], level: int, gap: int, family: str) -> bool:
    """Whether another open disposal carries the plan: one that rests on the same fact (没收 beside 拆除), or a nearby one with a precondition to prove."""
    for rule in lawful:
        span = _span(rule, family)
        if span is None or not span[0] <= level <= span[1]:
            continue
        rests_on_fact = any(name in rule.when and rule.when[name] == pivots.get(name) for name in steering)
        if rests_on_fact or (not rule.when and rule.precondition and gap <= 1):
            return True
    return False


def _kind_findings(
    violation: Violation,
    lawful: list[DisposalRule],
    steered: list[DisposalRule],
    pivots: Mapping[str, PivotValue],
    steering: list[str],
    planned: Planned,
) -> list[Finding]:
    level = severity(planned.kinds, violation.family)
    spans = [span for rule in steered if (span := _span(rule, violation.family)) is not None]
    if level is None or not spans:
        return []
    low, high = min(span[0] for span in spans), max(span[1] for span in spans)
    if low <= level <= high:
        return []
    gap = level - high if level > high else low - level
    if _has_alternative(lawful, pivots, steering, level, gap, violation.family):
        return []
    titles = "；".join(dict.fromkeys(rule.title for rule in steered))
    side, direction = ("重", "heavier") if level > high else ("轻", "lighter")
    text = f"按已查明的“{'、'.join(steering)}”，依据指向“{titles}”，拟处置比其{side}"
    return [Finding("kind", text, cites(steered), status_of(steered), CHECK_KIND, direction, gap)]


def fine_range(lawful: Sequence[DisposalRule], steered: Sequence[DisposalRule], base: float | None) -> tuple[float, float, tuple[DisposalRule, ...]] | None:
    """Return the lowest and highest lawful fine in yuan with the rules behind them, None where a base is missing or no rule has a fine.

    What is open below the ordinary range by 减轻 does not widen it.
    """
    fined = [[rule for rule in some if rule.fine is not None and not is_reduced(rule)] for some in (steered, lawful)]
    rules = fined[0] or fined[1]
    rules = [rule for rule in rules if rule.fine is not None and is_for_base(rule.fine, base)] or rules
    ranges = [fine_limits(rule.fine, base) for rule in rules if rule.fine is not None]
    known = [limits for limits in ranges if limits is not None]
    if not known or len(known) < len(ranges):
        return None
    return min(low for low, _ in known), max(high for _, high in known), tuple(rules)


def _fine_findings(lawful: list[DisposalRule], steered: list[DisposalRule], planned: Planned, base: float | None) -> list[Finding]:
    if planned.fine_yuan is None:
        return []
    fine = float(planned.fine_yuan)
    found = fine_range(lawful, steered, base)
    if found is None:
        return []
    low, high, rules = found
    if fine > high * 1.0001:
        text = f"拟罚款{fine:,.0f}元，高于法定上限{high:,.0f}元"
        return [Finding("fine_above", text, cites(rules), status_of(rules), CHECK_FINE, "heavier", 0, True)]
    if fine < low * 0.9999:
        text = f"拟罚款{fine:,.0f}元，低于法定下限{low:,.0f}元；减轻处罚须载明依据并经集体讨论"
        reduced = [rule for rule in lawful if rule.precondition and rule.fine and (limits := fine_limits(rule.fine, base)) and limits[0] <= fine <= limits[1]]
        if reduced:  # the catalogue itself knows a reduced fine here: its precondition is to be proved, the plan does not depart
            return [Finding("fine_reduced", text, cites(reduced), "to_confirm", reduced[0].precondition or CHECK_FINE)]
        return [Finding("fine_below", text, cites(rules), status_of(rules), CHECK_FINE, "lighter", 0, True)]
    return []
