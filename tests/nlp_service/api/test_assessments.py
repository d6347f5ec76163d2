"""Tests of what follows an assessment: the record, the officer's answer, history, the report, judgements, uploads."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from starlette.testclient import TestClient

from nlp_service.api.app import create_app
from nlp_service.keys import Role
from nlp_service.runtime import Runtime
from nlp_service.settings import Settings

Expect = Callable[..., dict[str, Any]]
TEXT = "水果店越门摆放，多次劝导不改，拟罚款500元"
BODY = {"text": TEXT, "cause": "SR02", "planned": {"kinds": ["罚款"], "fine_yuan": 500}, "region": "330111"}
HEADINGS = ["一、检索说明", "二、待决案件", "三、检索方法", "四、检索结果", "五、类案规则要点与分歧", "六、处置分布与偏离"]
HEADINGS += ["七、尚待查明与程序", "八、败诉原因对照", "九、裁量说明", "十、处理意见", "十一、签名", "附注"]


def ask(client: TestClient, headers: dict[str, str] | None = None, **more: object) -> dict[str, Any]:
    response = client.post("/v1/cases/search", json={**BODY, **more}, headers=headers)
    assert response.status_code == 200, response.text
    return dict(response.json())


def test_the_first_page_carries_the_assessment_facets_and_the_plan(client: TestClient) -> None:
    answer = ask(client)
    assert answer["assessment_id"].startswith("A-")
    assert answer["planned"]["kinds"] == ["罚款"]
    assert answer["planned"]["fine_yuan"] == 500
    assert sum(item["count"] for item in answer["facets"]["region"]) == answer["total"]
    assert {item["label"] for item in answer["facets"]["region"]} <= {"富阳区", "桐乡市"}
    assert answer["assessment"]["situation"]["region"] == "330111"
    later = client.post("/v1/cases/search", json={**BODY, "cursor": answer["next_cursor"]}).json()
    assert (later["assessment"], later["assessment_id"], later["facets"]) == (None, None, None)


def test_a_stored_assessment_holds_what_was_asked_found_and_said(client: TestClient) -> None:
    answer = ask(client, filters={"regions": ["330111"]})
    stored = client.get(f"/v1/assessments/{answer['assessment_id']}").json()
    assert stored["draft"] == answer["draft"]
    assert stored["planned"] == {"kinds": ["罚款"], "fine_yuan": "500", "base_amount_yuan": None, "deadline_days": None}
    assert stored["assessment"] == answer["assessment"]
    assert stored["method"]["filters"] == {"regions": ["330111"]}
    assert stored["method"]["funnel"]["library"] == 120
    assert [case["case_id"] for case in stored["cases"][:10]] == [hit["case_id"] for hit in answer["hits"]]
    assert stored["versions"] == answer["versions"]
    assert stored["responses"] == []
    assert len(stored["hash"]) == 64


def test_the_answer_is_recorded_with_its_reason(client: TestClient, expect_problem: Expect) -> None:
    path = f"/v1/assessments/{ask(client)['assessment_id']}/response"
    body = expect_problem(client.post(path, json={"decision": "adopt", "reason": "太短"}), 422, "reason")
    assert "10个字" in body["detail"]
    assert client.post(path, json={"decision": "depart", "reason": "当事人屡教不改，已三次书面责令"}).status_code == 200
    stored = client.get(path.removesuffix("/response")).json()
    assert [(item["adopted"], item["reason"]) for item in stored["responses"]] == [(False, "当事人屡教不改，已三次书面责令")]


def test_history_is_newest_first_and_says_what_was_answered(client: TestClient) -> None:
    first, second = ask(client)["assessment_id"], ask(client)["assessment_id"]
    client.post(f"/v1/assessments/{first}/response", json={"decision": "adopt", "reason": "按提示减轻，理由已写入说理"})
    lines = client.get("/v1/assessments").json()
    assert [(line["assessment_id"], line["answered"]) for line in lines] == [(second, False), (first, True)]
    assert lines[0]["planned"] == "罚款500元"
    assert lines[0]["draft"].startswith("水果店")


def test_a_report_has_every_part_and_does_not_change_with_the_library(client: TestClient, runtime: Runtime) -> None:
    assessment_id = ask(client)["assessment_id"]
    body = {"assessment_id": assessment_id}
    data = client.post("/v1/dossiers", json={**body, "format": "json"}).json()
    assert [key for key in data if key != "编号"] == HEADINGS
    first = client.post("/v1/dossiers", json=body)
    for number in range(0, 120, 4):
        runtime.store.withdraw(f"C-{number:05d}")
    assert client.post("/v1/dossiers", json=body).content == first.content
    paragraphs = [paragraph.text for paragraph in docx.Document(io.BytesIO(first.content)).paragraphs]
    assert [text for text in paragraphs if text in HEADINGS] == HEADINGS
    assert "类案检索报告" in paragraphs[0]


def test_a_report_of_nothing_found_says_how_was_searched(client: TestClient) -> None:
    answer = ask(client, filters={"regions": ["339999"]})
    data = client.post("/v1/dossiers", json={"assessment_id": answer["assessment_id"], "format": "json"}).json()
    assert data["四、检索结果"][0].startswith("未检索到相似案例。检索式：关键词 ")
    assert "地区：339999" in data["三、检索方法"]["检索式"]
    assert client.post("/v1/dossiers", json={"assessment_id": answer["assessment_id"]}).status_code == 200


def test_the_officers_reason_stands_in_the_report(client: TestClient) -> None:
    assessment_id = ask(client)["assessment_id"]
    client.post(f"/v1/assessments/{assessment_id}/response", json={"decision": "depart", "reason": "当事人屡教不改，已三次书面责令"})
    data = client.post("/v1/dossiers", json={"assessment_id": assessment_id, "format": "json"}).json()
    assert "当事人屡教不改，已三次书面责令" in data["十、处理意见"][0]
    assert data["九、裁量说明"]["（六）偏离基准或类案的理由"] == ["当事人屡教不改，已三次书面责令"]


@pytest.mark.parametrize("path", ["/v1/assessments/A-none", "/v1/dossiers"])
def test_an_unknown_assessment_is_not_found(client: TestClient, expect_problem: Expect, path: str) -> None:
    response = client.get(path) if "assessments" in path else client.post(path, json={"assessment_id": "A-none"})
    expect_problem(response, 404, "no-such-assessment")


def test_an_officer_sees_only_own_assessments_an_auditor_all(home: Path, keys: dict[Role, str], expect_problem: Expect) -> None:
    from nlp_service.keys import KeyRing

    other = KeyRing(home / "keys.json").add("另一人", Role.OFFICER)
    with TestClient(create_app(Settings(home=home, refresh_s=60)), base_url="http://127.0.0.1") as client:
        mine, theirs, auditor = ({"Authorization": f"Bearer {key}"} for key in (keys[Role.OFFICER], other, keys[Role.AUDITOR]))
        assessment_id = ask(client, mine)["assessment_id"]
        assert client.get(f"/v1/assessments/{assessment_id}", headers=mine).status_code == 200
        assert client.get(f"/v1/assessments/{assessment_id}", headers=auditor).status_code == 200
        expect_problem(client.get(f"/v1/assessments/{assessment_id}", headers=theirs), 404, "no-such-assessment")
        expect_problem(client.post("/v1/dossiers", json={"assessment_id": assessment_id}, headers=theirs), 404, "no-such-assessment")
        assert client.get("/v1/assessments", headers=theirs).json() == []
        assert len(client.get("/v1/assessments", headers=mine).json()) == 1


def test_the_chain_holds_after_all_of_it(client: TestClient, runtime: Runtime) -> None:
    assessment_id = ask(client)["assessment_id"]
    client.post("/v1/dossiers", json={"assessment_id": assessment_id})
    client.post(f"/v1/assessments/{assessment_id}/response", json={"decision": "adopt", "reason": "按提示减轻，理由已写入说理"})
    assert runtime.audit.verify() == (3, None)
    assert [entry.event for entry in runtime.audit.entries()] == ["assessed", "dossier", "responded"]


def test_an_uploaded_text_comes_back_masked(client: TestClient) -> None:
    data = "当事人：张伟民，电话13805711234，店外经营".encode()
    found = client.post("/v1/drafts:read", params={"name": "案情.txt"}, content=data, headers={"Content-Type": "application/octet-stream"}).json()
    assert found["name"] == "案情.txt"
    assert "张伟民" not in found["text"]
    assert "13805711234" not in found["text"]
    assert found["characters"] == len(found["text"])


def test_an_uploaded_word_file_is_read(client: TestClient) -> None:
    buffer = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("厂房超建52平方米。")
    document.save(buffer)
    response = client.post("/v1/drafts:read", params={"name": "案情.docx"}, content=buffer.getvalue(), headers={"Content-Type": "application/octet-stream"})
    assert response.json()["text"] == "厂房超建52平方米。"


def test_uploads_that_cannot_be_read_are_refused_by_problem(client: TestClient, expect_problem: Expect) -> None:
    send = {"headers": {"Content-Type": "application/octet-stream"}}
    expect_problem(client.post("/v1/drafts:read", params={"name": "a.pdf"}, content=b"%PDF", **send), 422, "draft")
    expect_problem(client.post("/v1/drafts:read", params={"name": "a.txt"}, content=b"x" * ((4 << 20) + 1), **send), 413, "too-large")
    expect_problem(client.post("/v1/drafts:read", content=b"x", **send), 422, "invalid")


def test_judgements_are_kept(client: TestClient, expect_problem: Expect) -> None:
    assessment_id = ask(client)["assessment_id"]
    assert client.post("/v1/judgements", json={"query_id": assessment_id, "case_id": "C-00000", "relevance": 3}).status_code == 201
    expect_problem(client.post("/v1/judgements", json={"query_id": assessment_id, "case_id": "none", "relevance": 3}), 404, "no-such-case")
    expect_problem(client.post("/v1/judgements", json={"query_id": assessment_id, "case_id": "C-00000", "relevance": 4}), 422, "invalid")


def test_a_reason_is_masked_before_it_is_recorded_for_good(client: TestClient) -> None:
    found = f"/v1/assessments/{ask(client)['assessment_id']}"
    reason = "已电话13800138000核实，当事人330111199001011234首次违法"
    assert client.post(f"{found}/response", json={"decision": "adopt", "reason": reason}).status_code == 200
    stored = client.get(found).json()["responses"][0]["reason"]
    assert "13800138000" not in stored
    assert "330111199001011234" not in stored
    assert stored.endswith("首次违法")
