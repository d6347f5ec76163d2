"""Read a draft from the record another program sends (design §8): text, planned, cause, pivots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from corpora.kinds import canonical_kind
from corpora.schema import RecordError, parse_money

from .drafts import Draft, DraftError, Planned, read_draft

MAX_DAYS = 3650


def planned_from_record(record: Mapping[str, Any]) -> Planned:
    """Read {"kinds", "fine_yuan", "base_amount_yuan", "deadline_days"}. Raises DraftError for an unknown kind, a bad amount or number of days."""
    kinds = []
    names = record.get("kinds") or ()
    if not isinstance(names, (list, tuple)):
        raise DraftError("planned.kinds 应为列表")
    for name in names:
        kind = canonical_kind(str(name))
        if kind is None:
            raise DraftError(f"拟作处理 {str(name)[:20]!r}：不是已知的处罚种类")
        kinds.append(kind)
    try:
        fine = parse_money("planned.fine_yuan", record.get("fine_yuan"))
        base = parse_money("planned.base_amount_yuan", record.get("base_amount_yuan"))
    except RecordError as error:
        raise DraftError(str(error)) from None
    for name, amount in (("fine_yuan", fine), ("base_amount_yuan", base)):
        if amount is not None and amount < 0:
            raise DraftError(f"planned.{name} {amount}：金额不能为负数")
    days = record.get("deadline_days")
    if days is not None and (isinstance(days, bool) or not isinstance(days, int) or not 0 < days <= MAX_DAYS):
        raise DraftError(f"planned.deadline_days：应为 1 至 {MAX_DAYS} 的整数（天）")
    if fine is not None and fine > 0 and "罚款" not in kinds:
        kinds.append("罚款")  # an amount without its kind is a fine
    return Planned(tuple(dict.fromkeys(kinds)), fine, base, days)


def draft_from_record(record: Mapping[str, Any], max_chars: int) -> Draft:
    """Read one line of a query file. Raises DraftError."""
    text = record.get("text")
    if not isinstance(text, str):
        raise DraftError("缺少 text（案情文字）")
    pivots = record.get("pivots") or {}
    if not isinstance(pivots, Mapping):
        raise DraftError("pivots 应为对象 {名称: true/false/数值}")
    pivots = {str(name): value for name, value in pivots.items() if value is not None}  # null: not known
    if any(not isinstance(value, (bool, int, float, str)) for value in pivots.values()):
        raise DraftError("pivots 的值应为 true/false、数值或文字")
    planned = record.get("planned")
    if planned is not None and not isinstance(planned, Mapping):
        raise DraftError("planned 应为对象 {kinds, fine_yuan}")
    cause = record.get("cause")
    if cause is not None and not isinstance(cause, str):
        raise DraftError("cause 应为文字")
    return read_draft(text, planned=planned_from_record(planned) if planned else None, cause=cause, pivots=pivots, max_chars=max_chars)
