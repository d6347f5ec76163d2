"""Tests of the routes that read, write, import, withdraw and delete cases: what is answered is durable, masked, and found at once."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from corpora.privacy import MaskingError
from corpora.schema import Case, case_to_json
from corpora.store import FullDiskError, LockedStoreError, ReadOnlyStoreError, StoreError
from nlp_service.runtime import Runtime

Expect = Callable[..., dict[str, Any]]
ID_NUMBER = "11010519491231002X"  # the example of GB 11643: its check character is right
MOBILE = "13805711234"
NAME = "欧阳建国"
PERSONAL = {
    "title": f"{NAME}占道经营案",
    "facts": f"当事人：{NAME}，身份证号{ID_NUMBER}，电话{MOBILE}，在人行道摆放西瓜摊。{NAME}对事实无异议。",
    "causes": ["占道经营"],
    "extra": {"联系电话": MOBILE, "当事人身份证号": ID_NUMBER, "note": f"{NAME}的身份证{ID_NUMBER}"},
}


def put(client: TestClient, case_id: str = "AJ-1", **record: object) -> Any:
    return client.put(f"/v1/cases/{case_id}", json={"facts": "无人机航拍发现屋顶鸽舍一处", **record})


def found(client: TestClient, text: str, k: int = 50) -> list[str]:
    return [hit["case_id"] for hit in client.post("/v1/cases/search", json={"text": text, "k": k}).json()["hits"]]


def test_a_new_case_is_201_an_equal_one_200_a_changed_one_200(client: TestClient) -> None:
    first = put(client)
    assert (first.status_code, first.json()) == (201, {"case_id": "AJ-1", "added": 1, "changed": 0, "unchanged": 0})
    again = put(client)
    assert (again.status_code, again.json()) == (200, {"case_id": "AJ-1", "added": 0, "changed": 0, "unchanged": 1})
    other = put(client, facts="改写后的案情")
    assert (other.status_code, other.json()) == (200, {"case_id": "AJ-1", "added": 0, "changed": 1, "unchanged": 0})


def test_a_case_is_read_back_as_it_was_stored(client: TestClient) -> None:
    put(client, title="鸽舍案", causes=["违法建设"], region="330111", decided_on="2020-05-19", fine_yuan="21430.50", pivots={"是否逾期": True})
    record = client.get("/v1/cases/AJ-1").json()
    assert record["title"] == "鸽舍案"
    assert record["causes"] == ["违法建设"]
    assert record["region"] == "330111"
    assert record["decided_on"] == "2020-05-19"
    assert record["fine_yuan"] == 21430.5
    assert record["pivots"] == {"是否逾期": True}


def test_what_is_read_can_be_written_again_and_changes_nothing(client: TestClient) -> None:
    record = client.get("/v1/cases/C-00005").json()
    assert client.put("/v1/cases/C-00005", json=record).json()["unchanged"] == 1


def test_personal_data_is_masked_before_it_is_stored(client: TestClient, home: Path, logged: io.StringIO, runtime: Runtime) -> None:
    response = client.put("/v1/cases/AJ-9", json=PERSONAL)
    assert response.status_code == 201
    runtime.library.refresh()
    read = client.get("/v1/cases/AJ-9").text
    answer = client.post("/v1/cases/search", json={"text": f"{NAME} {ID_NUMBER} 西瓜摊"}).text
    on_disk = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    for secret in (NAME, ID_NUMBER, MOBILE):
        assert secret not in response.text
        assert secret not in read
        assert secret not in answer
        assert secret not in logged.getvalue()
        assert secret.encode() not in on_disk
        assert json.dumps(secret).strip('"').encode() not in on_disk
    assert "西瓜摊" in read, "the case itself is kept"


def test_nothing_personal_in_the_log_or_on_disk_after_a_refused_case(client: TestClient, home: Path, logged: io.StringIO) -> None:
    response = client.put("/v1/cases/AJ-9", json={**PERSONAL, "fine_yuan": -5})
    assert response.status_code == 422
    on_disk = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    for secret in (NAME, ID_NUMBER, MOBILE):
        assert secret not in response.text + logged.getvalue()
        assert secret.encode() not in on_disk


def test_ids_of_people_in_the_address_reach_no_log(client: TestClient, logged: io.StringIO) -> None:
    client.get(f"/v1/cases/{ID_NUMBER}")
    client.get(f"/v1/nowhere/{ID_NUMBER}")
    assert ID_NUMBER not in logged.getvalue()
    assert [json.loads(line)["path"] for line in logged.getvalue().splitlines()] == ["/v1/cases/{case_id}", "unmatched"]


@pytest.mark.parametrize(
    ("record", "word"),
    [
        ({"fine_yuan": -1}, "negative"),
        ({"fine_yuan": "abc"}, "amount"),
        ({"decided_on": "1823-01-05"}, "1949"),
        ({"decided_on": "2020-02-30"}, "date"),
        ({"region": "33"}, "GB/T 2260"),
        ({"facts": ""}, "empty"),
        ({"facts": {"a": 1}}, "text"),
        ({"party_type": "外星人"}, "法人"),
        ({"review": {"type": "复议"}}, "result"),
        ({"pivots": [1]}, "pivots"),
        ({"causes": [1]}, "causes"),
        ({"act_from": "2021-01-02", "act_to": "2021-01-01"}, "act_from"),
    ],
)
def test_a_bad_record_is_refused_with_its_field(client: TestClient, expect_problem: Expect, record: dict[str, Any], word: str) -> None:
    body = expect_problem(put(client, **record), 422, "record")
    assert word in body["detail"]
    expect_problem(client.get("/v1/cases/AJ-1"), 404, "no-such-case")


@pytest.mark.parametrize(
    "body",
    [
        '{"facts": "x", "fine_yuan": "1e5000000"}',
        '{"facts": "x", "base_amount_yuan": "-1e5000000"}',
        '{"facts": "x", "extra": 5}',
        '{"facts": "x", "extra": ["a"]}',
        '{"facts": "x", "review": {"type": "复议", "result": {}}}',
        '{"facts": "x", "pivots": {"a": NaN}}',
        '{"facts": "x", "y": ' + "1" * 5000 + "}",
        '{"facts": "x", "y": ' + "[" * 300 + "]" * 300 + "}",
        '{"facts": "x", "y": ' + "[" * 900 + "]" * 900 + "}",
        '{"facts": "x", "y": ' + '{"a":' * 400 + "1" + "}" * 400 + "}",
        '{"facts": ' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
    ids=str.__len__,
)
def test_however_odd_a_record_is_it_is_no_fault_of_the_service(client: TestClient, body: str) -> None:
    response = client.put("/v1/cases/AJ-1", content=body.encode(), headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert client.get("/v1/cases/AJ-1").status_code == 404


def test_a_number_that_is_none_is_stored_as_not_known(client: TestClient) -> None:
    assert client.put("/v1/cases/AJ-1", content=b'{"facts": "x", "y": Infinity}', headers={"Content-Type": "application/json"}).status_code == 201
    assert client.get("/v1/cases/AJ-1").json()["extra"] == {"y": None}


@pytest.mark.parametrize("case_id", ["a%20b", "%00", "x" * 200, "%0a"])
def test_an_address_that_is_no_id_is_refused(client: TestClient, expect_problem: Expect, case_id: str) -> None:
    expect_problem(client.put(f"/v1/cases/{case_id}", json={"facts": "x"}), 422, "record")


@pytest.mark.parametrize("case_id", ["𠮷", "案-1", "AJ:1~a", "x" * 128])
def test_an_id_in_any_script_can_be_written_read_and_deleted(client: TestClient, case_id: str) -> None:
    assert client.put(f"/v1/cases/{case_id}", json={"facts": "x"}).status_code == 201
    assert client.get(f"/v1/cases/{case_id}").json()["case_id"] == case_id
    assert client.delete(f"/v1/cases/{case_id}").status_code == 200


def test_what_cannot_be_masked_is_not_stored(client: TestClient, monkeypatch: pytest.MonkeyPatch, expect_problem: Expect) -> None:
    def fail(case: Case) -> Case:
        raise MaskingError("1 findings left")

    monkeypatch.setattr("nlp_service.api.routes.cases.prepare", fail)
    expect_problem(put(client), 422, "masking")
    assert client.get("/v1/cases/AJ-1").status_code == 404


def test_an_unknown_region_is_kept(client: TestClient) -> None:
    assert put(client, region="339999").status_code == 201
    assert client.get("/v1/cases/AJ-1").json()["region"] == "339999"


def test_an_id_that_is_not_the_addresss_is_refused(client: TestClient, expect_problem: Expect) -> None:
    expect_problem(client.put("/v1/cases/AJ-1", json={"case_id": "AJ-2", "facts": "x"}), 422, "case-id")
    assert client.put("/v1/cases/AJ-1", json={"case_id": "AJ-1", "facts": "x"}).status_code == 201


@pytest.mark.parametrize("body", ["[]", '"a"', "1", "null", "{", "", "\ud800".encode("utf-8", "surrogatepass")])
def test_a_body_that_is_no_object_is_refused(client: TestClient, expect_problem: Expect, body: str | bytes) -> None:
    expect_problem(client.put("/v1/cases/AJ-1", content=body, headers={"Content-Type": "application/json"}), 422, "invalid")


def test_half_a_surrogate_pair_is_refused_not_a_server_error(client: TestClient, expect_problem: Expect) -> None:
    response = client.put("/v1/cases/AJ-1", content=b'{"facts": "\\ud83d"}', headers={"Content-Type": "application/json"})
    expect_problem(response, 422, "record")


def test_a_case_is_found_as_soon_as_the_library_has_followed(client: TestClient, runtime: Runtime) -> None:
    put(client, facts="鸬鹚捕鱼三十七只")
    runtime.library.refresh()
    assert found(client, "鸬鹚捕鱼")[0] == "AJ-1"


def test_a_write_wakes_the_thread_that_follows_the_store(client: TestClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The home polls once a minute here: only the wake-up can bring the case in before the second is over."""
    library, followed = runtime.library, threading.Event()
    refresh = library.refresh

    def noted() -> int:
        applied = refresh()
        if applied:
            followed.set()
        return applied

    monkeypatch.setattr(library, "refresh", noted)
    put(client, facts="鸬鹚捕鱼三十七只")
    assert followed.wait(1.0)
    assert found(client, "鸬鹚捕鱼")[0] == "AJ-1"


