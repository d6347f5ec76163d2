"""POST /v1/tags and the keyword schemes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Response
from fastapi.responses import JSONResponse

from ...keys import Role
from ...tagging.schemes import SchemeError
from ...tagging.service import TagRequestError, TagService
from ..context import RuntimeDep
from ..idempotent import IdempotentRoute
from ..person_schemas import TagsBody, TagsOut
from ..problems import Problem
from ..security import Actor, allowed
from ..tag_answers import answer_reports

router = APIRouter(prefix="/v1", tags=["tags"], route_class=IdempotentRoute)
READERS = Depends(allowed(Role.PLATFORM, Role.RESEARCHER, Role.AUDITOR))
TaggerDep = Annotated[Actor, Depends(allowed(Role.PLATFORM, Role.RESEARCHER))]


async def _service(runtime: RuntimeDep) -> TagService:
    return runtime.tags


ServiceDep = Annotated[TagService, Depends(_service)]


@router.post("/tags", response_model=None, responses={200: {"model": TagsOut}}, summary="给报告打关键词标签")
def tag_reports(body: TagsBody, who: TaggerDep, runtime: RuntimeDep) -> Response:
    """Tag up to 256 reports; order is kept, a bad report gets an error of its own. Those with person_ref go on that person's timeline."""
    if body.max_k is not None and body.min_k > body.max_k:
        raise Problem(422, "invalid", "min_k 不能大于 max_k")
    try:
        return JSONResponse(answer_reports(runtime, body, who))  # made of JSON values only: nothing to look for in it
    except TagRequestError as error:
        raise Problem(422, "scheme", str(error)) from None


@router.get("/schemes", dependencies=[READERS], summary="有哪些关键词方案")
def list_schemes(service: ServiceDep) -> list[str]:
    """Return the names of all schemes."""
    return service.names()


@router.get("/schemes/{name}", dependencies=[READERS], summary="读取关键词方案", response_class=Response)
def get_scheme(name: str, service: ServiceDep) -> Response:
    """Return the YAML of a scheme with its version."""
    try:
        text, scheme = service.source(name)
        return Response(text, media_type="application/yaml", headers={"ETag": f'"{scheme.version}"'})
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
