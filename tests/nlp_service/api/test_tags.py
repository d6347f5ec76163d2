"""Tests of POST /v1/tags and the scheme routes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio.to_thread
import pytest
from starlette.testclient import TestClient

SCHEME = "name: yard\ntags:\n- code: Y01\n  name: 养鹅\n  definition: 院子里养着鹅\n  level: L1\n  triggers: [养鹅, 大白鹅]\n"
YAML = {"Content-Type": "application/yaml"}


def test_reports_are_tagged_in_order_with_versions_and_a_note(client: TestClient) -> None:
    reports = [{"report_id": "b", "text": "他家人不见了，电话关机，去向不明"}, {"report_id": "a", "text": "今天天气好"}]
    answer = client.post("/v1/tags", json={"scheme": "correction", "reports": reports})
    assert answer.status_code == 200
    body = answer.json()
    assert [item["report_id"] for item in body["results"]] == ["b", "a"]
    assert "A01" in [tag["tag"] for tag in body["results"][0]["tags"]]
    assert "尚待核实" in body["note"]
    assert {"scheme", "model", "language"} <= set(body["versions"])


def test_one_bad_report_does_not_stop_the_others(client: TestClient) -> None:
    reports = [{"report_id": "1", "text": ""}, {"report_id": "2", "text": "电话关机，人不见了，家里没人"}]
    items = client.post("/v1/tags", json={"reports": reports}).json()["results"]
    assert items[0]["error"]
    assert items[1]["level"] == "L4"


def test_limits_are_problems(client: TestClient) -> None:
    many = [{"report_id": str(n), "text": "正常"} for n in range(257)]
    assert client.post("/v1/tags", json={"reports": many}).status_code == 422
    unknown = client.post("/v1/tags", json={"scheme": "nosuch", "reports": many[:1]})
    assert unknown.status_code == 422
    assert unknown.headers["content-type"] == "application/problem+json"
    assert "correction" in unknown.json()["detail"]


def test_a_scheme_is_put_served_and_read_back(client: TestClient) -> None:
    put = client.put("/v1/schemes/yard", content=SCHEME.encode(), headers=YAML)
    assert put.status_code == 200, put.text
    got = client.get("/v1/schemes/yard")
    assert got.text == SCHEME
    assert put.json()["version"] in got.headers["etag"]
    tagged = client.post("/v1/tags", json={"scheme": "yard", "reports": [{"report_id": "1", "text": "院子里养鹅很吵"}]}).json()
    assert [tag["tag"] for tag in tagged["results"][0]["tags"]] == ["Y01"]


def test_a_broken_scheme_is_refused_with_its_line(client: TestClient) -> None:
    client.put("/v1/schemes/yard", content=SCHEME.encode(), headers=YAML)
    broken = client.put("/v1/schemes/yard", content=SCHEME.replace("L1", "L9").encode(), headers=YAML)
    assert broken.status_code == 422
    assert any("yard.yaml" in item["detail"] for item in broken.json()["errors"])
    assert client.get("/v1/schemes/yard").text == SCHEME


def test_an_unknown_scheme_is_404(client: TestClient) -> None:
    assert client.get("/v1/schemes/nosuch").status_code == 404


def test_a_request_takes_one_trip_to_a_worker_thread(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks and what serves is found on the loop (three trips fewer and an answer not searched for what is no JSON: 1 ms less, of 9)."""
    trips: list[str] = []
    run_sync = anyio.to_thread.run_sync

    async def counted(call: Callable[..., Any], *given: Any, **options: Any) -> Any:
        trips.append(repr(call))
        return await run_sync(call, *given, **options)

    monkeypatch.setattr(anyio.to_thread, "run_sync", counted)
    assert client.post("/v1/tags", json={"reports": [{"report_id": "1", "text": "今天天气好"}]}).status_code == 200
    assert len(trips) == 1, trips