def test_a_deleted_case_is_gone_from_store_search_and_disk(client: TestClient, runtime: Runtime, home: Path) -> None:
    put(client, facts="鸬鹚捕鱼三十七只")
    runtime.library.refresh()
    assert client.delete("/v1/cases/AJ-1").json() == {"case_id": "AJ-1", "deleted": True}
    runtime.library.refresh()
    assert "AJ-1" not in found(client, "鸬鹚捕鱼")
    assert client.get("/v1/cases/AJ-1").status_code == 404
    assert "鸬鹚捕鱼三十七只".encode() not in b"".join(path.read_bytes() for path in home.glob("cases.db*"))


def test_a_withdrawn_case_is_kept_but_not_found_until_it_comes_back(client: TestClient, runtime: Runtime) -> None:
    assert client.post("/v1/cases/C-00003/withdraw").json() == {"case_id": "C-00003", "withdrawn": True}
    runtime.library.refresh()
    assert "C-00003" not in found(client, "烧烤店油烟净化器", 100)
    assert client.get("/v1/cases/C-00003").json()["withdrawn"] is True
    assert client.post("/v1/cases/C-00003/withdraw", params={"withdrawn": False}).json()["withdrawn"] is False
    runtime.library.refresh()
    assert "C-00003" in found(client, "烧烤店油烟净化器", 100)


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/cases/X"), ("DELETE", "/v1/cases/X"), ("POST", "/v1/cases/X/withdraw")])
def test_a_missing_case_is_not_found(client: TestClient, expect_problem: Expect, method: str, path: str) -> None:
    expect_problem(client.request(method, path), 404, "no-such-case")


