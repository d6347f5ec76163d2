"""Tests of corpora.violations: the bundled catalogue is sound, and a file that is not is named with field and problem."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path

import pytest
import yaml

from corpora.kinds import canonical_kind
from corpora.violations import (
    FOLDER,
    DisposalRule,
    FineRange,
    Pattern,
    TaxonomyError,
    Violation,
    check_patterns,
    compiled,
    domain_words,
    find_signs,
    find_violation,
    load_everyday,
    load_signs,
    load_violations,
    read_violation,
    teaching_texts,
)

CATALOGUE = load_violations()
EACH = pytest.mark.parametrize("violation", CATALOGUE.values(), ids=list(CATALOGUE))


@EACH
def test_a_violation_says_what_it_forbids_how_it_is_punished_and_what_proves_it(violation: Violation) -> None:
    assert violation.duty
    assert violation.penalty
    assert violation.disposals
    assert violation.pivots
    assert violation.elements
    assert violation.evidence
    assert violation.keywords


@EACH
def test_every_kind_is_canonical_and_every_rule_has_its_own_id(violation: Violation) -> None:
    for rule in violation.disposals:
        for kind in (*rule.kinds, *rule.optional):
            assert canonical_kind(kind) == kind, f"{rule.id}: {kind}"
    ids = [rule.id for rule in violation.disposals]
    assert len(ids) == len(set(ids))
    names = [pivot.name for pivot in violation.pivots]
    assert len(names) == len(set(names))


@EACH
def test_every_pivot_asks_a_question_and_a_yes_no_one_reads_both_answers(violation: Violation) -> None:
    for pivot in violation.pivots:
        assert pivot.question.endswith(("？", "?")), pivot.name
        if pivot.type == "bool":
            assert pivot.yes or pivot.no, pivot.name
        else:
            assert not pivot.steers, f"{pivot.name}: only yes/no pivots steer"


@EACH
def test_no_pattern_finds_something_in_nothing(violation: Violation) -> None:
    patterns = [*(p for pivot in violation.pivots for p in (*pivot.yes, *pivot.no)), *(pivot.value for pivot in violation.pivots if pivot.value)]
    patterns += [p for named in (*violation.mitigating, *violation.aggravating) for p in named.patterns]
    for pattern in patterns:
        assert compiled(pattern).search("") is None, pattern
        assert compiled(pattern).search("甲乙丙丁戊己庚辛") is None, pattern


@EACH
def test_every_pattern_compiles(violation: Violation) -> None:
    check_patterns([violation])
    assert len(list(violation.patterns)) > 5


def test_a_pattern_that_is_none_is_named_with_its_file() -> None:
    violation = CATALOGUE["CX02"]
    broken = violation.model_copy(update={"mitigating": (Pattern(name="主动改正", patterns=("(主动",)),)})
    with pytest.raises(TaxonomyError, match=r"CX02\.yaml: pattern '\(主动'"):
        check_patterns([broken])


@EACH
def test_dates_of_force_are_in_order(violation: Violation) -> None:
    for part in (*violation.duty, *violation.penalty, *violation.disposals):
        if part.valid_from and part.valid_to:
            assert part.valid_from < part.valid_to


def test_names_and_aliases_lead_to_one_violation_only() -> None:
    owners: dict[str, set[str]] = {}
    for violation in CATALOGUE.values():
        for name in {violation.name, *violation.aliases}:
            owners.setdefault(name, set()).add(violation.code)
    assert {name: codes for name, codes in owners.items() if len(codes) > 1} == {}


def test_a_violation_is_found_by_code_name_and_alias() -> None:
    violation = next(v for v in CATALOGUE.values() if v.aliases)
    for key in (violation.code, violation.name, violation.aliases[0]):
        assert find_violation(key) is violation
    assert find_violation("没有这个案由") is None
    assert find_violation("") is None
    assert find_violation(None) is None


def test_the_librarys_words_hold_names_aliases_keywords_and_short_phrases() -> None:
    violation = CATALOGUE["SR02"]
    words = domain_words([violation])
    assert {violation.name, *violation.aliases, *violation.keywords, "店门口堆货"} <= words
    assert "店家超出门窗经营" in words
    assert "门口占人行道摆货物的店" not in words


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("该厂没有办理规划许可证就搭了钢棚", {"CX01"}),
        ("厂房按许可1860平方米建成1912平方米，超出许可面积", {"CX02"}),
        ("小区交付后业主在露台搭建阳光房", {"CX03"}),
        ("水果店门口人行道上摆满了货", {"SR02"}),
        ("路口有人摆摊卖袜子", {"SR01"}),
        ("今天天气好", set()),
    ],
)
def test_signs_set_neighbouring_violations_apart(text: str, codes: set[str]) -> None:
    assert find_signs(text) == codes


def test_every_sign_belongs_to_the_catalogue_or_is_yet_to_come() -> None:
    assert {code for code in load_signs() if code[:2] not in {"GA"}} <= set(CATALOGUE)


def test_everyday_phrases_belong_to_known_violations_and_teach_them() -> None:
    phrases = load_everyday()
    for code, texts in phrases.items():
        assert re.fullmatch(r"[A-Z]{2}\d{2}", code)
        assert all(texts), code
    taught = teaching_texts(CATALOGUE.values())
    assert {code for code, _ in taught} == set(CATALOGUE)
    assert all(text.strip() for _, text in taught)
    first = next(code for code in phrases if code in CATALOGUE)
    assert (first, phrases[first][0]) in taught


@pytest.mark.parametrize(
    ("start", "end", "day", "in_force"),
    [
        (None, None, "2020-01-01", True),
        ("2020-01-01", None, "2020-01-01", True),
        ("2020-01-01", None, "2019-12-31", False),
        (None, "2021-07-14", "2021-07-14", True),
        (None, "2021-07-14", "2021-07-15", False),
        (None, None, None, True),
        (None, "2021-07-15", None, False),
    ],
)
def test_a_rule_holds_from_its_first_day_to_its_last(start: str | None, end: str | None, day: str | None, in_force: bool) -> None:
    rule = next(iter(CATALOGUE.values())).disposals[0]
    dates = {"valid_from": start and dt.date.fromisoformat(start), "valid_to": end and dt.date.fromisoformat(end)}
    changed: DisposalRule = rule.model_copy(update=dates)
    assert changed.in_force(dt.date.fromisoformat(day) if day else None) is in_force


def test_a_range_the_wrong_way_round_is_refused() -> None:
    with pytest.raises(ValueError, match=r"min 10\.0 is above max 5\.0"):
        FineRange(kind="percent", min=10, max=5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with one violation of the catalogue, to be spoiled."""
    shutil.copy(next(iter(sorted(FOLDER.glob("*.yaml")))), tmp_path)
    return tmp_path


