"""Persons under correction by opaque reference: timeline, plan, sanctions, deletion; rulings on tags and the labels they make."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from ...idempotency import AnswerStore
from ...keys import Role
from ...persons.records import Ruling
from ...persons.references import MAX_REF_CHARS
from ...persons.service import RulingError, TagRuling, UnknownPersonError
from ..context import RuntimeDep
from ..idempotent import IdempotentRoute
from ..person_schemas import CorrectionsBody, CorrectionsOut, LabelsOut, PlanOut, ReceiptOut, SanctionBody, TimelineOut
from ..problems import Problem
from ..security import Actor, allowed

router = APIRouter(prefix="/v1", tags=["persons"], route_class=IdempotentRoute)
PlatformDep = Annotated[Actor, Depends(allowed(Role.PLATFORM))]
ReaderDep = Annotated[Actor, Depends(allowed(Role.PLATFORM, Role.AUDITOR))]
LabelsDep = Annotated[Actor, Depends(allowed(Role.RESEARCHER, Role.AUDITOR))]
Ref = Annotated[str, Path(min_length=1, max_length=MAX_REF_CHARS, description="平台的对象编号，或回答里的 person", examples=["DX-0001"])]
CursorParam = Annotated[str | None, Query(max_length=120, description="上一页的 next_cursor")]
MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "没有这个人、报告或告警的记录"}}


def _cursor(place: tuple[str, int]) -> str:
    return base64.urlsafe_b64encode(f"{place[0]}~{place[1]}".encode()).decode().rstrip("=")


def _place(cursor: str | None) -> tuple[str, int] | None:
    if cursor is None:
        return None
    try:
        at, _, seq = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition("~")
        number = int(seq)
    except (ValueError, binascii.Error):
        raise Problem(422, "cursor", "cursor 不是本服务给出的；请从第一页读起") from None
    if not 0 <= number < 2**63:
        raise Problem(422, "cursor", "cursor 不是本服务给出的；请从第一页读起")
    return at, number


@router.get("/persons/{ref}/timeline", response_model=TimelineOut, responses=MISSING, summary="对象时间线")
def timeline(ref: Ref, who: ReaderDep, runtime: RuntimeDep, cursor: CursorParam = None, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> dict[str, Any]:
    """Return reports (newest first), alerts, sanctions, days out of contact and the ladder; reading is logged."""
    try:
        found = runtime.persons.service.timeline(ref, before=_place(cursor), limit=limit, actor=who.key_id)
    except UnknownPersonError as error:
        raise Problem(404, "no-such-person", str(error)) from None
    following = found.pop("next")
    return {**found, "next_cursor": None if following is None else _cursor(following)}


@router.get("/persons/{ref}/plan", response_model=PlanOut, responses=MISSING, summary="个别化矫正方案建议（待核实）")
def plan(ref: Ref, who: ReaderDep, runtime: RuntimeDep) -> dict[str, Any]:
    """Return the plan suggested by confirmed tags, each part with its reason and article; suspected tags only ask to verify."""
    try:
        return runtime.persons.service.plan(ref, actor=who.key_id)
    except UnknownPersonError as error:
        raise Problem(404, "no-such-person", str(error)) from None


@router.post("/persons/{ref}/sanctions", status_code=201, responses={200: {"description": "已登记过"}}, summary="登记处分（训诫、警告等）")
def add_sanction(ref: Ref, body: SanctionBody, who: PlatformDep, runtime: RuntimeDep, response: Response) -> dict[str, Any]:
    """Record a sanction the authority has decided; the same id again changes nothing."""
    if not ref.strip():
        raise Problem(422, "sanction", "对象编号不能全为空白")
    try:
        sanction, is_new = runtime.persons.service.add_sanction(ref, body.sanction_id, body.kind, body.decided_on, actor=who.key_id)
    except RulingError as error:
        raise Problem(422, "sanction", str(error)) from None
    response.status_code = 201 if is_new else 200
    return {"sanction_id": sanction.sanction_id, "kind": sanction.kind, "decided_on": sanction.decided_on.isoformat(), "is_new": is_new}


@router.delete("/persons/{ref}", response_model=ReceiptOut, responses=MISSING, summary="删除对象的全部记录（给回执）")
def delete_person(ref: Ref, who: PlatformDep, runtime: RuntimeDep, request: Request) -> dict[str, Any]:
    """Delete reports, tags, rulings, sanctions, alerts and events of a person for good."""
    try:
        receipt = runtime.persons.service.delete(ref, actor=who.key_id)
    except UnknownPersonError as error:
        raise Problem(404, "no-such-person", str(error)) from None
    answers: AnswerStore = request.app.state.answers
    answers.forget()
    return {
        "receipt_id": receipt.receipt_id,
        "deleted_at": receipt.deleted_at.isoformat(),
        "deleted": dict(receipt.counts),
        "audit_seq": receipt.audit_seq,
        "audit_hash": receipt.audit_hash,
    }


@router.post("/tags/corrections", response_model=CorrectionsOut, responses=MISSING, summary="人工核实标签（属实或排除）")
def correct(body: CorrectionsBody, who: PlatformDep, runtime: RuntimeDep) -> dict[str, Any]:
    """Enter what people say of tags; alerts without grounds are taken back, and all of it stays as labelled data."""
    rulings = [TagRuling(item.report_id, item.scheme, item.tag, Ruling(item.ruling), item.note) for item in body.corrections]
    service = runtime.persons.service
    try:
        done = service.rule(rulings, actor=who.key_id)
    except UnknownPersonError as error:
        raise Problem(404, "no-such-report", str(error)) from None
    except RulingError as error:
        raise Problem(422, "correction", str(error)) from None
    runtime.persons.courier.wake()
    return {"recorded": len(rulings), **{name: [service.alert_json(alert) for alert in alerts] for name, alerts in done.items()}}


@router.get("/tags/corrections", response_model=LabelsOut, summary="人工核实过的报告（脱敏，作训练数据）")
def labels(who: LabelsDep, runtime: RuntimeDep, cursor: CursorParam = None, limit: Annotated[int, Query(ge=1, le=1000)] = 200) -> dict[str, Any]:
    """Return ruled reports as labelled data in the order of their last ruling."""
    rows, following = runtime.persons.service.labels(number_of(cursor), limit)
    return {"labels": rows, "next_cursor": None if following is None else str(following)}


def number_of(cursor: str | None) -> int:
    """Return the number of a numeric cursor. Raises Problem 422."""
    if cursor is None or cursor == "":
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise Problem(422, "cursor", "cursor 不是本服务给出的；请从头读起")
    return int(cursor)
