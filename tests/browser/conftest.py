"""A running service and a headless Chromium. Where Chromium is missing these tests are left out; CI installs it and never leaves them out."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nlp_service.keys import KeyRing, Role
from tests.serving import CHROMIUM, COMMAND, DRIVER, served, start_browser

collect_ignore_glob = [] if (CHROMIUM and DRIVER) or os.environ.get("CI") else ["test_*.py"]


@pytest.fixture(scope="session")
def prepared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the bundled library once."""
    home = tmp_path_factory.mktemp("browser-home")
    subprocess.run([*COMMAND, "--home", str(home), "prepare"], check=True, stdout=subprocess.DEVNULL)
    return home


@pytest.fixture(scope="session")
def address(prepared_home: Path) -> Iterator[str]:
    """Serve the bundled library on a free port; yield its address."""
    with served(prepared_home) as found:
        yield found


@pytest.fixture(scope="session")
def address_with_key(prepared_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Serve a copy of the library that asks for keys; yield its address and an officer's key."""
    home = tmp_path_factory.mktemp("keys") / "home"
    shutil.copytree(prepared_home, home)
    key = KeyRing(home / "keys.json").add("办案人员", Role.OFFICER)
    with served(home) as found:
        yield found, key


@pytest.fixture
def open_browser(tmp_path: Path):
    """Return a function that opens a browser of a given width; all are closed at the end."""
    opened = []

    def start(width: int = 1280):
        opened.append(start_browser(tmp_path / f"profile-{len(opened)}", width))
        return opened[-1]

    yield start
    for browser in opened:
        browser.quit()
