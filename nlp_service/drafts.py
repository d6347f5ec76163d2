"""From what an officer pastes to what is searched: normalised, masked, with the plan, the violation and the pivots it speaks of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from corpora import decisions, privacy
from corpora.pivots import read_pivots, values
from corpora.schema import PivotValue
from corpora.text import normalise_text
from corpora.violations import Violation, find_violation, load_violations

from .plan_words import find_plan, spoken_kinds


class DraftError(ValueError):
    """A draft that cannot be read; the message says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What the officer plans: canonical kinds, the fine in yuan where one is planned, the base it is measured by, days to comply."""

    kinds: tuple[str, ...] = ()
    fine_yuan: Decimal | None = None
    base_amount_yuan: Decimal | None = None
    deadline_days: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft ready to be searched. `given` pivots come from the officer and win over those read from the text."""

    text: str
    n_characters: int
    planned: Planned | None = None
    cause: str | None = None
    given: Mapping[str, PivotValue] = field(default_factory=dict)
    doc_no: str | None = None

    def pivots(self, violation: Violation) -> dict[str, PivotValue]:
        """Return the pivots of the violation that the draft or the officer states."""
        return {**values(read_pivots(violation, self.text)), **self.given}


def read_draft(
    text: str,
    *,
    planned: Planned | None = None,
    cause: str | None = None,
    pivots: Mapping[str, PivotValue] | None = None,
    max_chars: int = 200_000,
) -> Draft:
    """Normalise and mask a draft. Raises DraftError for an empty or overlong one."""
    clean = normalise_text(text).strip()
    if not clean:
        raise DraftError("案情为空：请粘贴案情或一句话描述")
    if len(clean) > max_chars:
        raise DraftError(f"案情有 {len(clean)} 字，最多 {max_chars} 字：请只粘贴本案的事实与拟作处理")
    try:
        masked = privacy.mask(clean)
    except privacy.MaskingError:
        raise DraftError("案情中的个人信息未能脱敏干净：请先隐去姓名、证件号和电话再检索") from None
    return Draft(
        text=masked,
        n_characters=len(clean),
        planned=planned or read_plan(masked),
        cause=cause or None,
        given=dict(pivots or {}),
        doc_no=decisions.read_doc_no(masked),
    )


def read_plan(text: str) -> Planned | None:
    """Return the plan a draft states itself (拟…, 建议…), or None."""
    plan = find_plan(text)
    if plan is None:
        return None
    read = decisions.read_disposition(plan, include_proposed=True)
    spoken = [kind for kind in spoken_kinds(plan) if kind not in read.kinds]
    if "不予处罚" in spoken and read.fine_yuan is not None:
        spoken.remove("不予处罚")  # 罚5万还是不罚: what is planned is the sum
    kinds = (*read.kinds, *spoken)
    if not kinds:
        return None
    return Planned(kinds, read.fine_yuan, decisions.read_base_amount(text), read.deadline_days)


def violation_of(draft: Draft, causes: Sequence[tuple[str, float]], least: float = 0.3) -> Violation | None:
    """Return the violation the draft is about: the one named, else the library's likeliest cause when it is likely enough."""
    if draft.cause:
        return find_violation(draft.cause)
    for label, probability in causes[:1]:
        if probability >= least:
            return load_violations().get(label) or find_violation(label)
    return None
