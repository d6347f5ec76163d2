"""How long reports and alerts about persons are kept: off by default, by class, purged once a day and with a receipt; the audit chain is never touched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ..audit import AuditLog
from .receipts import Receipt, purge
from .rules import AlertRules
from .store import PersonStore
from .watched import RulesError

BY = "retention"
_LAST = "purged_on"


@dataclass(frozen=True, slots=True)
class Keep:
    """Days that reports (with their tags and rulings), and alerts, sanctions and sent events are kept; None: until somebody deletes them."""

    reports_days: int | None = None
    alerts_days: int | None = None

    def check(self, rules: AlertRules) -> None:
        """Raise RulesError for a span that the alert rules look back beyond: events would no longer be counted."""
        for name, days in (("REPORTS", self.reports_days), ("ALERTS", self.alerts_days)):
            if days is not None and days < rules.look_back_days:
                raise RulesError(
                    f"NLP_KEEP_{name}_DAYS {days}: the alert rules look back {rules.look_back_days:g} days; keep that long, or shorten the windows in alerts.yaml"
                )

    def before(self, now: dt.datetime) -> tuple[dt.datetime | None, dt.datetime | None]:
        """Return the moments before which reports, and alerts, are too old."""
        reports, alerts = (None if days is None else now - dt.timedelta(days=days) for days in (self.reports_days, self.alerts_days))
        return reports, alerts


KEEP_ALL = Keep()


def purge_daily(store: PersonStore, audit: AuditLog, keep: Keep, now: dt.datetime) -> Receipt | None:
    """Purge what is too old, once a day; return the receipt when something was. Raises StoreError."""
    reports_before, alerts_before = keep.before(now)
    if reports_before is None and alerts_before is None:
        return None
    day = now.date().isoformat()
    with store.reading() as session:
        if session.meta(_LAST) == day:
            return None
    receipt = purge(store, audit, reports_before=reports_before, alerts_before=alerts_before, by=BY, now=now)
    with store.writing() as session:
        session.set_meta(_LAST, day)
    return receipt if receipt.receipt_id else None


def purge_until(
    store: PersonStore,
    audit: AuditLog,
    rules: AlertRules,
    keep: Keep,
    *,
    day: dt.date | None,
    only: Sequence[str] | None,
    by: str,
    now: dt.datetime,
    is_trial: bool,
) -> Receipt:
    """Delete what is older than a day of the calendar here, by default than the days that `keep` says; `is_trial` only counts.

    `only` names the classes (reports, alerts). The receipt has no number where nothing was deleted. Raises RulesError for a day that the
    alert rules still look back to.
    """
    reports, alerts = keep.before(now)
    if day is not None:
        zone = dt.timezone(dt.timedelta(hours=rules.clock.utc_offset_hours))
        newest = (now - dt.timedelta(days=rules.look_back_days)).astimezone(zone).date()
        if day > newest:
            raise RulesError(f"{day}：告警规则要回看 {rules.look_back_days:g} 天，最晚可清除到 {newest} 之前")
        reports = alerts = dt.datetime.combine(day, dt.time(), zone)
    chosen = [at if only is None or name in only else None for name, at in (("reports", reports), ("alerts", alerts))]
    return purge(store, audit, reports_before=chosen[0], alerts_before=chosen[1], by=by, now=now, is_trial=is_trial)
