"""Keyword schemes: what a tag means, what raises it, what does not count; read from YAML, checked, versioned by content."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from nlp_service.tagging.patterns import PatternError, compile_pattern, expand, is_pattern

SCHEMES_DIR = Path(__file__).parents[2] / "corpora" / "taxonomy" / "schemes"
MAX_SCHEME_CHARS = 2_000_000
STRONG, HINT, WEAK = 0.9, 0.6, 0.35


class SchemeError(ValueError):
    """A scheme cannot be used; `problems` holds one line each: file:line, what is wrong, what to write."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Level(StrEnum):
    L0 = "L0"
    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"


class Goal(StrEnum):
    RECALL = "recall"
    BALANCED = "balanced"
    PRECISION = "precision"


class Verdict(StrEnum):
    """What a finding of scope does to a trigger."""

    HOLD = "hold"
    SUSPECT = "suspect"
    REJECT = "reject"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Trigger(_Strict):
    """A word or bounded pattern; without one of `needs`, or beside one of `unless`, in the report it only hints."""

    text: Annotated[str, Field(min_length=1, max_length=1200)]
    weight: Annotated[float, Field(gt=0, le=1)] = STRONG
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    @property
    def is_pattern(self) -> bool:
        return is_pattern(self.text)


def _trigger(item: object, weight: float) -> object:
    if isinstance(item, str):
        return {"text": item, "weight": weight}
    if isinstance(item, dict):
        return {"weight": weight, **item}
    raise ValueError(f"{str(item)[:20]!r} is not a text; put it in quotes (YAML reads bare numbers, yes and no as other types)")


def _triggers(weight: float) -> BeforeValidator:
    def fill(value: object) -> object:
        return [_trigger(item, weight) for item in value] if isinstance(value, list) else value

    return BeforeValidator(fill)


class Basis(_Strict):
    """A provision a tag rests on; `to_confirm` until a lawyer has compared it with the text in force."""

    law: Annotated[str, Field(min_length=2)]
    article: str = ""
    about: str = ""
    status: Literal["checked", "to_confirm"] = "to_confirm"


class Policy(_Strict):
    """What each finding of scope means for a tag; a field left out takes the scheme's, then the default below."""

    negated: Verdict = Verdict.REJECT
    past: Verdict = Verdict.REJECT
    family: Verdict = Verdict.REJECT
    other: Verdict = Verdict.REJECT
    hearsay: Verdict = Verdict.SUSPECT
    uncertain: Verdict = Verdict.SUSPECT
    hypothetical: Verdict = Verdict.REJECT
    planned: Verdict = Verdict.REJECT
    approved: Verdict = Verdict.HOLD
    device: Verdict = Verdict.HOLD
    education: Verdict = Verdict.HOLD
    fiction: Verdict = Verdict.REJECT
    handled: Verdict = Verdict.HOLD
    exaggeration: Verdict = Verdict.REJECT
    retracted: Verdict = Verdict.REJECT
    turned: Verdict = Verdict.HOLD
    passive: Verdict = Verdict.HOLD


class Tag(_Strict):
    """One tag of a scheme."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,15}$")]
    name: Annotated[str, Field(min_length=1, max_length=40)]
    category: str = ""
    definition: Annotated[str, Field(min_length=2, max_length=400)]
    level: Level
    goal: Goal = Goal.BALANCED
    keeps_level: bool = False
    scope: Policy = Policy()
    triggers: Annotated[tuple[Trigger, ...], _triggers(STRONG)] = ()
    hints: Annotated[tuple[Trigger, ...], _triggers(HINT)] = ()
    weak: Annotated[tuple[Trigger, ...], _triggers(WEAK)] = ()
    negative: Annotated[tuple[Trigger, ...], _triggers(STRONG)] = ()
    not_counted: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    basis: tuple[Basis, ...] = ()
    measures: tuple[str, ...] = ()
    actor: str = ""

    @cached_property
    def all_triggers(self) -> tuple[Trigger, ...]:
        """Triggers that speak for the tag: strong ones, hints, weak ones."""
        return self.triggers + self.hints + self.weak


class Scheme(_Strict):
    """A checked scheme; `version` is the first 12 hex digits of the SHA-256 of its content.

    `trap_cost`: what one wrongly confirmed trap (a denied, past or foreign mention) costs in true positives when thresholds are chosen.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
    title: str = ""
    scope: Policy = Policy()
    trap_cost: Annotated[float, Field(ge=0, le=10)] = 1.0
    macros: dict[str, tuple[str, ...]] = {}
    tags: Annotated[tuple[Tag, ...], Field(min_length=1, max_length=400)]
    version: str = ""

    @model_validator(mode="before")
    @classmethod
    def _inherit_scope(cls, data: object) -> object:
        """Give every tag the scheme's policy for the fields it does not set itself."""
        if not isinstance(data, dict) or not isinstance(data.get("scope", {}), dict) or not isinstance(data.get("tags"), list):
            return data
        shared = data.get("scope", {})

        def filled(tag: object) -> object:
            if not isinstance(tag, dict) or not isinstance(tag.get("scope", {}), dict):
                return tag
            return {**tag, "scope": {**shared, **tag.get("scope", {})}}

        return {**data, "tags": [filled(tag) for tag in data["tags"]]}

    def tag(self, code: str) -> Tag:
        """Return the tag with this code. Raises KeyError."""
        for tag in self.tags:
            if tag.code == code:
                return tag
        raise KeyError(f"tag {code!r}: scheme {self.name} has {', '.join(t.code for t in self.tags[:5])} …")


