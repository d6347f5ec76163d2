"""Tests of nlp_service.tagging.service: schemes of a home, hot replacement, models, limits."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from nlp_service.tagging.schemes import Scheme, SchemeError, bundled_scheme
from nlp_service.tagging.service import BUNDLED_MODELS, TagRequestError, TagService, tagged_json
from nlp_service.tagging.tagger import Tagger

WAIT_S = 60  # never reached unless something is broken

SCHEME = """
name: yard
title: 院子
tags:
- code: Y01
  name: 养鹅
  definition: 院子里养着鹅
  level: L1
  triggers: [养鹅, 大白鹅, 鹅叫]
"""


@pytest.fixture
def service(tmp_path: Path) -> TagService:
    return TagService(tmp_path / "schemes", tmp_path / "models")


def tags(service: TagService, name: str, text: str) -> list[str]:
    return [tag.tag for tag in service.tag(name, [{"report_id": "1", "text": text}])[0].tags]


@pytest.mark.parametrize("name", ["correction", "grid"])
def test_the_bundled_model_belongs_to_the_bundled_scheme(service: TagService, name: str) -> None:
    tagger = service.tagger(name)
    assert tagger.scheme.version == bundled_scheme(name).version
    assert tagger.versions["model"].startswith("linear-")
    assert (BUNDLED_MODELS / name / "manifest.json").is_file()


def test_a_new_scheme_works_at_once_by_rules_alone(service: TagService) -> None:
    service.replace("yard", SCHEME)
    assert "yard" in service.names()
    assert tags(service, "yard", "他家院子里养鹅，天天叫") == ["Y01"]
    assert tags(service, "yard", "院子里只有一口井，没有养鹅") == []


def test_a_broken_scheme_is_refused_and_the_old_one_serves_on(service: TagService) -> None:
    service.replace("yard", SCHEME)
    with pytest.raises(SchemeError, match="level"):
        service.replace("yard", SCHEME.replace("level: L1", "level: L9"))
    assert tags(service, "yard", "他家院子里养鹅") == ["Y01"]


def test_a_changed_file_is_taken_over_and_a_broken_one_is_not(service: TagService, tmp_path: Path) -> None:
    service.replace("yard", SCHEME)
    path = tmp_path / "schemes" / "yard.yaml"
    path.write_text(SCHEME.replace("鹅叫", "羊叫"), encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert tags(service, "yard", "夜里老是羊叫") == ["Y01"]
    path.write_text("tags: [", encoding="utf-8")
    os.utime(path, ns=(2, 2))
    assert tags(service, "yard", "夜里老是羊叫") == ["Y01"]


def test_schemes_do_not_know_each_other(service: TagService) -> None:
    service.replace("yard", SCHEME)
    assert "Y01" not in tags(service, "correction", "他家院子里养鹅，天天叫")


def test_while_one_scheme_is_being_opened_another_answers(service: TagService, monkeypatch: pytest.MonkeyPatch) -> None:
    service.replace("yard", SCHEME)
    service.replace("barn", SCHEME.replace("name: yard", "name: barn"))
    service._taggers.clear()
    service._stamps.clear()
    begun, go, open_one = threading.Event(), threading.Event(), service._open

    def slow(scheme: Scheme) -> Tagger:
        if scheme.name == "yard":
            begun.set()
            assert go.wait(WAIT_S)
        return open_one(scheme)

    monkeypatch.setattr(service, "_open", slow)
    thread = threading.Thread(target=service.warm, args=("yard",))
    thread.start()
    assert begun.wait(WAIT_S)
    assert tags(service, "barn", "他家院子里养鹅") == ["Y01"]
    go.set()
    thread.join()
    assert tags(service, "yard", "他家院子里养鹅") == ["Y01"]


@pytest.mark.parametrize("name", ["nosuch", "../correction", "方案", ""])
def test_unknown_or_strange_names_are_refused(service: TagService, name: str) -> None:
    with pytest.raises(TagRequestError):
        service.tagger(name)


def test_the_name_must_be_the_schemes_own(service: TagService) -> None:
    with pytest.raises(TagRequestError, match="yard"):
        service.replace("garden", SCHEME)


def test_257_reports_are_too_many(service: TagService) -> None:
    with pytest.raises(TagRequestError, match="256"):
        service.tag("correction", [{"report_id": str(n), "text": "正常"} for n in range(257)])


def test_order_is_kept_and_bad_reports_have_errors_of_their_own(service: TagService) -> None:
    texts = ["人不见了，电话关机三天", "", "🙂🙂", "A" * 20_000, "hello world", "\x00\x01正常上班"]
    found = service.tag("correction", [{"report_id": f"r{n}", "text": text} for n, text in enumerate(texts)])
    assert [item.report_id for item in found] == [f"r{n}" for n in range(6)]
    assert [item.error is not None for item in found] == [False, True, False, True, False, False]
    assert found[2].abstained
    assert found[4].abstained
    assert {tag.tag for tag in found[0].tags} >= {"A01"}


def test_a_missing_model_folder_is_named(tmp_path: Path) -> None:
    service = TagService(tmp_path / "s", tmp_path / "m", model=tmp_path / "none")
    with pytest.raises(TagRequestError, match="manifest"):
        service.replace("yard", SCHEME)


def test_json_has_the_fields_of_the_contract(service: TagService) -> None:
    item = tagged_json(service.tag("correction", [{"report_id": "x", "text": "人不见了，电话关机三天，家里没人"}], explain=True)[0])
    assert set(item) == {"report_id", "tags", "level", "abstained"}
    first = item["tags"][0]
    assert {"tag", "status", "score", "threshold", "spans", "source"} <= set(first)
    assert all(0 <= start < end for start, end in first["spans"])
    assert item["level"] in {"L0", "L1", "L2", "L3", "L4"}
