"""Assessments as records: what was asked (masked), found, weighed and said, under which versions; and what the officer did with it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from .audit import AuditLog, Entry, sm3
from .decision.assess import Assessment
from .decision.shape import assessment_json, guidance_json
from .drafts import Draft

ASSESSED, RESPONDED = "assessed", "responded"
MIN_REASON = 10


class AssessmentError(ValueError):
    """An answer that cannot be recorded; the message says why."""


class AssessmentBook:
    """Writes to the audit log and reads back from it: there is no second truth."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    def record(
        self,
        found: Assessment,
        draft: Draft,
        *,
        actor: str,
        role: str,
        versions: Mapping[str, str],
        method: Mapping[str, Any],
        cases: Sequence[Mapping[str, Any]],
    ) -> str:
        """Store an assessment and return its id. `cases` are the rows listed, so that the report does not change with the library."""
        assessment_id = f"A-{secrets.token_hex(8)}"
        planned = asdict(draft.planned) if draft.planned else None
        if planned:
            planned = {name: (str(value) if isinstance(value, Decimal) else value) for name, value in planned.items()}
        violation = found.answer.violation
        payload = {
            "draft": draft.text,
            "draft_hash": sm3(draft.text.encode()),
            "planned": planned,
            "violation": violation.code if violation else None,
            "pivots": dict(found.answer.pivots),
            "role": role,
            "method": dict(method),
            "versions": dict(versions),
            "read": {"characters": found.answer.result.read.characters, "of": found.answer.result.read.of},
            "assessment": assessment_json(found),
            "guidance": guidance_json(found),
            "cases": [dict(case) for case in cases],
        }
        self._log.append(actor, ASSESSED, assessment_id, payload)
        return assessment_id

    def get(self, assessment_id: str) -> Entry | None:
        """Return the record of an assessment."""
        found = self._log.entries(subject=assessment_id, event=ASSESSED, limit=1)
        return found[0] if found else None

    def respond(self, assessment_id: str, *, actor: str, adopted: bool, reason: str) -> Entry:
        """Record what the officer did. Raises AssessmentError for an unknown id or a reason that is too short."""
        if self.get(assessment_id) is None:
            raise AssessmentError("没有这个评估编号")
        if len(reason.strip()) < MIN_REASON:
            raise AssessmentError(f"请填写理由（至少{MIN_REASON}个字）")
        return self._log.append(actor, RESPONDED, assessment_id, {"adopted": adopted, "reason": reason.strip()})

    def responses(self, assessment_id: str) -> list[Entry]:
        """Return what was answered to an assessment, oldest first."""
        return self._log.entries(subject=assessment_id, event=RESPONDED)

    def answered(self) -> set[str]:
        """Return the ids of the assessments that have an answer."""
        return self._log.subjects(RESPONDED)

    def recent(self, actor: str, limit: int = 20) -> list[Entry]:
        """Return the newest assessments of one person."""
        return self._log.entries(event=ASSESSED, actor=actor, limit=limit, newest_first=True)
