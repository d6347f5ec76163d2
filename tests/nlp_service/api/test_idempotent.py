"""Idempotency-Key over HTTP: the same again is answered the same and done once; another body, a busy key and a strange key are problems."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from corpora.store import CaseStore, StoreError
from nlp_service.api.app import create_app
from nlp_service.idempotency import AnswerStore
from nlp_service.keys import Role
from nlp_service.runtime import Runtime
from nlp_service.settings import Settings

Expect = Callable[..., dict[str, Any]]
WAIT_S = 60  # never reached unless something is broken
YARD = "name: yard\ntags:\n- {code: Y01, name: 养鹅, definition: 院子里养着鹅, level: L4, triggers: [养鹅]}\n"
REPORTS = {"scheme": "yard", "reports": [{"report_id": "R-1", "text": "他家养鹅", "person_ref": "DX-1"}]}
CASE = {"facts": "鸬鹚捕鱼", "causes": ["捕鱼"]}


@pytest.fixture
def home(home: Path) -> Path:
    (home / "schemes").mkdir()
    (home / "schemes" / "yard.yaml").write_text(YARD, encoding="utf-8")
    return home


def key(value: str = "k-1") -> dict[str, str]:
    return {"Idempotency-Key": value}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/v1/cases/AJ-1", CASE),
        ("POST", "/v1/judgements", {"query_id": "q", "case_id": "C-00001", "relevance": 3}),
        ("POST", "/v1/tags", REPORTS),
        ("POST", "/v1/cases/search", {"text": "烧烤店油烟扰民，拟罚款五千元", "k": 2}),
    ],
)
def test_the_same_again_is_answered_the_same_and_done_once(
    client: TestClient, runtime: Runtime, expect_problem: Expect, method: str, path: str, body: dict[str, Any]
) -> None:
    first = client.request(method, path, json=body, headers=key())
    assert first.status_code in (200, 201), first.text
    assert "idempotency-replayed" not in first.headers
    before = (runtime.store.last_seq(), runtime.audit.head(), runtime.store.judgements())
    again = client.request(method, path, json=body, headers=key('"k-1"'))
    assert (again.status_code, again.content, again.headers["content-type"]) == (first.status_code, first.content, first.headers["content-type"])
    assert again.headers["idempotency-replayed"] == "true"
    assert (runtime.store.last_seq(), runtime.audit.head(), runtime.store.judgements()) == before
    other = expect_problem(client.request(method, path, json={**body, "more": 1}, headers=key()), 422, "idempotency-key-reused")
    assert "k-1" not in str(other)
    assert client.request(method, path, json=body, headers=key("k-2")).content != b""


def test_a_key_is_for_one_address(client: TestClient, expect_problem: Expect) -> None:
    assert client.put("/v1/cases/AJ-1", json=CASE, headers=key()).status_code == 201
    expect_problem(client.put("/v1/cases/AJ-2", json=CASE, headers=key()), 422, "idempotency-key-reused")
    assert client.get("/v1/cases/AJ-1", headers=key()).status_code == 200, "reading needs no key and takes none"


def test_a_report_about_a_person_alerts_once_and_is_told_as_new_each_time(client: TestClient) -> None:
    first, again = (client.post("/v1/tags", json=REPORTS, headers=key()).json()["results"][0] for _ in range(2))
    assert first == again
    assert first["intake"]["state"] == "stored"
    without = client.post("/v1/tags", json=REPORTS).json()["results"][0]
    assert without["intake"]["state"] == "duplicate"
    assert len(client.get("/v1/alerts").json()["alerts"]) == 1


def test_a_file_sent_again_has_another_boundary_and_is_the_same(client: TestClient, runtime: Runtime) -> None:
    files = {"file": ("cases.jsonl", b'{"case_id": "AJ-9", "facts": "\xe6\x89\x93\xe4\xba\x95"}\n')}
    first, again = (client.post("/v1/cases:import", files=files, headers=key()) for _ in range(2))
    assert first.json()["added"] == again.json()["added"] == 1
    assert again.headers["idempotency-replayed"] == "true"


def test_what_failed_or_was_refused_may_be_tried_again_with_its_key(
    client: TestClient, runtime: Runtime, expect_problem: Expect, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_problem(client.put("/v1/cases/AJ-1", json={"decided_on": "gestern"}, headers=key()), 422, "record")

    def broken(self: CaseStore, cases: object) -> None:
        raise StoreError("gone")

    with monkeypatch.context() as while_broken:
        while_broken.setattr(CaseStore, "put_many", broken)
        expect_problem(client.put("/v1/cases/AJ-1", json=CASE, headers=key()), 503, "store")
    assert client.put("/v1/cases/AJ-1", json=CASE, headers=key()).status_code == 201


def test_two_at_once_are_one_and_a_problem(client: TestClient, expect_problem: Expect, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go, put = threading.Event(), threading.Event(), CaseStore.put_many

    def slow(self: CaseStore, cases: Any) -> Any:
        begun.set()
        assert go.wait(WAIT_S)
        return put(self, cases)

    monkeypatch.setattr(CaseStore, "put_many", slow)
    answers = []
    thread = threading.Thread(target=lambda: answers.append(client.put("/v1/cases/AJ-1", json=CASE, headers=key())))
    thread.start()
    assert begun.wait(WAIT_S)
    second = client.put("/v1/cases/AJ-1", json=CASE, headers=key())
    go.set()
    thread.join()
    expect_problem(second, 409, "idempotency-key-busy")
    assert second.headers["retry-after"] == "1"
    assert [answer.status_code for answer in answers] == [201]


@pytest.mark.parametrize("value", ["", '""', "a" * 256, "ключ".encode(), "a b"])
def test_a_strange_key_is_a_problem(client: TestClient, expect_problem: Expect, value: str | bytes) -> None:
    headers = [(b"Idempotency-Key", value if isinstance(value, bytes) else value.encode())]
    expect_problem(client.put("/v1/cases/AJ-1", json=CASE, headers=headers), 400, "idempotency-key")
    assert client.get("/v1/cases/AJ-1").status_code == 404


def test_an_answer_that_cannot_be_kept_is_given_all_the_same(client: TestClient, monkeypatch: pytest.MonkeyPatch, logged: io.StringIO) -> None:
    def full(*arguments: object) -> None:
        raise StoreError("disk full")

    monkeypatch.setattr(AnswerStore, "finish", full)
    assert client.put("/v1/cases/AJ-1", json=CASE, headers=key()).status_code == 201
    assert "answer_not_kept" in logged.getvalue()


def test_deleting_a_person_forgets_what_was_answered(client: TestClient, home: Path) -> None:
    person = client.post("/v1/tags", json=REPORTS, headers=key()).json()["results"][0]["intake"]["person"]
    assert person.encode() in (home / "answers.db").read_bytes()
    receipt = client.delete("/v1/persons/DX-1", headers=key("k-2"))
    assert receipt.status_code == 200
    assert person.encode() not in (home / "answers.db").read_bytes()
    assert client.delete("/v1/persons/DX-1", headers=key("k-2")).content == receipt.content


@pytest.fixture
def locked(settings: Settings, keys: dict[Role, str]) -> Iterator[TestClient]:
    with TestClient(create_app(settings), base_url="http://127.0.0.1", raise_server_exceptions=False) as opened:
        yield opened


def test_keys_belong_to_whoever_sent_them(locked: TestClient, keys: dict[Role, str], expect_problem: Expect) -> None:
    def put(role: Role | None, facts: str) -> Any:
        bearer = {"Authorization": f"Bearer {keys[role]}"} if role else {}
        return locked.put("/v1/cases/AJ-1", json={"facts": facts}, headers=key() | bearer)

    expect_problem(put(None, "甲"), 401, "unauthorised")
    expect_problem(put(Role.OFFICER, "甲"), 403, "forbidden")
    assert put(Role.RESEARCHER, "甲").status_code == 201
    expect_problem(put(None, "甲"), 401, "unauthorised")
    assert put(Role.ADMIN, "乙").json()["changed"] == 1
    assert put(Role.RESEARCHER, "甲").headers["idempotency-replayed"] == "true"


def test_the_header_is_described_where_something_changes(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert [p["name"] for p in paths["/v1/tags"]["post"]["parameters"]] == ["Idempotency-Key"]
    assert "Idempotency-Key" in [p["name"] for p in paths["/v1/cases/{case_id}"]["put"]["parameters"]]
    assert "Idempotency-Key" not in str(paths["/v1/drafts:read"])
    assert "Idempotency-Key" not in str(paths["/v1/cases/{case_id}"]["get"])
