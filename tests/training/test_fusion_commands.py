"""Tests of `python -m training fit-fusion`: what is written, what stays, what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpora.schema import Judgement
from corpora.store import CaseStore
from indexes.calibration import Calibration
from indexes.fusion import Fusion
from training.__main__ import main

Make = Callable[[int], list[dict[str, Any]]]


def write(path: Path, records: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


def test_weights_stay_unless_they_win_and_the_calibration_is_written_with_its_figures(
    search_home: Path, theme_queries: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queries = write(tmp_path / "q.jsonl", theme_queries(24))
    code = main(["fit-fusion", "--home", str(search_home), "--queries", str(queries), "--out", str(tmp_path / "out"), "--out-folds", "0"])
    printed = capsys.readouterr().out
    assert code == 0
    assert "24 queries; serving weights" in printed
    wins = (tmp_path / "out" / "fusion.json").exists()
    assert wins != ("the serving weights stay" in printed)
    if wins:
        assert Fusion.load(tmp_path / "out" / "fusion.json").version.startswith("fit-")
    model = Calibration.load(tmp_path / "out" / "calibration.json")
    assert model.version == f"fit-{model.measured['data']}"
    assert model.measured["queries"] == 24
    assert {kind: n for kind, (_, n) in model.measured["refused"].items()}["in"] == 24
    assert 0 <= model.measured["ece"] <= 0.2


def test_the_same_queries_give_the_same_files(search_home: Path, theme_queries: Make, tmp_path: Path) -> None:
    queries = write(tmp_path / "q.jsonl", theme_queries(20))
    for name in ("one", "two"):
        assert main(["fit-fusion", "--home", str(search_home), "--queries", str(queries), "--out", str(tmp_path / name), "--out-folds", "0"]) == 0
    assert (tmp_path / "one" / "calibration.json").read_bytes() == (tmp_path / "two" / "calibration.json").read_bytes()


def test_libraries_without_causes_are_asked_too(search_home: Path, theme_queries: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    queries = write(tmp_path / "q.jsonl", theme_queries(20))
    assert main(["fit-fusion", "--home", str(search_home), "--queries", str(queries), "--out", str(tmp_path / "out"), "--out-folds", "2"]) == 0
    refused = Calibration.load(tmp_path / "out" / "calibration.json").measured["refused"]
    assert {kind: n for kind, (_, n) in refused.items() if kind != "outside"} == {"in": 20, "out": 20, "stay": 20}
    assert "of libraries without the query's cause (rightly)" in capsys.readouterr().out


def test_too_few_judged_queries_are_refused(search_home: Path, theme_queries: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = theme_queries(22)
    for record in records[:3]:
        record["rel"] = {}
    queries = write(tmp_path / "q.jsonl", records)
    assert main(["fit-fusion", "--home", str(search_home), "--queries", str(queries), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == "error: 19 judged queries with a relevant case: at least 20 are needed to fit and to check a fit\n"
    assert not (tmp_path / "out").exists()


def test_a_query_without_a_pool_is_named(search_home: Path, theme_queries: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = theme_queries(20)
    queries = write(tmp_path / "q.jsonl", records)
    pools = tmp_path / "pools.json"
    pools.write_text(json.dumps({record["query_id"]: ["C-00001"] for record in records[1:]}), encoding="utf-8")
    assert main(["fit-fusion", "--home", str(search_home), "--queries", str(queries), "--pools", str(pools), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.startswith("error: pools.json: no pool for 1 of 20 queries, the first is q00")


def test_without_queries_the_judgements_of_the_home_count(search_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Cases judged against cases: three are too few, and one judged draft is not known any more."""
    home = Path(shutil.copytree(search_home, tmp_path / "home"))
    with CaseStore.open(home / "cases.db") as store:
        for query in ("C-00001", "C-00002", "C-00003", "forgotten"):
            store.put_judgement(Judgement(query_id=query, case_id="C-00007", relevance=3, by="办案人员"))
    assert main(["fit-fusion", "--home", str(home)]) == 2
    printed = capsys.readouterr()
    assert printed.out == "1 judged queries whose text is not known any more are left out\n"
    assert printed.err.startswith("error: 3 judged queries with a relevant case")
