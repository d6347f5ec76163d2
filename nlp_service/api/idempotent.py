"""`Idempotency-Key` on whatever changes something (draft-ietf-httpapi-idempotency-key-header): the same again is answered the same, another body is a problem."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.routing import APIRoute
from fastapi.security.utils import get_authorization_scheme_param
from starlette.concurrency import run_in_threadpool

from corpora.store import StoreError

from ..idempotency import LEASE_S, MAX_BODY_BYTES, AnswerStore, Kept, Place
from ..keys import KeyRing
from .problems import Problem
from .security import LOCAL

log = structlog.get_logger("nlp_service.api")
HEADER = "Idempotency-Key"
MAX_CHARS = 255
PARAMETER: dict[str, Any] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "重试用的键：24 小时内同键同内容只执行一次并给同样的回答，同键不同内容为 422",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_CHARS, "pattern": "^[!#-~]+$"},
    "example": "8e03978e-40d5-43e8-bc93-6894a57f9324",
}
_KEY = re.compile(rf'"?([!#-~]{{1,{MAX_CHARS}}}?)"?')
_KEPT_HEADERS = ("content-type", "content-disposition", "etag")
_BOUNDARY = re.compile(rb'boundary="?([^";]+)')
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class IdempotentRoute(APIRoute):
    """A route whose changes are made once per key and caller; without the header nothing is different."""

    def get_route_handler(self) -> Handler:
        """Return the handler with the key looked at around it."""
        handle = super().get_route_handler()

        async def once(request: Request) -> Response:
            given = request.headers.get(HEADER)
            if given is None or request.method == "GET":
                return await handle(request)
            caller = _caller(request)
            if caller is None:  # no valid key to the service: the route says so
                return await handle(request)
            return await _once(request, handle, caller, _key(given))

        return once


async def _once(request: Request, handle: Handler, caller: str, key: str) -> Response:
    store: AnswerStore = request.app.state.answers
    place, kept = await run_in_threadpool(store.begin, caller, key, _fingerprint(request, await request.body()))
    match place:
        case Place.OTHER:
            raise Problem(422, "idempotency-key-reused", f"该 {HEADER} 已用于内容不同的另一请求；请换用新键")
        case Place.BUSY:
            wait = {"Retry-After": "1"}
            raise Problem(409, "idempotency-key-busy", f"同一 {HEADER} 的请求正在处理；请稍后重试（最迟 {LEASE_S:.0f} 秒）", headers=wait)
        case Place.DONE if kept is not None:
            return Response(kept.body, kept.status, {**kept.headers, "Idempotency-Replayed": "true"})
    is_kept = False
    try:
        response = await handle(request)
        body = bytes(response.body)
        if response.status_code < 500 and len(body) <= MAX_BODY_BYTES:
            headers = {name: value for name in _KEPT_HEADERS if (value := response.headers.get(name))}
            try:
                await run_in_threadpool(store.finish, caller, key, Kept(response.status_code, body, headers))
            except StoreError as error:  # it is done and must not be told as failed; the key stays taken until its lease ends
                log.error("answer_not_kept", reason=str(error))
            is_kept = True
        return response
    finally:
        if not is_kept:  # a fault, or a problem that was raised: the same key may try again
            await run_in_threadpool(store.release, caller, key)


def _caller(request: Request) -> str | None:
    """Return whose keys these are: those of two callers may be equal. None where the service does not know who asks."""
    ring: KeyRing = request.app.state.keys
    if not ring.all():
        return LOCAL.key_id
    scheme, credentials = get_authorization_scheme_param(request.headers.get("authorization"))
    key = ring.find(credentials) if scheme.lower() == "bearer" else None
    return key.key_id if key else None


def _key(given: str) -> str:
    """Return the key, written as the draft wants it (a quoted string) or bare. Raises Problem 400."""
    match = _KEY.fullmatch(given.strip())
    if match is None:
        raise Problem(400, "idempotency-key", f"{HEADER} 应为 1 至 {MAX_CHARS} 个可见的 ASCII 字符")
    return match[1]


def _fingerprint(request: Request, body: bytes) -> str:
    """Return a digest of the request. The boundary of a form is another one each time it is sent, and no part of what is sent."""
    if boundary := _BOUNDARY.search(request.headers.get("content-type", "").encode("latin-1")):
        body = body.replace(boundary[1], b"")
    return hashlib.sha256(b"\x1f".join((request.method.encode(), str(request.url.path).encode(), request.url.query.encode(), body))).hexdigest()
