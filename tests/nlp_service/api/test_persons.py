"""Tests of the routes about persons, alerts, corrections and the outbox."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from nlp_service.keys import Role
from nlp_service.persons.measures import MEASURES_FILE
from nlp_service.persons.rules import ALERTS_FILE
from nlp_service.runtime import Runtime
from nlp_service.tagging.rules import RuleReader

Expect = Callable[..., dict[str, Any]]
SCHEME = """name: desk
tags:
- {code: A01, name: 失联/脱管, definition: 联系不上, level: L4, keeps_level: true, triggers: [联系不上], measures: [立即联系]}
- {code: A02, name: 越界, definition: 未经批准外出, level: L3, triggers: [偷偷出去]}
- {code: B01, name: 酗酒, definition: 酒后滋事, level: L2, triggers: [喝醉了]}
- {code: E01, name: 失业, definition: 没有工作, level: L1, triggers: [没工作]}
- {code: H03, name: 稳定, definition: 一切正常, level: L0, triggers: [一切正常]}
"""
LOST, DRUNK, IDLE = "打了三次电话都联系不上", "他昨天喝醉了", "他现在没工作"


@pytest.fixture
def home(home: Path) -> Path:
    """Give the home a small scheme that is tagged by its rules alone, and rules and measures for it."""
    (home / "schemes").mkdir()
    (home / "schemes" / "desk.yaml").write_text(SCHEME, encoding="utf-8")
    (home / "schemes" / "other.yaml").write_text(SCHEME.replace("name: desk", "name: other", 1), encoding="utf-8")
    for file in (ALERTS_FILE, MEASURES_FILE):
        (home / file.name).write_text(file.read_text(encoding="utf-8").replace("scheme: correction", "scheme: desk"), encoding="utf-8")
    return home


def report(report_id: str, text: str, ref: str | None = "DX-1", **more: Any) -> dict[str, Any]:
    return {"report_id": report_id, "text": text, **({"person_ref": ref} if ref else {}), **more}


def send(client: TestClient, *reports: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    answer = client.post("/v1/tags", json={"scheme": "other" if options.pop("other", False) else "desk", "reports": list(reports), **options})
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def test_without_a_person_the_answer_is_as_it_was(client: TestClient) -> None:
    (item,) = send(client, report("R-1", LOST, None))
    assert set(item) == {"report_id", "tags", "level", "abstained"}
    assert client.get("/v1/alerts").json() == {"alerts": [], "next_cursor": "0", "more": False}


def test_a_report_about_a_person_is_taken_in_and_alerts(client: TestClient, runtime: Runtime) -> None:
    (item,) = send(client, report("R-1", LOST, reported_at=dt.datetime.now(dt.UTC).isoformat(), region="330111"))
    assert item["intake"]["state"] == "stored"
    assert item["intake"]["clock"] == "ok"
    assert item["intake"]["person"].startswith("p_")
    assert [(alert["level"], alert["rule"], alert["is_new"], alert["region"]) for alert in item["alerts"]] == [("L4", "level", True, "330111")]
    (again,) = send(client, report("R-1", LOST, reported_at="2022-01-01T00:00:00Z"))
    assert again["intake"]["state"] == "conflict"
    assert "DX-1" not in str(again)


def test_store_false_tags_only(client: TestClient, expect_problem: Expect) -> None:
    (item,) = send(client, report("R-1", LOST), store=False)
    assert "intake" not in item
    expect_problem(client.get("/v1/persons/DX-1/timeline"), 404, "no-such-person")


def test_a_report_is_read_once_however_much_is_asked_of_it(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    once = RuleReader.read
    monkeypatch.setattr(RuleReader, "read", lambda self, raw: read.append(raw) or once(self, raw))
    (first, second) = send(client, report("R-1", LOST), report("R-2", IDLE, None), plan=True, max_k=1)
    assert read == [LOST, IDLE]
    assert first["plan"]["items"][0]["tag"] == "A01"
    assert second["plan"]["items"][0]["tag"] == "E01"


def test_what_is_kept_does_not_depend_on_how_many_tags_were_asked_for(client: TestClient) -> None:
    (item,) = send(client, report("R-1", f"{LOST}，{IDLE}"), max_k=1, min_k=0)
    assert len(item["tags"]) == 1
    send(client, report("R-2", "今天天气不错的", "DX-2"), min_k=3)
    kept = client.get("/v1/persons/DX-1/timeline").json()["reports"][0]["tags"]
    assert {tag["tag"] for tag in kept if tag["status"] != "rejected"} == {"A01", "E01"}
    assert client.get("/v1/persons/DX-2/timeline").json()["reports"][0]["tags"] == []


def test_the_timeline_in_pages(client: TestClient) -> None:
    send(client, *(report(f"R-{number}", "一切正常") for number in range(5)))
    first = client.get("/v1/persons/DX-1/timeline", params={"limit": 3}).json()
    assert [item["report_id"] for item in first["reports"]] == ["R-4", "R-3", "R-2"]
    rest = client.get("/v1/persons/DX-1/timeline", params={"limit": 3, "cursor": first["next_cursor"]}).json()
    assert [item["report_id"] for item in rest["reports"]] == ["R-1", "R-0"]
    assert rest["next_cursor"] is None
    by_handle = client.get(f"/v1/persons/{first['person']}/timeline").json()
    assert len(by_handle["reports"]) == 5


@pytest.mark.parametrize("cursor", ["", "x", "~", "AAAA", "\x00", "2022~99999999999999999999", "MjAyMn45OTk5OTk5OTk5OTk5OTk5OTk5OTk"])
def test_a_foreign_cursor_is_a_problem(client: TestClient, expect_problem: Expect, cursor: str) -> None:
    send(client, report("R-1", "一切正常"))
    expect_problem(client.get("/v1/persons/DX-1/timeline", params={"cursor": cursor}), 422, "cursor")


def test_the_plan_of_a_person_and_of_a_report(client: TestClient) -> None:
    (item,) = send(client, report("R-1", IDLE), plan=True)
    plan = client.get("/v1/persons/DX-1/plan").json()
    for found in (item["plan"], plan):
        assert found["status"] == "建议，待核实"
        assert [(one["tag"], one["reasons"][0]["words"]) for one in found["items"]] == [("E01", ["没工作"])]
        assert found["items"][0]["basis"][0]["article"] == "第三十七条、第四十一条"
    (alone,) = send(client, report("R-2", IDLE, None), plan=True)
    assert [one["tag"] for one in alone["plan"]["items"]] == ["E01"]
    (error,) = send(client, report("R-3", " ", None), plan=True)
    assert error["plan"] is None
    (other,) = send(client, report("R-4", IDLE, None), plan=True, other=True)
    assert other["plan"]["items"][0]["need"] == "失业", "a scheme without measures of its own gets those of its tags"


def test_a_correction_takes_the_alert_back_and_becomes_a_label(client: TestClient, expect_problem: Expect) -> None:
    send(client, report("R-1", "他昨天偷偷出去"))
    body = {"corrections": [{"report_id": "R-1", "scheme": "desk", "tag": "A02", "ruling": "rejected", "note": "已请假"}]}
    done = client.post("/v1/tags/corrections", json=body).json()
    assert [alert["state"] for alert in done["retracted"]] == ["retracted"]
    assert client.get("/v1/alerts", params={"state": "open"}).json()["alerts"] == []
    labels = client.get("/v1/tags/corrections").json()
    assert [(row["report_id"], row["tags"], row["rejected"]) for row in labels["labels"]] == [("R-1", [], ["A02"])]
    missing = {"corrections": [{"report_id": "R-9", "scheme": "desk", "tag": "A02", "ruling": "rejected"}]}
    expect_problem(client.post("/v1/tags/corrections", json=missing), 404, "no-such-report")
    unknown = {"corrections": [{"report_id": "R-1", "scheme": "desk", "tag": "Z9", "ruling": "rejected"}]}
    expect_problem(client.post("/v1/tags/corrections", json=unknown), 422, "correction")


def test_alerts_are_polled_by_cursor(client: TestClient) -> None:
    send(client, report("R-1", LOST), report("R-2", LOST, "DX-2"), report("R-3", "偷偷出去了", "DX-3"))
    first = client.get("/v1/alerts", params={"limit": 2}).json()
    assert (len(first["alerts"]), first["more"]) == (2, True)
    rest = client.get("/v1/alerts", params={"cursor": first["next_cursor"]}).json()
    assert (len(rest["alerts"]), rest["more"]) == (1, False)
    assert client.get("/v1/alerts", params={"cursor": rest["next_cursor"]}).json() == {"alerts": [], "next_cursor": rest["next_cursor"], "more": False}
    done = client.post(f"/v1/alerts/{first['alerts'][0]['alert_id']}/acknowledgement", json={"note": "已上门"}).json()
    assert (done["state"], done["handling"]) == ("acknowledged", "已上门")
    changed = client.get("/v1/alerts", params={"cursor": rest["next_cursor"]}).json()["alerts"]
    assert [alert["alert_id"] for alert in changed] == [first["alerts"][0]["alert_id"]]
    assert [alert["level"] for alert in client.get("/v1/alerts", params={"level": "L3"}).json()["alerts"]] == ["L3"]
    assert len(client.get("/v1/alerts", params={"person_ref": "DX-2"}).json()["alerts"]) == 1


def test_an_acknowledgement_of_nothing_or_of_what_was_taken_back(client: TestClient, expect_problem: Expect) -> None:
    expect_problem(client.post("/v1/alerts/AL-0/acknowledgement", json={}), 404, "no-such-alert")
    (item,) = send(client, report("R-1", "偷偷出去了"))
    client.post("/v1/tags/corrections", json={"corrections": [{"report_id": "R-1", "scheme": "desk", "tag": "A02", "ruling": "rejected"}]})
    expect_problem(client.post(f"/v1/alerts/{item['alerts'][0]['alert_id']}/acknowledgement", json={}), 409, "alert-state")


def test_sanctions_count_toward_the_ladder(client: TestClient, expect_problem: Expect) -> None:
    for number, day in enumerate(("2022-09-01", "2022-10-01")):
        body = {"sanction_id": f"S-{number}", "kind": "训诫", "decided_on": day}
        assert client.post("/v1/persons/DX-1/sanctions", json=body).status_code == 201
        assert client.post("/v1/persons/DX-1/sanctions", json=body).status_code == 200
    (item,) = send(client, report("R-1", "偷偷出去了"))
    assert {alert["rule"] for alert in item["alerts"]} == {"level", "after-two-admonitions"}
    timeline = client.get("/v1/persons/DX-1/timeline").json()
    assert [step["step"] for step in timeline["ladder"]] == ["训诫", "警告"]
    assert [one["kind"] for one in timeline["sanctions"]] == ["训诫", "训诫"]
    expect_problem(client.post("/v1/persons/DX-1/sanctions", json={"sanction_id": "S-9", "kind": "批评", "decided_on": "2022-10-01"}), 422, "sanction")


def test_a_deletion_gives_a_receipt_in_the_audit_chain(client: TestClient, runtime: Runtime, expect_problem: Expect, logged: io.StringIO) -> None:
    send(client, report("R-1", LOST, "一号对象"))
    receipt = client.delete("/v1/persons/一号对象").json()
    assert receipt["deleted"]["reports"] == 1
    (entry,) = runtime.audit.entries(subject=receipt["receipt_id"])
    assert (entry.seq, entry.hash) == (receipt["audit_seq"], receipt["audit_hash"])
    expect_problem(client.delete("/v1/persons/一号对象"), 404, "no-such-person")
    assert "一号对象" not in logged.getvalue()
    assert "DX-1" not in logged.getvalue()


def test_persons_and_cases_never_share_a_database(client: TestClient, home: Path) -> None:
    send(client, report("R-1", "独特的走访文字，一切正常"))
    holding = {path.name for path in home.rglob("*") if path.is_file() and "独特的走访文字".encode() in path.read_bytes()}
    assert holding <= {"persons.db", "persons.db-wal"}
    assert holding


def test_a_broken_rule_file_leaves_the_old_rules_serving(client: TestClient, home: Path) -> None:
    (home / "alerts.yaml").write_text("levels: [", encoding="utf-8")
    (item,) = send(client, report("R-1", LOST))
    assert len(item["alerts"]) == 1


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


PLATFORM, READ, LEARN = {Role.PLATFORM, Role.ADMIN}, {Role.PLATFORM, Role.AUDITOR, Role.ADMIN}, {Role.RESEARCHER, Role.AUDITOR, Role.ADMIN}
ROUTES: list[tuple[str, str, dict[str, Any], set[Role]]] = [
    ("POST", "/v1/tags", {"json": {"scheme": "desk", "reports": [report("R-7", "一切正常")]}}, PLATFORM),
    ("POST", "/v1/tags", {"json": {"scheme": "desk", "reports": [report("R-7", "一切正常")], "store": False}}, {*PLATFORM, Role.RESEARCHER}),
    ("GET", "/v1/persons/DX-1/timeline", {}, READ),
    ("GET", "/v1/persons/DX-1/plan", {}, READ),
    ("POST", "/v1/persons/DX-1/sanctions", {"json": {"sanction_id": "S-7", "kind": "训诫", "decided_on": "2022-10-01"}}, PLATFORM),
    ("DELETE", "/v1/persons/DX-1", {}, PLATFORM),
    ("POST", "/v1/tags/corrections", {"json": {"corrections": [{"report_id": "R-1", "scheme": "desk", "tag": "A01", "ruling": "confirmed"}]}}, PLATFORM),
    ("GET", "/v1/tags/corrections", {}, LEARN),
    ("GET", "/v1/alerts", {}, READ),
    ("POST", "/v1/alerts/AL-0/acknowledgement", {"json": {}}, PLATFORM),
    ("GET", "/v1/outbox", {}, {Role.AUDITOR, Role.ADMIN}),
    ("POST", "/v1/outbox/EV-0/retry", {}, {Role.ADMIN}),
    ("GET", "/v1/schemes", {}, {*READ, Role.RESEARCHER}),
]


@pytest.mark.parametrize(
    ("method", "path", "options", "roles"), ROUTES, ids=[f"{method} {path} {number}" for number, (method, path, _, _) in enumerate(ROUTES)]
)
def test_each_role_may_do_exactly_what_it_should(
    client: TestClient, home: Path, expect_problem: Expect, method: str, path: str, options: dict[str, Any], roles: set[Role], request: pytest.FixtureRequest
) -> None:
    send(client, report("R-1", LOST))
    keys: dict[Role, str] = request.getfixturevalue("keys")
    for role in sorted(Role, key=lambda role: role in roles):
        answer = client.request(method, path, headers=bearer(keys[role]), **options)
        if role not in roles:
            expect_problem(answer, 403, "forbidden")
        else:
            assert answer.status_code in (200, 201) or answer.json()["code"].startswith("no-such"), answer.text


def test_a_blank_person_or_sanction_is_refused_as_in_reports(client: TestClient, expect_problem: Expect) -> None:
    body = {"sanction_id": "S-1", "kind": "训诫", "decided_on": "2022-10-10"}
    expect_problem(client.post("/v1/persons/%20/sanctions", json=body), 422, "sanction")
    answer = expect_problem(client.post("/v1/persons/DX-1/sanctions", json={**body, "sanction_id": " "}), 422, "invalid")
    assert answer["errors"] == [{"pointer": "/body/sanction_id", "detail": "不能全为空白"}]
