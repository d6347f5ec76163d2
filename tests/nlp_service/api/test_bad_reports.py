"""Bad reports and broken schemes at POST /v1/tags, by the bundled scheme: each gets its own clear answer, about a person or not, and nothing else suffers."""

from __future__ import annotations

import datetime as dt
import io
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from nlp_service.api.app import create_app
from nlp_service.settings import Settings

Expect = Callable[..., dict[str, Any]]
LOST = "电话关机，人不见了，家里没人"
YARD = "name: yard\ntags:\n- {code: Y01, name: 养鹅, definition: 院子里养着鹅, level: L1, triggers: [养鹅]}\n"
YAML = {"Content-Type": "application/yaml"}


@pytest.fixture(scope="module")
def served(made_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Start one app for all tests: the bundled scheme takes seconds to open."""
    home = Path(shutil.copytree(made_home, tmp_path_factory.mktemp("bad") / "home"))
    with TestClient(create_app(Settings(home=home, refresh_s=60)), base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client


def post(client: TestClient, *reports: dict[str, Any], **options: Any) -> httpx.Response:
    return client.post("/v1/tags", json={"reports": list(reports), **options})


def one(client: TestClient, name: str, text: str, **more: Any) -> dict[str, Any]:
    """Send one report about a person of its own beside a good one; return its answer."""
    bad = {"report_id": f"bad-{name}", "text": text, "person_ref": f"bad {name}", **more}
    good = {"report_id": f"good-{name}", "text": LOST, "person_ref": f"good {name}"}
    answer = post(client, bad, good, plan=True)
    assert answer.status_code == 200, answer.text
    first, second = answer.json()["results"]
    assert second["level"] == "L4"
    assert second["intake"]["state"] == "stored"
    assert second["alerts"][0]["is_new"]
    result: dict[str, Any] = first
    return result


@pytest.mark.parametrize(("name", "text", "words"), [("empty", "", "为空"), ("blank", " \n　", "为空"), ("long", "他今天在家。" * 3333, "上限")])
def test_what_cannot_be_read_is_an_error_of_its_own_and_is_not_kept(served: TestClient, expect_problem: Expect, name: str, text: str, words: str) -> None:
    item = one(served, name, text)
    assert words in item["error"]
    assert item["intake"]["state"] == "refused"
    assert item["plan"] is None
    assert item["alerts"] == []
    expect_problem(served.get(f"/v1/persons/bad {name}/timeline"), 404, "no-such-person")


@pytest.mark.parametrize(
    ("name", "text"), [("emoji", "🙂🙂👍🏽👨‍👩‍👧"), ("english", "He was seen drinking and then disappeared."), ("korean", "그는 오늘 술을 마셨다")]
)
def test_what_is_no_chinese_report_is_kept_without_a_judgement(served: TestClient, name: str, text: str) -> None:
    item = one(served, name, text)
    assert item["abstained"]
    assert (item["tags"], item["level"], item["alerts"]) == ([], "L0", [])
    assert item["intake"]["state"] == "stored"
    assert served.get(f"/v1/persons/bad {name}/timeline").json()["reports"][0]["abstained"]


@pytest.mark.parametrize(
    ("name", "text"), [("control", "\x00电话\x1b[31m关机，人不见了\x7f"), ("marks", "\u202e电话关机，人不见了\ufeff"), ("rare", "𠮷某电话关机，人不见了")]
)
def test_control_characters_change_no_place(served: TestClient, name: str, text: str) -> None:
    item = one(served, name, text)
    words = [text[start:end] for tag in item["tags"] if tag["tag"] == "A01" for start, end in tag["spans"]]
    assert any("人不见了" in word for word in words)
    kept = served.get(f"/v1/persons/bad {name}/timeline").json()["reports"][0]
    assert len(kept["text"]) == len(text)
    assert any("人不见了" in word for word in (kept["text"][start:end] for tag in kept["tags"] if tag["tag"] == "A01" for start, end in tag["spans"]))
    assert not any(char < " " or char in "\u202e\ufeff" for char in kept["text"])


def test_one_character_more_than_may_be_sent_is_a_problem(served: TestClient, expect_problem: Expect) -> None:
    body = expect_problem(post(served, {"report_id": "1", "text": "长" * 20_001}), 422, "invalid")
    assert body["errors"][0]["pointer"] == "/body/reports/0/text"


def test_257_reports_are_a_problem_and_256_are_not(served: TestClient, expect_problem: Expect) -> None:
    reports = [{"report_id": f"n-{number}", "text": "一切正常", "person_ref": f"many {number % 7}"} for number in range(257)]
    body = expect_problem(post(served, *reports), 422, "invalid")
    assert body["errors"][0]["pointer"] == "/body/reports"
    expect_problem(served.get("/v1/persons/many 1/timeline"), 404, "no-such-person")
    items = post(served, *reports[:256]).json()["results"]
    assert [item["report_id"] for item in items] == [f"n-{number}" for number in range(256)]
    assert {item["intake"]["state"] for item in items} == {"stored"}


def test_doubled_ids_are_taken_once(served: TestClient) -> None:
    report = {"report_id": "double", "text": LOST, "person_ref": "double"}
    items = post(served, report, report, {**report, "text": "一切正常，按时报到"}).json()["results"]
    assert [item["intake"]["state"] for item in items] == ["stored", "duplicate", "conflict"]
    assert [len(item["alerts"]) for item in items] == [1, 1, 0]
    assert [alert["is_new"] for item in items for alert in item["alerts"]] == [True, False]
    assert len(served.get("/v1/persons/double/timeline").json()["reports"]) == 1
    without = {"report_id": "twin", "text": LOST}
    assert [item["level"] for item in post(served, without, without).json()["results"]] == ["L4", "L4"], "ids bind only what is kept"


@pytest.mark.parametrize(
    ("name", "given", "state"),
    [
        ("ahead", lambda now: now + dt.timedelta(days=2), "ahead"),
        ("late", lambda now: now - dt.timedelta(days=60), "late"),
        ("ancient", lambda now: dt.datetime(1970, 1, 1, tzinfo=dt.UTC), "implausible"),
        ("first", lambda now: dt.datetime(1, 1, 1), "implausible"),
    ],
)
def test_clocks_that_are_off_are_told(served: TestClient, name: str, given: Callable[[dt.datetime], dt.datetime], state: str) -> None:
    now = dt.datetime.now(dt.UTC)
    item = one(served, name, LOST, reported_at=given(now).isoformat())
    assert item["intake"]["clock"] == state
    assert item["intake"]["clock_note"]
    counted = dt.datetime.fromisoformat(item["intake"]["at"])
    assert (abs(counted - now) < dt.timedelta(minutes=5)) is (state != "late")
    assert item["alerts"][0]["late"] is (state == "late")


@pytest.mark.parametrize(
    ("field", "value"),
    [("reported_at", "gestern"), ("region", "富阳"), ("person_ref", ""), ("person_ref", "  "), ("person_ref", "x" * 201), ("person_ref", 7), ("who", "王建国")],
)
def test_a_field_that_is_wrong_is_named_and_its_value_is_not(
    served: TestClient, expect_problem: Expect, logged: io.StringIO, field: str, value: object
) -> None:
    body = expect_problem(post(served, {"report_id": "1", "text": LOST, field: value}), 422, "invalid")
    assert body["errors"][0]["pointer"].startswith("/body/reports/0/")
    assert "王建国" not in str(body)
    assert "x" * 201 not in logged.getvalue()


def test_a_lone_surrogate_is_a_problem(served: TestClient, expect_problem: Expect) -> None:
    body = b'{"reports": [{"report_id": "1", "text": "\\ud800", "person_ref": "s"}]}'
    expect_problem(served.post("/v1/tags", content=body, headers={"Content-Type": "application/json"}), 422, "invalid")


def test_an_unknown_scheme_keeps_nothing(served: TestClient, expect_problem: Expect) -> None:
    expect_problem(post(served, {"report_id": "u", "text": LOST, "person_ref": "unknown scheme"}, scheme="nosuch"), 422, "scheme")
    expect_problem(served.get("/v1/persons/unknown scheme/timeline"), 404, "no-such-person")


def test_a_broken_scheme_is_refused_and_the_old_one_serves_on(served: TestClient, expect_problem: Expect) -> None:
    version = served.get("/v1/schemes/correction").headers["etag"]
    for broken in ("tags: [", "name: correction\ntags: []", "\x00", "name: correction\ntags: &a [*a]"):
        answer = served.put("/v1/schemes/correction", content=broken.encode(), headers={"Content-Type": "application/yaml"})
        expect_problem(answer, 422, "scheme-invalid")
    assert served.get("/v1/schemes/correction").headers["etag"] == version
    assert one(served, "after broken", LOST)["level"] == "L4"


@pytest.mark.parametrize("broken", [b"tags: [", b"\xff\xfe", YARD.replace("L1", "L9").encode()])
def test_a_file_broken_on_disk_changes_neither_answers_nor_what_is_read_back(client: TestClient, home: Path, broken: bytes) -> None:
    version = client.put("/v1/schemes/yard", content=YARD.encode(), headers=YAML).json()["version"]
    path = home / "schemes" / "yard.yaml"
    path.write_bytes(broken)
    os.utime(path, ns=(1, 1))
    answer = post(client, {"report_id": "1", "text": "院子里养鹅"}, scheme="yard").json()
    assert [tag["tag"] for tag in answer["results"][0]["tags"]] == ["Y01"]
    assert answer["versions"]["scheme"] == version
    read = client.get("/v1/schemes/yard")
    assert (read.text, read.headers["etag"]) == (YARD, f'"{version}"')


def test_a_scheme_broken_before_the_start_is_told_until_it_is_put_right(client: TestClient, home: Path, expect_problem: Expect, logged: io.StringIO) -> None:
    """No other scheme answers in its place, and no 500 hides what is wrong."""
    (home / "schemes").mkdir()
    (home / "schemes" / "yard.yaml").write_text("tags: [", encoding="utf-8")
    report = {"report_id": "1", "text": "院子里养鹅"}
    assert expect_problem(post(client, report, scheme="yard"), 503, "scheme-broken")["detail"].startswith("关键词方案")
    expect_problem(client.get("/v1/schemes/yard"), 503, "scheme-broken")
    assert "yard.yaml:" in logged.getvalue()
    assert "request_failed" not in logged.getvalue()
    assert client.put("/v1/schemes/yard", content=YARD.encode(), headers=YAML).status_code == 200
    assert post(client, report, scheme="yard").json()["results"][0]["level"] == "L1"


def test_a_damaged_model_is_told(client: TestClient, home: Path, expect_problem: Expect) -> None:
    (home / "schemes").mkdir()
    (home / "schemes" / "yard.yaml").write_text(YARD, encoding="utf-8")
    (home / "models" / "tagger-yard").mkdir(parents=True)
    (home / "models" / "tagger-yard" / "manifest.json").write_text("{}", encoding="utf-8")
    expect_problem(post(client, {"report_id": "1", "text": "院子里养鹅"}, scheme="yard"), 503, "scheme-broken")


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 422), (b"null", 422), (b"[" * 100_000, 400), (b'{"reports": [{"report_id": "1", "text": NaN}]}', 422), (b'{"reports": [{"text": "\xff"}]}', 400)],
)
def test_a_body_that_is_no_json_of_reports_is_a_problem(client: TestClient, expect_problem: Expect, body: bytes, status: int) -> None:
    answer = client.post("/v1/tags", content=body, headers={"Content-Type": "application/json"})
    expect_problem(answer, status, "invalid" if status == 422 else "http-400")
