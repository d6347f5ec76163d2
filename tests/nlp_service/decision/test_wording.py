"""Tests of nlp_service.decision.wording: what may be said, and nothing else, over every text that the module can produce."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.outcomes import OutcomeGroup
from corpora.schema import Case, Review, ReviewType
from corpora.violations import Violation, load_violations
from indexes.query import Hit, Read, SearchResult
from nlp_service.assessments import AssessmentBook
from nlp_service.audit import AuditLog
from nlp_service.decision.assess import Assessment, judge_items
from nlp_service.decision.distribution import Amounts, Reviewed, distribution
from nlp_service.decision.dossier import dossier_json
from nlp_service.decision.figures import percent_words, without_signs
from nlp_service.decision.findings import load_procedure
from nlp_service.decision.neighbours import Neighbour
from nlp_service.decision.record import listed_cases
from nlp_service.decision.shape import assessment_json, guidance_json
from nlp_service.decision.situation import read_situation
from nlp_service.decision.wording import (
    DIRECTIONS,
    DISCLAIMER,
    FORBIDDEN,
    HEADLINES,
    LEVEL_NAMES,
    MIXED_HEADLINE,
    STATUTE_HEADLINES,
    UNSURE_HEADLINE,
    describe_amounts,
    describe_distribution,
    describe_reviewed,
    describe_silence,
    describe_unknown,
    headline,
    quoted,
)
from nlp_service.drafts import Draft, Planned
from nlp_service.search import Answer

VIOLATIONS = load_violations()
TODAY = dt.date(2023, 1, 1)
KINDS = ("不予处罚", "警告", "责令改正", "罚款", "没收违法所得", "没收实物", "限期拆除", "责令停产停业", "吊销许可证件", "行政拘留")
WORST = "必败，败诉率87%，系统判定违法，应当改为罚款"  # what a record of the library might say


def texts(value: Any) -> Iterator[str]:
    """Yield every text of a structure, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from texts(item)


def peer(violation: Violation, number: int, level: int, kinds: tuple[str, ...], outcome: str | None, region: str, weight: float) -> tuple[Hit, Case, Neighbour]:
    review = Review(ReviewType.LITIGATION, outcome, f"处罚明显不当，{WORST}" if number % 2 else "主要证据不足") if outcome else None
    corrected = outcome in ("撤销", "变更")
    case = Case(
        f"P-{number}",
        title="某案",
        facts="当事人已当场改正，初次违法。",
        cause_code=violation.code,
        causes=(violation.name,),
        kinds=kinds,
        fine_yuan=Decimal(1000 + number) if "罚款" in kinds else None,
        base_amount_yuan=Decimal(20_000),
        region=region,
        decided_on=dt.date(2020, 1, 1),
        review=review,
    )
    group = OutcomeGroup.CORRECTED if corrected else OutcomeGroup.UPHELD if outcome else None
    hit = Hit(case.case_id, number + 1, 1.0, None, {})
    return hit, case, Neighbour(case, 2, 0.8, weight, level, group, (), (), "处罚决定已被纠正" if corrected else None)


def assessed(
    violation: Violation, plan: Planned | None, pivots: dict, n: int, text: str = "案情", weight: float = 1.0, n_reviewed: int = 0
) -> tuple[Assessment, Draft]:
    names = LEVEL_NAMES[violation.family]
    rows = []
    for number in range(n):
        level = number % min(4, len(names))
        kinds = (("不予处罚",), ("责令改正",), ("罚款",), ("没收实物", "罚款"))[level]
        outcome = ("撤销", "维持", "变更")[number % 3] if number < n_reviewed else None
        rows.append(peer(violation, number, level, kinds, outcome, ("330111", "330122", "330483")[number % 3], weight if number % 2 else 1.0))
    draft = Draft(text=text, n_characters=len(text), planned=plan)
    result = SearchResult(tuple(hit for hit, _, _ in rows), n, ((violation.code, 0.9),), (), True, Read(len(text), len(text), 1), {}, "s", n)
    answer = Answer((), tuple((hit, case) for hit, case, _ in rows), violation, pivots, result, n)
    situation = read_situation(draft, violation, pivots, today=TODAY, region="330111")
    return judge_items(answer, [item for _, _, item in rows], draft, situation), draft


