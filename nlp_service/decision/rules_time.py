"""Time and place of the law: limitation, the version at the day of the act, who may decide, who may enforce (domain §1.6, §1.7 L5, L10, L12)."""

from __future__ import annotations

import datetime as dt
import re

from corpora.violations import Violation

from .findings import Finding, load_procedure, notice
from .rules import DEMOLITION, PENALTY_LAW_2021, Ruling, open_rules
from .situation import Situation

LAND = frozenset({"ZR01", "ZR02", "ZR03"})
VILLAGE, HOMESTEAD = "CX04", "ZR03"
PUBLIC_SECURITY = "公安治安"
# Within two words of the plan: 逾期不拆将申请人民法院强制执行.
_COURT = re.compile(r"(?:申请|移送|报请|提请)[^，。；]{0,8}法院[^，。；]{0,6}(?:强制)?(?:执行|拆除)")
_BY_SELF = re.compile(
    r"(?<!法院)(?:由|我|本|该)?[^，。；]{0,10}(?:局|机关|镇|街道|政府|大队|中队)[^，。；]{0,8}(?:组织|自行|依法|直接)?强制(?:拆除|执行)|(?:强拆|代为拆除)"
)


def years_later(day: dt.date, years: int) -> dt.date:
    """Return the same day some years later; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def time_findings(violation: Violation, ruling: Ruling, situation: Situation) -> list[Finding]:
    """Return limitation and change of law, where the draft gives the dates."""
    found = [*_limitation(violation, situation), *_law_change(violation, ruling, situation), *_first_offence(ruling, situation)]
    return [finding for finding in found if finding is not None]


def _limitation(violation: Violation, situation: Situation) -> list[Finding | None]:
    ended, discovered = situation.ended_on, situation.found_on
    if ended is None or discovered is None or discovered <= ended:
        return []
    days = {"ended": ended.isoformat(), "found": discovered.isoformat()}
    if violation.domain == PUBLIC_SECURITY:
        late = discovered > ended + dt.timedelta(days=183)
        return [notice("limitation_public_security", situation.handled_on, **days)] if late else []
    if discovered <= years_later(ended, 2):
        return []
    rules = load_procedure()
    if violation.code in rules.continuing_codes:
        return [notice("continuing", situation.handled_on)]
    may_be_long = violation.domain in rules.long_limitation_domains and notice("limitation_long", situation.handled_on, **days) is not None
    if may_be_long and discovered <= years_later(ended, 5):
        return [notice("limitation_long", situation.handled_on, **days)]
    return [notice("limitation_past", situation.handled_on, years="五年" if may_be_long else "二年", **days)]


def _law_change(violation: Violation, ruling: Ruling, situation: Situation) -> list[Finding | None]:
    """Say so where the penalty clauses at the act differ from those at the decision: 从旧兼从轻."""
    if situation.act_on is None or not ruling.lawful:
        return []
    now = open_rules(violation, situation.pivots, situation.handled_on, situation.party)
    then = {rule.id: rule for rule in ruling.lawful}
    new = {rule.id: rule for rule in now}
    gone = [rule for rule_id, rule in then.items() if rule_id not in new and rule.fine is not None]
    come = [rule for rule_id, rule in new.items() if rule_id not in then and rule.fine is not None]
    if not gone or not come:
        return []
    cite = (*gone[0].cite, *come[0].cite)
    return [notice("law_change", situation.handled_on, cite=cite, old=f"行为时：{gone[0].title}", new=f"现在：{come[0].title}")]


def _first_offence(ruling: Ruling, situation: Situation) -> list[Finding | None]:
    """Say so where the act fell under the law of 2017 and is dealt with under that of 2021, which knows one more ground for no penalty."""
    act_on = situation.act_on
    is_punished = situation.planned is not None and "不予处罚" not in situation.planned.kinds
    if act_on is None or act_on >= PENALTY_LAW_2021 or not is_punished or not any("§27②" in cite for rule in ruling.lawful for cite in rule.cite):
        return []
    return [notice("first_offence", situation.handled_on)]


def competence_findings(violation: Violation, situation: Situation) -> list[Finding]:
    """Return who may decide and who may enforce a demolition, and whether the draft takes the wrong way."""
    found: list[Finding | None] = []
    day = situation.handled_on
    if violation.code == VILLAGE:
        found.append(notice("authority_village", day))
    if violation.code == HOMESTEAD:
        found.append(notice("authority_homestead", day))
    planned = situation.planned
    if planned is not None and DEMOLITION & set(planned.kinds):
        if violation.code in LAND:
            found.append(notice("route_land_wrong" if _BY_SELF.search(situation.text) else "route_land", day))
        elif violation.family == "planning":
            usual = "route_village" if violation.code == VILLAGE else "route_planning"
            found.append(notice("route_planning_wrong" if _COURT.search(situation.text) else usual, day))
    return [finding for finding in found if finding is not None]
