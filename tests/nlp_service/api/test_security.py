"""Tests of keys and roles over HTTP: who may do what, on every route."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from nlp_service.api.security import host_is_known
from nlp_service.keys import KeyRing, Role

Expect = Callable[..., dict[str, Any]]

READ = {Role.OFFICER, Role.RESEARCHER, Role.AUDITOR, Role.ADMIN}
WRITE = {Role.RESEARCHER, Role.ADMIN}
EVERYONE = set(Role)
ROUTES: list[tuple[str, str, dict[str, Any], set[Role]]] = [
    ("POST", "/v1/cases/search", {"json": {"text": "占道经营"}}, READ),
    ("GET", "/v1/cases/C-00001/similar", {}, READ),
    ("GET", "/v1/cases/C-00001", {}, READ),
    ("PUT", "/v1/cases/AJ-1", {"json": {"facts": "x"}}, WRITE),
    ("POST", "/v1/cases:import", {"files": {"file": ("a.jsonl", b'{"case_id": "AJ-2", "facts": "x"}')}}, WRITE),
    ("POST", "/v1/cases/C-00002/withdraw", {}, WRITE),
    ("DELETE", "/v1/cases/C-00004", {}, WRITE),
    ("GET", "/v1/versions", {}, EVERYONE),
]
OPEN = ["/health/live", "/health/ready", "/health/startup", "/metrics", "/", "/openapi.json"]


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize(("method", "path", "options", "roles"), ROUTES, ids=[f"{method} {path}" for method, path, _, _ in ROUTES])
@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_do_exactly_what_it_should(
    client: TestClient, keys: dict[Role, str], expect_problem: Expect, method: str, path: str, options: dict[str, Any], roles: set[Role], role: Role
) -> None:
    response = client.request(method, path, headers=bearer(keys[role]), **options)
    if role in roles:
        assert response.status_code in (200, 201), response.text
    else:
        expect_problem(response, 403, "forbidden")


@pytest.mark.parametrize(("method", "path", "options", "roles"), ROUTES, ids=[f"{method} {path}" for method, path, _, _ in ROUTES])
def test_without_a_key_nothing_of_the_library_is_served(
    client: TestClient, keys: dict[Role, str], expect_problem: Expect, method: str, path: str, options: dict[str, Any], roles: set[Role]
) -> None:
    response = client.request(method, path, **options)
    expect_problem(response, 401, "unauthorised")
    assert response.headers["www-authenticate"] == "Bearer"


def test_no_route_of_the_interface_answers_without_a_key(client: TestClient, keys: dict[Role, str]) -> None:
    """Covers routes that are added later too: whatever /openapi.json describes under /v1 wants a key."""
    described = [(method.upper(), path) for path, methods in client.get("/openapi.json").json()["paths"].items() for method in methods]
    guarded = [(method, re.sub(r"\{\w+\}", "C-00001", path)) for method, path in described if path.startswith("/v1/")]
    assert {(method, path): client.request(method, path).status_code for method, path in guarded} == dict.fromkeys(guarded, 401)
    assert {path for _, path in described if not path.startswith("/v1/")} <= set(OPEN)


@pytest.mark.parametrize("path", OPEN)
def test_probes_figures_and_the_page_need_no_key(client: TestClient, keys: dict[Role, str], path: str) -> None:
    assert client.get(path).status_code == 200


def test_a_wrong_secret_an_unknown_id_and_another_scheme_are_401(client: TestClient, keys: dict[Role, str]) -> None:
    key_id, _, secret = keys[Role.ADMIN].partition(".")
    other_secret = keys[Role.OFFICER].partition(".")[2]
    wrong = [f"{key_id}.{secret[:-1]}", f"{key_id}.{other_secret}", f"00000000.{secret}", key_id, f"{key_id}.", secret, "", ".", "密钥"]
    headers = [bearer(key) for key in wrong if key.isascii()] + [{"Authorization": f"Basic {keys[Role.ADMIN]}"}, {"Authorization": keys[Role.ADMIN]}]
    assert {client.get("/v1/versions", headers=header).status_code for header in headers} == {401}


def test_a_key_that_is_not_ascii_is_401(client: TestClient, keys: dict[Role, str]) -> None:
    assert client.get("/v1/versions", headers={b"Authorization": "Bearer 密钥.é".encode()}).status_code == 401


def test_a_revoked_key_stops_working_at_once(client: TestClient, keys: dict[Role, str], home: Path) -> None:
    header = bearer(keys[Role.OFFICER])
    assert client.get("/v1/versions", headers=header).status_code == 200
    KeyRing(home / "keys.json").revoke(keys[Role.OFFICER].partition(".")[0])
    assert client.get("/v1/versions", headers=header).status_code == 401


def test_a_key_added_while_the_service_runs_closes_it_and_works_at_once(client: TestClient, home: Path) -> None:
    assert client.get("/v1/versions").status_code == 200
    key = KeyRing(home / "keys.json").add("一号", Role.PLATFORM)
    assert client.get("/v1/versions").status_code == 401
    assert client.get("/v1/versions", headers=bearer(key)).status_code == 200


def test_a_damaged_key_file_closes_the_service_instead_of_opening_it(client: TestClient, keys: dict[Role, str], home: Path) -> None:
    (home / "keys.json").write_text("[{", encoding="utf-8")
    response = client.get("/v1/versions", headers=bearer(keys[Role.ADMIN]))
    assert response.status_code >= 500
    assert "keys.json" not in response.text


def test_a_missing_key_file_after_keys_were_used_does_not_open_the_service_to_other_hosts(client: TestClient, keys: dict[Role, str], home: Path) -> None:
    (home / "keys.json").unlink()
    assert client.get("/v1/versions", headers={"Host": "nlp.example.gov.cn"}).status_code == 403


@pytest.mark.parametrize(
    ("header", "bound", "known"),
    [
        ("127.0.0.1:8000", "127.0.0.1", True),
        ("localhost", "127.0.0.1", True),
        ("[::1]:8000", "::1", True),
        ("[::1]", "::1", True),
        ("nlp.local:80", "nlp.local", True),
        ("evil.example", "127.0.0.1", False),
        ("127.0.0.1.evil.example", "127.0.0.1", False),
        ("", "127.0.0.1", False),
    ],
)
def test_which_host_headers_are_known(header: str, bound: str, known: bool) -> None:
    assert host_is_known(header, bound) is known


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:3000", "null", ""])
def test_without_keys_a_page_of_another_site_changes_nothing(client: TestClient, expect_problem: Expect, origin: str) -> None:
    """A form of any page the officer opens could import cases or take them out of search: forms are sent without a preflight."""
    files = {"file": ("a.jsonl", b'{"case_id": "EVIL-1", "facts": "x"}')}
    expect_problem(client.post("/v1/cases:import", files=files, headers={"Origin": origin}), 403, "origin")
    expect_problem(client.post("/v1/cases/C-00002/withdraw", headers={"Origin": origin}), 403, "origin")
    assert client.get("/v1/cases/EVIL-1").status_code == 404
    assert client.get("/health/live", headers={"Origin": origin}).status_code == 200


def test_the_own_page_and_programs_may_change_things_without_keys_and_any_page_with_one(client: TestClient, home: Path) -> None:
    path = "/v1/cases/C-00002/withdraw"
    assert client.post(path, headers={"Origin": "http://127.0.0.1"}).status_code == 200
    assert client.post(path).status_code == 200
    key = KeyRing(home / "keys.json").add("研究", Role.RESEARCHER)
    assert client.post(path, headers={"Origin": "https://desk.example", **bearer(key)}).status_code == 200
