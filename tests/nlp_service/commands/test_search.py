"""Tests of `search`: one query as a table, many as a TREC run that other programs read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from indexes.query import Hit
from nlp_service.commands.search import run_lines

Cli = Callable[..., SimpleNamespace]
Lines = Callable[..., Path]
LINE = re.compile(r"(\S+) Q0 (\S+) ([1-9]\d*) (-?\d+\.\d{6}) nlp-service")


def run_of(path: Path) -> dict[str, list[tuple[str, int, float]]]:
    """Read a TREC run; every line must have exactly its six fields."""
    found: dict[str, list[tuple[str, int, float]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        match = LINE.fullmatch(line)
        assert match, line
        found.setdefault(match[1], []).append((match[2], int(match[3]), float(match[4])))
    return found


def test_one_query_shows_a_table_of_its_theme(run_cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    done = run_cli("search", "烧烤店油烟净化器居民投诉", "--top", "3")
    assert (done.code, done.err) == (0, "")
    found = re.findall(r"C-(\d{5})", done.out)
    assert len(found) == 3
    assert {int(number) % 4 for number in found} == {3}
    assert "油烟超标" in done.out


def test_a_batch_is_a_trec_run_with_ranks_and_falling_scores(run_cli: Cli, lines: Lines, tmp_path: Path) -> None:
    queries = lines(
        "q.jsonl", {"query_id": "q1", "text": "烧烤店油烟"}, {"query_id": "第二", "text": "水果店占道", "planned": {"kinds": ["罚款"], "fine_yuan": 500}}
    )
    done = run_cli("search", "--queries", queries, "--run", tmp_path / "out.trec")
    assert done.code == 0
    run = run_of(tmp_path / "out.trec")
    assert list(run) == ["q1", "第二"]
    for hits in run.values():
        assert [rank for _, rank, _ in hits] == list(range(1, 101))
        assert len({case_id for case_id, _, _ in hits}) == 100
        scores = [score for _, _, score in hits]
        assert scores == sorted(scores, reverse=True)
    assert int(run["q1"][0][0][2:]) % 4 == 3
    assert int(run["第二"][0][0][2:]) % 4 == 0


def test_scores_fall_even_where_pivots_or_a_number_changed_the_order() -> None:
    scores = [0.5, 0.9, 0.9, 0.4]
    hits = [Hit(f"C-{n}", n + 1, score, None, {}) for n, score in enumerate(scores)]
    assert run_lines("q", hits) == [
        "q Q0 C-0 1 0.500000 nlp-service",
        "q Q0 C-1 2 0.499999 nlp-service",
        "q Q0 C-2 3 0.499998 nlp-service",
        "q Q0 C-3 4 0.400000 nlp-service",
    ]


def test_top_limits_each_query(run_cli: Cli, lines: Lines, tmp_path: Path) -> None:
    run_cli("search", "--queries", lines("q.jsonl", {"query_id": "q1", "text": "打井取水"}), "--top", 7, "--run", tmp_path / "out.trec")
    assert len(run_of(tmp_path / "out.trec")["q1"]) == 7


def test_pools_restrict_each_query_to_its_own_candidates_and_rank_them_all(run_cli: Cli, lines: Lines, tmp_path: Path) -> None:
    pools = tmp_path / "pools.json"
    pools.write_text(json.dumps({"q1": ["C-00003", "C-00004", "C-00011"], "q2": ["C-00001", "C-00002"]}), encoding="utf-8")
    queries = lines("q.jsonl", {"query_id": "q1", "text": "烧烤店油烟净化器"}, {"query_id": "q2", "text": "打井取水水泵"})
    assert run_cli("search", "--queries", queries, "--pools", pools, "--run", tmp_path / "out.trec").code == 0
    run = run_of(tmp_path / "out.trec")
    assert {case_id for case_id, _, _ in run["q1"]} == {"C-00003", "C-00004", "C-00011"}
    assert run["q1"][2][0] == "C-00004", "the only one of another theme comes last"
    assert [case_id for case_id, _, _ in run["q2"]] == ["C-00002", "C-00001"]


def test_a_case_of_the_pool_that_is_not_in_the_library_is_left_out(run_cli: Cli, lines: Lines, tmp_path: Path) -> None:
    pools = tmp_path / "pools.json"
    pools.write_text(json.dumps({"q1": ["C-00003", "unknown"]}), encoding="utf-8")
    run_cli("search", "--queries", lines("q.jsonl", {"query_id": "q1", "text": "油烟"}), "--pools", pools, "--run", tmp_path / "out.trec")
    assert [hit[0] for hit in run_of(tmp_path / "out.trec")["q1"]] == ["C-00003"]


def test_the_same_batch_twice_gives_the_same_run(run_cli: Cli, lines: Lines, tmp_path: Path) -> None:
    queries = lines("q.jsonl", *({"query_id": f"q{n}", "text": text} for n, text in enumerate(["油烟", "占道", "打井", "厂房"])))
    for name in ("one", "two"):
        run_cli("search", "--queries", queries, "--run", tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "q.jsonl:2：不是有效的 JSON"),
        ("[1]", "q.jsonl:2：每行应为一个 JSON 对象"),
        ('{"text": "x"}', "q.jsonl:2：缺少 query_id"),
        ('{"query_id": "b"}', "q.jsonl:2：缺少 text"),
        ('{"query_id": "b", "text": ""}', "q.jsonl:2：案情为空"),
        ('{"query_id": "b", "text": 5}', "q.jsonl:2：缺少 text"),
        ('{"query_id": "b", "text": "x", "planned": {"kinds": ["斩"]}}', "q.jsonl:2：拟作处理 '斩'"),
        ('{"query_id": "b", "text": "x", "planned": {"fine_yuan": -1}}', "q.jsonl:2：planned.fine_yuan -1"),
        ('{"query_id": "b", "text": "x", "planned": {"fine_yuan": "多"}}', "q.jsonl:2：planned.fine_yuan"),
        ('{"query_id": "b", "text": "x", "planned": [1]}', "q.jsonl:2：planned 应为对象"),
        ('{"query_id": "b", "text": "x", "planned": {"kinds": 5}}', "q.jsonl:2：planned.kinds"),
        ('{"query_id": "b", "text": "x", "planned": {"kinds": "罚款"}}', "q.jsonl:2：planned.kinds"),
        ('{"query_id": "b", "text": "x", "pivots": [1]}', "q.jsonl:2：pivots 应为对象"),
        ('{"query_id": "b", "text": "x", "pivots": {"a": [1]}}', "q.jsonl:2：pivots"),
        ('{"query_id": "b", "text": "x", "cause": 5}', "q.jsonl:2：cause 应为文字"),
        ('{"query_id": "b c", "text": "x"}', "q.jsonl:2：query_id"),
        ('{"query_id": "a", "text": "x"}', "q.jsonl:2：query_id"),
    ],
)
def test_a_bad_query_is_named_by_file_and_line_and_no_run_is_written(run_cli: Cli, lines: Lines, tmp_path: Path, line: str, words: str) -> None:
    done = run_cli("search", "--queries", lines("q.jsonl", {"query_id": "a", "text": "油烟"}, line), "--run", tmp_path / "out.trec")
    assert done.code == 2
    assert words in done.err
    assert done.err.startswith("错误：")
    assert done.err.count("\n") == 1
    assert not (tmp_path / "out.trec").exists()


def test_a_5_mb_draft_is_refused_with_its_length_and_not_repeated(run_cli: Cli, lines: Lines, tmp_path: Path) -> None:
    done = run_cli("search", "--queries", lines("q.jsonl", {"query_id": "q1", "text": "占道经营" * 420_000}), "--run", tmp_path / "out.trec")
    assert done.code == 2
    assert "q.jsonl:1：案情有 1680000 字，最多 200000 字" in done.err
    assert len(done.err) < 500


@pytest.mark.parametrize("content", ["{", "[]", '{"q1": 5}', '{"q1": "C-00001"}'])
def test_bad_pools_are_named(run_cli: Cli, lines: Lines, tmp_path: Path, content: str) -> None:
    (tmp_path / "p.json").write_text(content, encoding="utf-8")
    done = run_cli("search", "--queries", lines("q.jsonl", {"query_id": "q1", "text": "油烟"}), "--pools", tmp_path / "p.json", "--run", tmp_path / "out.trec")
    assert done.code == 2
    assert "p.json" in done.err


def test_a_query_without_a_pool_and_missing_files_are_named(run_cli: Cli, lines: Lines, tmp_path: Path) -> None:
    queries = lines("q.jsonl", {"query_id": "q1", "text": "油烟"})
    (tmp_path / "p.json").write_text("{}", encoding="utf-8")
    assert "没有查询 q1 的候选" in run_cli("search", "--queries", queries, "--pools", tmp_path / "p.json", "--run", tmp_path / "o").err
    assert "none.json" in run_cli("search", "--queries", queries, "--pools", tmp_path / "none.json", "--run", tmp_path / "o").err
    assert "none.jsonl：没有这个文件" in run_cli("search", "--queries", tmp_path / "none.jsonl", "--run", tmp_path / "o").err
    assert "不能写入" in run_cli("search", "--queries", queries, "--run", tmp_path / "none" / "out.trec").err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "二者择一"),
        (["油烟", "--queries", "q"], "二者择一"),
        (["--queries", "q"], "--run"),
        (["油烟", "--top", "0"], "--top 0"),
        (["\u3000 "], "案情为空"),
    ],
)
def test_options_that_do_not_fit_are_explained(run_cli: Cli, options: list[str], words: str) -> None:
    done = run_cli("search", *options)
    assert done.code == 2
    assert words in done.err


def test_without_a_store_or_a_snapshot_the_cure_is_named(run_cli: Cli, home: Path, tmp_path: Path) -> None:
    missing = run_cli("search", "油烟", at=tmp_path / "new")
    assert missing.code == 2
    assert "import" in missing.err
    assert not (tmp_path / "new" / "cases.db").exists()
    (home / "library" / "current").unlink()
    unbuilt = run_cli("search", "油烟")
    assert unbuilt.code == 2
    assert "nlp-service build" in unbuilt.err


def test_a_damaged_snapshot_is_named_with_the_file_and_the_cure(run_cli: Cli, home: Path) -> None:
    next((home / "library" / "snapshots").glob("*/columns.json")).write_text("{}", encoding="utf-8")
    done = run_cli("search", "油烟")
    assert done.code == 2
    assert "columns.json" in done.err
    assert "nlp-service build" in done.err
    assert run_cli("build").code == 0
    assert run_cli("search", "油烟").code == 0


def test_nothing_is_left_behind_by_a_search(run_cli: Cli, home: Path, lines: Lines) -> None:
    run_cli("import", lines("a.jsonl", {"case_id": "NEW", "facts": "鸬鹚捕鱼"}))
    assert "NEW" in run_cli("search", "鸬鹚捕鱼").out, "imported after the build and found all the same"
    assert list((home / "library" / "live").glob("*")) == []


def test_cases_that_are_not_similar_are_shown_as_such(run_cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    done = run_cli("search", "床前明月光，疑是地上霜。举头望明月，低头思故乡。发现", "--top", "2")
    assert done.code == 0
    assert done.out.splitlines()[0] == "没有足够相似的案例；以下不够相似，仅供参考"
    assert "仅供参考 2 件" in done.out
    assert "仅供参考" not in run_cli("search", "烧烤店油烟净化器居民投诉").out


def test_a_case_can_be_looked_up_from_a_narrow_table(run_cli: Cli, lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    run_cli("import", lines("a.jsonl", {"case_id": "NARROW-2021-0046", "facts": "鸬鹚捕鱼"}))
    assert "NARROW-2021-0046" in run_cli("search", "鸬鹚捕鱼").out


def test_with_nothing_found_there_is_no_table(run_cli: Cli) -> None:
    assert run_cli("search", "😀😀").out == "没有足够相似的案例\n"


@pytest.mark.parametrize("missing", ["taught.json", "statutes.json", None])
def test_a_home_of_an_older_version_is_one_line_and_build_cures_it(run_cli: Cli, home: Path, missing: str | None) -> None:
    """Either a file that this version wants is not there, or the whole snapshot has an older format."""
    manifest = next((home / "library" / "snapshots").glob("*/manifest.json"))
    record = json.loads(manifest.read_text(encoding="utf-8"))
    if missing:
        (manifest.parent / missing).unlink()
        del record["files"][missing]
    else:
        record["format"] = 1
    manifest.write_text(json.dumps(record), encoding="utf-8")
    done = run_cli("search", "烧烤店油烟")
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert "run `nlp-service build`" in done.err
    assert (missing or "format 1 of an older version") in done.err
    assert run_cli("build").code == 0
    assert run_cli("search", "烧烤店油烟").code == 0