def everything_said(found: Assessment, draft: Draft, tmp: AuditLog | None = None) -> list[str]:
    """Return all texts of the answer, the stored record and the report."""
    said = [*texts(assessment_json(found)), *texts(guidance_json(found))]
    if tmp is not None:
        book = AssessmentBook(tmp)
        method = {"words": [], "articles": [], "causes": [], "channels": ["lexical"], "filters": {}, "library_until": None, "is_match": True}
        method["funnel"] = {"library": 1, "allowed": 1, "ranked": 1, "listed": 1}
        key = book.record(found, draft, actor="k", role="officer", versions={}, method=method, cases=listed_cases(found.answer, draft, found))
        entry = book.get(key)
        assert entry is not None
        said += texts(dossier_json(entry.payload, [], {"id": key, "at": entry.at, "actor": "k", "hash": entry.hash}))
    return said


def forbidden(said: list[str]) -> list[str]:
    return [f"{word} in {text[:60]}" for text in said for word in FORBIDDEN if word in text]


def with_percent(said: list[str]) -> list[str]:
    return [text[:80] for text in said if "%" in text or "％" in text]


PLANS = [None, Planned(("限期拆除",)), Planned(("罚款",), Decimal(500)), Planned(("责令改正", "罚款"), Decimal(10**7), Decimal(10**6)), Planned(("不予处罚",))]


@pytest.mark.parametrize("code", sorted(VIOLATIONS))
def test_no_text_on_any_violation_holds_a_forbidden_word_or_a_percentage_of_too_few(code: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    violation = VIOLATIONS[code]
    log = AuditLog(tmp_path_factory.mktemp("audit") / "audit.db")
    bools = [pivot.name for pivot in violation.pivots if pivot.type == "bool"]
    everything = {value: dict.fromkeys(bools, value) for value in (True, False)}
    single = [{name: value} for name in bools for value in (True, False)] if violation.family == "planning" else []
    mixed = list(zip(PLANS, itertools.cycle([everything[True], {}, everything[False]])))
    for plan, pivots in [*mixed, *((PLANS[1], pivots) for pivots in single)]:
        found, draft = assessed(violation, plan, pivots, 9, n_reviewed=9)
        said = everything_said(found, draft, log if pivots in everything.values() else None)
        assert forbidden(said) == []
        assert with_percent(said) == []  # nine peers: no percentage anywhere, in the report neither
        assert found.text.endswith(DISCLAIMER)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(
    code=st.sampled_from(sorted(VIOLATIONS)),
    kinds=st.lists(st.sampled_from(KINDS), max_size=3, unique=True),
    fine=st.one_of(st.none(), st.integers(1, 10**7)),
    base=st.one_of(st.none(), st.integers(1, 10**8)),
    n=st.integers(0, 30),
    n_reviewed=st.integers(0, 30),
    weight=st.floats(0.01, 5),
    words=st.lists(
        st.sampled_from(
            ["2016年3月1日建成", "2022年3月1日检查发现", "拟当场处罚", "申请法院强制拆除", "首次违法，及时改正", "曾被处罚", "已告知听证", "合计22.5元"]
        ),
        max_size=4,
    ),
)
def test_whatever_is_planned_and_found_only_permitted_words_are_said(
    code: str, kinds: list[str], fine: int | None, base: int | None, n: int, n_reviewed: int, weight: float, words: list[str]
) -> None:
    plan = Planned(tuple(kinds), Decimal(fine) if fine else None, Decimal(base) if base else None) if kinds else None
    found, draft = assessed(VIOLATIONS[code], plan, {}, n, "。".join(["案情", *words]), weight, n_reviewed)
    said = everything_said(found, draft)
    assert forbidden(said) == []
    shape = assessment_json(found)
    if found.distribution.n < 10 or found.distribution.n_eff < 8:
        assert with_percent(said) == []
        assert (shape["distribution"], shape["tail"], shape["reviewed"]["rate"]) == ({}, None, None)
    if found.reviewed.corrected + found.reviewed.upheld < 8:
        assert shape["reviewed"]["rate"] is None
        assert "估计" not in found.text.replace("不足以估计", "")
    for place in shape["places"]:
        assert place["n"] >= 5
        assert all(count is None or count >= 5 for count in place["counts"].values())
        assert place["n"] >= 10 or place["distribution"] == {}
    assert shape["level"] in HEADLINES
    json.dumps(shape, ensure_ascii=False, allow_nan=False)


def test_the_templates_themselves_hold_no_forbidden_word() -> None:
    procedure = [part for versions in load_procedure().notices.values() for notice in versions for part in (notice.text, notice.check)]
    levels = [name for names in LEVEL_NAMES.values() for name in names.values()]
    assert (
        forbidden([*HEADLINES.values(), *STATUTE_HEADLINES.values(), *DIRECTIONS.values(), *levels, *procedure, DISCLAIMER, MIXED_HEADLINE, UNSURE_HEADLINE])
        == []
    )


def test_what_the_library_says_is_quoted_only_where_it_may_be() -> None:
    assert quoted(WORST) == "理由见案例原文"
    assert quoted("罚款明显不当，减为5%") == "罚款明显不当，减为百分之五"
    assert len(quoted("理" * 500)) == 160


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("5%至10%", "百分之五至百分之十"),
        ("约7.5%", "约百分之七点五"),
        ("超建2.80%", "超建百分之二点八"),
        ("150%", "百分之150"),
        ("15％", "百分之十五"),
        ("无", "无"),
    ],
)
def test_the_sign_is_kept_for_shares_of_cases(text: str, words: str) -> None:
    assert without_signs(text) == words


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (0.05, "百分之五"),
        (0.055, "百分之五点五"),
        (0.1, "百分之十"),
        (0.125, "百分之十二点五"),
        (0.2, "百分之二十"),
        (1.0, "百分之100"),
        (5.0, "5倍"),
        (1923.077, "1,923.1倍"),
    ],
)
def test_rates_are_written_as_statutes_write_them(rate: float, words: str) -> None:
    assert percent_words(rate) == words


