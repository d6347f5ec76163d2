"""Health, metrics, versions: what operators and monitors ask."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from ...keys import Role
from ..context import MetricsDep, RuntimeDep, versions
from ..security import allowed

router = APIRouter(tags=["system"])
ANYONE_WITH_KEY = Depends(allowed(Role.OFFICER, Role.PLATFORM, Role.RESEARCHER, Role.AUDITOR))


# These are async although nothing is awaited: they must answer while every worker thread is busy, or a probe kills a service under load.
@router.get("/health/live", summary="进程存活")
async def live() -> dict[str, str]:
    """Answer as long as the process runs."""
    return {"status": "ok"}


@router.get("/health/ready", summary="可以检索", responses={503: {"description": "案例库尚未就绪"}})
async def ready(runtime: RuntimeDep) -> Response:
    """200 when searches can be answered, else 503. A webhook that is stuck is said here too, but answers do not wait for it."""
    courier = runtime.persons.courier
    outbox = "stuck" if courier.is_stuck else "ok" if courier.sends else "off"
    body = {"status": "ok" if runtime.is_ready else "not-ready", "warm": runtime.is_warm, "outbox": outbox}
    return JSONResponse(body, status_code=200 if runtime.is_ready else 503)


@router.get("/health/startup", summary="已启动")
async def startup(runtime: RuntimeDep) -> dict[str, Any]:
    """Answer once the store is open."""
    return {"status": "ok", "ready": runtime.is_ready}


@router.get("/metrics", summary="Prometheus 指标", response_class=Response)
async def prometheus(runtime: RuntimeDep, metrics: MetricsDep) -> Response:
    """Return the figures in Prometheus text format."""
    view = runtime.library.view if runtime.is_ready else None
    courier = runtime.persons.courier
    metrics.outbox(courier.backlog, courier.oldest_s, is_stuck=courier.is_stuck)
    text = metrics.text(n_cases=view.columns.n_alive if view else 0, last_seq=view.last_seq if view else 0, ready=runtime.is_ready)
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get("/v1/versions", dependencies=[ANYONE_WITH_KEY], summary="各部分版本")
def list_versions(runtime: RuntimeDep) -> dict[str, str]:
    """Return the version of every part an answer depends on."""
    return versions(runtime)
