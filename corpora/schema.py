"""What a case, a review of it, a judgement and a report are; knows nothing of files, stores or indexes."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

PivotValue: TypeAlias = bool | int | float | str
_Choice = TypeVar("_Choice", bound=StrEnum)

MAX_ID_CHARS = 128
EARLIEST = dt.date(1949, 10, 1)
LATEST_AHEAD = dt.timedelta(days=366)
_ID = re.compile(r"[^\s/\\\x00-\x1f]{1,128}")


class RecordError(ValueError):
    """A record is not what it should be; the message names the field, the value and the cure."""


class PartyType(StrEnum):
    PERSON = "个人"
    SOLE_TRADER = "个体工商户"
    ORGANISATION = "法人"


class Provenance(StrEnum):
    SYNTHETIC = "synthetic"
    PUBLIC = "public"
    AGENCY = "agency"


class ReviewType(StrEnum):
    RECONSIDERATION = "复议"
    LITIGATION = "诉讼"
    ENFORCEMENT = "非诉审查"


@dataclass(frozen=True, slots=True)
class Review:
    """What reconsideration, a court, or the review of a request for enforcement said of a decision."""

    type: ReviewType
    result: str
    reason: str = ""
    decided_on: dt.date | None = None
    doc_no: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One administrative case (design §4). Texts are masked before they are stored or indexed.

    `fine_yuan` and `base_amount_yuan` are in yuan; `derived` names the fields that were read from the texts rather than given.
    """

    case_id: str
    title: str = ""
    causes: tuple[str, ...] = ()
    cause_code: str | None = None
    facts: str = ""
    evidence: tuple[str, ...] = ()
    reasoning: str = ""
    disposition: str = ""
    basis: tuple[str, ...] = ()
    agency: str | None = None
    region: str | None = None
    doc_no: str | None = None
    decided_on: dt.date | None = None
    act_from: dt.date | None = None
    act_to: dt.date | None = None
    party_type: PartyType | None = None
    kinds: tuple[str, ...] = ()
    fine_yuan: Decimal | None = None
    base_amount_yuan: Decimal | None = None
    review: Review | None = None
    pivots: Mapping[str, PivotValue] = field(default_factory=dict)
    tier: str | None = None
    provenance: Provenance = Provenance.AGENCY
    withdrawn: bool = False
    derived: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.case_id):
            raise RecordError(f"case_id {self.case_id[:40]!r}: expected 1–{MAX_ID_CHARS} characters without spaces, slashes or control characters")
        if not (self.facts or self.title or self.disposition):
            raise RecordError("facts, title and disposition are all empty: at least one text is needed")
        for name in ("fine_yuan", "base_amount_yuan"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise RecordError(f"{name} {value}: an amount cannot be negative")
        for name in ("decided_on", "act_from", "act_to"):
            _check_date(name, getattr(self, name))
        if self.act_from and self.act_to and self.act_from > self.act_to:
            raise RecordError(f"act_from {self.act_from} lies after act_to {self.act_to}")

    @property
    def text(self) -> str:
        """Title, facts, reasoning and disposition joined by line breaks."""
        return "\n".join(part for part in (self.title, self.facts, self.reasoning, self.disposition) if part)

    def content_hash(self) -> str:
        """Return the SHA-256 (hex) of the canonical JSON of the case."""
        return hashlib.sha256(json.dumps(case_to_json(self), ensure_ascii=False, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Judgement:
    """How similar a case is to a query: 0 unrelated, 1 reference, 2 partly, 3 fully similar (domain §4.3)."""

    query_id: str
    case_id: str
    relevance: int
    by: str = ""
    at: str = ""

    def __post_init__(self) -> None:
        if self.relevance not in (0, 1, 2, 3):
            raise RecordError(f"relevance {self.relevance!r}: expected 0, 1, 2 or 3")


@dataclass(frozen=True, slots=True)
class Report:
    """One short report by a grid worker; `person_ref` is opaque."""

    report_id: str
    text: str
    person_ref: str | None = None
    reported_at: str | None = None
    region: str | None = None
    scheme: str | None = None


def _check_date(name: str, value: dt.date | None) -> None:
    if value is None:
        return
    if value < EARLIEST:
        raise RecordError(f"{name} {value}: earlier than {EARLIEST}; check the year")
    if value > dt.date.today() + LATEST_AHEAD:
        raise RecordError(f"{name} {value}: more than a year ahead; check the year")


def parse_date(name: str, value: object) -> dt.date | None:
    """Read an ISO date, 2021/3/5, 20210305 or 2021年3月5日; None and '' give None. Raises RecordError."""
    if value is None or value == "":
        return None
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    text = str(value).strip()
    match = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?", text) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    if match:
        try:
            return dt.date(*(int(part) for part in match.groups()))
        except ValueError:
            pass
    raise RecordError(f"{name} {text[:30]!r}: not a date; expected 2021-03-05, 2021/3/5 or 2021年3月5日")


def parse_money(name: str, value: object) -> Decimal | None:
    """Read an amount in yuan (int, float, str, Decimal), at most two decimals; None and '' give None. Raises RecordError."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        raise RecordError(f"{name} {value!r}: expected an amount in yuan")
    if isinstance(value, float) and not math.isfinite(value):
        raise RecordError(f"{name} {value!r}: expected a finite amount in yuan")
    try:
        amount = Decimal(str(value).strip().replace(",", "").replace("，", ""))
    except InvalidOperation:
        raise RecordError(f"{name} {str(value)[:30]!r}: expected an amount in yuan such as 21430 or 21430.50") from None
    if not amount.is_finite() or amount.adjusted() >= 13:
        raise RecordError(f"{name} {str(value)[:30]!r}: not a plausible amount in yuan")
    amount = amount.quantize(Decimal("0.01"))
    return amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount


def _strings(name: str, value: object) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        return tuple(part for part in re.split(r"[;；\n]", value) if part.strip())
    if isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value):
        return tuple(part.strip() for part in value if part.strip())
    raise RecordError(f"{name}: expected a list of texts, got {type(value).__name__}")


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        text = str(value)
        try:
            text.encode()
        except UnicodeEncodeError:
            raise RecordError(f"{name}: holds half of a surrogate pair; save the file as UTF-8") from None
        return text
    raise RecordError(f"{name}: expected a text, got {type(value).__name__}")


def _choice(name: str, kind: type[_Choice], value: object) -> _Choice | None:
    if value is None or value == "":
        return None
    try:
        return kind(str(value))
    except ValueError:
        raise RecordError(f"{name} {str(value)[:30]!r}: expected one of {'、'.join(kind)}") from None


def _pivots(value: object) -> dict[str, PivotValue]:
    if value in (None, ""):
        return {}
    if not isinstance(value, Mapping):
        raise RecordError(f"pivots: expected an object of name and value, got {type(value).__name__}")
    for name, item in value.items():
        if item is not None and not isinstance(item, (bool, int, float, str)):
            raise RecordError(f"pivots.{name}: expected true/false, a number or a text, got {type(item).__name__}")
    return {name: item for name, item in value.items() if item is not None}  # null: not known


def _review(value: object) -> Review | None:
    if value in (None, "", {}):
        return None
    if not isinstance(value, Mapping):
        raise RecordError(f"review: expected an object with type and result, got {type(value).__name__}")
    kind = _choice("review.type", ReviewType, value.get("type"))
    if kind is None or not value.get("result"):
        raise RecordError("review: type (复议|诉讼|非诉审查) and result are both needed")
    return Review(
        type=kind,
        result=_text("review.result", value.get("result")),
        reason=_text("review.reason", value.get("reason")),
        decided_on=parse_date("review.decided_on", value.get("decided_on")),
        doc_no=_text("review.doc_no", value.get("doc_no")) or None,
    )


def case_from_json(record: Mapping[str, Any]) -> Case:
    """Build a case from a JSON object; `cause` is accepted for `causes`, unknown keys are kept in `extra`. Raises RecordError."""
    if not isinstance(record, Mapping):
        raise RecordError(f"expected a JSON object, got {type(record).__name__}")
    case_id = _text("case_id", record.get("case_id")).strip()
    if not case_id:
        raise RecordError("case_id is missing or empty")
    causes = record.get("causes")
    cause = record.get("cause")
    known = {f.name for f in fields(Case)} | {"cause"}
    return Case(
        case_id=case_id,
        title=_text("title", record.get("title")).strip(),
        causes=_strings("causes", causes if causes else cause),
        cause_code=_text("cause_code", record.get("cause_code")) or None,
        facts=_text("facts", record.get("facts")),
        evidence=_strings("evidence", record.get("evidence")),
        reasoning=_text("reasoning", record.get("reasoning")),
        disposition=_text("disposition", record.get("disposition")),
        basis=_strings("basis", record.get("basis")),
        agency=_text("agency", record.get("agency")) or None,
        region=_region(record.get("region")),
        doc_no=_text("doc_no", record.get("doc_no")) or None,
        decided_on=parse_date("decided_on", record.get("decided_on")),
        act_from=parse_date("act_from", record.get("act_from")),
        act_to=parse_date("act_to", record.get("act_to")),
        party_type=_choice("party_type", PartyType, record.get("party_type")),
        kinds=_strings("kinds", record.get("kinds")),
        fine_yuan=parse_money("fine_yuan", record.get("fine_yuan")),
        base_amount_yuan=parse_money("base_amount_yuan", record.get("base_amount_yuan")),
        review=_review(record.get("review")),
        pivots=_pivots(record.get("pivots")),
        tier=_text("tier", record.get("tier")) or None,
        provenance=_choice("provenance", Provenance, record.get("provenance")) or Provenance.AGENCY,
        withdrawn=_flag("withdrawn", record.get("withdrawn")),
        derived=_strings("derived", record.get("derived")),
        extra={**_extra(record.get("extra")), **{key: value for key, value in record.items() if key not in known}},
    )


def _flag(name: str, value: object) -> bool:
    if value in (None, ""):
        return False
    if isinstance(value, bool):
        return value
    known = {"true": True, "1": True, "是": True, "false": False, "0": False, "否": False}
    text = str(value).strip().lower()
    if text not in known:
        raise RecordError(f"{name} {text[:20]!r}: expected true or false")
    return known[text]


def _extra(value: object) -> dict[str, Any]:
    if value in (None, ""):
        return {}
    if not isinstance(value, Mapping):
        raise RecordError(f"extra: expected an object, got {type(value).__name__}")
    return dict(value)


def _region(value: object) -> str | None:
    text = _text("region", value).strip()
    if not text:
        return None
    if not re.fullmatch(r"\d{6}|\d{9}", text):
        raise RecordError(f"region {text[:20]!r}: expected a GB/T 2260 code of 6 digits, or 9 with the street")
    return text


def _plain(value: object) -> object:
    match value:
        case dt.date():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case StrEnum():
            return value.value
        case tuple():
            return [_plain(item) for item in value]
        case Review():
            return {f.name: _plain(getattr(value, f.name)) for f in fields(Review)}
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case _:
            return value


def case_to_json(case: Case) -> dict[str, Any]:
    """Return the JSON object of a case; `case_from_json` restores an equal case."""
    record = {f.name: _plain(getattr(case, f.name)) for f in fields(Case)}
    if not record["extra"]:
        del record["extra"]
    return record


def with_derived(case: Case, values: Mapping[str, Any]) -> Case:
    """Return the case with `values` filled in where it had nothing, and their names in `derived`."""
    missing = {name: value for name, value in values.items() if value not in (None, (), "") and getattr(case, name) in (None, (), "", {})}
    if not missing:
        return case
    return replace(case, **missing, derived=tuple(sorted({*case.derived, *missing})))
