"""The shadow: compared with the whole answer, counts kept and gone on with, never in the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nlp_service.tagging.schemes import load_scheme
from nlp_service.tagging.service import TagService
from nlp_service.tagging.shadow import Shadow, ShadowCounts
from nlp_service.tagging.tagger import Tagger

SCHEME = """name: yard
tags:
- {code: Y01, name: 养鹅, definition: 院子里养着鹅, level: L1, triggers: [养鹅]}
- {code: Y02, name: 养狗, definition: 院子里养着狗, level: L2, triggers: [养狗], weak: [狗]}
"""


@pytest.fixture
def service(tmp_path: Path) -> TagService:
    found = TagService(tmp_path / "schemes", tmp_path / "models")
    found.replace("yard", SCHEME)
    return found


def test_how_many_tags_a_caller_wants_makes_no_difference_to_the_comparison(service: TagService, tmp_path: Path) -> None:
    service._shadows["yard"] = Shadow(Tagger.open(load_scheme(SCHEME)), tmp_path / "shadow.json", "rules")
    wanted: tuple[dict[str, Any], ...] = ({}, {"max_k": 1}, {"min_k": 2}, {"explain": True})
    for options in wanted:
        service.answer("yard", [{"report_id": "1", "text": "他家养鹅又养狗"}, {"report_id": "2", "text": "养鹅，有狗"}], **options)
    service.close()
    counts = json.loads((tmp_path / "shadow.json").read_text(encoding="utf-8"))
    assert (counts["n_reports"], counts["n_equal"], counts["n_dropped"]) == (8, 8, 0)
    assert counts["tags"] == {"Y01": {"confirmed>confirmed": 8}, "Y02": {"confirmed>confirmed": 4}}


def test_counts_of_the_same_pair_go_on_and_of_another_start_anew(tmp_path: Path) -> None:
    tagger = Tagger.open(load_scheme(SCHEME))
    counts = ShadowCounts("a", "b")
    (item,) = tagger.tag([("1", "养狗")])
    (other,) = tagger.tag([("1", "养鹅")])
    counts.add(item, item)
    counts.add(item, other)
    (tmp_path / "s.json").write_text(json.dumps(counts.as_json()), encoding="utf-8")
    again = ShadowCounts.load(tmp_path / "s.json", "a", "b")
    assert again.as_json() == counts.as_json()
    assert again.as_json()["tags"] == {"Y01": {"none>confirmed": 1}, "Y02": {"confirmed>confirmed": 1, "confirmed>none": 1}}
    assert ShadowCounts.load(tmp_path / "s.json", "a", "c").n_reports == 0
    (tmp_path / "s.json").write_text("[]", encoding="utf-8")
    assert ShadowCounts.load(tmp_path / "s.json", "a", "b").n_reports == 0
