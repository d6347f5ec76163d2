"""What the procedure asks of this plan: notice, hearing, collective discussion, legal review, on-the-spot limits, 先责令改正 (domain §1.7 L3, L4, L7)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from corpora.kinds import all_kinds
from corpora.violations import DisposalRule, Violation

from ..drafts import Planned
from .findings import Finding, load_procedure, notice
from .rules import DEMOLITION, Ruling
from .situation import Situation

HEARING = frozenset(
    {"没收违法所得", "没收非法财物", "没收实物", "降低资质等级", "吊销许可证件", "责令停产停业", "责令关闭", "限制从业", "限制开展生产经营活动"}
)
HEAVY = frozenset({*DEMOLITION, "没收实物", "降低资质等级", "吊销许可证件", "责令停产停业", "责令关闭", "限制从业", "行政拘留"})
SPOT_KINDS = frozenset({"警告", "罚款"})
SERIOUS_STATUS = {
    "notify": "告知书|已告知|告知陈述|事先告知",
    "hearing": "听证",
    "collective": "集体讨论|集体研究|案审会|负责人会议",
    "legal_review": "法制审核|法审",
}
_ORDERED = re.compile(r"责令|限期|限改|责改|整改通知|改正通知")
_OVERDUE = re.compile(r"逾期|拒不|期满|仍未|仍旧|依旧|没有改|还在|继续|不改")
_NEEDS_ORDER = re.compile(r"逾期|拒不改|期满未|责令[^，。]{0,12}(?:后|未|不)|仍未改|仍拒")
_SPOT = re.compile(r"当场(?:作出|处罚|罚款|决定|给予|处以|开具)|简易程序")


def procedure_findings(violation: Violation, ruling: Ruling, situation: Situation) -> list[Finding]:
    """Return what to check of the procedure for this plan; nothing without a plan that punishes."""
    planned = situation.planned
    if planned is None or not _punishes(planned.kinds):
        return []
    is_spot = bool(_SPOT.search(situation.text))
    found = [
        *_on_the_spot(planned, situation, is_spot=is_spot),
        *([] if _said("notify", situation.text) else [notice("notify", situation.handled_on)]),
        *([] if is_spot else _hearing(planned, situation)),
        *([] if is_spot else _deciding(planned, ruling, situation)),
        *_preconditions(planned, ruling, situation),
        *_order_first(planned, ruling, situation),
        *([notice("offsite", situation.handled_on)] if re.search(load_procedure().offsite_words, situation.text) else []),
    ]
    return [finding for finding in found if finding is not None]


def _punishes(kinds: Iterable[str]) -> bool:
    return any(kind != "不予处罚" and not all_kinds()[kind].correction for kind in kinds)


def _said(code: str, text: str) -> bool:
    return re.search(SERIOUS_STATUS[code], text) is not None


def _large(planned: Planned, situation: Situation) -> bool:
    limit = load_procedure().large_fine
    return planned.fine_yuan is not None and planned.fine_yuan >= (limit.unit if situation.is_unit else limit.person)


def _hearing(planned: Planned, situation: Situation) -> list[Finding | None]:
    if _said("hearing", situation.text):
        return []
    day = situation.handled_on
    if kinds := [kind for kind in planned.kinds if kind in HEARING]:
        return [notice("hearing", day, kinds="、".join(kinds))]
    if DEMOLITION & set(planned.kinds):
        return [notice("hearing_demolition", day)]
    return [notice("hearing_amount", day, fine=f"{planned.fine_yuan:,.0f}")] if _large(planned, situation) else []


def _deciding(planned: Planned, ruling: Ruling, situation: Situation) -> list[Finding | None]:
    heavy = [kind for kind in planned.kinds if kind in HEAVY]
    is_reduced = any(finding.code in ("fine_below", "fine_reduced") for finding in ruling.findings)
    if _large(planned, situation):
        heavy.append("罚款")
    kinds = "、".join(dict.fromkeys(heavy)) or "罚款"
    found: list[Finding | None] = []
    if (heavy or is_reduced) and not _said("collective", situation.text):
        found.append(notice("collective", situation.handled_on, kinds=kinds))
    if heavy and not _said("legal_review", situation.text):
        found.append(notice("legal_review", situation.handled_on, kinds=kinds))
    if is_reduced:
        found.append(notice("reduced", situation.law_on))
    return found


def _on_the_spot(planned: Planned, situation: Situation, *, is_spot: bool) -> list[Finding | None]:
    if not is_spot:
        return []
    limit = load_procedure().spot_limit(situation.handled_on)
    others = [kind for kind in planned.kinds if kind not in SPOT_KINDS and not all_kinds()[kind].correction]
    most = limit.unit if situation.is_unit else limit.person
    found: list[Finding | None] = []
    if others:
        found.append(notice("on_the_spot_kind", situation.handled_on, cite=(limit.cite,), kinds="、".join(others)))
    if planned.fine_yuan is not None and planned.fine_yuan > most:
        values = {"person": f"{limit.person:,}", "unit": f"{limit.unit:,}", "fine": f"{planned.fine_yuan:,.0f}"}
        found.append(notice("on_the_spot", situation.handled_on, cite=(limit.cite,), **values))
    found.append(notice("on_the_spot_review", situation.handled_on))
    return found


def _matching(planned: Planned, rules: Sequence[DisposalRule]) -> list[DisposalRule]:
    """Return the rules whose kinds the plan imposes."""
    wanted = set(planned.kinds)
    return [rule for rule in rules if {kind for kind in rule.kinds if not all_kinds()[kind].correction} <= wanted and rule.kinds]


def _order_first(planned: Planned, ruling: Ruling, situation: Situation) -> list[Finding | None]:
    """Say so where every open rule that fines presupposes an order to correct that was not followed, and the draft states none."""
    if "罚款" not in planned.kinds:
        return []
    rules = [rule for rule in _matching(planned, ruling.steered or ruling.lawful) if "罚款" in rule.kinds]
    needing = [rule for rule in rules if rule.precondition and _NEEDS_ORDER.search(rule.precondition)]
    if not rules or len(needing) < len(rules) or (_ORDERED.search(situation.text) and _OVERDUE.search(situation.text)):
        return []
    first = needing[0]
    return [notice("correct_first", situation.handled_on, cite=first.cite, precondition=first.precondition or "")]


def _preconditions(planned: Planned, ruling: Ruling, situation: Situation) -> list[Finding | None]:
    """Name what the plan's own rule presupposes (情节严重, 经论证不能拆除), where the order to correct is not what it asks."""
    rules = _matching(planned, ruling.steered or ruling.lawful)
    if not rules or any(rule.precondition is None for rule in rules):
        return []
    first = rules[0]
    if first.precondition is None or _NEEDS_ORDER.search(first.precondition):
        return []
    return [notice("precondition", situation.handled_on, cite=first.cite, precondition=first.precondition)]
