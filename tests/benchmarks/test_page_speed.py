"""Benchmark (`make bench`): what an officer waits for on the page."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest
from rich.console import Console

from corpora.synthesis import generate_cases
from nlp_service.settings import Settings
from tests.benchmarks.conftest import N_CASES
from tests.serving import served, start_browser

pytestmark = pytest.mark.benchmark


def test_first_result_on_the_page(settings: Settings, tmp_path: Path) -> None:
    """From pressing the button until the first case stands on the page, as the browser's own clock has it."""
    texts = [case.facts[:300] for case in generate_cases(30, seed=78)]
    with served(settings.home) as address:
        browser = start_browser(tmp_path / "profile")
        try:
            browser.get(address)
            first, *others = (browser.execute_async_script(_TIMED_SEARCH, text) for text in texts)
        finally:
            browser.quit()
    laps = sorted(others)
    Console().print(
        f"first result on the page, {N_CASES:,} cases: just after the start {first:.0f} ms, then p50 {statistics.median(laps):.0f} ms, slowest of {len(laps)} {laps[-1]:.0f} ms"
    )


_TIMED_SEARCH = """
const [text, done] = arguments;
const results = document.getElementById("results");
results.textContent = "";
document.getElementById("draft").value = text;
const started = performance.now();
new MutationObserver((_, observer) => {
  if (!results.querySelector("article, li")) return;
  observer.disconnect();
  requestAnimationFrame(() => done(performance.now() - started));
}).observe(results, { childList: true, subtree: true });
document.getElementById("go").click();
"""
