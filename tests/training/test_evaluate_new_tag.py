"""`evaluate new-tag`: recall and precision of triggers alone by worked figures; a model that does not know a tag changes nothing of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from nlp_service.tagging.linear import load_model, save_model
from nlp_service.tagging.schemes import load_scheme
from nlp_service.tagging.tagger import Tagger
from training.__main__ import main
from training.datasets import Example
from training.evaluate_new_tag import NewTag, evaluate_new_tags
from training.evaluate_tagger import answer
from training.fit_tagger_linear import fit
from training.labelled_reports import read_labelled

YAML = """name: street
title: 街面
tags:
- {code: B1, name: 喝酒, definition: 喝酒, level: L2, triggers: [喝酒], hints: [酒味]}
- {code: N1, name: 养蜂, definition: 养蜂, level: L1, triggers: [养蜂]}
- {code: Z1, name: 放鹅, definition: 放鹅, level: L1, triggers: [放鹅]}
"""
SCHEME = load_scheme(YAML)
EXAMPLES = [
    Example("1", "天天喝酒", ("B1",)),
    Example("2", "身上有酒味", ("B1",)),
    Example("3", "醉倒在路边", ("B1",)),
    Example("4", "院子里喝酒吵闹", suspected=("B1",)),
    Example("5", "在山上养蜂", ("N1",)),
    Example("6", "中午又去喝酒", ("N1",)),
    Example("7", "没有喝酒", rejected=("B1",)),
]


def test_figures_by_hand() -> None:
    drinking, bees = evaluate_new_tags(SCHEME, EXAMPLES)
    # 喝酒 holds in 1–3: 1 by trigger, 2 by hint (suspected), 3 by no word; given in 1, 2, 4, 6, right in 1, 2 and in 4, which was suspected
    assert drinking == NewTag("B1", "喝酒", 3, pytest.approx(2 / 3), pytest.approx(1 / 3), pytest.approx(3 / 4))
    assert drinking.is_enough
    assert bees == NewTag("N1", "养蜂", 2, 0.5, 0.5, 1.0)
    assert not bees.is_enough


def test_the_command_names_what_falls_below_and_what_no_report_holds(
    tmp_path: Path, write_lines: Callable[..., Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    (tmp_path / "street.yaml").write_text(YAML, encoding="utf-8")
    drill = Example("8", "醉得不省人事", ("B1",), extra={"drill": True})
    path = write_lines("reports.jsonl", [*EXAMPLES, drill])
    command = ["evaluate", "new-tag", "--scheme", str(tmp_path / "street.yaml"), "--reports", str(path), "--json", str(tmp_path / "out.json")]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "7 reports, scheme street, triggers alone" in said
    assert "recall below 0.6: 1 of 2 tags: N1 养蜂 0.50" in said
    assert "in no report: 1 tags: Z1" in said
    kept = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert kept["mean"] == {"recall": pytest.approx((2 / 3 + 1 / 2) / 2), "recall_confirmed": pytest.approx((1 / 3 + 1 / 2) / 2), "precision": 0.875}
    assert [(tag["code"], tag["n"]) for tag in kept["tags"]] == [("B1", 3), ("N1", 2)]
    assert main([*command, "--drills"]) == 0
    assert "recall below 0.6: 2 of 2 tags: B1 喝酒 0.50、N1 养蜂 0.50" in capsys.readouterr().out


def test_reports_without_a_tag_of_the_scheme_are_told(tmp_path: Path, write_lines: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "street.yaml").write_text(YAML, encoding="utf-8")
    path = write_lines("plain.jsonl", [{"report_id": "1", "text": "一切正常", "tags": []}])
    assert main(["evaluate", "new-tag", "--scheme", str(tmp_path / "street.yaml"), "--reports", str(path)]) == 2
    assert "plain.jsonl: no tag of scheme street holds in any report" in capsys.readouterr().err


def test_taking_a_tag_out_of_a_model_leaves_it_to_the_rules(tmp_path: Path, write_lines: Callable[..., Path]) -> None:
    """What the command stands on: a model fitted without a tag answers that tag as the rules do, whatever it says of the others."""
    known = load_scheme("\n".join(line for line in YAML.splitlines() if "B1" not in line))
    said = (("养蜂", ["N1"]), ("放鹅", ["Z1"]), ("没有养蜂", []), ("听说要放鹅", []))
    lines = [{"report_id": str(n), "text": f"{said[n % 4][0]}，第{n}次走访", "tags": said[n % 4][1]} for n in range(48)]
    save_model(fit(read_labelled([write_lines("known.jsonl", lines)]), known, 0), tmp_path / "model")
    assert load_model(tmp_path / "model").tags == ("N1", "Z1")
    with_model = answer(Tagger.open(SCHEME, tmp_path / "model"), EXAMPLES)
    by_rules = answer(Tagger.open(SCHEME), EXAMPLES)
    for ours, theirs in ((with_model.confirmed, by_rules.confirmed), (with_model.either, by_rules.either)):
        assert [tags & {"B1"} for tags in ours] == [tags & {"B1"} for tags in theirs]