def spoil(folder: Path, **changes: object) -> Path:
    path = next(folder.glob("*.yaml"))
    record = yaml.safe_load(path.read_text(encoding="utf-8"))
    for pivot in record["pivots"]:
        for written, name in ((True, "yes"), (False, "no")):
            if written in pivot:
                pivot[name] = pivot.pop(written)
    for place, value in changes.items():
        target = record
        *parents, last = place.split("__")
        for key in parents:
            target = target[int(key) if key.isdigit() else key]
        target[last] = value
    path.write_text(yaml.safe_dump(record, allow_unicode=True), encoding="utf-8")
    return path


def test_a_copy_of_a_file_reads_as_the_file_itself(folder: Path) -> None:
    path = spoil(folder)
    assert read_violation(path) == CATALOGUE[path.stem]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"family": "other"}, "family"),
        ({"unknown_field": 1}, "unknown_field"),
        ({"pivots__0__yes": ["(未闭合"]}, "(未闭合"),
        ({"pivots__0__steers": {True: ["nowhere"]}}, "nowhere"),
        ({"disposals__0__when": {"没有的要素": True}}, "没有的要素"),
        ({"disposals__0__fine": {"kind": "percent", "min": 10, "max": 5}}, "min 10"),
        ({"disposals__0__fine": {"kind": "percent", "min": -1, "max": 5}}, "disposals.0.fine.min"),
    ],
)
def test_a_spoiled_file_is_named_with_field_and_problem(folder: Path, changes: dict[str, object], words: str) -> None:
    path = spoil(folder, **changes)
    with pytest.raises(TaxonomyError, match=re.escape(words)) as refused:
        read_violation(path)
    assert str(refused.value).startswith(f"{path.name}: ")


@pytest.mark.parametrize("content", ["a: [", "- 1", "5", ""])
def test_a_file_that_is_no_record_is_named(folder: Path, content: str) -> None:
    path = next(folder.glob("*.yaml"))
    path.write_text(content, encoding="utf-8")
    with pytest.raises(TaxonomyError, match=re.escape(path.name)):
        read_violation(path)


def test_a_code_that_is_not_the_files_name_is_refused(folder: Path) -> None:
    path = next(folder.glob("*.yaml"))
    path.rename(folder / "ZZ99.yaml")
    with pytest.raises(TaxonomyError, match=r"ZZ99\.yaml"):
        load_violations(folder)
