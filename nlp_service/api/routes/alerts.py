"""Alerts for platforms that poll, their acknowledgement, and the outbox of webhooks with its dead letters."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query

from ...keys import Role
from ...persons.references import MAX_REF_CHARS
from ...persons.service import RulingError, UnknownPersonError
from ...persons.shapes import event_json
from ..context import RuntimeDep
from ..idempotent import IdempotentRoute
from ..person_schemas import AcknowledgementBody, AlertOut, AlertsOut, EventsOut, LevelName
from ..problems import Problem
from ..security import Actor, allowed
from .persons import MISSING, CursorParam, PlatformDep, ReaderDep, number_of

router = APIRouter(prefix="/v1", tags=["alerts"], route_class=IdempotentRoute)
AuditorDep = Annotated[Actor, Depends(allowed(Role.AUDITOR))]
AdminDep = Annotated[Actor, Depends(allowed())]


@router.get("/alerts", response_model=AlertsOut, summary="告警（按变化顺序，游标轮询）")
def list_alerts(
    who: ReaderDep,
    runtime: RuntimeDep,
    cursor: CursorParam = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    state: Annotated[list[Literal["open", "acknowledged", "retracted"]] | None, Query()] = None,
    level: Annotated[list[LevelName] | None, Query()] = None,
    region: Annotated[str | None, Query(pattern=r"^\d{2,9}$", description="区划码前缀")] = None,
    person_ref: Annotated[str | None, Query(min_length=1, max_length=MAX_REF_CHARS)] = None,
) -> dict[str, Any]:
    """Return alerts that changed after the cursor; one that changes again comes again."""
    after = number_of(cursor)
    service = runtime.persons.service
    found = service.alerts(after, limit + 1, states=state or (), levels=level or (), region=region, ref=person_ref)
    page = found[:limit]
    return {"alerts": [service.alert_json(alert) for alert in page], "next_cursor": str(page[-1].change if page else after), "more": len(found) > limit}


@router.post("/alerts/{alert_id}/acknowledgement", response_model=AlertOut, responses=MISSING, summary="确认已有人处理告警")
def acknowledge(alert_id: str, body: AcknowledgementBody, who: PlatformDep, runtime: RuntimeDep) -> dict[str, Any]:
    """Enter that somebody has taken an alert up; it is not escalated any more."""
    service = runtime.persons.service
    try:
        return service.alert_json(service.acknowledge(alert_id, body.note, actor=who.key_id))
    except UnknownPersonError as error:
        raise Problem(404, "no-such-alert", str(error)) from None
    except RulingError as error:
        raise Problem(409, "alert-state", str(error)) from None


@router.get("/outbox", response_model=EventsOut, summary="待发与死信（webhook）")
def list_events(
    who: AuditorDep,
    runtime: RuntimeDep,
    state: Annotated[list[Literal["pending", "delivered", "dead"]] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """Return events of the outbox, newest first, without their bodies."""
    events, counts = runtime.persons.service.events(state or (), limit)
    return {"counts": counts, "events": [event_json(event) for event in events]}


@router.post("/outbox/{event_id}/retry", responses=MISSING, summary="重发死信")
def retry(event_id: str, who: AdminDep, runtime: RuntimeDep) -> dict[str, Any]:
    """Send a dead event again, from the first attempt."""
    if not runtime.persons.service.revive(event_id, actor=who.key_id):
        raise Problem(404, "no-such-event", "没有这个死信编号")
    runtime.persons.courier.wake()
    return {"event_id": event_id, "state": "pending"}
