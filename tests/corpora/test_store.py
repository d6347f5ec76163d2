"""The store's contract on SQLite and, where a server can be started or is named by NLP_TEST_POSTGRES_URL, on PostgreSQL."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpora.schema import Case, Judgement, PartyType, Provenance, RecordError, Review, ReviewType
from corpora.store import CaseStore, PutCounts
from corpora.tables import cases, judgements

NOBODY = 65534
EXTERNAL = os.environ.get("NLP_TEST_POSTGRES_URL")
try:
    import psycopg
except ModuleNotFoundError:
    HAS_POSTGRES = False
else:
    HAS_POSTGRES = bool(EXTERNAL) or bool(shutil.which("initdb") and shutil.which("pg_ctl"))
BACKENDS = ["sqlite", *(["postgres"] if HAS_POSTGRES else [])]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Give the address of a server: the one named, or one started in a temporary folder (never as root: it refuses)."""
    if EXTERNAL:
        yield EXTERNAL
        return
    folder = tempfile.mkdtemp(prefix="pg-")  # short: the path of a socket may have 107 bytes
    who: dict[str, object] = {}
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
        who = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": folder}

    def call(*command: str) -> None:
        subprocess.run(command, check=True, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **who)  # type: ignore[call-overload]

    data = f"{folder}/data"
    call("initdb", "-D", data, "-U", "tester", "-A", "trust", "--no-sync", "-E", "UTF8")
    call("pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", f"-c listen_addresses='' -c unix_socket_directories={folder}", "start")
    try:
        yield f"postgresql://tester@/postgres?host={folder}"
    finally:
        call("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(params=BACKENDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty store."""
    if request.param == "sqlite":
        return str(tmp_path / "home" / "cases.db")
    url = request.getfixturevalue("postgres_url")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS cases, judgements, corpora_version")
    return str(url)


@pytest.fixture
def store(place: str) -> Iterator[CaseStore]:
    """Open an empty store."""
    with CaseStore.open(place) as opened:
        yield opened


def case(number: int, **values: object) -> Case:
    """Return a small case."""
    defaults: dict[str, object] = {"title": f"某单位占道经营案{number}", "facts": f"第{number}号摊位占道经营。"}
    return Case(case_id=f"c{number}", **{**defaults, **values})  # type: ignore[arg-type]


FULL = Case(
    case_id="AJ-330111-20220530-ZH-000318-7F3A",
    title="某公司未取得规划许可建设案",
    causes=("未取得建设工程规划许可证进行建设", "拒不改正"),
    cause_code="CX01",
    facts="经查,𠮷某在㍿厂区搭建😀钢棚。" * 200,  # long enough to be compressed
    evidence=("现场笔录", "照片"),
    reasoning="本机关认为,事实清楚。",
    disposition="责令限期改正,并处罚款21430.55元。",
    basis=("《中华人民共和国城乡规划法》第六十四条",),
    agency="杭州市富阳区综合行政执法局",
    region="330111001",
    doc_no="杭富综执罚决字〔2022〕第000318号",
    decided_on=dt.date(2022, 5, 30),
    act_from=dt.date(2022, 1, 2),
    act_to=dt.date(2022, 3, 4),
    party_type=PartyType.ORGANISATION,
    kinds=("罚款", "限期改正"),
    fine_yuan=Decimal("21430.55"),
    base_amount_yuan=Decimal(428600),
    review=Review(ReviewType.LITIGATION, "撤销", "主要证据不足", dt.date(2023, 1, 5), "(2022)浙0111行初9号"),
    pivots={"可改正": True, "面积": 120.5, "层数": 2, "用途": "堆场"},
    tier="一般",
    provenance=Provenance.SYNTHETIC,
    derived=("kinds",),
    extra={"batch": 7, "note": {"a": ["b", None]}},
)


def test_a_case_with_every_field_comes_back_equal(store: CaseStore) -> None:
    store.put_many([FULL])
    assert store.get(FULL.case_id) == FULL
    assert list(store.iter_cases()) == [(1, FULL)]


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
generated = st.builds(
    Case,
    case_id=st.text(st.sampled_from("abcXYZ09-_.〔〕号𠮷"), min_size=1, max_size=20),
    title=texts.map(lambda text: "案" + text),
    facts=texts,
    causes=st.lists(texts, max_size=3).map(tuple),
    agency=st.none() | texts,
    doc_no=st.none() | texts,
    decided_on=st.none() | st.dates(dt.date(1949, 10, 1), dt.date(2025, 12, 31)),
    party_type=st.none() | st.sampled_from(PartyType),
    fine_yuan=st.none() | st.decimals(0, 10**12, places=2),
    pivots=st.dictionaries(texts, st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts, max_size=3),
    review=st.none() | st.builds(Review, st.sampled_from(ReviewType), texts, texts, st.none() | st.dates(), st.none() | texts),
    provenance=st.sampled_from(Provenance),
    extra=st.dictionaries(texts, st.none() | texts | st.lists(texts, max_size=2), max_size=2),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(generated)
def test_any_case_comes_back_equal_and_is_unchanged_when_put_again(store: CaseStore, some: Case) -> None:
    store.put_many([some])
    assert store.get(some.case_id) == some
    assert store.put_many([some]) == PutCounts(0, 0, 1)


def test_counts_tell_added_changed_and_unchanged_and_only_changes_get_a_number(store: CaseStore) -> None:
    assert store.put_many([case(1), case(2), case(3)]) == PutCounts(added=3)
    assert store.last_seq() == 3
    assert store.put_many([case(1), case(2, facts="改"), case(4)]) == PutCounts(added=1, changed=1, unchanged=1)
    assert [(seq, found.case_id) for seq, found in store.iter_cases()] == [(1, "c1"), (3, "c3"), (4, "c2"), (5, "c4")]


def test_a_fine_written_with_other_zeros_is_the_same_case(store: CaseStore) -> None:
    store.put_many([case(1, fine_yuan=Decimal("1.50"))])
    assert store.put_many([case(1, fine_yuan=Decimal("1.5"))]) == PutCounts(unchanged=1)


def test_one_id_twice_in_a_call_counts_twice_and_the_later_one_stays(store: CaseStore) -> None:
    assert store.put_many([case(1), case(1), case(1, facts="新")]) == PutCounts(added=1, changed=1, unchanged=1)
    found = store.get("c1")
    assert found is not None
    assert found.facts == "新"
    assert store.last_seq() == 2


def test_more_cases_than_one_statement_takes(store: CaseStore) -> None:
    assert store.put_many(case(n) for n in range(2500)) == PutCounts(added=2500)
    assert len(store.get_many(f"c{n}" for n in range(3000))) == 2500
    assert [seq for seq, _ in store.iter_cases(batch=7)] == list(range(1, 2501))


def test_nothing_is_put_when_one_of_the_cases_cannot_be_stored(store: CaseStore) -> None:
    for bad in (case(2, pivots={"面积": float("nan")}), case(2, extra={"n": 2**70}), case(2, agency="\ud800")):
        with pytest.raises(RecordError, match="'c2'"):
            store.put_many([case(1), bad])
    assert store.count() == 0
    assert store.last_seq() == 0


def test_nothing_is_put_when_the_source_fails_half_way(store: CaseStore) -> None:
    def broken() -> Iterator[Case]:
        yield case(1)
        raise RuntimeError("source")

    with pytest.raises(RuntimeError, match="source"):
        store.put_many(broken())
    assert store.count() == 0


def test_get_many_keeps_the_order_asked_for_and_leaves_out_what_is_not_there(store: CaseStore) -> None:
    store.put_many([case(1), case(2)])
    assert list(store.get_many(["c2", "x", "c1", "c2"])) == ["c2", "c1"]
    assert store.get("x") is None
    assert store.put_many([]) == PutCounts()


def test_iteration_sees_the_store_as_it_was_when_it_began(store: CaseStore) -> None:
    store.put_many([case(n) for n in range(1, 6)])
    going = store.iter_cases(batch=1)
    assert next(going)[0] == 1
    store.put_many([case(5, facts="改"), case(9)])
    store.delete("c4")
    assert [(seq, found.facts) for seq, found in going] == [(n, f"第{n}号摊位占道经营。") for n in range(2, 6)]
    assert [seq for seq, _ in store.iter_cases()] == [1, 2, 3, 6, 7]


def test_changes_come_in_order_and_in_portions_with_withdrawn_and_deleted_ones(store: CaseStore) -> None:
    store.put_many([case(1), case(2), case(3)])
    store.withdraw("c1")
    store.delete("c2")
    changes = store.changes_since(0)
    assert [(change.seq, change.case_id) for change in changes] == [(3, "c3"), (4, "c1"), (5, "c2")]
    assert changes[1].case == replace(case(1), withdrawn=True)
    assert changes[2].case is None
    assert [change.seq for change in store.changes_since(3, limit=1)] == [4]
    assert store.changes_since(5) == []


def test_a_withdrawn_case_is_kept_but_neither_counted_nor_iterated(store: CaseStore) -> None:
    store.put_many([case(1), case(2)])
    assert store.withdraw("c1")
    assert store.withdraw("c1")  # again: true, but nothing changes
    assert store.last_seq() == 3
    assert not store.withdraw("x")
    assert store.get("c1") == replace(case(1), withdrawn=True)
    assert (store.count(), store.count(include_withdrawn=True)) == (1, 2)
    assert [found.case_id for _, found in store.iter_cases()] == ["c2"]
    assert [found.case_id for _, found in store.iter_cases(include_withdrawn=True)] == ["c2", "c1"]


def test_putting_a_withdrawn_case_again_does_not_bring_it_back(store: CaseStore) -> None:
    store.put_many([case(1)])
    store.withdraw("c1")
    assert store.put_many([case(1)]) == PutCounts(unchanged=1)
    assert store.put_many([case(1, facts="改")]) == PutCounts(changed=1)
    assert store.get("c1") == case(1, facts="改", withdrawn=True)
    assert store.withdraw("c1", False)
    assert store.get("c1") == case(1, facts="改")


def test_a_case_put_as_withdrawn_is_withdrawn(store: CaseStore) -> None:
    store.put_many([case(1)])
    assert store.put_many([case(1, withdrawn=True)]) == PutCounts(changed=1)
    assert store.count() == 0


def test_a_deleted_case_leaves_only_its_number_and_can_be_added_again(store: CaseStore) -> None:
    store.put_many([case(1, doc_no="甲罚字〔2022〕1号")])
    store.withdraw("c1")
    assert store.delete("c1")
    assert not store.delete("c1")
    assert not store.withdraw("c1")
    assert (store.get("c1"), store.count(include_withdrawn=True), store.find_doc_no("甲罚字〔2022〕1号")) == (None, 0, [])
    assert store.put_many([case(1)]) == PutCounts(added=1)
    assert store.get("c1") == case(1)
    assert [(change.seq, change.case) for change in store.changes_since(0)] == [(4, case(1))]


@pytest.mark.parametrize(
    "asked",
    [
        "杭富综执罚决字〔2022〕第000318号",
        "杭富综执罚决字[2022]318号",
        "杭富综执罚决字(2022)第318号",
        "杭富综执罚决字【2022】 0318 号",
        "杭富综执罚决字（２０２２）第３１８号",
    ],
)
def test_a_document_number_is_found_in_every_spelling(store: CaseStore, asked: str) -> None:
    store.put_many([case(1, doc_no="杭富综执罚决字〔2022〕第000318号"), case(2, doc_no="杭富综执罚决字〔2022〕第3180号"), case(3)])
    assert store.find_doc_no(asked) == ["c1"]


def test_an_empty_document_number_finds_nothing(store: CaseStore) -> None:
    store.put_many([case(1)])
    assert store.find_doc_no("") == store.find_doc_no("  ") == []


def test_a_judgement_replaces_the_same_persons_earlier_one(store: CaseStore) -> None:
    for judgement in (Judgement("q1", "c1", 2, "甲", "t1"), Judgement("q1", "c1", 0, "乙", "t2"), Judgement("q1", "c1", 3, "甲", "t3")):
        store.put_judgement(judgement)
    assert store.judgements() == [Judgement("q1", "c1", 0, "乙", "t2"), Judgement("q1", "c1", 3, "甲", "t3")]


def test_what_was_put_is_there_after_opening_again(place: str) -> None:
    with CaseStore.open(place) as store:
        store.put_many([case(1)])
    with CaseStore.open(place, create=False) as store:
        assert store.get("c1") == case(1)
        assert store.last_seq() == 1
        store.quick_check()


def test_the_store_grows(store: CaseStore) -> None:
    before = store.size_bytes()
    store.put_many([case(n, facts=os.urandom(900).hex()) for n in range(300)])
    assert store.size_bytes() > before + 300 * 900


def test_numbers_of_several_writers_have_no_gap_and_never_appear_late(place: str) -> None:
    n_writers, n_puts = 4, 25
    late: list[tuple[int, list[int]]] = []
    with CaseStore.open(place) as first, CaseStore.open(place) as second:
        done = threading.Event()

        def write(writer: int) -> None:
            store = (first, second)[writer % 2]
            for put in range(n_puts):
                store.put_many([case(writer * 1000 + put * 2), case(writer * 1000 + put * 2 + 1)])

        def follow() -> None:
            seen = 0
            while True:
                finished = done.is_set()
                numbers = [change.seq for change in second.changes_since(seen)]
                if numbers != list(range(seen + 1, seen + 1 + len(numbers))):
                    late.append((seen, numbers))
                seen += len(numbers)
                if finished and not numbers:
                    return

        reader = threading.Thread(target=follow)
        writers = [threading.Thread(target=write, args=(writer,)) for writer in range(n_writers)]
        for thread in (reader, *writers):
            thread.start()
        for thread in writers:
            thread.join()
        done.set()
        reader.join()
        assert late == []
        assert first.last_seq() == n_writers * n_puts * 2


def test_the_tables_are_those_the_migrations_make(place: str) -> None:
    import sqlalchemy as sa
    from sqlalchemy import inspect

    from corpora.tables import locate, make_engine

    CaseStore.open(place).close()
    engine = make_engine(locate(place))
    try:
        found = inspect(engine)
        for table in (cases, judgements):
            columns = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
            assert columns == {column.name: column.nullable for column in table.columns}
            assert found.get_pk_constraint(table.name)["constrained_columns"] == [column.name for column in table.primary_key]
        assert [index["name"] for index in found.get_indexes("cases") if not index.get("duplicates_constraint")] == ["ix_cases_doc_no_key"]
        assert [unique["column_names"] for unique in found.get_unique_constraints("cases")] == [["case_id"]]
        assert isinstance(found.get_columns("cases")[0]["type"], sa.Integer)
    finally:
        engine.dispose()
