"""The catalogue of violations: statutes, disposals with computable limits, pivots, evidence; one YAML file each, checked when loaded."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

FOLDER = Path(__file__).parent / "taxonomy" / "violations"
SIGNS = Path(__file__).parent / "taxonomy" / "signs.yaml"
EVERYDAY = Path(__file__).parent / "taxonomy" / "everyday.yaml"
MAX_PHRASE_WORD = 8
Status = Literal["checked", "to_confirm"]


class TaxonomyError(ValueError):
    """A taxonomy file is not what it should be; the message names file, place and cure."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class DatedCitation(_Part):
    """An article and the days on which it is in force."""

    cite: str
    valid_from: dt.date | None = Field(alias="from")
    valid_to: dt.date | None = Field(alias="to")
    status: Status


class FineRange(_Part):
    """A fine in yuan (fixed), as a share (percent) or multiple of a base, or per unit; `base_from`/`base_to` limit the base it is for."""

    kind: Literal["fixed", "percent", "multiple", "per_unit"]
    min: float = Field(ge=0)
    max: float = Field(ge=0)
    base: str | None = None
    unit: str | None = None
    base_from: float | None = None
    base_to: float | None = None

    @model_validator(mode="after")
    def _ordered(self) -> FineRange:
        if self.min > self.max:
            raise ValueError(f"fine: min {self.min} is above max {self.max}")
        return self


class DisposalRule(_Part):
    """One lawful way to dispose of the violation and the pivots it presupposes.

    `sole_traders` says that a rule for 单位 also meets a 个体工商户 with premises and employees (生产经营单位, 用人单位), and how sure that is.
    """

    id: str
    title: str
    when: Mapping[str, bool]
    party: Literal["任意", "单位", "个人"]
    sole_traders: Status | None = None
    kinds: tuple[str, ...]
    optional: tuple[str, ...]
    fine: FineRange | None
    precondition: str | None
    cite: tuple[str, ...]
    valid_from: dt.date | None = Field(alias="from")
    valid_to: dt.date | None = Field(alias="to")
    status: Status

    def in_force(self, day: dt.date | None) -> bool:
        """Say whether the rule is in force on a day; an unknown day meets rules still in force."""
        if day is None:
            return self.valid_to is None
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


class Pivot(_Part):
    """A fact on which the disposal turns, the patterns that read it from a text, and where each value leads.

    `stands` settles a text that says both yes and no: the first statement (a later remedy does not undo the breach), or the yes
    (refused once is refused, whatever was done before or after). Without it such a text is left to a person.
    """

    name: str
    label: str
    type: Literal["bool", "number", "text"]
    unit: str | None
    decisive: bool
    question: str
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    value: str | None
    stands: Literal["first", "yes"] | None = None
    steers: Mapping[bool, tuple[str, ...]]

    @field_validator("steers", mode="before")
    @classmethod
    def _lists(cls, steers: Mapping[Any, Any] | None) -> dict[Any, Any]:
        return {key: ((value,) if isinstance(value, str) else value) for key, value in (steers or {}).items()}


class Pattern(_Part):
    """A named thing and the patterns that find it in a text."""

    name: str
    patterns: tuple[str, ...]


class EvidencePoint(_Part):
    """A piece of evidence the file must hold and how it is usually mentioned."""

    item: str
    patterns: tuple[str, ...]


class LossGround(_Part):
    """A common ground for losing (L1–L14 of the common list, or special)."""

    code: str
    text: str


class Violation(_Part):
    """One violation of the catalogue."""

    code: str
    name: str
    aliases: tuple[str, ...]
    keywords: tuple[str, ...]
    domain: str
    family: Literal["planning", "general"]
    status: Status
    agency: str
    duty: tuple[DatedCitation, ...]
    penalty: tuple[DatedCitation, ...]
    disposals: tuple[DisposalRule, ...]
    pivots: tuple[Pivot, ...]
    mitigating: tuple[Pattern, ...]
    aggravating: tuple[Pattern, ...]
    elements: tuple[str, ...]
    evidence: tuple[EvidencePoint, ...]
    loss_grounds: tuple[LossGround, ...]
    procedure: Mapping[str, str]
    steps: tuple[str, ...]

    @property
    def patterns(self) -> Iterator[str]:
        """Every pattern of the violation: pivots, factors, evidence."""
        for pivot in self.pivots:
            yield from (*pivot.yes, *pivot.no, *((pivot.value,) if pivot.value else ()))
        for factor in (*self.mitigating, *self.aggravating):
            yield from factor.patterns
        for point in self.evidence:
            yield from point.patterns

    @model_validator(mode="after")
    def _steers_known(self) -> Violation:
        rules = {rule.id for rule in self.disposals}
        for pivot in self.pivots:
            for targets in pivot.steers.values():
                if unknown := set(targets) - rules:
                    raise ValueError(f"pivot {pivot.name} steers to {'、'.join(sorted(unknown))}: no such disposal")
        names = {pivot.name for pivot in self.pivots}
        for rule in self.disposals:
            if unknown := set(rule.when) - names:
                raise ValueError(f"disposal {rule.id} asks for {'、'.join(sorted(unknown))}: no such pivot")
        return self