def test_a_file_is_imported_and_its_broken_line_named(client: TestClient, case_factory: Callable[..., Case], runtime: Runtime) -> None:
    records = [json.dumps(case_to_json(case_factory(number)), ensure_ascii=False) for number in range(700, 710)]
    content = "\n".join([*records[:4], '{"case_id": "broken', *records[4:]]).encode()
    body = client.post("/v1/cases:import", files={"file": ("案例.jsonl", content)}).json()
    assert (body["accepted"], body["added"], body["n_rejected"]) == (10, 10, 1)
    assert body["rejected"][0]["place"] == "案例.jsonl:5"
    assert "JSON" in body["rejected"][0]["reason"]
    runtime.library.refresh()
    assert {f"C-{number:05d}" for number in range(700, 710)} <= set(runtime.library.view.columns.row_of)


def test_importing_the_same_file_again_changes_nothing(client: TestClient, case_factory: Callable[..., Case]) -> None:
    content = json.dumps(case_to_json(case_factory(700)), ensure_ascii=False).encode()
    first = client.post("/v1/cases:import", files={"file": ("a.jsonl", content)}).json()
    again = client.post("/v1/cases:import", files={"file": ("a.jsonl", content)}).json()
    assert (first["added"], first["unchanged"]) == (1, 0)
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 1)


