"""The bundled corpora are sound, and each fault of a query or of doubled texts is found."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from corpora.samples import CASES, FOLDER, QUERIES
from corpora.samples.verify import check_query, verify_duplicates, verify_queries
from corpora.violations import load_violations


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def library() -> dict[str, dict[str, Any]]:
    return {record["case_id"]: record for record in lines(CASES)}


@pytest.fixture(scope="module")
def queries() -> list[dict[str, Any]]:
    return lines(QUERIES)


def test_bundled_queries_are_sound() -> None:
    assert verify_queries(QUERIES, CASES) == []


def test_bundled_queries_cover_the_catalogue(queries: list[dict[str, Any]]) -> None:
    counts = Counter(query["about"]["cause_code"] for query in queries)
    assert len(queries) >= 160
    assert counts.keys() == load_violations().keys()
    assert min(counts[code] for code in ("CX01", "CX02", "CX03", "CX04")) >= 6
    assert min(counts[code] for code in ("ZR01", "ZR03")) >= 5
    assert min(counts[code] for code in ["SR01", "SR02", "SR03", "SR06", "SR12", "SJ01", "SJ02", "SJ06", "JT01", "CX08", "SL01", "YJ01", "LY02", "GA04"]) >= 3


def test_bundled_queries_come_in_many_forms(queries: list[dict[str, Any]]) -> None:
    short = [query for query in queries if 8 <= len(query["text"]) <= 30]
    drafts = [query for query in queries if query["planned"] and 150 <= len(query["text"]) <= 400]
    assert len(short) >= 0.3 * len(queries)
    assert len(drafts) >= 0.3 * len(queries)
    assert all(query["pivots"] == {} and query["cause"] is None for query in queries)  # the answer is not given away
    grades = [Counter(query["rel"].values()) for query in queries]
    assert all(1 <= found[3] <= 12 and found[1] <= 25 for found in grades)


def test_bundled_queries_repeat_no_sentence_of_a_case(queries: list[dict[str, Any]], library: dict[str, dict[str, Any]]) -> None:
    length = 18  # a citation of an article is shorter
    runs = {text[at : at + length] for case in library.values() for text in (case["facts"], case["reasoning"]) for at in range(len(text) - length + 1)}
    for query in queries:
        text = query["text"]
        assert not [text[at : at + length] for at in range(len(text) - length + 1) if text[at : at + length] in runs], query["query_id"]


def fault(query: dict[str, Any], library: dict[str, dict[str, Any]], **changes: object) -> str:
    return "\n".join(check_query({**query, **changes}, library))


def test_each_fault_of_a_query_is_named(queries: list[dict[str, Any]], library: dict[str, dict[str, Any]]) -> None:
    query = next(query for query in queries if query["planned"] and "corrected" not in query)
    rel, about = query["rel"], query["about"]
    first = next(iter(rel))
    assert check_query(query, library) == []
    assert "case S-XX99-001 is not in the library" in fault(query, library, rel={**rel, "S-XX99-001": 1})
    assert f"grades of {first} are not 1, 2 or 3" in fault(query, library, rel={**rel, first: 4})
    assert "no case has grade 2 or 3" in fault(query, library, rel={case_id: 1 for case_id, found in rel.items() if found == 1})
    assert f"{first} has grade 2, the rule says 3" in fault(query, library, rel={**rel, first: 2})
    assert fault(query, library, rel={**rel, first: 2}, corrected=[first]) == ""
    assert f"{first} has grade 3, the rule says 3: take it out of corrected" in fault(query, library, corrected=[first])
    assert f"{first} has grade 0, the rule says 3" in fault(query, library, rel={case_id: found for case_id, found in rel.items() if case_id != first})
    assert "pivots 天气 are not of" in fault(query, library, about={**about, "pivots": {**about["pivots"], "天气": True}})
    assert "kinds ['罚一点'] are not canonical" in fault(query, library, planned={"kinds": ["罚一点"], "fine_yuan": None})
    assert "holds personal data" in fault(query, library, text=query["text"] + "联系电话13800138000。")
    assert fault(query, library, about={**about, "cause_code": "XX99"}) == "cause_code XX99 is not in the catalogue"


def test_doubled_ids_and_texts_are_found(tmp_path: Path, queries: list[dict[str, Any]]) -> None:
    path = tmp_path / "queries.jsonl"
    rows = [queries[0], {**queries[0], "query_id": "Q-999"}, {**queries[1], "query_id": queries[0]["query_id"]}]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    assert [problem.split(":")[1] for problem in verify_queries(path, CASES)] == ["2", "3"]


def test_no_bundled_text_is_a_near_duplicate() -> None:
    assert verify_duplicates(FOLDER) == []


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")


def test_near_duplicates_among_cases_and_across_splits(tmp_path: Path, library: dict[str, dict[str, Any]]) -> None:
    cases = list(library.values())[:100]
    double = {**cases[0], "case_id": "S-TWIN", "facts": cases[0]["facts"].replace("平方米", "㎡")}
    write(tmp_path / "cases.jsonl", [*cases, double])  # 2 of 101 are more than 1 %
    text = "三组王姓户的屋顶又搭起了彩钢棚，昨天已经拍照上报，户主不在家。"
    reports = [("R-1", "train", text), ("R-2", "test", text[:-1]), ("R-3", "train", text + "再说"), ("R-4", "dev", "河边垃圾桶倒了一地，没有人来清。")]
    write(tmp_path / "reports_grid.jsonl", [{"report_id": name, "split": split, "text": told} for name, split, told in reports])
    problems = verify_duplicates(tmp_path)
    assert [problem.rsplit(" (", 1)[0] for problem in problems] == [
        f"cases.jsonl: {cases[0]['case_id']} and S-TWIN are near-duplicates",
        "reports_grid.jsonl: R-1 and R-2 of different splits are near-duplicates",
        "reports_grid.jsonl: R-2 and R-3 of different splits are near-duplicates",
    ]
    write(tmp_path / "cases.jsonl", [*list(library.values())[:250], double])  # 2 of 251 may be
    assert not [problem for problem in verify_duplicates(tmp_path) if problem.startswith("cases")]
