"""How relevant a bundled case is to a bundled query: the rule of graded relevance 0–3, and the pairs of violations that neighbour each other."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any

from corpora.citations import find_citations
from corpora.violations import Pivot, Violation, load_violations

ALIKE = 3
PARTLY = 2
REFERENCE = 1
MAX_DIFFERENCES = 2  # one or two differences that decide nothing leave a case partly alike
MAX_REFERENCES = 25
MAX_NEIGHBOURS = 8  # of the references: cases of a neighbouring violation

# Violations that the same facts are taken for: the officer has to tell them apart, so a case of the one is worth reading for the other.
_PAIRS = """
CX01-CX02 CX01-CX03 CX01-CX04 CX01-CX05 CX01-ZR01 CX01-SL01 CX01-JT03 CX01-WL04 CX01-CX07 CX02-CX03 CX03-CX08 CX03-CX10 CX04-ZR01 CX04-ZR03 CX04-SL01 CX06-XF03
CX06-XF04 CX06-CX10 CX07-CX09 CX10-SR18 CX10-SR04 ZR01-ZR02 ZR01-ZR03 ZR01-LY01 ZR02-ZR04 ZR04-SL03 LY01-LY02 LY02-SR18 SL01-SL03 SL02-SR16 SL04-SR10
SR01-SR02 SR01-SR23 SR02-SR04 SR02-SR22 SR03-SR05 SR06-SR07 SR06-SR11 SR06-HJ08 SR07-SR11 SR08-SR09 SR10-SR11 SR12-SR13 SR12-SR23 SR13-SR23 SR15-SR16 SR15-HJ04 SR16-HJ04
SR17-SR04 SR19-SR20 SR19-XF02 SR20-YJ04 SR21-SR22 SR22-GA05 SR14-HJ08 HJ01-HJ02 HJ01-HJ03 HJ02-HJ03 HJ03-HJ04 HJ04-HJ05 HJ05-HJ06 HJ06-HJ02 HJ07-HJ08
NY01-SL03 NY02-NY03 NY02-NY06 NY04-NY05 SJ01-SJ08 SJ02-SJ03 SJ02-SJ04 SJ03-SJ04 SJ05-SJ06 SJ05-SJ07 SJ06-SJ07 SJ10-SJ05 SJ11-SJ05 SJ09-YJ02
JT01-JT04 JT02-SR11 YJ01-YJ02 YJ01-YJ03 YJ02-YJ03 YJ02-XF04 YJ04-YJ05 XF01-XF02 XF01-XF03 XF01-XF04 XF02-XF03 LD01-LD02 LD01-LD03 LD01-LD04 WL01-WL02 WL03-JT01
GA01-GA02 GA02-GA03 GA02-GA04 GA05-GA07 GA06-GA07
"""
NEIGHBOURS: Mapping[str, frozenset[str]] = {
    code: frozenset(other for pair in _PAIRS.split() for other in pair.split("-") if code in pair.split("-") and other != code)
    for code in {code for pair in _PAIRS.split() for code in pair.split("-")}
}


def grade(about: Mapping[str, Any], case: Mapping[str, Any]) -> int:
    """Return the relevance 0–3 of a case (a line of cases.jsonl) to a query that is `about` this.

    After the Supreme People's Court's opinion on the search for similar cases (2020): key facts, issue, application of law, in the grades of
    domain.md §4.3. `about` holds `cause_code`; `pivots` the text states; and where they matter `turns_on` (the pivots in dispute, which decide for this
    query; else the decisive ones stated), `marks` (a pattern of what else a case must speak of: an issue no pivot records, a kind of object), `scene` (a pattern of the object or place), `party`
    (单位 or 个人), `articles` (the law the draft itself applies), `near` (what a neighbouring violation must show, else the scene) and `also` (a second
    violation, of the same form).

    3  same violation and issue; every decisive pivot stated agrees; article, scene and party are shared.
    2  the same with one or two differences: a non-decisive pivot, the scene, the party, the article, or a pivot that decides not on record.
    1  same violation, but a decisive pivot (or a sum on the other side of a statutory line) is opposite, the case is silent on the issue, or more
       differs; or a neighbouring violation in the same scene.
    0  anything else. Place, year and the sum of the fine alone never lower a grade.
    """
    return max(_grade_one(part, case) for part in parts(about))


def parts(about: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what the query is about, one entry per violation."""
    return [about, *about.get("also", ())]