@pytest.mark.parametrize("name", ["../../escape.jsonl", "/etc/cases.jsonl", "a\x00b.jsonl", "", ".jsonl", "x" * 400 + ".jsonl", ".."])
def test_a_file_name_cannot_leave_the_upload_folder_or_break_the_service(client: TestClient, home: Path, name: str) -> None:
    response = client.post("/v1/cases:import", files={"file": (name, b'{"case_id": "AJ-1", "facts": "x"}')})
    assert response.status_code in (200, 422)
    assert list(home.parent.rglob("*escape*")) == list(home.parent.rglob("*.upload-*")) == []
    assert sorted(path.name for path in home.parent.iterdir()) == ["home"]
    if response.status_code == 200:
        assert response.json()["accepted"] == 1
        assert client.get("/v1/cases/AJ-1").json()["facts"] == "x"


def test_a_form_nobody_reads_is_rejected_by_name(client: TestClient) -> None:
    body = client.post("/v1/cases:import", files={"file": ("a.pdf", b"%PDF")}).json()
    assert (body["accepted"], body["n_rejected"]) == (0, 1)
    assert ".jsonl" in body["rejected"][0]["reason"]


def test_import_without_a_file_is_invalid(client: TestClient, expect_problem: Expect) -> None:
    expect_problem(client.post("/v1/cases:import"), 422, "invalid")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (FullDiskError("/srv/secret/cases.db: full"), 507, "disk-full"),
        (ReadOnlyStoreError("/srv/secret/cases.db: ro"), 503, "read-only"),
        (LockedStoreError("/srv/secret/cases.db: locked"), 503, "busy"),
        (StoreError("/srv/secret/cases.db: odd"), 503, "store"),
    ],
)
def test_a_store_that_cannot_write_says_so_without_its_path(
    client: TestClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, expect_problem: Expect, error: StoreError, status: int, code: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(runtime.store, "put_many", fail)
    body = expect_problem(put(client), status, code)
    assert "/srv" not in json.dumps(body, ensure_ascii=False)