@pytest.mark.parametrize(("n", "has_percent"), [(9, False), (10, True)])
def test_percentages_need_ten_cases(n: int, has_percent: bool) -> None:
    text = describe_distribution("planning", distribution([2] * n, [1.0] * n), "")
    assert ("%" in text) is has_percent
    assert f"{n}件" in text


def test_percentages_need_an_effective_size_of_eight() -> None:
    found = distribution([2] * 14, [1.0] * 4 + [0.05] * 10)
    assert found.n_eff < 8
    assert "%" not in describe_distribution("planning", found, "")


@pytest.mark.parametrize(("corrected", "upheld", "has_rate"), [(2, 1, False), (2, 5, False), (2, 6, True)])
def test_overturn_rates_need_eight_reviewed(corrected: int, upheld: int, has_rate: bool) -> None:
    text = describe_reviewed(Reviewed(corrected, upheld))
    assert ("%" in text) is has_rate
    assert f"{corrected + upheld}件中{corrected}件" in text
    assert "%" not in describe_reviewed(Reviewed(corrected, upheld), has_percentages=False)


def test_fines_are_said_as_a_share_of_the_base_or_in_yuan() -> None:
    assert describe_amounts(Amounts(9, 7.5, True, 0.05, 0.05, 0.055, 0.07, 0.075)) == "同类9件的罚款为基数的百分之五至百分之七点五，中位百分之五点五。"
    assert describe_amounts(Amounts(9, 7.5, False, 100, 200, 400, 700, 1000)) == "同类9件的罚款在100元至1,000元之间，中位400元。"
    assert describe_amounts(Amounts(7, 7.0, False, 100, 200, 400, 700, 1000)) == ""


def test_counter_examples_and_places_are_named() -> None:
    found, _ = assessed(VIOLATIONS["CX02"], Planned(("限期拆除",)), {}, 24, n_reviewed=6)
    assert re.search(r"反面案例\d件，不作参照：", found.text)
    assert "分地区：富阳区" in found.text
    assert "不足5件" in found.text
    assert "%" in found.text


def test_the_headline_names_peers_only_where_they_are_a_reason() -> None:
    assert headline("notice", {"scale"}) == "拟罚款请对照法定幅度与情节（供核对）"
    assert headline("notice", {"scale", "corrected"}) == HEADLINES["notice"]
    assert headline("none", set()) == HEADLINES["none"]


def test_silence_is_explained_in_plain_words() -> None:
    few = distribution([2, 2, 3], [1.0, 1.0, 1.0])
    enough = distribution([2] * 12, [1.0] * 12)
    assert describe_silence(few, has_plan=True, base_name=None, few_amounts=None) == [
        "可比的相似案件只有3件（有效样本3.0），少于比较所需的5件，因此不比较处置轻重，只列案件；法定处置与程序仍可核对。"
    ]
    assert "没有写明打算怎么处理" in describe_silence(enough, has_plan=False, base_name=None, few_amounts=None)[0]
    assert "计罚基数（造价）" in describe_silence(enough, has_plan=True, base_name="造价", few_amounts=None)[0]
    assert describe_silence(enough, has_plan=True, base_name=None, few_amounts=3) == ["可比的同类罚款只有3件，少于8件，不比较罚款数额。"]
    assert "案情较像：“甲”；“乙”" in describe_unknown(["甲", "乙"])