def judge(about: Mapping[str, Any], cases: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return the grades ≥ 1 by case id, of those at 1 only the 25 that matter most: opposite outcomes of like facts first, then up to 8 neighbours."""
    graded = [(grade(about, case), case) for case in cases]
    kept = {case["case_id"]: found for found, case in graded if found > REFERENCE}
    references = sorted((case for found, case in graded if found == REFERENCE), key=lambda case: (-_closeness(about, case), case["case_id"]))
    codes = {part["cause_code"] for part in parts(about)}
    own = [case for case in references if case["cause_code"] in codes]
    neighbours = [case for case in references if case["cause_code"] not in codes][:MAX_NEIGHBOURS]
    own = own[: MAX_REFERENCES - len(neighbours)]
    kept |= {case["case_id"]: REFERENCE for case in (*own, *neighbours)}
    return dict(sorted(kept.items(), key=lambda item: (-item[1], item[0])))


def _grade_one(about: Mapping[str, Any], case: Mapping[str, Any]) -> int:
    violation = load_violations()[about["cause_code"]]
    if case["cause_code"] != violation.code:
        seen = about.get("near") or about.get("scene")
        return REFERENCE if seen and case["cause_code"] in NEIGHBOURS[violation.code] and _in_scene(seen, case) else 0
    if not _on_issue(violation, about, case) or _differences(violation, about, case) > MAX_DIFFERENCES:
        return REFERENCE
    return PARTLY if _differences(violation, about, case) else ALIKE


def _on_issue(violation: Violation, about: Mapping[str, Any], case: Mapping[str, Any]) -> bool:
    """Say whether the case speaks of what is in dispute: of one of the pivots it turns on, and in the words of an issue without a pivot."""
    decisive = {pivot.name for pivot in _comparable(violation) if _decides(pivot, violation)}
    turns_on = about.get("turns_on") or decisive & about.get("pivots", {}).keys()
    if turns_on and not any(name in case["pivots"] for name in turns_on):
        return False
    text = "".join((case["title"], case["facts"], case["reasoning"], (case["review"] or {}).get("reason") or ""))
    return not about.get("marks") or re.search(about["marks"], text) is not None


def _differences(violation: Violation, about: Mapping[str, Any], case: Mapping[str, Any]) -> int:
    """Count what differs; an opposite decisive pivot counts more than may differ."""
    stated, known = about.get("pivots", {}), case["pivots"]
    count = 0
    for pivot in _comparable(violation):
        if pivot.name not in stated:
            continue
        decides = _decides(pivot, violation) or pivot.name in about.get("turns_on", ())
        if pivot.name not in known:
            count += decides
        elif not _agree(stated[pivot.name], known[pivot.name], _lines(violation.code).get(pivot.name, ())):
            count += MAX_DIFFERENCES + 1 if decides else 1
    count += bool(about.get("scene")) and not _in_scene(about["scene"], case)
    count += bool(about.get("party")) and _splits_by_party(violation.code) and about["party"] not in _sides(case["party_type"], violation.code)
    articles = _articles(tuple(about["articles"])) if about.get("articles") else _catalogued(violation.code)
    return count + articles.isdisjoint(_articles(tuple(case["basis"])))


def _comparable(violation: Violation) -> list[Pivot]:
    """Return the pivots that lower a grade: yes or no, and sums with a statutory line; other sums and texts are only shown to the officer."""
    return [pivot for pivot in violation.pivots if pivot.type == "bool" or pivot.name in _lines(violation.code)]


def _decides(pivot: Pivot, violation: Violation) -> bool:
    return pivot.decisive or pivot.name in _lines(violation.code)


def _agree(stated: Any, known: Any, lines: Iterable[float]) -> bool:
    if isinstance(stated, bool) or isinstance(known, bool):
        return bool(stated == known)
    return all((stated >= line) == (known >= line) for line in lines)


def _in_scene(scene: str, case: Mapping[str, Any]) -> bool:
    return re.search(scene, case["title"] + case["facts"]) is not None


def _sides(party_type: str | None, code: str) -> tuple[str, ...]:
    """Return the sides of the law a party may stand on: a sole trader is a person, and an organisation as well where rules for 单位 meet one; unknown is either."""
    if party_type == "个体工商户":
        return ("个人", "单位") if any(rule.sole_traders for rule in load_violations()[code].disposals) else ("个人",)
    return {"法人": ("单位",), "个人": ("个人",)}.get(party_type or "", ("个人", "单位"))


def _closeness(about: Mapping[str, Any], case: Mapping[str, Any]) -> float:
    """Rank references: agreeing pivots, the scene, and a correction on review (the better warning)."""
    agreeing: int = sum(case["pivots"].get(name) == value for name, value in about.get("pivots", {}).items())
    scene = bool(about.get("scene")) and _in_scene(about["scene"], case)
    return agreeing + 2 * scene + 0.5 * bool(case["review"] and case["review"]["result"] not in ("维持", "驳回诉讼请求"))


@functools.cache
def _lines(code: str) -> Mapping[str, tuple[float, ...]]:
    """Return the sums at which the statute changes its range, by the pivot that holds the sum (货值 1 万元, 违法所得 2 万元, …)."""
    found: dict[str, set[float]] = {}
    violation = load_violations()[code]
    names = {pivot.name for pivot in violation.pivots if pivot.type == "number"}
    for rule in violation.disposals:
        if rule.fine and rule.fine.base in names:
            found.setdefault(str(rule.fine.base), set()).update(line for line in (rule.fine.base_from, rule.fine.base_to) if line is not None)
    return {name: tuple(sorted(lines)) for name, lines in found.items() if lines}


@functools.cache
def _splits_by_party(code: str) -> bool:
    return any(rule.party != "任意" for rule in load_violations()[code].disposals)


@functools.cache
def _catalogued(code: str) -> frozenset[tuple[str, int]]:
    violation = load_violations()[code]
    cited = [citation.cite for citation in (*violation.duty, *violation.penalty)]
    return _articles((*cited, *(cite for rule in violation.disposals for cite in rule.cite)))


@functools.lru_cache(maxsize=4096)
def _articles(texts: tuple[str, ...]) -> frozenset[tuple[str, int]]:
    return frozenset((citation.statute, citation.article) for text in texts for citation in find_citations(text))
