"""Corrected tags as data: the rulings people sent to the service, and a file of corrections."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from nlp_service.api.app import create_app
from nlp_service.settings import Settings
from training.__main__ import main
from training.datasets import DatasetError, Example, read_jsonl, write_jsonl
from training.datasets.corrections import corrected

TEXT = "今天上门，他又喝酒了，一身酒气"


def test_rulings_of_a_home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(home=tmp_path / "home", refresh_s=60)
    settings.home.mkdir()
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        reports = [{"report_id": "R-1", "text": TEXT, "person_ref": "p1"}, {"report_id": "R-2", "text": TEXT, "person_ref": "p2"}]
        client.post("/v1/tags", json={"scheme": "correction", "reports": reports}).raise_for_status()
        ruling = {"report_id": "R-1", "scheme": "correction", "tag": "B01", "ruling": "rejected"}
        client.post("/v1/tags/corrections", json={"corrections": [ruling]}).raise_for_status()
    assert main(["data", "corrected", "--home", str(settings.home), "--out", str(tmp_path / "c.jsonl")]) == 0
    assert "1 corrected reports" in capsys.readouterr().out
    [found] = read_jsonl(tmp_path / "c.jsonl")
    assert (found.example_id, found.text, found.rejected) == ("R-1", TEXT, ("B01",))
    assert main(["data", "corrected", "--home", str(tmp_path), "--out", str(tmp_path / "d.jsonl")]) == 2


def test_a_file_of_corrections_and_only_what_was_looked_at(tmp_path: Path) -> None:
    write_jsonl([], tmp_path / "c.jsonl")
    reports = [Example("1", "甲", ("A",)), Example("2", "乙", ("A",)), Example("3", "丙", is_labelled=False)]
    lines = ['{"report_id": "2", "tags": ["B"], "by": "老李"}', '{"report_id": "3", "tags": []}', '{"report_id": "2", "tags": [], "rejected": ["A"]}']
    (tmp_path / "c.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert corrected(reports, tmp_path / "c.jsonl") == [Example("2", "乙", rejected=("A",)), Example("3", "丙")]
    (tmp_path / "c.jsonl").write_text('{"report_id": "9", "tags": []}', encoding="utf-8")
    with pytest.raises(DatasetError, match=r"c\.jsonl:1: no report '9'"):
        corrected(reports, tmp_path / "c.jsonl")
