"""What /openapi.json says of errors and of keys for repeating: every route answers with RFC 9457 problems, never with FastAPI's own error shape."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from .idempotent import PARAMETER
from .problems import MEDIA_TYPE

_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457；不含请求内容",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:nlp-service:problem:invalid"]},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "给人看的一句话"},
        "code": {"type": "string", "description": "给程序判断的代码", "examples": ["invalid"]},
        "request_id": {"type": "string", "description": "请告知管理员以便查找"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string", "examples": ["/body/text"]}, "detail": {"type": "string"}},
            },
        },
    },
}
_ANSWER = {"description": "出错", "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
_DROPPED = ("HTTPValidationError", "ValidationError")


def install(app: FastAPI) -> None:
    """Make the app describe its errors as problems."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, routes=app.routes)
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for name in _DROPPED:
                schemas.pop(name, None)
            schemas["Problem"] = _PROBLEM
            for path, operations in document["paths"].items():
                for method, operation in operations.items():
                    operation["responses"].pop("422", None)
                    if path.startswith("/v1/") and method != "get" and path != "/v1/drafts:read":  # that one keeps nothing
                        operation.setdefault("parameters", []).append(PARAMETER)
                    if path.startswith("/v1/"):
                        operation["responses"]["default"] = _ANSWER
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]
