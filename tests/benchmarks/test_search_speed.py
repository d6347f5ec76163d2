"""Benchmarks (`make bench`): building and searching 100,000 generated cases beside the raw cost of the same tantivy and FAISS calls, memory included.

Nothing here asserts a time; the figures are printed as a table and copied into docs/results.md with machine and date.
"""

from __future__ import annotations

import itertools
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from rich.console import Console
from rich.table import Table
from starlette.testclient import TestClient

from corpora.synthesis import generate_cases
from indexes.library import Library
from nlp_service.api.app import create_app
from nlp_service.settings import Settings
from tests.benchmarks.conftest import N_CASES
from tests.serving import served

pytestmark = pytest.mark.benchmark
N_QUERIES = 200


def milliseconds(call: Callable[[str], object], texts: list[str]) -> list[float]:
    figures = []
    for text in texts:
        started = time.perf_counter()
        call(text)
        figures.append((time.perf_counter() - started) * 1000)
    return sorted(figures)


def test_search_over_http(settings: Settings) -> None:
    texts = [case.facts[:300] for case in generate_cases(N_QUERIES + 20, seed=77)]
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        library: Library = client.app.state.runtime.library  # type: ignore[attr-defined]
        view = library.view
        terms = {text: list(dict.fromkeys(view.analyzer.terms(text))) for text in texts}
        vectors = {text: view.encoder.encode_queries([text]) for text in texts}

        rows = {
            "raw tantivy, top 200": milliseconds(lambda text: view.lexical.search(terms[text], 200), texts[20:]),
            "raw FAISS, top 200": milliseconds(lambda text: view.dense.base.search(vectors[text], 200), texts[20:]),
        }
    with served(settings.home) as address, httpx.Client(base_url=address) as client:

        def over_http(text: str) -> None:
            assert len(client.post("/v1/cases/search", json={"text": text, "k": 10}).json()["hits"]) == 10

        milliseconds(over_http, texts[:20])
        rows["whole request"] = milliseconds(over_http, texts[20:])
    table = Table("", "p50 ms", "p99 ms", title=f"search, {N_CASES:,} cases, drafts of 300 characters")
    for name, figures in rows.items():
        table.add_row(name, f"{statistics.median(figures):.1f}", f"{figures[int(len(figures) * 0.99)]:.1f}")
    raw = statistics.median(rows["raw tantivy, top 200"]) + statistics.median(rows["raw FAISS, top 200"])
    table.add_row("request / raw sum", f"{statistics.median(rows['whole request']) / raw:.2f}", "")
    Console().print(table)


def test_additions_while_searches_run(settings: Settings) -> None:
    texts = [case.facts[:200] for case in generate_cases(50, seed=5)]
    waits, failures, searches = [], [], 0
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        stop = threading.Event()

        def search() -> None:
            nonlocal searches
            for text in itertools.cycle(texts):
                if stop.is_set():
                    return
                searches += 1
                if client.post("/v1/cases/search", json={"text": text}).status_code != 200:
                    failures.append(text)

        thread = threading.Thread(target=search)
        thread.start()
        library: Library = client.app.state.runtime.library  # type: ignore[attr-defined]
        for number in range(1000):
            case_id = f"NEW-{number}"
            started = time.perf_counter()
            answer = client.put(f"/v1/cases/{case_id}", json={"case_id": case_id, "facts": f"新增案件第{number}号，沿街店铺堆放物料", "causes": ["堆放物料"]})
            assert answer.status_code == 201
            while case_id not in library.view.columns.row_of:
                time.sleep(0.005)
            waits.append(time.perf_counter() - started)
        stop.set()
        thread.join()
    waits.sort()
    Console().print(f"1,000 additions during {searches} searches: found after p50 {waits[500]:.3f} s, max {waits[-1]:.3f} s; failed requests {len(failures)}")
    assert not failures


def test_start_to_ready(settings: Settings) -> None:
    started = time.perf_counter()
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        assert client.get("/health/ready").status_code == 200
        ready = time.perf_counter() - started
    Console().print(f"start to ready with {N_CASES:,} cases: {ready:.2f} s; home {size_of(settings.home) / 1e6:.0f} MB")


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
