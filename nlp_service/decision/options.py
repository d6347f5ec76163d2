"""What the statute leaves open here, in words: every lawful disposal at the act's date with its fine in yuan, and the facts it still hangs on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpora.schema import PivotValue
from corpora.violations import DisposalRule, Violation

from .figures import without_signs, yuan
from .findings import Finding, notice
from .rules import Ruling, fine_limits, is_for_base, is_reduced
from .situation import Situation

MAX_SAID = 6
OUT_OF_SCALE = 100  # a fine a hundred times what was sold asks why nothing milder is open


@dataclass(frozen=True, slots=True)
class Option:
    """One lawful disposal. `low` and `high` are yuan where they can be told; `if_facts` are facts the draft leaves open; `is_mild` marks 不予处罚 and 减轻."""

    rule_id: str
    title: str
    low: float | None
    high: float | None
    if_facts: tuple[str, ...]
    precondition: str | None
    cite: tuple[str, ...]
    status: str
    is_steered: bool
    is_mild: bool

    @property
    def words(self) -> str:
        """The option as the card says it."""
        worked = f"，按本案为{yuan(self.low or 0.0)}至{yuan(self.high)}" if self.high is not None else ""
        asked = "；".join(part for part in ("、".join(self.if_facts), self.precondition) if part)
        return without_signs(f"{self.title}{worked}（{'、'.join(self.cite)}）{f'，前提：{asked}' if asked else ''}")


def options(violation: Violation, ruling: Ruling, situation: Situation | None) -> list[Option]:
    """Return what is open for this draft: what the known facts lead to first, what is milder than the ordinary range last.

    Without a situation (the draft's base belongs to another violation) nothing is worked out in yuan.
    """
    base = _named_base(situation) if situation else None
    pivots = situation.pivots if situation else {}
    rules = [rule for rule in ruling.lawful if rule.fine is None or is_for_base(rule.fine, base)]
    steered = {rule.id for rule in ruling.steered}
    found = [_option(violation, rule, pivots, base, is_steered=rule.id in steered) for rule in rules]
    return sorted(found, key=lambda option: (option.is_mild, not option.is_steered))


def _named_base(situation: Situation) -> float | None:
    return situation.base.yuan if situation.base and situation.base.is_named else None


def _option(violation: Violation, rule: DisposalRule, pivots: Mapping[str, PivotValue], base: float | None, *, is_steered: bool) -> Option:
    labels = {pivot.name: pivot.label.split("，")[0] for pivot in violation.pivots}
    is_worked = rule.fine is not None and rule.fine.kind in ("percent", "multiple")
    limits = fine_limits(rule.fine, base) if rule.fine is not None and is_worked else None
    return Option(
        rule_id=rule.id,
        title=rule.title,
        low=limits[0] if limits else None,
        high=limits[1] if limits else None,
        if_facts=tuple(f"“{labels[name]}”为{'是' if value else '否'}" for name, value in rule.when.items() if name not in pivots),
        precondition=rule.precondition,
        cite=rule.cite,
        status=rule.status,
        is_steered=is_steered,
        is_mild="不予处罚" in rule.kinds or is_reduced(rule),
    )


def law_words(day: dt.date | None, lapsed_on: dt.date | None) -> str:
    """Say whose law the disposals are."""
    if lapsed_on is not None:
        return f"{lapsed_on.isoformat()}以后的新规定尚未收录，以下为此前的规定，只作对照，请先核对新法"
    return f"按行为日{day.isoformat()}的规定" if day else "案情未写明行为日，按现行规定"


def describe_options(found: Sequence[Option], day: dt.date | None, lapsed_on: dt.date | None = None) -> str:
    """Return the lawful disposals in one sentence, with the day whose law they are."""
    if not found:
        return ""
    plain, mild = [option for option in found if not option.is_mild], [option for option in found if option.is_mild]
    said = [*plain[: max(MAX_SAID - len(mild), MAX_SAID // 2)], *mild][:MAX_SAID]
    rest = f"；另有{len(found) - len(said)}种" if len(found) > len(said) else ""
    return f"法定处置（{law_words(day, lapsed_on)}）：" + "；".join(f"{number}、{option.words}" for number, option in enumerate(said, 1)) + rest + "。"


def range_findings(violation: Violation, ruling: Ruling, situation: Situation) -> list[Finding]:
    """Say where a planned fine lies outside a range that an open fact may bring in: 如查明持登记证，幅度为三千元至一万元."""
    planned = situation.planned
    if planned is None or planned.fine_yuan is None:
        return []
    fine, base = float(planned.fine_yuan), _named_base(situation)
    found = []
    for rule in ruling.lawful:
        limits = fine_limits(rule.fine, base) if rule.fine is not None and is_for_base(rule.fine, base) else None
        option = _option(violation, rule, situation.pivots, base, is_steered=False)
        if limits is None or is_reduced(rule) or rule.precondition or not option.if_facts or limits[0] * 0.9999 <= fine <= limits[1] * 1.0001:
            continue
        values = {"low": f"{limits[0]:,.0f}", "high": f"{limits[1]:,.0f}", "fine": f"{fine:,.0f}"}
        side = "高于" if fine > limits[1] else "低于"
        found.append(notice("range_if", situation.handled_on, cite=rule.cite, fact="、".join(option.if_facts), side=side, **values))
    return [finding for finding in found if finding is not None]


def scale_finding(ruling: Ruling, situation: Situation, *, aggravated: bool) -> Finding | None:
    """Return a question where a fixed range, meant for any base under a limit, meets a base a hundred times smaller than the planned fine."""
    planned, base = situation.planned, _named_base(situation)
    if planned is None or not planned.fine_yuan or not base or aggravated or float(planned.fine_yuan) < OUT_OF_SCALE * base:
        return None
    for rule in ruling.lawful:
        limits = rule.fine
        if limits is None or limits.kind != "fixed" or limits.base is None or limits.base_to is None or is_reduced(rule) or not is_for_base(limits, base):
            continue
        if not limits.min <= float(planned.fine_yuan) <= limits.max:
            continue
        values = {
            "low": f"{limits.min:,.0f}",
            "high": f"{limits.max:,.0f}",
            "sum": f"{base:,.2f}".removesuffix(".00"),
            "times": f"{float(planned.fine_yuan) / base:,.0f}",
        }
        return notice("scale", situation.law_on, cite=rule.cite, base=limits.base, **values)
    return None
