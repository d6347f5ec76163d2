"""Every operation of /openapi.json under generated requests: no fault, and every answer as described."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import hypothesis
import pytest
import requests
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance
from starlette.testclient import TestClient

from nlp_service.api.app import create_app
from nlp_service.settings import Settings

BASE_URL = "http://127.0.0.1"
EXAMPLES = 25

# The description is the same for every home, and it must be known before the fixtures run.
schema = schemathesis.openapi.from_dict(create_app(Settings(home=Path("unused"))).openapi())


@pytest.fixture(scope="module")
def served(made_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Start one app for all operations, which may change its cases."""
    home = Path(shutil.copytree(made_home, tmp_path_factory.mktemp("schema") / "home"))
    with TestClient(create_app(Settings(home=home, refresh_s=60)), base_url=BASE_URL, raise_server_exceptions=False) as client:
        yield client


def sent(client: TestClient, case: schemathesis.Case) -> httpx.Response:
    """Send a generated case through the running app."""
    request = requests.Request(**case.as_transport_kwargs(base_url=BASE_URL)).prepare()
    given = ((name, value) for name, value in request.headers.items() if name.lower() not in ("host", "content-length", "cookie"))
    headers = {name: value.encode() if isinstance(value, str) else value for name, value in given}  # generated ones are not all ASCII
    response = client.request(str(request.method), str(request.url), headers=headers, content=request.body or b"")
    client.cookies.clear()
    return response


@schema.parametrize()
@hypothesis.settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(hypothesis.HealthCheck))
def test_every_answer_is_as_described(case: schemathesis.Case, served: TestClient, logged: io.StringIO) -> None:
    response = sent(served, case)
    case.validate_response(response, checks=[not_a_server_error, response_schema_conformance, content_type_conformance])
    if response.status_code >= 400 and "/health/" not in case.path:
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["request_id"] == response.headers["x-request-id"]
    assert all(isinstance(json.loads(line), dict) for line in logged.getvalue().splitlines())
