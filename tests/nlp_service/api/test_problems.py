"""Tests of problems, guard and logs: every error is a problem with an id, none repeats what was sent, none tells how it broke."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from nlp_service.api.app import create_app
from nlp_service.api.logs import configure_logs
from nlp_service.runtime import NotReadyError, Runtime
from nlp_service.settings import Settings

Expect = Callable[..., dict[str, Any]]
SECRET = "机密案情甲乙丙"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/body/text"),
        ({"text": ""}, "/body/text"),
        ({"text": [SECRET]}, "/body/text"),
        ({"text": "x", "k": 0}, "/body/k"),
        ({"text": "x", "k": 101}, "/body/k"),
        ({"text": "x", SECRET: 1}, "/body/…"),
        ({"text": "x", "planned": {SECRET: 1}}, "/body/planned/…"),
        ({"text": "x", "pivots": {SECRET: []}}, "/body/pivots/…"),
        ({"text": "x", "pivots": SECRET}, "/body/pivots"),
        ({"text": "x", "filters": {"decided_from": SECRET}}, "/body/filters/decided_from"),
        ({"text": "x", "filters": {"regions": SECRET}}, "/body/filters/regions"),
        ({"text": "x", "filters": {"regions": ["1"] * 51}}, "/body/filters/regions"),
        ({"text": "x", "planned": {"fine_yuan": 1e12}}, "/body/planned/fine_yuan"),
        ({"text": "x", "cause": "因" * 201}, "/body/cause"),
    ],
)
def test_a_body_against_the_contract_is_refused_by_pointer(client: TestClient, expect_problem: Expect, body: dict[str, Any], pointer: str) -> None:
    answer = expect_problem(client.post("/v1/cases/search", json=body), 422, "invalid")
    assert answer["errors"][0]["pointer"] == pointer
    assert SECRET not in json.dumps(answer, ensure_ascii=False)


@pytest.mark.parametrize(
    ("record", "detail"),
    [
        ({"party_type": SECRET}, "party_type: expected one of 个人、个体工商户、法人"),
        ({"decided_on": SECRET}, "decided_on: not a date; expected 2021-03-05, 2021/3/5 or 2021年3月5日"),
        ({"fine_yuan": f'it\'s "{SECRET}": '}, "fine_yuan: expected an amount in yuan such as 21430 or 21430.50"),
        ({"region": SECRET}, "region: expected a GB/T 2260 code of 6 digits, or 9 with the street"),
    ],
)
def test_what_is_wrong_with_a_record_is_said_without_repeating_it(client: TestClient, expect_problem: Expect, record: dict[str, Any], detail: str) -> None:
    body = expect_problem(client.put("/v1/cases/AJ-1", json={"facts": "x", **record}), 422, "record")
    assert body["detail"] == detail


def test_what_is_wrong_with_a_plan_is_said_without_repeating_it(client: TestClient, expect_problem: Expect) -> None:
    response = client.post("/v1/cases/search", json={"text": "x", "planned": {"kinds": [SECRET]}})
    assert expect_problem(response, 422, "draft")["detail"] == "拟作处理：不是已知的处罚种类"


@pytest.mark.parametrize("text", ["   ", "\n\t", "\u3000", "\u200b\ufeff"])
def test_an_empty_draft_is_refused_with_what_to_do(client: TestClient, expect_problem: Expect, text: str) -> None:
    assert "粘贴案情" in expect_problem(client.post("/v1/cases/search", json={"text": text}), 422, "draft")["detail"]


def test_a_5_mb_draft_is_refused_with_its_length_and_not_repeated(client: TestClient, expect_problem: Expect, logged: io.StringIO) -> None:
    text = SECRET * (5_000_000 // len(SECRET.encode()))
    response = client.post("/v1/cases/search", content=json.dumps({"text": text}, ensure_ascii=False).encode(), headers={"Content-Type": "application/json"})
    body = expect_problem(response, 422, "draft")
    assert str(len(text)) in body["detail"]
    assert "200000" in body["detail"]
    assert len(response.content) < 2000
    assert len(logged.getvalue()) < 2000


def test_a_long_draft_within_the_bound_is_read_whole(client: TestClient) -> None:
    text = "烧烤店油烟净化器未开。" * 9000
    assert client.post("/v1/cases/search", json={"text": text}).json()["read"]["characters"] == len(text) == 99_000


def test_broken_json_is_a_problem(client: TestClient, expect_problem: Expect) -> None:
    response = client.post("/v1/cases/search", content=f'{{"text": "{SECRET}'.encode(), headers={"Content-Type": "application/json"})
    answer = expect_problem(response, 422, "invalid")
    assert "JSON" in answer["errors"][0]["detail"]
    assert SECRET not in response.text


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/cases", "/nothing", "/static/none.js", "/static/../settings.py", "/static/%2e%2e/settings.py"])
def test_an_unknown_address_is_404(client: TestClient, expect_problem: Expect, path: str) -> None:
    expect_problem(client.get(path), 404, "http-404")


def test_a_wrong_method_is_405_and_names_the_right_ones(client: TestClient, expect_problem: Expect) -> None:
    response = client.delete("/v1/cases/search/")
    assert response.status_code in (404, 405)
    response = client.patch("/v1/cases/C-00001", json={})
    expect_problem(response, 405, "http-405")
    assert "GET" in response.headers["allow"]


def test_a_body_above_the_bound_is_413_before_it_is_read(home: Path, expect_problem: Expect) -> None:
    with TestClient(create_app(Settings(home=home, refresh_s=60, max_body_bytes=1000)), base_url="http://127.0.0.1") as client:
        expect_problem(client.post("/v1/cases/search", json={"text": "x" * 1000}), 413, "too-large")
        assert client.post("/v1/cases/search", json={"text": "x" * 900}).status_code == 200


def test_a_body_without_a_length_is_counted_while_it_comes(home: Path, expect_problem: Expect) -> None:
    with TestClient(create_app(Settings(home=home, refresh_s=60, max_body_bytes=1000)), base_url="http://127.0.0.1") as client:
        response = client.post("/v1/cases/search", content=(b"x" * 100 for _ in range(11)), headers={"Content-Type": "application/json"})
        expect_problem(response, 413, "too-large")


def test_too_many_at_once_are_told_to_come_back(home: Path, expect_problem: Expect, monkeypatch: pytest.MonkeyPatch) -> None:
    """One worker, one may wait: of three at once the third is refused at once, the others are answered."""
    with TestClient(create_app(Settings(home=home, refresh_s=60, workers=1, max_waiting=1)), base_url="http://127.0.0.1") as client:
        runtime: Runtime = client.app.state.runtime  # type: ignore[attr-defined]
        may_go, inside = threading.Event(), threading.Semaphore(0)
        get = runtime.store.get

        def slow(case_id: str) -> Any:
            inside.release()
            assert may_go.wait(20)
            return get(case_id)

        monkeypatch.setattr(runtime.store, "get", slow)
        statuses: list[int] = []
        first = threading.Thread(target=lambda: statuses.append(client.get("/v1/cases/C-00001").status_code))
        first.start()
        assert inside.acquire(timeout=20)
        second = threading.Thread(target=lambda: statuses.append(client.get("/v1/cases/C-00002").status_code))
        second.start()
        guard = _guard(client)
        while guard._in_flight < 2:
            threading.Event().wait(0.001)
        response = client.get("/v1/cases/C-00003")
        assert [client.get(path).status_code for path in ("/health/live", "/health/ready", "/metrics")] == [200, 200, 200], "probes need no worker"
        may_go.set()
        first.join()
        second.join()
    expect_problem(response, 429, "busy")
    assert response.headers["retry-after"] == "1"
    assert statuses == [200, 200]


def _guard(client: TestClient) -> Any:
    found = client.app.middleware_stack  # type: ignore[attr-defined]
    while type(found).__name__ != "Guard":
        found = found.app
    return found


def test_a_fault_is_500_without_its_text_in_answer_or_log(
    client: TestClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, expect_problem: Expect, logged: io.StringIO
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(runtime.store, "get", fail)
    response = client.get("/v1/cases/C-00001", headers={"X-Request-ID": "req-7"})
    expect_problem(response, 500, "internal")
    assert SECRET not in response.text + logged.getvalue()
    failed, request = (json.loads(line) for line in logged.getvalue().splitlines())
    assert failed["event"] == "request_failed"
    assert failed["request_id"] == request["request_id"] == "req-7"
    assert failed["exception"][0] == "builtins.RuntimeError"
    assert failed["exception"][-1].endswith(" fail"), "the place is named"
    assert request["status"] == 500


def test_a_fault_while_the_body_is_read_keeps_its_security_headers(client: TestClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime.store, "get", None)
    response = client.get("/v1/cases/C-00001")
    assert response.status_code == 500
    assert response.headers["x-content-type-options"] == "nosniff"


def test_one_log_line_per_request_says_who_and_how_long_but_not_what(client: TestClient, logged: io.StringIO) -> None:
    client.post("/v1/cases/search", json={"text": SECRET})
    client.get("/v1/cases/C-00001", headers={"X-Request-ID": "abc"})
    records = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert [(r["event"], r["method"], r["path"], r["status"], r["level"]) for r in records] == [
        ("request", "POST", "/v1/cases/search", 200, "info"),
        ("request", "GET", "/v1/cases/{case_id}", 200, "info"),
    ]
    assert records[1]["request_id"] == "abc"
    assert all(r["ms"] > 0 and r["timestamp"].endswith("Z") for r in records)
    assert SECRET not in logged.getvalue()


def test_what_libraries_log_is_json_too(logged: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    configure_logs("INFO", logged)
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("uvicorn.error").exception('said "so"\nand more')
    record = json.loads(logged.getvalue())
    assert record["event"] == 'said "so"\nand more'
    assert record["logger"] == "uvicorn.error"
    assert record["exception"][0] == "builtins.ValueError"
    assert SECRET not in logged.getvalue()


def test_a_request_id_is_taken_over_when_it_is_harmless(client: TestClient) -> None:
    assert client.get("/health/live", headers={"X-Request-ID": "abc-1.2_Z"}).headers["x-request-id"] == "abc-1.2_Z"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a/b", "<script>", "a\tb"])
def test_another_request_id_is_replaced(client: TestClient, given: str) -> None:
    answered = client.get("/health/live", headers={"X-Request-ID": given}).headers["x-request-id"]
    assert answered != given
    assert len(answered) == 32
    assert int(answered, 16) >= 0


@pytest.mark.parametrize("path", ["/", "/health/live", "/v1/nothing", "/openapi.json", "/metrics", "/static/none"])
def test_every_answer_has_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-opener-policy"] == "same-origin"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8000", "", "[::2]:8000", "localhost.evil", "10.0.0.1"])
def test_without_keys_a_foreign_host_header_is_refused(client: TestClient, expect_problem: Expect, host: str) -> None:
    for method, path in (("GET", "/"), ("POST", "/v1/cases/search"), ("DELETE", "/v1/cases/C-00001")):
        expect_problem(client.request(method, path, headers={"Host": host}), 403, "host")
    assert client.get("/v1/cases/C-00001").status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost", "localhost:9", "[::1]", "[::1]:8000", "LOCALHOST"])
def test_this_machines_names_are_served(client: TestClient, host: str) -> None:
    assert client.get("/health/live", headers={"Host": host}).status_code == 200


def test_with_keys_any_host_is_served(client: TestClient, keys: dict[Any, str]) -> None:
    assert client.get("/health/live", headers={"Host": "nlp.example.gov.cn"}).status_code == 200


def test_searching_before_there_is_a_library_is_503_with_the_cure(tmp_path: Path, expect_problem: Expect) -> None:
    with TestClient(create_app(Settings(home=tmp_path / "new", refresh_s=60)), base_url="http://127.0.0.1") as client:
        response = client.post("/v1/cases/search", json={"text": "占道"})
        assert "nlp-service build" in expect_problem(response, 503, "not-ready")["detail"]
        assert response.headers["retry-after"] == "5"
        assert str(tmp_path) not in response.text
        assert client.get("/health/ready").status_code == 503
        runtime: Runtime = client.app.state.runtime  # type: ignore[attr-defined]
        with pytest.raises(NotReadyError, match="nlp-service build"):
            _ = runtime.library


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, "缺少这一项"),
        ({"text": [SECRET]}, "应为文字"),
        ({"text": "x", "k": 0}, "不能小于 1"),
        ({"text": "x", "k": 101}, "不能大于 100"),
        ({"text": "x", SECRET: 1}, "没有这一项，请检查拼写"),
        ({"text": "x", "cause": "因" * 201}, "最多 200 个字"),
        ({"text": "x", "party": SECRET}, "应为其中之一：'个人', '个体工商户'、'法人'"),
        ({"text": "x", "act_on": SECRET}, "应为日期，如 2022-11-08"),
        ({"text": "x", "filters": {"regions": ["1"] * 51}}, "最多 50 项"),
        ({"text": "x", "planned": {"fine_yuan": 1e12}}, "应小于 1000000000000.0"),
    ],
)
def test_what_is_wrong_is_said_in_chinese(client: TestClient, expect_problem: Expect, body: dict[str, Any], detail: str) -> None:
    assert expect_problem(client.post("/v1/cases/search", json=body), 422, "invalid")["errors"][0]["detail"] == detail


def test_a_body_nested_too_deeply_or_in_another_encoding_says_so(client: TestClient, expect_problem: Expect) -> None:
    for content in (b"[" * 100_000, b'{"text": "\xd5"}'):
        answer = expect_problem(client.post("/v1/tags", content=content, headers={"Content-Type": "application/json"}), 400, "http-400")
        assert answer["detail"].startswith("请求不能读取")
