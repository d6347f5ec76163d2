"""Kept answers: one request per key and caller, busy meanwhile, free again after a fault, a lease or a day."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from corpora.store import StoreError
from nlp_service.idempotency import KEEP_S, LEASE_S, AnswerStore, Kept, Place


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> AnswerStore:
    return AnswerStore(tmp_path / "answers.db", now=clock)


ANSWER = Kept(201, "一份独特的回答".encode(), {"content-type": "application/json"})


def test_a_key_is_taken_busy_and_done(store: AnswerStore) -> None:
    assert store.begin("a", "k", "f1") == (Place.FREE, None)
    assert store.begin("a", "k", "f1") == (Place.BUSY, None)
    assert store.begin("a", "k", "f2") == (Place.OTHER, None)
    assert store.begin("b", "k", "f2") == (Place.FREE, None), "another caller's keys are their own"
    store.finish("a", "k", ANSWER)
    assert store.begin("a", "k", "f1") == (Place.DONE, ANSWER)
    assert store.begin("a", "k", "f2") == (Place.OTHER, None)


def test_a_released_key_is_free_and_a_finished_one_stays(store: AnswerStore) -> None:
    store.begin("a", "k", "f1")
    store.release("a", "k")
    assert store.begin("a", "k", "f2") == (Place.FREE, None)
    store.finish("a", "k", ANSWER)
    store.release("a", "k")
    assert store.begin("a", "k", "f2")[0] is Place.DONE


@pytest.mark.parametrize(("span", "place"), [(KEEP_S, Place.DONE), (KEEP_S + 1, Place.FREE)])
def test_keys_expire_after_a_day(store: AnswerStore, clock: Clock, span: float, place: Place) -> None:
    store.begin("a", "k", "f1")
    store.finish("a", "k", ANSWER)
    clock.now += span
    assert store.begin("a", "k", "f1")[0] is place


@pytest.mark.parametrize(("span", "place"), [(LEASE_S, Place.BUSY), (LEASE_S + 1, Place.FREE)])
def test_what_a_dead_process_left_is_free_after_its_lease(store: AnswerStore, clock: Clock, tmp_path: Path, span: float, place: Place) -> None:
    store.begin("a", "k", "f1")
    clock.now += span
    assert AnswerStore(tmp_path / "answers.db", now=clock).begin("a", "k", "f1")[0] is place


def test_forgotten_answers_are_gone_from_the_disk_and_only_the_owner_reads_it(store: AnswerStore, tmp_path: Path) -> None:
    store.forget()
    assert not (tmp_path / "answers.db").exists(), "nothing is made for nothing"
    store.begin("a", "k", "f1")
    store.finish("a", "k", ANSWER)
    store.begin("a", "at work", "f1")
    assert ANSWER.body in (tmp_path / "answers.db").read_bytes()
    store.forget()
    assert ANSWER.body not in b"".join(path.read_bytes() for path in tmp_path.glob("answers.db*"))
    assert store.begin("a", "k", "f1")[0] is Place.FREE
    assert store.begin("a", "at work", "f1")[0] is Place.BUSY
    assert stat.S_IMODE((tmp_path / "answers.db").stat().st_mode) == 0o600


def test_a_file_that_is_no_database_is_named(store: AnswerStore, tmp_path: Path) -> None:
    (tmp_path / "answers.db").write_bytes(b"no database at all, but long enough to be looked at" * 100)
    with pytest.raises(StoreError, match=r"answers\.db"):
        store.begin("a", "k", "f1")
