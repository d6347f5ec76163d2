"""Reports, alerts, sanctions and events as the JSON that leaves the service: masked texts, handles, never a reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..tagging.schemes import Scheme
from .ladder import NOTE as LADDER_NOTE
from .ladder import Touched
from .outbox import Event
from .plan import basis_json
from .records import Alert, KeptReport, Sanction

ALERT_NOTE = "关键词提示，尚待核实；级别只决定多快有人看，不等于处分。"
Names = Callable[[str, str], str]


def tag_name(scheme: Scheme | None, code: str) -> str:
    """Return the name of a tag; the code where the scheme has it no longer."""
    return next((tag.name for tag in scheme.tags if tag.code == code), code) if scheme else code


def report_json(report: KeptReport, name: Names) -> dict[str, Any]:
    """Return a stored report; tags that were excluded are there with the reason."""
    return {
        "report_id": report.report_id,
        "scheme": report.scheme,
        "at": report.at.isoformat(),
        "reported_at": report.reported_at.isoformat() if report.reported_at else None,
        "received_at": report.received_at.isoformat(),
        "clock": str(report.clock),
        "region": report.region,
        "level": str(report.level),
        "abstained": report.abstained,
        "text": report.text,
        "tags": [
            {
                "tag": finding.tag,
                "name": name(report.scheme, finding.tag),
                "status": str(finding.holds_as),
                "tagged_as": str(finding.status) if finding.status else None,
                "score": finding.score,
                "spans": [list(span) for span in finding.spans],
                "source": finding.source,
                "reasons": list(finding.reasons),
                "ruling": str(finding.ruling) if finding.ruling else None,
                "ruled_by": finding.ruled_by,
                "ruled_at": finding.ruled_at,
            }
            for finding in report.findings
        ],
    }


def alert_json(alert: Alert, name: Names) -> dict[str, Any]:
    """Return an alert; it holds no words of a report, only which reports to read."""
    draft = alert.draft
    return {
        "alert_id": alert.alert_id,
        "change": alert.change,
        "person": alert.person,
        "region": alert.region,
        "rule": draft.rule,
        "name": draft.name,
        "level": str(draft.level),
        "tags": [{"tag": tag, "name": name(draft.scheme, tag)} for tag in draft.tags],
        "evidence": [{"report_id": item.report_id, "tag": item.tag} for item in draft.evidence],
        "reason": draft.reason,
        "advice": draft.advice,
        "ladder": list(alert.ladder),
        "at": draft.at.isoformat(),
        "late": draft.is_late,
        "state": str(alert.state),
        "raised_at": alert.raised_at.isoformat(),
        "due_at": alert.due_at.isoformat() if alert.due_at else None,
        "escalations": alert.escalations,
        "escalated_to": alert.escalated_to,
        "acknowledged_by": alert.acknowledged_by,
        "acknowledged_at": alert.acknowledged_at.isoformat() if alert.acknowledged_at else None,
        "handling": alert.note,
        "note": ALERT_NOTE,
    }


def ladder_json(found: Touched) -> dict[str, Any]:
    """Return a step of the legal ladder that may be touched."""
    return {
        "step": found.step.step,
        "basis": basis_json(found.step.basis),
        "decided_by": found.step.decided_by,
        "condition": found.step.condition,
        "because": [{"text": text, "evidence": [{"report_id": item.report_id, "tag": item.tag} for item in evidence]} for text, evidence in found.because],
        "note": LADDER_NOTE,
    }


def sanction_json(sanction: Sanction) -> dict[str, Any]:
    """Return a sanction."""
    return {"sanction_id": sanction.sanction_id, "kind": sanction.kind, "decided_on": sanction.decided_on.isoformat(), "recorded_by": sanction.recorded_by}


def event_json(event: Event) -> dict[str, Any]:
    """Return an event of the outbox without its body."""
    return {
        "event_id": event.event_id,
        "type": event.kind,
        "state": str(event.state),
        "attempts": event.attempts,
        "created_at": event.created_at.isoformat(),
        "next_at": event.next_at.isoformat(),
        "last_error": event.last_error,
        "ended_at": event.ended_at.isoformat() if event.ended_at else None,
    }