@functools.lru_cache(maxsize=8192)
def _compile(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"pattern {pattern!r}: {error}") from None


def compiled(pattern: str) -> re.Pattern[str]:
    """Return the compiled form of a pattern of the catalogue (kept)."""
    return _compile(pattern)


def read_violation(path: Path) -> Violation:
    """Read one file and check it with all its patterns. Raises TaxonomyError naming file, field and problem."""
    violation = _read(path)
    check_patterns([violation])
    return violation


def _read(path: Path) -> Violation:
    try:
        record = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise TaxonomyError(f"{path.name}: not readable YAML ({str(error).splitlines()[-1].strip()})") from None
    for pivot in (record.get("pivots") or []) if isinstance(record, dict) else []:
        for written, name in ((True, "yes"), (False, "no")):  # YAML 1.1 reads the keys yes and no as true and false
            if written in pivot:
                pivot[name] = pivot.pop(written)
    try:
        return Violation.model_validate(record)
    except ValidationError as error:
        first = error.errors()[0]
        raise TaxonomyError(f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


@functools.cache
def load_violations(folder: Path = FOLDER) -> Mapping[str, Violation]:
    """Return all violations by code, their patterns not yet checked. Raises TaxonomyError for the first bad file or a code used twice."""
    violations: dict[str, Violation] = {}
    for path in sorted(folder.glob("*.yaml")):
        violation = _read(path)
        if violation.code != path.stem or violation.code in violations:
            raise TaxonomyError(f"{path.name}: code {violation.code} does not match the file's name or is used twice")
        violations[violation.code] = violation
    return violations


def check_patterns(violations: Iterable[Violation]) -> None:
    """Raise TaxonomyError for the first pattern that is no regular expression.

    Not done when loading: to compile all 2,982 takes a second, and a search needs those of a few violations only.
    """
    for violation in violations:
        try:
            for pattern in violation.patterns:
                re.compile(pattern)
        except re.error as error:
            raise TaxonomyError(f"{violation.code}.yaml: pattern {pattern!r}: {error}; correct it") from None


@functools.cache
def load_everyday(path: Path = EVERYDAY) -> Mapping[str, tuple[str, ...]]:
    """Return everyday phrases by code."""
    phrases = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {code: tuple(text.split("、")) for code, text in phrases.items()}


def domain_words(violations: Iterable[Violation]) -> set[str]:
    """Return names, aliases, keywords and short everyday phrases: what the analyzer should know as words."""
    everyday = load_everyday()
    phrases = {phrase for violation in violations for phrase in everyday.get(violation.code, ()) if len(phrase) <= MAX_PHRASE_WORD}
    return phrases | {word for violation in violations for word in (violation.name, *violation.aliases, *violation.keywords)}


@functools.cache
def load_signs(path: Path = SIGNS) -> Mapping[str, tuple[re.Pattern[str], ...]]:
    """Return the patterns that set a violation apart, by code. Raises TaxonomyError for a pattern that does not compile."""
    try:
        return {
            code: tuple(_compile(pattern) for pattern in patterns)
            for code, patterns in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader).items()
        }
    except ValueError as error:
        raise TaxonomyError(f"{path.name}: {error}") from None


def find_signs(text: str) -> set[str]:
    """Return the codes of the violations whose constituent fact the text states."""
    return {code for code, patterns in load_signs().items() if any(pattern.search(text) for pattern in patterns)}


def teaching_texts(violations: Iterable[Violation]) -> list[tuple[str, str]]:
    """Return (code, text) pairs that say what each violation is about: names, keywords, elements, questions, everyday phrases."""
    everyday = load_everyday()
    texts: list[tuple[str, str]] = []
    for violation in violations:
        phrases = everyday.get(violation.code, ())
        parts = [
            "，".join((violation.name, *violation.aliases)),
            "，".join(violation.keywords),
            "，".join((*violation.elements, *(point.item for point in violation.evidence))),
            "，".join(f"{pivot.name}，{pivot.question}" for pivot in violation.pivots),
            *phrases,
            "，".join(phrases),
        ]
        texts += [(violation.code, part) for part in parts if part]
    return texts


@functools.cache
def _codes_by_name() -> Mapping[str, str]:
    return {name: violation.code for violation in load_violations().values() for name in (violation.code, violation.name, *violation.aliases)}


def find_violation(cause: str | None) -> Violation | None:
    """Return the violation with this code, name or alias, or None."""
    code = _codes_by_name().get(cause or "")
    return load_violations()[code] if code else None
