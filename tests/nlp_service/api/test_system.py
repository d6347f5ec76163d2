"""Tests of health, metrics, versions, the description of the interface and the page."""

from __future__ import annotations

import datetime as dt
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from indexes.build import BuildSpec, build
from nlp_service import __version__
from nlp_service.api.app import create_app
from nlp_service.persons import outbox
from nlp_service.persons.courier import Courier
from nlp_service.persons.timing import utc_now
from nlp_service.runtime import Runtime
from nlp_service.settings import Settings

WAIT_S = 60  # never reached unless something is broken


def figures(client: TestClient) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(response.text)
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for family in families for sample in family.samples}


def test_a_ready_service_says_so(client: TestClient) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}
    assert client.get("/health/ready").json() == {"status": "ok", "warm": True, "outbox": "off"}
    assert client.get("/health/startup").json() == {"status": "ok", "ready": True}


def test_a_service_without_a_library_lives_but_is_not_ready(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(home=tmp_path, refresh_s=60)), base_url="http://127.0.0.1") as client:
        assert client.get("/health/live").status_code == 200
        ready = client.get("/health/ready")
        assert (ready.status_code, ready.json()) == (503, {"status": "not-ready", "warm": True, "outbox": "off"})
        assert client.get("/health/startup").json() == {"status": "ok", "ready": False}
        assert client.get("/v1/versions").json() == {"service": __version__}
        assert figures(client)[("nlp_ready", ())] == 0


def test_a_stuck_webhook_is_seen_by_monitors_and_answers_go_on(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=home, refresh_s=60, webhook_url="http://127.0.0.1:1/hook", webhook_secret="sixteen letters!")
    looked = threading.Semaphore(0)
    look = Courier.look
    monkeypatch.setattr(Courier, "look", lambda self: (look(self), looked.release()))
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        app: Any = client.app
        persons = app.state.runtime.persons
        assert looked.acquire(timeout=WAIT_S)
        assert client.get("/health/ready").json()["outbox"] == "ok"
        with persons.store.writing() as session:
            outbox.enqueue(session, "alert.raised", "p_1", {}, utc_now() - dt.timedelta(seconds=outbox.STUCK_S + 5))
        persons.courier.wake()
        assert looked.acquire(timeout=WAIT_S)
        ready = client.get("/health/ready")
        assert (ready.status_code, ready.json()["outbox"]) == (200, "stuck")
        found = figures(client)
        assert {state: found["nlp_outbox_events", (("state", state),)] for state in ("pending", "delivered", "dead")} == {
            "pending": 1,
            "delivered": 0,
            "dead": 0,
        }
        assert found["nlp_outbox_attempts_total", (("result", "failed"),)] >= 1
        assert found["nlp_outbox_attempts_total", (("result", "delivered"),)] == 0
        assert 605 <= found["nlp_outbox_oldest_pending_seconds", ()] < 700
        assert found["nlp_outbox_stuck", ()] == 1


def test_a_damaged_snapshot_leaves_the_service_up_but_not_ready(home: Path) -> None:
    snapshot = next((home / "library" / "snapshots").iterdir())
    (snapshot / "dense.faiss").write_bytes(b"broken")
    with TestClient(create_app(Settings(home=home, refresh_s=60)), base_url="http://127.0.0.1") as client:
        assert client.get("/health/live").status_code == 200
        assert client.get("/health/ready").status_code == 503
        assert client.get("/v1/cases/C-00001").status_code == 200, "the cases themselves can still be read"


def test_figures_count_requests_cases_and_stages(client: TestClient) -> None:
    client.post("/v1/cases/search", json={"text": "占道经营"})
    client.post("/v1/cases/search", json={"text": ""})
    client.get("/v1/cases/C-00001")
    client.get("/v1/cases/C-00002")
    client.get("/nowhere")
    found = figures(client)
    requests = {labels: value for (name, labels), value in found.items() if name == "nlp_requests_total"}
    assert requests == {
        (("method", "POST"), ("route", "/v1/cases/search"), ("status", "200")): 1,
        (("method", "POST"), ("route", "/v1/cases/search"), ("status", "422")): 1,
        (("method", "GET"), ("route", "/v1/cases/{case_id}"), ("status", "200")): 2,
        (("method", "GET"), ("route", "unmatched"), ("status", "404")): 1,
    }
    assert found[("nlp_library_cases", ())] == 120
    assert found[("nlp_library_last_seq", ())] == 120
    assert found[("nlp_ready", ())] == 1
    assert found[("nlp_search_stage_seconds_count", (("stage", "lexical"),))] == 1


def test_figures_hold_no_ids_or_texts(client: TestClient) -> None:
    client.get("/v1/cases/AJ-SECRET")
    client.get("/v1/AJ-SECRET")
    client.request("AJSECRET", "/v1/versions")
    text = client.get("/metrics").text
    assert "AJ-SECRET" not in text
    assert "AJSECRET" not in text


def test_two_apps_count_apart(home: Path) -> None:
    first, second = (create_app(Settings(home=home, refresh_s=60)) for _ in range(2))
    assert first.state.metrics.registry is not second.state.metrics.registry


def test_versions_name_every_part_and_change_with_the_snapshot(client: TestClient, runtime: Runtime) -> None:
    before = client.get("/v1/versions").json()
    assert set(before) >= {"service", "snapshot", "sequence", "encoder", "dictionary", "fusion"}
    assert before["service"] == __version__
    assert before["sequence"] == "120"
    name = build(runtime.store, runtime.settings.library, BuildSpec()).name
    runtime.library.reload()
    assert client.get("/v1/versions").json()["snapshot"] == name != before["snapshot"]


def test_the_interface_is_described_with_a_summary_for_every_route(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert document["info"]["title"] == "类案检索、偏离预警与报告标签服务"
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert re.search("[\u4e00-\u9fff]|Prometheus", operation["summary"]), (path, method)
    assert {"/v1/cases/search", "/v1/cases:import", "/v1/cases/{case_id}", "/v1/cases/{case_id}/withdraw", "/v1/cases/{case_id}/similar"} <= set(
        document["paths"]
    )


def test_the_page_and_what_it_loads_are_served_from_here(client: TestClient) -> None:
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert 'lang="zh' in page.text
    needed = re.findall(r'(?:src|href)="([^"#]+)"', page.text)
    assert needed
    for address in needed:
        assert not address.startswith(("http", "//")), f"{address}: the page must work without a network"
        if not address.startswith("data:"):
            assert client.get(address).status_code == 200, address
    assert not re.search(r"<script(?![^>]*src)|\son\w+=|style=", page.text), "the Content-Security-Policy forbids inline code"


def test_errors_are_described_as_problems_and_nothing_else(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if path.startswith("/v1/"):
                assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"], path
            assert "422" not in operation["responses"]
    assert "HTTPValidationError" not in document["components"]["schemas"]
    assert set(document["components"]["schemas"]["Problem"]["required"]) == {"type", "title", "status", "detail", "code", "request_id"}
