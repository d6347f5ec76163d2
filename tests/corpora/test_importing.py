"""Files into the store: nothing bad stops the rest, everything bad is named."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpora import importing
from corpora.importing import Rejection, import_files
from corpora.schema import case_to_json
from corpora.store import CaseStore, FullDiskError


@pytest.fixture
def target(tmp_path: Path) -> Iterator[CaseStore]:
    """Open an empty store."""
    with CaseStore.open(tmp_path / "home" / "cases.db") as opened:
        yield opened


def lines(path: Path, *records: object) -> Path:
    """Write records, or lines as they are, one per line."""
    path.write_text("".join((item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)) + "\n" for item in records), encoding="utf-8")
    return path


def record(number: int, **values: object) -> dict[str, object]:
    """Return a good record."""
    return {"case_id": f"c{number}", "facts": f"第{number}号摊位占道经营。", **values}


BAD = {
    "negative fine": (record(2, fine_yuan=-5), "fine_yuan -5: an amount cannot be negative"),
    "no fine": (record(2, fine_yuan="许多"), "fine_yuan '许多': expected an amount in yuan"),
    "year 1823": (record(2, decided_on="1823-05-01"), "decided_on 1823-05-01: earlier than 1949-10-01; check the year"),
    "year 3022": (record(2, decided_on="3022-05-01"), "decided_on 3022-05-01: more than a year ahead"),
    "no id": ({"facts": "占道"}, "case_id is missing or empty"),
    "no text": ({"case_id": "c2"}, "facts, title and disposition are all empty"),
    "id with a blank": (record(2, case_id="a b"), "case_id 'a b': expected 1–128 characters"),
    "region of five": (record(2, region="33011"), "region '33011': expected a GB/T 2260 code"),
    "facts of numbers": (record(2, facts=[1, 2]), "facts: expected a text, got list"),
    "fine true": (record(2, fine_yuan=True), "fine_yuan True: expected an amount"),
    "review": (record(2, review={"type": "上访", "result": "无"}), "review.type '上访': expected one of 复议、诉讼、非诉审查"),
    "extra": (record(2, extra="x"), "extra: expected an object, got str"),
    "broken": ('{"case_id": "c2", "facts', "not valid JSON ("),
    "half a pair": ('{"case_id": "c2", "facts": "\\ud83d"}', "not valid JSON ("),
    "array": ("[1]", "expected a JSON object"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_record_is_named_and_the_others_come_in(target: CaseStore, tmp_path: Path, kind: str) -> None:
    bad, reason = BAD[kind]
    summary = import_files(target, [lines(tmp_path / "a.jsonl", record(1), bad, record(3))])
    assert (summary.accepted, summary.added, summary.n_rejected) == (2, 2, 1)
    assert summary.rejected[0].place == "a.jsonl:2"
    assert reason in summary.rejected[0].reason
    assert [case.case_id for _, case in target.iter_cases()] == ["c1", "c3"]


def test_broken_json_on_line_7_of_10000_costs_one_record(target: CaseStore, tmp_path: Path) -> None:
    records: list[object] = [record(n) for n in range(1, 10_001)]
    records[6] = '{"case_id": "c7", '
    heard: list[int] = []
    summary = import_files(target, [lines(tmp_path / "a.jsonl", *records)], on_progress=heard.append)
    assert (summary.accepted, summary.added, summary.n_rejected, summary.rejected[0].place) == (9_999, 9_999, 1, "a.jsonl:7")
    assert heard == [*range(1000, 10_000, 1000), 9_999]
    assert target.count() == 9_999


def test_importing_again_changes_nothing(target: CaseStore, tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", *(record(n, agency="杭州市富阳区综合行政执法局", disposition="罚款500元。") for n in range(20)))
    import_files(target, [path])
    again = import_files(target, [path])
    assert (again.accepted, again.added, again.changed, again.unchanged, target.last_seq()) == (20, 0, 0, 20, 20)


def test_a_later_equal_record_is_unchanged_and_a_different_one_wins_with_both_places_named(target: CaseStore, tmp_path: Path) -> None:
    first = lines(tmp_path / "a.jsonl", record(1), record(2), record(1))
    second = lines(tmp_path / "b.jsonl", record(2, facts="改后的事实。"))
    summary = import_files(target, [first, second])
    assert (summary.accepted, summary.added, summary.changed, summary.unchanged) == (4, 2, 1, 1)
    assert summary.warnings == ("b.jsonl:1: case_id c2 occurs at a.jsonl:2 with other content; the later one counts",)
    found = target.get("c2")
    assert found is not None
    assert found.facts == "改后的事实。"


def test_an_unknown_region_is_kept_with_a_warning(target: CaseStore, tmp_path: Path) -> None:
    summary = import_files(target, [lines(tmp_path / "a.jsonl", record(1, region="330999"), record(2, region="330111"))])
    assert summary.warnings == ("a.jsonl:1: region 330999 is not in the table of regions; kept as it is",)
    found = target.get("c1")
    assert found is not None
    assert found.region == "330999"


def test_rare_characters_and_pictures_come_back(target: CaseStore, tmp_path: Path) -> None:
    facts = "𠮷某在㍿门口摆摊😀👨‍👩‍👧,é與𰻝。"
    import_files(target, [lines(tmp_path / "a.jsonl", record(1, facts=facts))])
    found = target.get("c1")
    assert found is not None
    assert found.facts == facts


def test_files_that_cannot_be_read_do_not_stop_the_others(target: CaseStore, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "odd.pdf").write_bytes(b"x")
    (tmp_path / "wrong.csv").write_bytes(b"title\n\xff\xff\xff\n\x81\x20\n")
    (tmp_path / "cut.jsonl.xz").write_bytes(lzma.compress(b'{"case_id": "c8", "facts": "x"}\n' * 50)[:-20])
    good = lines(tmp_path / "good.jsonl", record(1))
    names = ["empty.csv", "odd.pdf", "wrong.csv", "cut.jsonl.xz", "missing.csv"]
    summary = import_files(target, [*(tmp_path / name for name in names), good, tmp_path])
    assert summary.accepted == 1
    assert [rejection.place for rejection in summary.rejected] == [*names, tmp_path.name]
    for rejection, reason in zip(summary.rejected, ["is empty", "expected one of", "neither UTF-8", "damaged", "there is no such file"], strict=False):
        assert reason in rejection.reason


def test_a_table_with_two_persons_under_one_number_keeps_both(target: CaseStore, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "案件名称,处罚决定书文号,处罚内容\n甲某案,某罚字〔2022〕1号,罚款1元\n乙某案,某罚字〔2022〕1号,罚款2元\n甲某案,某罚字〔2022〕1号,罚款1元\n",
        encoding="gb18030",
    )
    summary = import_files(target, [path])
    assert (summary.accepted, summary.added, summary.unchanged, summary.warnings) == (3, 2, 1, ())
    assert sorted(target.find_doc_no("某罚字[2022]1号")) == sorted(case.case_id for _, case in target.iter_cases())


def test_a_reason_tells_nothing_of_a_person(target: CaseStore, tmp_path: Path) -> None:
    secret = "电话13912345678住富春街道某小区3幢201室" + "很长" * 50
    summary = import_files(target, [lines(tmp_path / "a.jsonl", record(1, fine_yuan=secret), record(2, decided_on=secret))])
    assert summary.n_rejected == 2
    for rejection in summary.rejected:
        assert "13912345678" not in rejection.reason
        assert "很长很长很长很长" not in rejection.reason


def test_rejections_and_warnings_are_listed_up_to_a_bound_and_all_counted(target: CaseStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "MAX_LISTED", 3)
    records = [*("{" for _ in range(10)), *(record(n, region="330999") for n in range(10))]
    summary = import_files(target, [lines(tmp_path / "a.jsonl", *records)])
    assert (summary.n_rejected, len(summary.rejected), summary.n_warnings, len(summary.warnings)) == (10, 3, 10, 3)
    assert isinstance(summary.rejected[0], Rejection)


def test_several_processes_give_the_same_in_the_same_order(target: CaseStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "ALONE", 10)
    monkeypatch.setattr(importing, "PORTION", 7)
    records: list[object] = [record(n, disposition=f"罚款{n}元。") for n in range(1, 101)]
    records[50] = "{"
    path = lines(tmp_path / "a.jsonl", *records)
    summary = import_files(target, [path], workers=2)
    assert (summary.accepted, summary.n_rejected, summary.rejected[0].place) == (99, 1, "a.jsonl:51")
    with CaseStore.open(tmp_path / "alone.db") as alone:
        import_files(alone, [path])
        assert [(seq, case_to_json(case)) for seq, case in target.iter_cases()] == [(seq, case_to_json(case)) for seq, case in alone.iter_cases()]


def test_several_processes_keep_what_came_before_a_file_breaks_off(target: CaseStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "ALONE", 2)

    def breaks_off(path: object) -> Iterator[importing.Row]:
        yield from (importing.Row(f"a:{n}", record(n)) for n in range(1, 6))
        raise importing.ReaderError("a: broke off")

    monkeypatch.setattr(importing, "open_rows", breaks_off)
    summary = import_files(target, [tmp_path / "a"], workers=2)
    assert (summary.accepted, summary.rejected) == (5, (Rejection("a", "a: broke off"),))


def test_a_store_that_fails_ends_the_import_and_keeps_what_was_acknowledged(target: CaseStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 10)
    heard: list[int] = []
    put = CaseStore.put_many

    def full(store: CaseStore, items: object) -> object:
        if heard == [10, 20]:
            raise FullDiskError("cases.db: no room left to write")
        return put(store, items)  # type: ignore[arg-type]

    monkeypatch.setattr(CaseStore, "put_many", full)
    with pytest.raises(FullDiskError, match="no room left"):
        import_files(target, [lines(tmp_path / "a.jsonl", *(record(n) for n in range(50)))], on_progress=heard.append)
    assert heard == [10, 20]
    assert target.count() == 20
