"""Tests of `serve`: what it refuses before it listens, and one real start with a real socket."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from nlp_service.keys import KeyRing, Role

Cli = Callable[..., SimpleNamespace]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", ""])
def test_listening_beyond_this_machine_without_keys_is_refused(run_cli: Cli, host: str) -> None:
    done = run_cli("serve", "--host", host, "--port", "0")
    assert done.code == 2
    assert "keys add" in done.err
    assert done.out == ""


def test_a_port_that_is_taken_is_named_with_the_cure(run_cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_cli("serve", "--port", str(port))
    assert done.code == 2
    assert f"127.0.0.1:{port}" in done.err
    assert "--port" in done.err


@pytest.mark.parametrize("port", ["-1", "65536", "99999999999"])
def test_a_port_that_is_none_is_refused(run_cli: Cli, port: str) -> None:
    done = run_cli("serve", "--port", port)
    assert done.code == 2
    assert f"--port {port}" in done.err


def test_a_host_that_is_none_is_refused(run_cli: Cli, keys: dict[Role, str]) -> None:
    done = run_cli("serve", "--host", "no such host.invalid", "--port", "0")
    assert done.code == 2
    assert "no such host.invalid" in done.err


def test_a_damaged_key_file_is_named_instead_of_serving_openly(run_cli: Cli, home: Path) -> None:
    (home / "keys.json").write_text("{", encoding="utf-8")
    done = run_cli("serve", "--host", "0.0.0.0", "--port", "0")
    assert done.code == 2
    assert "keys.json" in done.err


def test_a_home_that_cannot_be_made_is_named_before_listening(run_cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = run_cli("serve", "--port", "0", at=tmp_path / "file")
    assert done.code == 2
    assert str(tmp_path / "file") in done.err


@pytest.fixture
def server(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the service on a free port; return the process and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "nlp_service.cli", "--home", str(home), "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    match = re.search(r"http://127\.0\.0\.1:\d+", line)
    assert match, line
    yield process, match[0]
    process.kill()
    process.communicate()


def test_the_service_starts_answers_and_stops_in_order(server: tuple[subprocess.Popen[str], str], home: Path) -> None:
    process, address = server
    with httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
        assert client.get("/health/live").status_code == 200  # the socket listens before the app is up, so this waits for it
        answer = client.post("/v1/cases/search", json={"text": "烧烤店油烟", "k": 3})
        assert len(answer.json()["hits"]) == 3
        assert "server" not in answer.headers
        assert client.put("/v1/cases/AJ-1", json={"facts": "鸬鹚捕鱼"}).status_code == 201
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert process.returncode in (0, -signal.SIGTERM)
    assert "鸬鹚" not in out + err
    assert "油烟" not in out + err
    assert "Traceback" not in err
    assert list((home / "library" / "live").glob("*")) == [], "the live copy is cleared away"


def test_the_service_starts_and_searches_without_torch(home: Path) -> None:
    code = """
import sys
from pathlib import Path
from starlette.testclient import TestClient
from nlp_service.api.app import create_app
from nlp_service.settings import Settings
with TestClient(create_app(Settings(home=Path(sys.argv[1]))), base_url="http://127.0.0.1") as client:
    assert client.post("/v1/cases/search", json={"text": "油烟"}).status_code == 200
heavy = sorted({name.split(".")[0] for name in sys.modules} & {"torch", "transformers", "sentence_transformers", "sklearn", "alembic", "openpyxl", "docx"})
print(heavy)
"""
    done = subprocess.run([sys.executable, "-c", code, str(home)], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.splitlines()[-1] == "[]"


def test_keys_open_the_service_to_other_machines(home: Path) -> None:
    KeyRing(home / "keys.json").add("一号", Role.ADMIN)
    process = subprocess.Popen(
        [sys.executable, "-m", "nlp_service.cli", "--home", str(home), "serve", "--host", "0.0.0.0", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        match = re.search(r"http://0\.0\.0\.0:(\d+)", process.stdout.readline())
        assert match
        answer = httpx.get(f"http://127.0.0.1:{match[1]}/v1/versions", timeout=30, trust_env=False)
        assert answer.status_code == 401
    finally:
        process.kill()
        process.communicate()
