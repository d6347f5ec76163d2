"""Tests of POST /v1/cases/search and GET /v1/cases/{id}/similar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from corpora.schema import Case
from corpora.violations import load_violations
from indexes.build import BuildSpec, build
from nlp_service.api.routes.search import decode_cursor, encode_cursor
from nlp_service.runtime import Runtime

Expect = Callable[..., dict[str, Any]]
OILY = "烧烤店油烟净化器未开，居民投诉，监测排放超标"


def search(client: TestClient, text: str = OILY, **body: object) -> dict[str, Any]:
    response = client.post("/v1/cases/search", json={"text": text, **body})
    assert response.status_code == 200, response.text
    return dict(response.json())


def ids(answer: dict[str, Any]) -> list[str]:
    return [hit["case_id"] for hit in answer["hits"]]


def numbers(answer: dict[str, Any]) -> list[int]:
    return [int(case_id[2:]) for case_id in ids(answer)]


def test_a_draft_gets_cases_of_its_theme_best_first(client: TestClient) -> None:
    answer = search(client, k=12)
    assert {number % 4 for number in numbers(answer)} == {3}
    assert [hit["rank"] for hit in answer["hits"]] == list(range(1, 13))
    scores = [hit["score"] for hit in answer["hits"]]
    assert scores == sorted(scores, reverse=True)
    assert answer["is_match"] is True


def test_a_hit_says_what_the_case_is_and_why_it_was_found(client: TestClient) -> None:
    hit = search(client)["hits"][0]
    assert hit["case"]["case_id"] == hit["case_id"]
    assert hit["case"]["causes"] == ["油烟超标"]
    assert hit["outcome"] == "未受审查"
    assert hit["outcome_group"] == "none"
    assert set(hit["channels"]) == {"lexical", "dense", "causes", "reasoning"}
    assert 0.5 < hit["relevance"] < 1
    (start, end) = hit["passages"][0]["case"]
    assert set("".join(hit["passages"][0]["words"])) <= set(hit["case"]["facts"][start:end])


def test_the_answer_says_what_was_read_and_which_versions_answered(client: TestClient, runtime: Runtime) -> None:
    response = client.post("/v1/cases/search", json={"text": OILY})
    answer = response.json()
    view = runtime.library.view
    assert answer["request_id"] == response.headers["x-request-id"]
    assert answer["read"] == {"characters": len(OILY), "of": len(OILY), "passages": 1}
    assert answer["draft"] == OILY
    assert answer["coverage"]["last_seq"] == 120
    assert answer["versions"]["snapshot"] == view.name
    assert answer["versions"]["encoder"] == view.encoder.fingerprint
    assert answer["versions"]["dictionary"] == view.analyzer.version
    assert {"analyse", "encode", "lexical", "dense", "causes", "fuse", "rerank"} <= set(answer["stages_ms"])


def test_pages_follow_each_other_without_repeats_and_equal_one_long_page(client: TestClient) -> None:
    pages: list[str] = []
    cursor = None
    for _ in range(30):
        answer = search(client, k=7, cursor=cursor)
        pages += ids(answer)
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert len(pages) == len(set(pages)) == answer["total"]
    assert pages[:60] == ids(search(client, k=60))


def test_ranks_go_on_over_the_pages(client: TestClient) -> None:
    first = search(client, k=5)
    second = search(client, k=5, cursor=first["next_cursor"])
    assert [hit["rank"] for hit in second["hits"]] == [6, 7, 8, 9, 10]


def test_a_cursor_of_an_older_snapshot_is_stale(client: TestClient, runtime: Runtime, expect_problem: Expect) -> None:
    cursor = search(client, k=5)["next_cursor"]
    build(runtime.store, runtime.settings.library, BuildSpec())
    assert runtime.library.reload()
    response = client.post("/v1/cases/search", json={"text": OILY, "cursor": cursor})
    body = expect_problem(response, 409, "cursor-stale")
    assert "第一页" in body["detail"]


@pytest.mark.parametrize("cursor", ["x", "!!!!", "bnVsbA", "WzEsMl0", "Wy0xLCJhIl0", "WyJhIiwiYiJd", "W3RydWUsImEiXQ", "____", "五"])
def test_a_damaged_cursor_is_refused(client: TestClient, expect_problem: Expect, cursor: str) -> None:
    response = client.post("/v1/cases/search", json={"text": OILY, "cursor": cursor})
    assert response.status_code in (409, 422)
    expect_problem(response, response.status_code, "cursor" if response.status_code == 422 else "cursor-stale")


def test_a_cursor_comes_back_as_it_went() -> None:
    assert decode_cursor(encode_cursor(40, "20260101T000000.000001"), "20260101T000000.000001") == 40


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"regions": ["330111"]}, [number for number in range(120) if number % 2 == 1]),  # odd numbers lie in 330111
        ({"regions": ["3304"]}, [number for number in range(120) if number % 2 == 0]),
        ({"causes": ["占道经营"]}, list(range(0, 120, 4))),
        ({"regions": ["330111"], "causes": ["违法建设", "无证取水"]}, list(range(1, 120, 4))),
        ({"regions": ["330111"], "causes": ["无证取水"]}, []),
        ({"provenances": ["synthetic"]}, []),
    ],
)
def test_filters_let_exactly_the_right_cases_through(client: TestClient, filters: dict[str, Any], expected: list[int]) -> None:
    answer = search(client, filters=filters, k=100)
    assert sorted(numbers(answer)) == expected
    # Cases of other themes are found when the filter leaves nothing else, and said not to be similar.
    assert answer["is_match"] is any(number % 4 == 3 for number in expected)


def test_cases_that_are_not_similar_come_with_a_notice(client: TestClient) -> None:
    assert search(client)["notice"] is None
    poem = search(client, "床前明月光，疑是地上霜。举头望明月，低头思故乡。发现")
    assert (poem["is_match"], poem["notice"]) == (False, "没有足够相似的案例；以下不够相似，仅供参考")
    assert poem["hits"]
    assert poem["violation"] is None
    nothing = search(client, "😀😀")
    assert (nothing["is_match"], nothing["notice"], nothing["hits"]) == (False, "没有足够相似的案例", [])


def test_dates_kinds_agencies_and_outcomes_filter(client: TestClient, runtime: Runtime, case_factory: Callable[..., Case]) -> None:
    runtime.store.put_many(
        [
            case_factory(500, theme=3, decided_on=dt.date.fromisoformat("2020-05-19"), kinds=("罚款",), agency="富阳区综合行政执法局"),
            case_factory(501, theme=3, decided_on=dt.date.fromisoformat("2021-05-19"), kinds=("警告",), agency="海宁市综合行政执法局"),
        ]
    )
    runtime.library.refresh()
    assert ids(search(client, filters={"decided_from": "2021-01-01"})) == ["C-00501"]
    assert ids(search(client, filters={"decided_to": "2020-12-31"})) == ["C-00500"]
    assert ids(search(client, filters={"decided_from": "2020-05-19", "decided_to": "2020-05-19"})) == ["C-00500"]
    assert ids(search(client, filters={"kinds": ["警告"]})) == ["C-00501"]
    assert ids(search(client, filters={"agencies": ["富阳区综合行政执法局"]})) == ["C-00500"]


def test_a_case_named_by_its_id_or_document_number_comes_first(client: TestClient, runtime: Runtime, case_factory: Callable[..., Case]) -> None:
    runtime.store.put_many([case_factory(502, theme=1, doc_no="富综执罚决字〔2020〕第0068号")])
    runtime.library.refresh()
    assert ids(search(client, "C-00017"))[0] == "C-00017"
    assert ids(search(client, "富综执罚决字[2020]第68号"))[0] == "C-00502"


def test_planned_is_read_and_bad_plans_are_refused(client: TestClient, expect_problem: Expect) -> None:
    assert search(client, planned={"kinds": ["罚款"], "fine_yuan": 20000})["hits"]
    response = client.post("/v1/cases/search", json={"text": OILY, "planned": {"kinds": ["斩立决"]}})
    expect_problem(response, 422, "draft")
    expect_problem(client.post("/v1/cases/search", json={"text": OILY, "planned": {"fine_yuan": -1}}), 422, "invalid")


def test_pivots_given_by_the_officer_are_named_in_the_answer(client: TestClient) -> None:
    assert search(client, pivots={"是否逾期": True})["pivots"]["是否逾期"] is True


def test_pivots_agreeing_with_a_case_lift_it(client: TestClient, runtime: Runtime, case_factory: Callable[..., Case]) -> None:
    violation = next(v for v in load_violations().values() if any(p.decisive and p.type == "bool" for p in v.pivots))
    name = next(p.name for p in violation.pivots if p.decisive and p.type == "bool")
    twins = [
        case_factory(
            600 + flag, theme=3, reasoning="", facts="同一事实甲乙丙丁", cause_code=violation.code, causes=(violation.name,), pivots={name: bool(flag)}
        )
        for flag in (0, 1)
    ]
    runtime.store.put_many(twins)
    runtime.library.refresh()
    for flag in (False, True):
        found = ids(search(client, "同一事实甲乙丙丁", cause=violation.code, pivots={name: flag}, k=2))
        assert found[0] == f"C-{600 + flag:05d}"
    hit = search(client, "同一事实甲乙丙丁", cause=violation.code, pivots={name: True}, k=2)["hits"]
    assert [element["name"] for element in hit[0]["same"]] == ["违法行为", name]
    assert [element["name"] for element in hit[1]["different"]] == [name]


def test_similar_cases_leave_the_case_itself_out(client: TestClient) -> None:
    answer = client.get("/v1/cases/C-00003/similar", params={"k": 6}).json()
    assert len(answer["hits"]) == 6
    assert "C-00003" not in ids(answer)
    assert {number % 4 for number in numbers(answer)} == {3}


def test_similar_to_no_case_is_not_found(client: TestClient, expect_problem: Expect) -> None:
    expect_problem(client.get("/v1/cases/missing/similar"), 404, "no-such-case")


def test_personal_data_of_the_draft_is_masked_in_the_answer(client: TestClient) -> None:
    answer = search(client, "当事人：张伟民，身份证号11010519491231002X，电话13805711234，烧烤店油烟扰民")
    assert "11010519491231002X" not in str(answer)
    assert "13805711234" not in str(answer)
    assert "张伟民" not in str(answer)
    assert len(answer["draft"]) == len("当事人：张伟民，身份证号11010519491231002X，电话13805711234，烧烤店油烟扰民")


@pytest.mark.parametrize("text", ["🙂🙂", "𠮷野家㍿占道", "㍿", "﷽", "a", "0", "《》"])
def test_rare_characters_are_searched_like_others(client: TestClient, text: str) -> None:
    answer = search(client, text)
    assert answer["read"]["characters"] == len(answer["draft"])
