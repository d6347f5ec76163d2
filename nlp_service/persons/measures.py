"""Suggested measures by tag (corpora/taxonomy/measures.yaml): need, goal, at most three measures, who, by when, review, when to stop; checked when loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Annotated

from pydantic import Field

from ..tagging.schemes import Tag
from .rules import LegalBasis, Rule
from .watched import RulesError, load_checked

MEASURES_FILE = Path(__file__).parents[2] / "corpora" / "taxonomy" / "measures.yaml"
MAX_MEASURES = 3
Words = Annotated[str, Field(min_length=2, max_length=120)]
_UNKNOWN = LegalBasis(law="待法制人员补充", article="待核", status="to_confirm")


class Measures(Rule):
    """What is suggested where a tag is confirmed; `verify` is all that is suggested where it is only suspected."""

    need: Words
    goal: Words
    measures: Annotated[tuple[Words, ...], Field(min_length=1, max_length=MAX_MEASURES)]
    who: Words
    due_days: Annotated[int, Field(ge=0, le=366)]
    review_days: Annotated[int, Field(ge=1, le=366)]
    stop: Words
    verify: Words
    basis: Annotated[tuple[LegalBasis, ...], Field(min_length=1)]


class MeasureBook(Rule):
    """The measures of one scheme; `version` is the first 12 hex digits of the SHA-256 of their content."""

    scheme: str
    look_back_days: Annotated[float, Field(gt=0, le=1100)]
    frame: LegalBasis
    reasons: dict[str, str] = Field(default_factory=dict)
    tags: Annotated[dict[str, Measures], Field(min_length=1)]
    version: str = ""

    def say(self, reason: str) -> str:
        """Return a reason of the tagger (family「弟弟」) in words for people."""
        kind, quote, words = reason.partition("「")
        return self.reasons.get(kind, kind) + quote + words

    def of(self, tag: Tag, scheme: str) -> Measures:
        """Return the measures of a tag; one the book does not know (a new tag, another scheme) gets those of its scheme."""
        if scheme == self.scheme and tag.code in self.tags:
            return self.tags[tag.code]
        basis = tuple(
            LegalBasis(law=item.law, article=item.article or "条号待核", about=item.about, status=item.status) for item in tag.basis if len(item.law) > 1
        )
        return Measures.model_construct(
            need=tag.name,
            goal="由承办人填写",
            measures=tag.measures[:MAX_MEASURES] or ("由承办人拟定",),
            who=tag.actor or "由承办单位确定",
            due_days=7,
            review_days=30,
            stop="由承办人填写",
            verify="向本人和在场人核实",
            basis=basis or (_UNKNOWN,),
        )


def load_measures(path: Path = MEASURES_FILE, *, codes: Collection[str] = ()) -> MeasureBook:
    """Read the measures; with `codes` every one of them must be there and no other. Raises RulesError."""
    book = load_checked(path, MeasureBook)
    if codes:
        missing, foreign = sorted(set(codes) - set(book.tags)), sorted(set(book.tags) - set(codes))
        if missing or foreign:
            raise RulesError(
                "\n".join([*(f"{path}: tags.{code}: missing" for code in missing), *(f"{path}: tags.{code}: no such tag in the scheme" for code in foreign)])
            )
    return book.model_copy(update={"version": hashlib.sha256(book.model_dump_json().encode()).hexdigest()[:12]})
