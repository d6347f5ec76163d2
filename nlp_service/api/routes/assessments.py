"""What follows an assessment: the officer's answer, the report for the file, judgements, history."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from corpora.privacy import MaskingError, mask
from corpora.schema import Judgement

from ...assessments import AssessmentError
from ...audit import Entry
from ...decision.dossier import dossier_json, planned_words
from ...decision.dossier_docx import dossier_docx
from ...keys import Role
from ..context import RuntimeDep
from ..idempotent import IdempotentRoute
from ..problems import Problem
from ..schemas import AssessmentLine, Body
from ..security import Actor, allowed

router = APIRouter(prefix="/v1", tags=["assessments"], route_class=IdempotentRoute)
OfficerDep = Annotated[Actor, Depends(allowed(Role.OFFICER))]
ReaderDep = Annotated[Actor, Depends(allowed(Role.OFFICER, Role.AUDITOR))]
JudgeDep = Annotated[Actor, Depends(allowed(Role.OFFICER, Role.RESEARCHER))]
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class ResponseBody(Body):
    """Adopt or depart, with a reason."""

    decision: Literal["adopt", "depart"] = Field(examples=["depart"])
    reason: str = Field(min_length=1, max_length=2000, examples=["规划部门已书面认定无法采取改正措施，与类案关键事实不同"])


class DossierBody(Body):
    """Which assessment, and in which form."""

    assessment_id: str = Field(max_length=64)
    format: Literal["docx", "json"] = "docx"


class JudgementBody(Body):
    """How similar a case is to a query: 0 unrelated … 3 fully similar."""

    query_id: str = Field(min_length=1, max_length=128)
    case_id: str = Field(min_length=1, max_length=128)
    relevance: int = Field(ge=0, le=3)


def _entry(runtime: RuntimeDep, assessment_id: str, who: Actor) -> Entry:
    """Return a stored assessment; an officer's own only (domain §6: least privilege). Raises Problem 404 for another's too, not to tell that it exists."""
    entry = runtime.assessments.get(assessment_id)
    if entry is None or (who.role is Role.OFFICER and entry.actor != who.key_id):
        raise Problem(404, "no-such-assessment", "没有这个评估编号")
    return entry


@router.post("/assessments/{assessment_id}/response", summary="采纳或不采纳提示（须写理由）")
def respond(assessment_id: str, body: ResponseBody, who: OfficerDep, runtime: RuntimeDep) -> dict[str, Any]:
    """Record what the officer decided."""
    _entry(runtime, assessment_id, who)
    try:
        reason = mask(body.reason)  # it goes into a chain that cannot be changed afterwards
    except MaskingError:
        raise Problem(422, "masking", "理由中的个人信息未能脱敏干净，未记录；请先隐去姓名、证件号和电话") from None
    try:
        entry = runtime.assessments.respond(assessment_id, actor=who.key_id, adopted=body.decision == "adopt", reason=reason)
    except AssessmentError as error:
        raise Problem(422, "reason", str(error)) from None
    return {"assessment_id": assessment_id, "recorded_at": entry.at, "hash": entry.hash}


@router.get("/assessments/{assessment_id}", summary="读取已存评估")
def get_assessment(assessment_id: str, who: ReaderDep, runtime: RuntimeDep) -> dict[str, Any]:
    """Return a stored assessment with the answers to it."""
    entry = _entry(runtime, assessment_id, who)
    responses = [{"at": item.at, "actor": item.actor, **item.payload} for item in runtime.assessments.responses(assessment_id)]
    return {"assessment_id": assessment_id, "at": entry.at, "actor": entry.actor, "hash": entry.hash, **entry.payload, "responses": responses}


@router.get("/assessments", summary="本人最近的评估", response_model=list[AssessmentLine])
def list_assessments(who: ReaderDep, runtime: RuntimeDep, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> list[dict[str, Any]]:
    """Return the newest assessments of whoever asks."""
    answered = runtime.assessments.answered()
    return [
        {
            "assessment_id": item.subject,
            "at": item.at,
            "draft": item.payload["draft"][:80],
            "level": item.payload["assessment"]["level"],
            "headline": item.payload["assessment"]["headline"],
            "violation": item.payload["violation"],
            "planned": planned_words(item.payload["planned"]),
            "answered": item.subject in answered,
        }
        for item in runtime.assessments.recent(who.key_id, limit)
    ]


@router.post("/dossiers", summary="类案检索报告", response_class=Response)
def dossier(body: DossierBody, who: ReaderDep, runtime: RuntimeDep) -> Response:
    """Return the report of a stored assessment as .docx or JSON; the same record gives the same report."""
    entry = _entry(runtime, body.assessment_id, who)
    responses = [{"at": item.at, "actor": item.actor, **item.payload} for item in runtime.assessments.responses(body.assessment_id)]
    data = dossier_json(entry.payload, responses, {"id": body.assessment_id, "at": entry.at, "actor": entry.actor, "hash": entry.hash})
    runtime.audit.append(who.key_id, "dossier", body.assessment_id, {"format": body.format})
    if body.format == "json":
        return JSONResponse(data)
    headers = {"Content-Disposition": f'attachment; filename="dossier-{body.assessment_id}.docx"'}
    return Response(dossier_docx(data), media_type=DOCX, headers=headers)


@router.post("/judgements", status_code=201, summary="相似程度评判（0–3）")
def judge(body: JudgementBody, who: JudgeDep, runtime: RuntimeDep) -> dict[str, Any]:
    """Keep a relevance judgement; the same person's newer one replaces it."""
    if runtime.store.get(body.case_id) is None:
        raise Problem(404, "no-such-case", "没有这个案例编号")
    at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    runtime.store.put_judgement(Judgement(body.query_id, body.case_id, body.relevance, by=who.key_id, at=at))
    return {"query_id": body.query_id, "case_id": body.case_id, "relevance": body.relevance, "at": at}
