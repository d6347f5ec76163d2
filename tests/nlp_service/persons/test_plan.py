"""The suggested plan: confirmed tags give measures with reasons and articles, suspected ones a step to verify, denials are shown."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from nlp_service.persons.measures import MAX_MEASURES, MEASURES_FILE, MeasureBook, load_measures
from nlp_service.persons.plan import suggest_plan
from nlp_service.persons.records import Finding, KeptReport, Ruling
from nlp_service.persons.watched import RulesError
from nlp_service.tagging.schemes import Scheme, bundled_scheme, load_scheme
from nlp_service.tagging.tagger import TagStatus

START = dt.datetime(2022, 11, 8, 20, 0, tzinfo=dt.UTC)  # the ninth in Zhejiang


@pytest.fixture(scope="module")
def book() -> MeasureBook:
    return load_measures()


def plan(book: MeasureBook, scheme: Scheme, *reports: KeptReport) -> dict:
    return suggest_plan(book, lambda name: scheme if name == scheme.name else None, reports, utc_offset_hours=8)


def test_every_bundled_tag_has_its_measures() -> None:
    codes = [tag.code for tag in bundled_scheme("correction").tags]
    found = load_measures(codes=codes)
    assert len(found.tags) == 45
    assert max(len(item.measures) for item in found.tags.values()) <= MAX_MEASURES
    assert {basis.status for item in found.tags.values() for basis in item.basis} == {"checked", "to_confirm"}


def test_missing_and_foreign_tags_and_a_fourth_measure_are_faults(tmp_path: Path) -> None:
    data = yaml.safe_load(MEASURES_FILE.read_text(encoding="utf-8"))
    path = tmp_path / "measures.yaml"
    codes = list(data["tags"])
    data["tags"]["Z9"] = data["tags"].pop("A01")
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with pytest.raises(RulesError, match=r"A01: missing\n.*Z9: no such tag"):
        load_measures(path, codes=codes)
    data["tags"]["Z9"]["measures"] = ["一件", "二件", "三件", "四件"]
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with pytest.raises(RulesError, match=r"tags\.Z9\.measures"):
        load_measures(path)


def test_a_confirmed_tag_gives_one_item_with_reason_article_and_dates(book: MeasureBook, scheme: Scheme, make_report) -> None:
    found = plan(book, scheme, make_report("R1", {"E01": "confirmed"}, START))
    (item,) = found["items"]
    assert item["status"] == found["status"] == "建议，待核实"
    assert item["goal"] == "30日内完成1次岗位推荐和1项技能报名"
    assert (item["due_on"], item["review_on"]) == ("2022-12-09", "2022-12-09"), "thirty days from the local day"
    assert item["who"] == "人社部门、司法所"
    assert item["stop_when"] == "稳定就业满一个月"
    assert item["basis"] == [{"law": "社区矫正法", "article": "第三十七条、第四十一条", "about": "", "status": "checked"}]
    assert item["reasons"][0] | {"at": ""} == {"report_id": "R1", "at": "", "spans": [[0, 2]], "words": ["报告"], "because": []}
    assert len(item["measures"]) == 3
    assert found["to_verify"] == []


def test_a_suspected_tag_only_asks_to_verify(book: MeasureBook, scheme: Scheme, make_report) -> None:
    found = plan(book, scheme, make_report("R1", {"A01": "suspected", "B01": "suspected"}, START))
    assert found["items"] == []
    assert [(row["tag"], row["step"], row["due_on"]) for row in found["to_verify"]] == [("A01", "核实", "2022-11-09"), ("B01", "核实", "2022-11-16")]
    assert all("measures" not in row for row in found["to_verify"])


def test_denials_are_shown_beside_what_they_deny_and_alone(book: MeasureBook, scheme: Scheme, make_report) -> None:
    drunk = make_report("R1", {"B01": "confirmed"}, START)
    denied = make_report("R2", {"B01": "rejected", "A02": "rejected"}, START + dt.timedelta(days=1))
    denied = replace(denied, findings=tuple(replace(finding, reasons=("negated「没有」",)) for finding in denied.findings))
    found = plan(book, scheme, drunk, denied)
    assert [(item["tag"], item["counter_evidence"][0]["because"]) for item in found["items"]] == [("B01", ["否定「没有」"])]
    assert [(item["tag"], item["counter_evidence"][0]["report_id"]) for item in found["excluded"]] == [("A02", "R2")]


def test_what_a_person_rejected_suggests_nothing(book: MeasureBook, scheme: Scheme, make_report) -> None:
    report = make_report("R1", {}, START)
    finding = Finding("B01", TagStatus.CONFIRMED, 0.9, 0.5, ((0, 2),), "both", (), Ruling.REJECTED, "k", "t")
    found = plan(book, scheme, replace(report, findings=(finding,)))
    assert found["items"] == []
    assert found["excluded"][0]["counter_evidence"][0]["because"] == ["人工核实：排除"]


def test_the_most_urgent_comes_first(book: MeasureBook, scheme: Scheme, make_report) -> None:
    found = plan(book, scheme, make_report("R1", {"E01": "confirmed", "H03": "confirmed", "C02": "confirmed", "A02": "confirmed"}, START))
    assert [item["tag"] for item in found["items"]] == ["C02", "A02", "E01", "H03"]


def test_a_new_tag_works_with_the_measures_of_its_scheme(book: MeasureBook, make_report) -> None:
    scheme = load_scheme(
        "name: correction\ntags: [{code: Y01, name: 养鹅, definition: 院子里养着鹅, level: L1, triggers: [养鹅], measures: [上门看看], actor: 网格员}]"
    )
    found = plan(book, scheme, make_report("R1", {"Y01": "confirmed", "Z9": "confirmed"}, START))
    (item,) = found["items"]
    assert (item["tag"], item["measures"], item["who"]) == ("Y01", ["上门看看"], "网格员")
    assert item["basis"][0]["status"] == "to_confirm"
