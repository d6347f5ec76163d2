"""What reconsideration and courts can say of a decision: canonical names, the group each counts in, the article behind it."""

from __future__ import annotations

import datetime as dt
import re
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from corpora.schema import Review, ReviewType

_FILE = Path(__file__).with_name("taxonomy") / "outcomes.yaml"
# What a higher court does with the judgement below says nothing of the administrative decision by itself.
_OF_LOWER_COURT = re.compile(
    r"(撤销|维持|变更)[^,，;；。、]{0,30}?(一审|二审|原审|原判)[^,，;；。、]{0,12}|(撤销|维持)[^,，;；。、]{0,30}(行政判决|行政裁定)(书)?"
)

_DISMISSED = re.compile(r"驳回(?:(?!驳回)[^,，;；。、])*?请求")  # what was asked for (驳回要求撤销处罚决定的诉讼请求) is not what was given


class OutcomeGroup(StrEnum):
    """How a result counts in the share of corrected decisions (domain §1.6)."""

    CORRECTED = "corrected"
    UPHELD = "upheld"
    NOT_COUNTED = "not_counted"
    SELF_CORRECTED = "self_corrected"


_GROUP_NAMES = {
    OutcomeGroup.CORRECTED: "纠错",
    OutcomeGroup.UPHELD: "维持类",
    OutcomeGroup.NOT_COUNTED: "不计入",
    OutcomeGroup.SELF_CORRECTED: "机关自行纠正",
}


class Outcome(BaseModel):
    """One canonical outcome."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    label: str = ""
    group: OutcomeGroup
    patterns: tuple[str, ...]


class LawVersion(BaseModel):
    """The articles behind outcomes while one version of a law was in force."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    type: ReviewType
    law: str
    since: dt.date = Field(alias="from")
    until: dt.date | None = None
    articles: dict[str, str]


class Outcomes(BaseModel):
    """The file outcomes.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcomes: tuple[Outcome, ...]
    laws: tuple[LawVersion, ...]


@cache
def load() -> Outcomes:
    """Read and check outcomes.yaml. Raises ValueError (pydantic) when it is not well formed."""
    with _FILE.open(encoding="utf-8") as stream:
        return Outcomes.model_validate(yaml.load(stream, Loader=yaml.CSafeLoader))


@cache
def _patterns() -> tuple[tuple[Outcome, re.Pattern[str]], ...]:
    return tuple((outcome, re.compile("|".join(outcome.patterns))) for outcome in load().outcomes)


def canonical_outcome(text: str) -> str | None:
    """Return the canonical name of a result in free words (判决撤销处罚决定 → 撤销), or None when it says none.

    Words about the judgement of a lower court (维持原判, 撤销一审判决) are set aside first.
    """
    outcome = _find(text)
    return outcome.name if outcome else None


def outcome_group(review: Review) -> OutcomeGroup:
    """Return the group a review counts in; a result we do not understand is not counted."""
    outcome = _find(review.result)
    return outcome.group if outcome else OutcomeGroup.NOT_COUNTED


def badge(review: Review) -> str:
    """Return the short Chinese label of a review: 复议撤销（纠错）."""
    outcome = _find(review.result)
    name = (outcome.label or outcome.name) if outcome else review.result.strip()[:20]
    return f"{review.type}{name}（{_GROUP_NAMES[outcome_group(review)]}）"


def legal_basis(review: Review) -> str | None:
    """Return law and article behind a result on the day it was given, or None when the day or the article is not known."""
    name = canonical_outcome(review.result)
    day = review.decided_on
    if name is None or day is None:
        return None
    for version in load().laws:
        if version.type is review.type and version.since <= day and (version.until is None or day < version.until) and name in version.articles:
            return f"{version.law}第{version.articles[name]}条"
    return None


def _find(text: str) -> Outcome | None:
    words = _DISMISSED.sub("驳回请求", _OF_LOWER_COURT.sub("", re.sub(r"\s+", "", text)))
    return next((outcome for outcome, pattern in _patterns() if pattern.search(words)), None)
