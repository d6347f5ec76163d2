"""`corpora describe` and `corpora verify` on the command line."""

from __future__ import annotations

import pytest

from corpora.violations import Pattern, load_violations
from nlp_service.cli import main
from nlp_service.commands import corpora


def test_describe_shows_count_hash_and_ratio(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    assert main(["corpora", "describe"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "cases.jsonl" in line]
    assert len(lines) == 1
    assert "1226" in lines[0]
    assert "（50,000）" in lines[0]


def test_verify_names_each_problem(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpora, "verify", lambda: ["queries.jsonl:3 Q-003: no case has grade 2 or 3"])
    assert main(["corpora", "verify"]) == 1
    printed = capsys.readouterr()
    assert "Q-003: no case has grade 2 or 3" in printed.err
    assert "发现 1 处问题" in printed.out
    monkeypatch.setattr(corpora, "verify", list)
    assert main(["corpora", "verify"]) == 0


def test_verify_names_a_pattern_of_the_catalogue_that_is_none(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    violation = load_violations()["CX02"]
    broken = violation.model_copy(update={"mitigating": (Pattern(name="主动改正", patterns=("(主动",)),)})
    monkeypatch.setattr(corpora, "verify", list)
    monkeypatch.setattr(corpora, "load_violations", lambda: {"CX02": broken})
    assert main(["corpora", "verify"]) == 1
    assert "CX02.yaml" in capsys.readouterr().err