def load_scheme(source: Path | str, *, origin: str | None = None) -> Scheme:
    """Read and check a scheme from a file (Path) or a YAML text (str). Raises SchemeError with every problem and its line."""
    if isinstance(source, Path):
        origin = origin or source.name
        try:
            text = source.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SchemeError([f"{origin}: cannot be read ({error}); save it as UTF-8 and check the path"]) from error
    else:
        origin, text = origin or "scheme", source
    data, lines = _parse(text, origin)
    try:
        scheme = Scheme.model_validate(data)
    except ValidationError as error:
        # One faulty tag makes pydantic call the whole list too short as well; that says nothing new.
        faults = [item for item in error.errors() if item["type"] != "too_short" or len(error.errors()) == 1]
        raise SchemeError([_problem(origin, lines, tuple(item["loc"]), item["msg"], item.get("input")) for item in faults]) from error
    problems = _content_problems(scheme, origin, lines)
    if problems:
        raise SchemeError(problems)
    canonical = json.dumps(scheme.model_dump(mode="json", exclude={"version"}), ensure_ascii=False, sort_keys=True)
    return scheme.model_copy(update={"version": hashlib.sha256(canonical.encode()).hexdigest()[:12]})


def bundled_scheme(name: str) -> Scheme:
    """Load a scheme that ships with the product, by its name. Raises SchemeError."""
    return load_scheme(SCHEMES_DIR / f"{name}.yaml")


_Lines = dict[tuple[object, ...], int]


def _parse(text: str, origin: str) -> tuple[object, _Lines]:
    if len(text) > MAX_SCHEME_CHARS:
        raise SchemeError([f"{origin}: {len(text)} characters, at most {MAX_SCHEME_CHARS}; split the scheme"])
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.CSafeLoader)):
            raise SchemeError([f"{origin}: YAML aliases (*name) are not allowed; write the value out"])
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
        data = yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{origin}:{mark.line + 1}" if mark else origin
        raise SchemeError([f"{where}: not readable as YAML ({getattr(error, 'problem', None) or error}); check indentation, colons and quotes"]) from error
    if not isinstance(data, dict):
        raise SchemeError([f"{origin}:1: expected a mapping with name and tags, got {type(data).__name__}"])
    lines: _Lines = {}
    problems: list[str] = []
    _collect_lines(root, (), lines, problems, origin)
    if problems:
        raise SchemeError(problems)
    return data, lines


def _collect_lines(node: yaml.Node | None, path: tuple[object, ...], lines: _Lines, problems: list[str], origin: str) -> None:
    if node is None:
        return
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            child = (*path, key.value)
            if child in lines:
                problems.append(f"{origin}:{key.start_mark.line + 1}: {key.value!r} is given twice (first in line {lines[child]}); keep one")
            _collect_lines(value, child, lines, problems, origin)
            lines[child] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _collect_lines(value, (*path, index), lines, problems, origin)


def _problem(origin: str, lines: _Lines, loc: tuple[object, ...], message: str, value: object = None) -> str:
    path = loc
    while path and path not in lines:
        path = path[:-1]
    where = ".".join(str(part) for part in loc) or "scheme"
    shown = f" {str(value)[:40]!r}" if isinstance(value, (str, int, float)) else ""
    return f"{origin}:{lines.get(path, 1)}: {where}{shown}: {message}"


def _content_problems(scheme: Scheme, origin: str, lines: _Lines) -> list[str]:
    problems: list[str] = []
    seen: dict[str, int] = {}
    codes = {tag.code for tag in scheme.tags}
    for number, tag in enumerate(scheme.tags):
        if tag.code in seen:
            problems.append(
                _problem(origin, lines, ("tags", number, "code"), f"tag code used twice (also tag {seen[tag.code] + 1}); give it another", tag.code)
            )
        seen[tag.code] = number
        for code in tag.conflicts:
            if code not in codes:
                problems.append(_problem(origin, lines, ("tags", number, "conflicts"), "no tag with this code; remove it or add the tag", code))
        for group in ("triggers", "hints", "weak", "negative"):
            for index, trigger in enumerate(getattr(tag, group)):
                if not trigger.is_pattern:
                    continue
                try:
                    compile_pattern(expand(trigger.text, scheme.macros, str))
                except PatternError as error:
                    problems.append(_problem(origin, lines, ("tags", number, group, index), str(error), trigger.text))
    return problems
