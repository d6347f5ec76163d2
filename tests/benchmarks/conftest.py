"""The library the search benchmarks share. Where Chromium is missing the page is not timed."""

from __future__ import annotations

import itertools
import os
import resource
import time

import pytest
from rich.console import Console

from corpora.store import CaseStore
from corpora.synthesis import generate_cases
from nlp_service.api.logs import configure_logs
from nlp_service.runtime import build_library
from nlp_service.settings import Settings
from tests.serving import CHROMIUM, DRIVER

collect_ignore_glob = [] if CHROMIUM and DRIVER else ["test_page_speed.py"]
N_CASES = int(os.environ.get("BENCH_CASES", "100000"))


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    configure_logs("ERROR")
    home = Settings(home=tmp_path_factory.mktemp("bench"))
    started = time.perf_counter()
    with CaseStore.open(home.store) as store:
        cases = generate_cases(N_CASES, seed=1)
        while batch := list(itertools.islice(cases, 2000)):
            store.put_many(batch)
        stored = time.perf_counter()
        build_library(home, store)
    built = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    Console().print(f"\n{N_CASES:,} cases: stored in {stored - started:.1f} s, built in {built - stored:.1f} s, peak memory {peak:.2f} GB")
    return home
