"""The rules of alerts (corpora/taxonomy/alerts.yaml): windows, counts, silence, escalation, days out of contact, the legal ladder; checked when loaded."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..tagging.schemes import Level
from .watched import load_checked

ALERTS_FILE = Path(__file__).parents[2] / "corpora" / "taxonomy" / "alerts.yaml"
Hours = Annotated[float, Field(ge=0, le=24 * 366)]
Days = Annotated[float, Field(gt=0, le=1100)]
Codes = Annotated[tuple[str, ...], Field(min_length=1)]
_ORDER = tuple(Level)


class Rule(BaseModel):
    """Unknown fields are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ClockRules(Rule):
    """When the time a report carries is believed."""

    utc_offset_hours: Annotated[float, Field(ge=-12, le=14)] = 8
    ahead_minutes: Annotated[float, Field(ge=0, le=1440)] = 10
    late_days: Days = 30
    oldest_days: Annotated[float, Field(gt=0, le=36_500)] = 3650


class SameEvent(Rule):
    """How long reports with the same tag are about the same event."""

    default_hours: Hours = 24
    hours: dict[str, Hours] = {}

    def of(self, tag: str) -> float:
        """Return the hours for a tag."""
        return self.hours.get(tag, self.default_hours)


class Escalation(Rule):
    """Whom an alert goes to when nobody has acknowledged it so many hours after it was due before."""

    after_hours: Hours
    to: Annotated[str, Field(min_length=1)]


class LevelRule(Rule):
    """What a level means for alerts."""

    name: str
    alert: bool
    silence_hours: Hours
    respond_hours: Hours
    escalate: tuple[Escalation, ...] = ()


class RepeatStep(Rule):
    events: Annotated[int, Field(ge=2, le=100)]
    level: Level


class Repeat(Rule):
    """So many events of some tags within so many days."""

    id: Annotated[str, Field(min_length=1, max_length=60)]
    name: str
    tags: Codes
    statuses: Annotated[tuple[Literal["confirmed", "suspected"], ...], Field(min_length=1)] = ("confirmed",)
    days: Days
    silence_days: Days
    steps: Annotated[tuple[RepeatStep, ...], Field(min_length=1)]
    advice: str

    @model_validator(mode="after")
    def _steps_rise(self) -> Repeat:
        if [step.events for step in self.steps] != sorted({step.events for step in self.steps}):
            raise ValueError(f"{self.id}: steps must ask for more events each time")
        return self


class AbsenceStep(Rule):
    id: Annotated[str, Field(min_length=1, max_length=60)]
    over_days: Days
    level: Level
    name: str
    advice: str


class Absence(Rule):
    """Days out of contact."""

    starts: Codes
    ends: Codes
    steps: Annotated[tuple[AbsenceStep, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _steps_rise(self) -> Absence:
        if [step.over_days for step in self.steps] != sorted({step.over_days for step in self.steps}):
            raise ValueError("steps must ask for more days each time")
        return self


class SanctionRule(Rule):
    """A breach after so many sanctions of a kind."""

    id: Annotated[str, Field(min_length=1, max_length=60)]
    kind: str
    times: Annotated[int, Field(ge=1, le=20)]
    resets: tuple[str, ...] = ()
    level: Level
    name: str
    advice: str


class LegalBasis(Rule):
    """A provision; `to_confirm` until a lawyer has compared it with the text in force."""

    law: Annotated[str, Field(min_length=2)]
    article: Annotated[str, Field(min_length=1)]
    about: str = ""
    status: Literal["checked", "to_confirm"]


class DaysBetween(Rule):
    """More than `over_days` (None: from the first sign on) and at most `up_to_days` (None: without end)."""

    over_days: Annotated[float, Field(gt=0)] | None = None
    up_to_days: Annotated[float, Field(gt=0)] | None = None

    def holds(self, days: float) -> bool:
        """Tell whether a number of days lies between."""
        return (self.over_days is None or days > self.over_days) and (self.up_to_days is None or days <= self.up_to_days)


class LadderCondition(Rule):
    """One circumstance under which a step may be touched: by tags, by days out of contact, or by sanctions."""

    text: str
    tags: tuple[str, ...] = ()
    events: Annotated[int, Field(ge=1)] = 1
    absence: DaysBetween | None = None
    sanction: str | None = None
    times: Annotated[int, Field(ge=1)] = 1

    @model_validator(mode="after")
    def _one_kind(self) -> LadderCondition:
        if sum((bool(self.tags), self.absence is not None, self.sanction is not None)) != 1:
            raise ValueError(f"{self.text[:20]}: give exactly one of tags, absence, sanction")
        return self


class LadderStep(Rule):
    step: str
    basis: LegalBasis
    decided_by: str
    condition: str = ""
    when: Annotated[tuple[LadderCondition, ...], Field(min_length=1)]


class AlertRules(Rule):
    """All rules of one scheme; `version` is the first 12 hex digits of the SHA-256 of their content."""

    scheme: str
    clock: ClockRules = ClockRules()
    same_event: SameEvent = SameEvent()
    levels: dict[Level, LevelRule]
    repeats: tuple[Repeat, ...] = ()
    absence: Absence
    violations: Codes
    sanctions: tuple[SanctionRule, ...] = ()
    ladder: tuple[LadderStep, ...] = ()
    version: str = ""

    @model_validator(mode="after")
    def _complete(self) -> AlertRules:
        if missing := [level.value for level in Level if level not in self.levels]:
            raise ValueError(f"levels: {', '.join(missing)} missing; all of L0 to L4 are needed")
        ids = [*(rule.id for rule in self.repeats), *(step.id for step in self.absence.steps), *(rule.id for rule in self.sanctions)]
        if doubled := sorted({name for name in ids if ids.count(name) > 1} | ({"level"} & set(ids))):
            raise ValueError(f"{doubled[0]}: rule id used twice (or reserved); give each its own")
        return self

    @property
    def codes(self) -> frozenset[str]:
        """Every tag the rules speak of."""
        ladder = (code for step in self.ladder for condition in step.when for code in condition.tags)
        repeats = (code for rule in self.repeats for code in rule.tags)
        return frozenset((*self.same_event.hours, *ladder, *repeats, *self.absence.starts, *self.absence.ends, *self.violations))

    @property
    def raising(self) -> frozenset[str]:
        """The tags that count toward an alert beside the level's."""
        return frozenset((*(code for rule in self.repeats for code in rule.tags), *self.absence.starts, *self.violations))

    @property
    def look_back_days(self) -> float:
        """How far back a person's reports bear on an alert today."""
        windows = (day for rule in self.repeats for day in (rule.days, rule.silence_days))
        return max((*windows, *(step.over_days for step in self.absence.steps)), default=30) + 60

    def is_higher(self, level: Level, than: Level) -> bool:
        """Tell whether a level is above another."""
        return _ORDER.index(level) > _ORDER.index(than)


def load_alert_rules(path: Path = ALERTS_FILE) -> AlertRules:
    """Read the rules. Raises RulesError."""
    rules = load_checked(path, AlertRules)
    return rules.model_copy(update={"version": hashlib.sha256(rules.model_dump_json().encode()).hexdigest()[:12]})
