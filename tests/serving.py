"""The service in a process of its own, and a headless Chromium, for tests and benchmarks that use both from outside."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
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


@contextmanager
def served(home: Path) -> Iterator[str]:
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
            with suppress(OSError), urllib.request.urlopen(f"{address}/health/ready", timeout=2):  # an error status is an OSError too
                return address
        time.sleep(0.1)
    raise RuntimeError(f"the service did not start: {log.read_text(encoding='utf-8')[-2000:]}")


def wait_until_warm(address: str, seconds: float = 120) -> None:
    """Wait until the service has done ahead what its first requests would wait for."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with urllib.request.urlopen(f"{address}/health/ready", timeout=5) as answer:
            if json.load(answer)["warm"]:
                return
        time.sleep(0.2)
    raise RuntimeError(f"the service was not warm after {seconds:.0f} s")


def start_browser(profile: Path, width: int = 1280):
    """Open a headless Chromium; files it downloads land beside its profile."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or "chromium"
    for flag in (*FLAGS, f"--window-size={width},1400", f"--user-data-dir={profile}"):
        options.add_argument(flag)
    if width < 600:
        options.add_experimental_option("mobileEmulation", {"deviceMetrics": {"width": width, "height": 800, "pixelRatio": 2.0}})
    options.add_experimental_option("prefs", {"download.default_directory": str(profile.parent), "download.prompt_for_download": False})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service(DRIVER))
