"""A running service and a headless Chromium. Where Chromium is missing these tests are left out; CI installs it and never leaves them out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nlp_service.keys import KeyRing, Role

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
collect_ignore_glob = [] if (CHROMIUM and DRIVER) or os.environ.get("CI") else ["test_*.py"]
COMMAND = [sys.executable, "-m", "nlp_service.cli"]
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


@pytest.fixture(scope="session")
def prepared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the bundled library once."""
    home = tmp_path_factory.mktemp("browser-home")
    subprocess.run([*COMMAND, "--home", str(home), "prepare"], check=True, stdout=subprocess.DEVNULL)
    return home


@pytest.fixture(scope="session")
def address(prepared_home: Path) -> Iterator[str]:
    """Serve the bundled library on a free port; yield its address."""
    with _served(prepared_home) as found:
        yield found


@pytest.fixture(scope="session")
def address_with_key(prepared_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Serve a copy of the library that asks for keys; yield its address and an officer's key."""
    home = tmp_path_factory.mktemp("keys") / "home"
    shutil.copytree(prepared_home, home)
    key = KeyRing(home / "keys.json").add("办案人员", Role.OFFICER)
    with _served(home) as found:
        yield found, key


@contextmanager
def _served(home: Path) -> Iterator[str]:
    log = (home / "serve.log").open("w+", encoding="utf-8")
    command = [*COMMAND, "--home", str(home), "serve", "--port", "0"]
    server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        yield _wait(home / "serve.log", server)
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def _wait(log: Path, server: subprocess.Popen[bytes], seconds: float = 60) -> str:
    until = time.monotonic() + seconds
    while time.monotonic() < until and server.poll() is None:
        line = next((line for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("服务地址")), None)
        if line:
            address = line.split()[1].rstrip("/")
            try:
                with urllib.request.urlopen(f"{address}/health/ready", timeout=2):
                    return address
            except (urllib.error.URLError, OSError):
                pass
        time.sleep(0.1)
    raise RuntimeError(f"the service did not start: {log.read_text(encoding='utf-8')[-2000:]}")


@pytest.fixture
def open_browser(tmp_path: Path):
    """Return a function that opens a browser of a given width; all are closed at the end."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    opened = []

    def start(width: int = 1280):
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM or "chromium"
        for flag in (*FLAGS, f"--window-size={width},1400", f"--user-data-dir={tmp_path / f'profile-{len(opened)}'}"):
            options.add_argument(flag)
        if width < 600:
            options.add_experimental_option("mobileEmulation", {"deviceMetrics": {"width": width, "height": 800, "pixelRatio": 2.0}})
        options.add_experimental_option("prefs", {"download.default_directory": str(tmp_path), "download.prompt_for_download": False})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        browser = webdriver.Chrome(options=options, service=Service(DRIVER))
        opened.append(browser)
        return browser

    yield start
    for browser in opened:
        browser.quit()
