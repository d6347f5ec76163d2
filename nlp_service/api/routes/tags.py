"""POST /v1/tags and the keyword schemes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Response
from pydantic import Field

from ...keys import Role
from ...tagging.schemes import SchemeError
from ...tagging.service import MAX_REPORTS, TagRequestError, TagService, tagged_json
from ..context import RuntimeDep
from ..problems import Problem
from ..schemas import Body as StrictBody
from ..security import allowed

router = APIRouter(prefix="/v1", tags=["tags"])
PLATFORM = Depends(allowed(Role.PLATFORM, Role.RESEARCHER))
READERS = Depends(allowed(Role.PLATFORM, Role.RESEARCHER, Role.AUDITOR))
NOTE = "关键词提示，尚待核实；请先核对否定、他人、既往、传闻；未经调查核实不得作为考核奖惩依据。"


class ReportBody(StrictBody):
    """One report."""

    report_id: str = Field(min_length=1, max_length=128, examples=["R-1"])
    text: str = Field(max_length=20_000, examples=["陈某说最近没有再喝酒了，精神蛮好，在快递公司上班，一切正常"])


class TagsBody(StrictBody):
    """Reports to tag, all by one scheme."""

    scheme: str = Field(default="correction", max_length=64)
    reports: list[ReportBody] = Field(min_length=1, max_length=MAX_REPORTS)
    explain: bool = False
    min_k: int = Field(default=0, ge=0, le=50)
    max_k: int | None = Field(default=None, ge=1, le=400)


def _service(runtime: RuntimeDep) -> TagService:
    return runtime.tags


ServiceDep = Annotated[TagService, Depends(_service)]


@router.post("/tags", dependencies=[PLATFORM], summary="给报告打关键词标签")
def tag_reports(body: TagsBody, service: ServiceDep) -> dict[str, Any]:
    """Tag up to 256 reports; order is kept, a bad report gets an error of its own."""
    if body.max_k is not None and body.min_k > body.max_k:
        raise Problem(422, "invalid", "min_k 不能大于 max_k")
    try:
        records = [report.model_dump() for report in body.reports]
        answer = service.answer(body.scheme, records, explain=body.explain, min_k=body.min_k, max_k=body.max_k)
    except TagRequestError as error:
        raise Problem(422, "scheme", str(error)) from None
    return {"results": [tagged_json(item) for item in answer.items], "note": NOTE, "versions": answer.versions}


@router.get("/schemes/{name}", dependencies=[READERS], summary="读取关键词方案", response_class=Response)
def get_scheme(name: str, service: ServiceDep) -> Response:
    """Return the YAML of a scheme with its version."""
    try:
        return Response(service.text(name), media_type="application/yaml", headers={"ETag": f'"{service.tagger(name).scheme.version}"'})
    except TagRequestError as error:
        raise Problem(404, "no-such-scheme", str(error)) from None


@router.put("/schemes/{name}", dependencies=[Depends(allowed(Role.RESEARCHER))], summary="替换关键词方案（校验通过后立即生效）")
def put_scheme(name: str, text: Annotated[str, Body(media_type="application/yaml")], service: ServiceDep) -> dict[str, Any]:
    """Check and serve a scheme at once; a broken one is refused and the old one keeps serving."""
    try:
        scheme = service.replace(name, text)
    except SchemeError as error:
        raise Problem(
            422, "scheme-invalid", "方案未通过校验，原方案继续使用", errors=[{"pointer": "/body", "detail": line} for line in str(error).splitlines()[:20]]
        ) from None
    except TagRequestError as error:
        raise Problem(422, "scheme", str(error)) from None
    return {"name": name, "version": scheme.version, "tags": len(scheme.tags)}
