"""Around every request: an id, a bound on the body and on the queue, security headers, one log line, figures; 500 without exception text."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .metrics import Metrics
from .problems import Problem, problem_response

log = structlog.get_logger("nlp_service.api")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
SECURITY_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        b"frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


class _TooLarge(Exception):
    """The body has more bytes than allowed."""


class Guard:
    """The outermost ASGI layer."""

    def __init__(
        self, app: ASGIApp, *, max_body_bytes: int, max_in_flight: int, metrics: Metrics, serves_host: Callable[[str], bool], asks_for_key: Callable[[], bool]
    ) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes
        self._max_in_flight = max_in_flight
        self._metrics = metrics
        self._serves_host = serves_host
        self._asks_for_key = asks_for_key
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["request_id"] = _request_id(scope)
        started = time.perf_counter()
        state: MutableMapping[str, Any] = {"status": 500, "begun": False}
        reply = _stamped(send, scope["request_id"], state)
        self._in_flight += 1
        try:
            await self._bounded(scope, receive, reply, state)
        except Exception:  # the job's outer edge: the caller gets an id, the log the traceback
            log.exception("request_failed", request_id=scope["request_id"], path=_route(scope))
            if not state["begun"]:
                await _answer(scope, receive, reply, Problem(500, "internal", "服务内部错误；请把 request_id 告诉管理员"))
        finally:
            self._in_flight -= 1
            seconds = time.perf_counter() - started
            method = scope["method"] if scope["method"] in METHODS else "other"  # a client may send any word here
            self._metrics.observe(method, _route(scope), state["status"], seconds)
            log.info("request", request_id=scope["request_id"], method=method, path=_route(scope), status=state["status"], ms=round(seconds * 1000, 1))

    async def _bounded(self, scope: Scope, receive: Receive, send: Send, state: MutableMapping[str, Any]) -> None:
        # Without keys only this machine is served; a foreign Host header means a web page elsewhere is asking (DNS rebinding).
        if not self._serves_host(Request(scope).headers.get("host", "")):
            await _answer(scope, receive, send, Problem(403, "host", "未设访问密钥时只接受本机访问"))
            return
        if _is_from_elsewhere(scope) and not self._asks_for_key():
            await _answer(scope, receive, send, Problem(403, "origin", "未设访问密钥时不接受其他网页发来的请求；程序调用请去掉 Origin 头，或者设置访问密钥"))
            return
        if self._in_flight > self._max_in_flight and scope["path"].startswith("/v1/"):
            await _answer(scope, receive, send, Problem(429, "busy", "请求过多；请稍后重试", headers={"Retry-After": "1"}))
            return
        declared = Request(scope).headers.get("content-length", "0")
        too_large = Problem(413, "too-large", f"请求体超过 {self._max_body_bytes} 字节")
        if not declared.isdigit() or int(declared) > self._max_body_bytes:
            await _answer(scope, receive, send, too_large)
            return
        read, is_over = 0, False

        async def counted() -> Message:
            nonlocal read, is_over
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._max_body_bytes:
                is_over = True
                raise _TooLarge
            return message

        async def unless_over(message: Message) -> None:
            if not is_over or state["begun"]:  # a framework turns what the body raised into an answer of its own: that one is dropped
                await send(message)

        with suppress(_TooLarge):
            await self._app(scope, counted, unless_over)
        if is_over and not state["begun"]:
            await _answer(scope, receive, send, too_large)


def _is_from_elsewhere(scope: Scope) -> bool:
    """Say whether a page of another site asks to change something: without keys whoever browses here is admin, and a form needs no preflight."""
    headers = Request(scope).headers
    origin = headers.get("origin")
    return scope["method"] not in SAFE_METHODS and origin is not None and origin.lower().partition("://")[2] != headers.get("host", "").lower()


def _request_id(scope: Scope) -> str:
    given = Request(scope).headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _route(scope: Scope) -> str:
    """Return the path pattern (/v1/cases/{case_id}), never the ids in it."""
    route = scope.get("route")
    return str(getattr(route, "path", "")) or "unmatched"


async def _answer(scope: Scope, receive: Receive, send: Send, problem: Problem) -> None:
    await problem_response(Request(scope), problem)(scope, receive, send)


def _stamped(send: Send, request_id: str, state: MutableMapping[str, Any]) -> Callable[[Message], Awaitable[None]]:
    async def stamped(message: Message) -> None:
        if message["type"] == "http.response.start":
            state["status"], state["begun"] = message["status"], True
            message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode()), *SECURITY_HEADERS]
        await send(message)

    return stamped
