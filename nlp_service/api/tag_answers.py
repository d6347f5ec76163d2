"""The answer to POST /v1/tags: tags for every report; for those about a person also what became of them at the door, alerts, and a plan when asked."""

from __future__ import annotations

from typing import Any

from ..keys import Role
from ..persons.intake import Incoming, Taken
from ..persons.timing import EXPLAINED
from ..runtime import Runtime
from ..tagging.service import tagged_json
from ..tagging.tagger import Tagged
from .person_schemas import TagsBody
from .problems import Problem
from .security import Actor

NOTE = "关键词提示，尚待核实；请先核对否定、他人、既往、传闻；未经调查核实不得作为考核奖惩依据。"


def answer_reports(runtime: Runtime, body: TagsBody, who: Actor) -> dict[str, Any]:
    """Tag, take in, suggest. Raises Problem, TagRequestError, StoreError."""
    to_store = [number for number, report in enumerate(body.reports) if body.store and report.person_ref is not None]
    if to_store and who.role not in (Role.PLATFORM, Role.ADMIN):
        raise Problem(403, "forbidden", "该密钥的角色无权存入对象的报告；只要标签时请加 store: false")
    records = [{"report_id": report.report_id, "text": report.text} for report in body.reports]
    answer = runtime.tags.answer(body.scheme, records, explain=body.explain, min_k=body.min_k, max_k=body.max_k)
    results = [tagged_json(item) for item in answer.items]
    wanted = range(len(results)) if body.plan else to_store
    if wanted:
        incoming = {number: _incoming(body, number, answer.whole(number)) for number in wanted}
        if to_store:
            taken = runtime.persons.service.take(answer.tagger.scheme, [incoming[number] for number in to_store], answer.versions, who.key_id)
            runtime.persons.courier.wake()
            for number, one in zip(to_store, taken, strict=True):
                results[number] |= _taken_json(runtime, one)
        if body.plan:
            for number, item in incoming.items():
                results[number]["plan"] = runtime.persons.service.plan_of_report(body.scheme, item)
    return {"results": results, "note": NOTE, "versions": dict(answer.versions)}


def _incoming(body: TagsBody, number: int, tagged: Tagged) -> Incoming:
    report = body.reports[number]
    return Incoming(report.report_id, report.text, report.person_ref or "", report.reported_at, report.region, tagged)


def _taken_json(runtime: Runtime, taken: Taken) -> dict[str, Any]:
    when = taken.timing
    intake = {
        "state": str(taken.state),
        "detail": taken.detail,
        "person": taken.person,
        "at": when.at.isoformat() if when else None,
        "clock": str(when.state) if when else None,
        "clock_note": EXPLAINED.get(when.state) if when else None,
    }
    alerts = [{**runtime.persons.service.alert_json(alert), "is_new": alert.alert_id in taken.new} for alert in taken.alerts]
    return {"intake": intake, "alerts": alerts}
