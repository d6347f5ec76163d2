"""A small home that every test of the service may change: built once, copied for each test."""

from __future__ import annotations

import io
import json
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import structlog
from starlette.testclient import TestClient

from corpora.schema import Case
from corpora.store import CaseStore
from indexes.build import BuildSpec, build
from nlp_service.api.app import create_app
from nlp_service.api.logs import configure_logs
from nlp_service.cli import main
from nlp_service.keys import KeyRing, Role
from nlp_service.runtime import Runtime
from nlp_service.settings import Settings

N_CASES = 120
BASE_URL = "http://127.0.0.1"


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """Build the home once: 120 cases of four themes (see make_case), ids C-00000 … C-00119, theme = number modulo 4."""
    from_root = {plugin.__file__: plugin for plugin in request.config.pluginmanager.get_plugins() if getattr(plugin, "make_case", None)}
    make_case: Callable[..., Case] = next(iter(from_root.values())).make_case
    home = tmp_path_factory.mktemp("home")
    with CaseStore.open(home / "cases.db") as store:
        store.put_many([make_case(number) for number in range(N_CASES)])
        build(store, home / "library", BuildSpec())
    return home


@pytest.fixture
def home(made_home: Path, tmp_path: Path) -> Path:
    """Return a copy of the home that this test may change."""
    return Path(shutil.copytree(made_home, tmp_path / "home"))


@pytest.fixture
def settings(home: Path) -> Settings:
    """Return settings for the home; the library follows the store only when told or asked (no polling)."""
    return Settings(home=home, refresh_s=60)


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    """Return a client of the whole app on loopback, without keys."""
    with TestClient(create_app(settings), base_url=BASE_URL, raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def runtime(client: TestClient) -> Runtime:
    """Return the runtime behind `client`."""
    app: Any = client.app
    found: Runtime = app.state.runtime
    return found


@pytest.fixture
def keys(home: Path) -> dict[Role, str]:
    """Add one key per role to the home and return them."""
    ring = KeyRing(home / "keys.json")
    return {role: ring.add(f"持有人{role}", role) for role in Role}


@pytest.fixture(autouse=True)
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Send the service's JSON logs of every test to a text of its own, and return it."""
    target = io.StringIO()
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    configure_logs("INFO", target)
    yield target
    structlog.reset_defaults()


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check that an answer is an RFC 9457 problem with this status and code; return its body."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == f"urn:nlp-service:problem:{code}"
    assert body["request_id"] == response.headers["x-request-id"] != ""
    return body


@pytest.fixture
def expect_problem() -> Callable[[httpx.Response, int, str], dict[str, Any]]:
    """Return `problem`."""
    return problem


@pytest.fixture
def lines(tmp_path: Path) -> Callable[..., Path]:
    """Return a writer of JSONL files: lines(name, record, …); a str goes in as it is."""

    def write(name: str, *records: object) -> Path:
        path = tmp_path / name
        path.write_text("".join((r if isinstance(r, str) else json.dumps(r, ensure_ascii=False)) + "\n" for r in records), encoding="utf-8")
        return path

    return write


@pytest.fixture
def run_cli(capsys: pytest.CaptureFixture[str], home: Path) -> Callable[..., SimpleNamespace]:
    """Return a runner of the command line in this home: run_cli("search", "…") → code, out, err."""

    def run(*argv: object, at: Path | None = None) -> SimpleNamespace:
        code = main(["--home", str(at or home), *map(str, argv)])
        captured = capsys.readouterr()
        return SimpleNamespace(code=code, out=captured.out, err=captured.err)

    return run
