"""Machine checks over the bundled corpora: every problem is one line that names the record and what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from corpora import privacy
from corpora.citations import find_citations
from corpora.decisions import read_disposition
from corpora.kinds import canonical_kind
from corpora.schema import Case, RecordError, case_from_json
from corpora.statutes import canonical_statute
from corpora.violations import DisposalRule, Violation, load_violations

from .catalogue import CASES, FOLDER, REPORTS
from .grading import PARTLY, REFERENCE, grade, parts

SCHEMES = FOLDER.parent / "taxonomy" / "schemes"
MIN_FACTS = 120
MAX_FACTS = 1000
MAX_NEAR_SHARE = 0.01


def verify(folder: Path = FOLDER) -> list[str]:
    """Return every problem found in the bundled corpora, none when all is sound."""
    return [
        *verify_cases(folder / CASES.name),
        *verify_queries(folder / "queries.jsonl", folder / CASES.name),
        *(problem for name in REPORTS for problem in verify_reports(folder / name)),
        *verify_duplicates(folder),
    ]


def _lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            yield f"{path.name}:{number}", json.loads(line)


def verify_cases(path: Path) -> list[str]:
    """Check cases: form, amounts against the text, range at the date of the act, citations, personal data."""
    problems: list[str] = []
    seen: set[str] = set()
    for place, record in _lines(path):
        try:
            case = case_from_json(record)
        except RecordError as error:
            problems.append(f"{place}: {error}")
            continue
        if case.case_id in seen:
            problems.append(f"{place}: {case.case_id} occurs twice")
        seen.add(case.case_id)
        problems += [f"{place} {case.case_id}: {problem}" for problem in check_case(case)]
    return problems


def check_case(case: Case) -> list[str]:
    """Return what is wrong with one bundled case."""
    violation = load_violations().get(case.cause_code or "")
    if violation is None:
        return [f"cause_code {case.cause_code!r} is not in the catalogue"]
    problems = []
    if case.provenance != "synthetic":
        problems.append("provenance is not synthetic")
    if not MIN_FACTS <= len(case.facts) <= MAX_FACTS:
        problems.append(f"facts have {len(case.facts)} characters, expected {MIN_FACTS}–{MAX_FACTS}")
    if unknown := [kind for kind in case.kinds if canonical_kind(kind) != kind]:
        problems.append(f"kinds {unknown} are not canonical")
    problems += _check_amounts(case)
    problems += _check_range(case, violation)
    problems += _check_citations(case)
    if not privacy.is_clean(case.text):
        problems.append("holds personal data: " + "、".join(case.text[f.start : f.end] for f in privacy.find(case.text))[:60])
    return problems


def _check_amounts(case: Case) -> list[str]:
    read = read_disposition(case.disposition)
    problems = []
    if (case.fine_yuan or Decimal(0)) != (read.fine_yuan or Decimal(0)):
        problems.append(f"fine_yuan {case.fine_yuan}, but the disposition says {read.fine_yuan}")
    if missing := set(case.kinds) - set(read.kinds):
        problems.append(f"kinds {'、'.join(sorted(missing))} are not in the disposition")
    return problems


def _within(case: Case, rule: DisposalRule) -> bool:
    fine, limits = case.fine_yuan, rule.fine
    if fine is None or limits is None:
        return fine is None or limits is not None
    low, high = Decimal(str(limits.min)), Decimal(str(limits.max))
    if limits.kind != "fixed":
        if case.base_amount_yuan is None:
            return True  # the base is not recorded: nothing to compare with
        low, high = low * case.base_amount_yuan, high * case.base_amount_yuan
    return low <= fine <= high


def _check_range(case: Case, violation: Violation) -> list[str]:
    """A fine must lie in the range of a rule in force at the act's date, unless the case says why not (减轻) or is marked inconsistent."""
    day = case.act_to or case.act_from or case.decided_on
    rules = [rule for rule in violation.disposals if rule.in_force(day)]
    if (
        case.fine_yuan is None
        or case.extra.get("inconsistent")
        or "减轻" in case.reasoning
        or (case.review and case.review.result not in ("维持", "驳回诉讼请求"))
    ):
        return []
    if any(_within(case, rule) for rule in rules if rule.fine is not None):
        return []
    return [f"fine {case.fine_yuan} lies in no range of {violation.code} in force on {day}"]


def _check_citations(case: Case) -> list[str]:
    problems = []
    for basis in case.basis:
        found = find_citations(basis)
        if not found:
            problems.append(f"basis {basis[:40]!r} is not a citation")
        problems += [f"statute {citation.statute!r} is not in statutes.yaml" for citation in found if canonical_statute(citation.statute) is None]
    return problems


