"""RFC 9457 problem details for every error, without echoing what was sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from corpora.prepare import harmless
from corpora.schema import RecordError
from corpora.store import FullDiskError, LockedStoreError, ReadOnlyStoreError, StoreError

from ..artefacts import ArtefactError
from ..audit import AuditError
from ..drafts import DraftError
from ..registry import RegistryError
from ..runtime import NotReadyError
from ..tagging.schemes import SchemeError
from .faults import said

_QUOTED = re.compile(r"""\s*(['"])(?:\\.|(?!\1).)*\1""", re.DOTALL)
MEDIA_TYPE = "application/problem+json"
log = structlog.get_logger("nlp_service.api")


class Problem(Exception):
    """Raise to answer with a problem: status, a code programs can test, and a sentence for people."""

    def __init__(self, status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.headers, self.extra = status, code, detail, headers, extra


def problem_response(request: Request, problem: Problem) -> JSONResponse:
    """Return the response for a problem."""
    body = {
        "type": f"urn:nlp-service:problem:{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "request_id": request.scope.get("request_id", ""),
        **problem.extra,
    }
    return JSONResponse(body, status_code=problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


def without_values(message: str) -> str:
    """Return an error message without the values it quotes: on the command line they help, in an answer they repeat what was sent."""
    return harmless(_QUOTED.sub("", message).lstrip(" :："))


def _from_error(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case DraftError():
            return Problem(422, "draft", without_values(str(error)))
        case RecordError():
            return Problem(422, "record", without_values(str(error)))
        case NotReadyError():
            return Problem(503, "not-ready", "案例库尚未就绪：请管理员运行 nlp-service build，原因见服务日志", headers={"Retry-After": "5"})
        case FullDiskError():
            return Problem(507, "disk-full", "磁盘已满，未写入；请清理后重试")
        case ReadOnlyStoreError():
            return Problem(503, "read-only", "数据目录只读，未写入")
        case LockedStoreError():
            return Problem(503, "busy", "数据库忙，未写入；请稍后重试", headers={"Retry-After": "2"})
        case AuditError():
            log.error("audit_error", reason=str(error))
            return Problem(503, "audit", "留痕记录不能写入，未给出结果；请联系管理员")
        case SchemeError() | ArtefactError() | RegistryError():
            # Loud, not another scheme in its place: what a platform asked for and does not get must not look like "nothing found".
            log.error("tagger_not_opened", reason=str(error)[:300])
            return Problem(
                503, "scheme-broken", "关键词方案或其模型不能使用；请管理员改正方案文件或重新上传（PUT），原因见服务日志", headers={"Retry-After": "60"}
            )
        case StoreError():
            log.error("store_error", reason=str(error))
            return Problem(503, "store", "案例数据库不可用；请联系管理员")
        case _:
            raise error


def _pointer(location: Sequence[str | int], *, is_unknown: bool) -> str:
    """Return where the fault lies. Names that the sender chose (unknown fields, pivots) are not repeated: they may be personal data."""
    parts = [str(part) for part in location]
    if "pivots" in parts:
        parts[parts.index("pivots") + 1 :] = ["…"] if parts[-1] != "pivots" else []
    elif is_unknown:
        parts[-1:] = ["…"]
    return "/" + "/".join(parts)


def install(app: FastAPI) -> None:
    """Make every error of the app a problem."""

    async def known(request: Request, error: Exception) -> JSONResponse:
        return problem_response(request, _from_error(error))

    async def invalid(request: Request, error: Exception) -> JSONResponse:
        places = []
        for item in error.errors() if isinstance(error, RequestValidationError) else []:
            places.append({"pointer": _pointer(item["loc"], is_unknown=item["type"] == "extra_forbidden"), "detail": said(item)})
        return problem_response(request, Problem(422, "invalid", "请求不符合接口约定；见 errors 各项", errors=places))

    async def http(request: Request, error: Exception) -> JSONResponse:
        status = error.status_code if isinstance(error, HTTPException) else 500
        details = {400: "请求不能读取：请检查是否为 UTF-8 编码、层次不过深的 JSON，或者完整的上传文件", 404: "没有这个地址或对象", 405: "该地址不支持这种方法"}
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else None
        return problem_response(request, Problem(status, f"http-{status}", details.get(status, HTTPStatus(status).phrase), headers=headers))

    for kind in (Problem, DraftError, RecordError, NotReadyError, StoreError, AuditError, SchemeError, ArtefactError, RegistryError):
        app.add_exception_handler(kind, known)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
