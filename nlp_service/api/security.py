"""Who may do what: bearer keys with roles; without any key only loopback is served and everyone there is admin."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from ..keys import KeyRing, Role
from .problems import Problem

bearer = HTTPBearer(auto_error=False, description="密钥：nlp-service keys add")
_LOCAL_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: the key's id (never the key) and its role."""

    key_id: str
    role: Role


LOCAL = Actor("local", Role.ADMIN)


# Async although nothing is awaited: a dependency that is not takes a trip to a worker thread and back, for some microseconds of work.
async def actor(request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Actor:
    """Return who asks. Raises Problem 401."""
    ring: KeyRing = request.app.state.keys
    if not ring.all():
        return LOCAL
    key = ring.find(credentials.credentials) if credentials else None
    if key is None:
        raise Problem(401, "unauthorised", "需要有效的访问密钥", headers={"WWW-Authenticate": "Bearer"})
    return Actor(key.key_id, key.role)


def allowed(*roles: Role) -> Callable[[Actor], Awaitable[Actor]]:
    """Return a dependency that lets only these roles (and admin) in."""

    async def check(who: Annotated[Actor, Depends(actor)]) -> Actor:
        if who.role is not Role.ADMIN and who.role not in roles:
            raise Problem(403, "forbidden", "该密钥的角色无权进行此操作")
        return who

    return check


def host_is_known(host_header: str, bound_host: str) -> bool:
    """Say whether a Host header may be served without keys: guards a local service against DNS rebinding."""
    name = host_header.rsplit(":", 1)[0].strip("[]") if not host_header.endswith("]") else host_header.strip("[]")
    return name.lower() in _LOCAL_HOSTS or name.lower() == bound_host.lower()