def verify_reports(path: Path) -> list[str]:
    """Check reports: ids and texts used once, known tags, each tag in one list only, no personal data that passes a check digit."""
    known = _codes(path.stem.removeprefix("reports_"))
    problems: list[str] = []
    ids: set[str] = set()
    texts: set[str] = set()
    for place, record in _lines(path):
        rejected = [item["tag"] for item in record["rejected"]]
        tags = [*record["tags"], *record["suspected"], *rejected]
        if unknown := sorted(set(tags) - known):
            problems.append(f"{place}: tags {'、'.join(unknown)} are not in the scheme")
        if len(set(record["tags"]) | set(record["suspected"])) < len(record["tags"]) + len(record["suspected"]):
            problems.append(f"{place}: a tag is given twice")
        if record["report_id"] in ids or record["text"] in texts:
            problems.append(f"{place}: {record['report_id']} occurs twice")
        ids.add(record["report_id"])
        texts.add(record["text"])
    return problems


def verify_queries(path: Path, cases: Path) -> list[str]:
    """Check queries: ids and texts used once, no personal data, known pivots and kinds, and grades that are the rule's unless marked corrected."""
    library = {record["case_id"]: record for _, record in _lines(cases)}
    problems: list[str] = []
    ids: set[str] = set()
    texts: set[str] = set()
    for place, record in _lines(path):
        if record["query_id"] in ids or record["text"] in texts:
            problems.append(f"{place}: {record['query_id']} or its text occurs twice")
        ids.add(record["query_id"])
        texts.add(record["text"])
        problems += [f"{place} {record['query_id']}: {problem}" for problem in check_query(record, library)]
    return problems


def check_query(query: Mapping[str, Any], library: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return what is wrong with one bundled query."""
    about, rel, corrected = query["about"], query["rel"], set(query.get("corrected", ()))
    if unknown := sorted({part["cause_code"] for part in parts(about)} - load_violations().keys()):
        return [f"cause_code {'、'.join(unknown)} is not in the catalogue"]
    problems = [f"case {case_id} is not in the library" for case_id in sorted((rel.keys() | corrected) - library.keys())]
    if wrong := sorted(case_id for case_id, value in rel.items() if value not in (1, 2, 3)):
        problems.append(f"grades of {'、'.join(wrong)} are not 1, 2 or 3")
    if not any(value >= PARTLY for value in rel.values()):
        problems.append("no case has grade 2 or 3")
    for part in parts(about):
        names = {pivot.name for pivot in load_violations()[part["cause_code"]].pivots}
        if strange := sorted({*part.get("pivots", ()), *part.get("turns_on", ())} - names):
            problems.append(f"pivots {'、'.join(strange)} are not of {part['cause_code']}")
    if strange := [kind for kind in (query["planned"] or {}).get("kinds", ()) if canonical_kind(kind) != kind]:
        problems.append(f"kinds {strange} are not canonical")
    if not privacy.is_clean(query["text"]):
        problems.append("holds personal data")
    for case_id, case in library.items():
        given, ruled = rel.get(case_id, 0), grade(about, case)
        if (given != ruled) == (case_id not in corrected) and (given or ruled > REFERENCE):  # of the references only those that matter are listed
            problems.append(f"{case_id} has grade {given}, the rule says {ruled}" + (": take it out of corrected" if given == ruled else ""))
    return problems


def verify_duplicates(folder: Path = FOLDER) -> list[str]:
    """Check that at most 1 % of the cases have a near-duplicate, and that no two reports of different splits are one text."""
    from .duplicates import near_duplicates  # datasketch brings scipy.integrate: a second that starting the service need not pay

    facts = {record["case_id"]: record["facts"] for _, record in _lines(folder / CASES.name)}
    pairs = near_duplicates(facts)
    near = {key for first, second, _ in pairs for key in (first, second)}
    problems = [f"{CASES.name}: {a} and {b} are near-duplicates ({share:.2f})" for a, b, share in pairs] if len(near) > MAX_NEAR_SHARE * len(facts) else []
    for name in REPORTS:
        reports = {record["report_id"]: record for _, record in _lines(folder / name)}
        texts = {key: record["text"] for key, record in reports.items()}
        splits = {key: record["split"] for key, record in reports.items()}
        problems += [f"{name}: {a} and {b} of different splits are near-duplicates ({share:.2f})" for a, b, share in near_duplicates(texts, groups=splits)]
    return problems


def _codes(scheme: str) -> set[str]:
    path = SCHEMES / f"{scheme}.yaml"
    if not path.is_file():
        return set()
    return {tag["code"] for tag in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["tags"]}
