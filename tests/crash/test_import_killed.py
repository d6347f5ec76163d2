"""An import killed at any moment loses nothing it acknowledged, and importing again completes it."""

from __future__ import annotations

import json
import multiprocessing
import random
import runpy
from pathlib import Path

import pytest

from corpora.importing import import_files
from corpora.schema import Case
from corpora.store import CaseStore

N_CASES = 5_000
N_KILLS = 24
BATCH = 50
CHILD = str(Path(__file__).with_name("import_child.py"))


@pytest.fixture(scope="module")
def file_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write 5,000 generated cases, some of them long."""
    path = tmp_path_factory.mktemp("crash") / "cases.jsonl"
    with path.open("w", encoding="utf-8") as target:
        for number in range(N_CASES):
            facts = f"第{number}号检查发现占道经营。" * (60 if number % 97 == 0 else 1)
            target.write(
                json.dumps({"case_id": f"c{number}", "facts": facts, "fine_yuan": number, "doc_no": f"某罚字〔2022〕{number}号"}, ensure_ascii=False) + "\n"
            )
    return path


@pytest.fixture(scope="module")
def expected(file_path: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    """Give what an import that nobody disturbs leaves in the store."""
    with CaseStore.open(tmp_path_factory.mktemp("undisturbed") / "cases.db") as store:
        assert import_files(store, [file_path]).added == N_CASES
        return {case.case_id: case for _, case in store.iter_cases()}


def kill_after(store_path: Path, file_path: Path, n_acknowledged: int, patience_s: float) -> int:
    """Start an import, kill it (SIGKILL) once so many records are acknowledged and a moment has passed; return the last number heard."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["corpora.importing"])
    hears, acknowledges = context.Pipe(duplex=False)
    values = {"store_path": str(store_path), "file_path": str(file_path), "batch": BATCH, "acknowledge": acknowledges}
    child = context.Process(target=runpy.run_path, args=(CHILD,), kwargs={"init_globals": values})
    child.start()
    acknowledges.close()
    heard = 0
    try:
        while heard < n_acknowledged:
            if (number := hears.recv()) < 0:
                break
            heard = number
        if hears.poll(patience_s) and (number := hears.recv()) > 0:  # so that the kill falls anywhere between two acknowledgements
            heard = number
    except EOFError as error:
        raise AssertionError(f"the import ended by itself after {heard} records") from error
    finally:
        child.kill()
        child.join()
    while hears.poll():  # what was said before the kill counts
        try:
            heard = max(heard, hears.recv())
        except EOFError:
            break
    return heard


def check(store_path: Path, expected: dict[str, Case], n_acknowledged: int) -> int:
    """Check that what was acknowledged is there, whole and in order; return how many cases there are."""
    with CaseStore.open(store_path, create=False) as store:
        store.quick_check()
        found = list(store.iter_cases())
        assert len(found) >= n_acknowledged
        assert len(found) % BATCH == 0  # a batch is there as a whole or not at all
        assert [seq for seq, _ in found] == list(range(1, len(found) + 1))
        assert [case for _, case in found] == [expected[f"c{number}"] for number in range(len(found))]
        assert store.last_seq() == len(found)
        return len(found)


def test_a_killed_import_keeps_what_it_acknowledged_wherever_it_was_killed(file_path: Path, expected: dict[str, Case], tmp_path: Path) -> None:
    chance = random.Random(20221130)
    stopped_at = []
    for kill in range(N_KILLS):
        store_path = tmp_path / f"{kill}.db"
        heard = kill_after(store_path, file_path, chance.randrange(BATCH, N_CASES // 2, BATCH), chance.random() * 0.02)
        stopped_at.append(check(store_path, expected, heard))
    assert sum(number < N_CASES for number in stopped_at) >= 20
    assert len(set(stopped_at)) > 10


def test_an_import_killed_again_and_again_is_completed_by_the_last_one(file_path: Path, expected: dict[str, Case], tmp_path: Path) -> None:
    chance = random.Random(7)
    store_path = tmp_path / "cases.db"
    for part in range(1, 5):  # each import begins at the first record again and gets further
        heard = kill_after(store_path, file_path, part * 1000 + chance.randrange(0, 500, BATCH), chance.random() * 0.02)
        check(store_path, expected, heard)
    with CaseStore.open(store_path) as store:
        summary = import_files(store, [file_path])
        assert summary.accepted == N_CASES
        assert summary.changed == 0
        assert summary.added + summary.unchanged == N_CASES
        assert summary.unchanged >= 4000
        assert {case.case_id: case for _, case in store.iter_cases()} == expected
        assert import_files(store, [file_path]).unchanged == N_CASES
        assert store.last_seq() == N_CASES
