"""What is asked of a library and what it answers: values only, no index knows more than these."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .calibration import Evidence


class Channel(StrEnum):
    """The ways a case can be found; each gives every hit a rank and a score."""

    LEXICAL = "lexical"
    DENSE = "dense"
    CAUSES = "causes"
    REASONING = "reasoning"
    STATUTES = "statutes"
    EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions every hit must meet: values of one field are alternatives, fields add up. Regions are prefixes of GB/T 2260 codes."""

    regions: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    provenances: tuple[str, ...] = ()
    decided_from: dt.date | None = None
    decided_to: dt.date | None = None

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True)
class Query:
    """One draft or question; `text` is already normalised and masked. `signs` are cause labels whose constituent fact the text states."""

    text: str
    causes: tuple[str, ...] = ()
    signs: frozenset[str] = frozenset()
    pivots: Mapping[str, bool | int | float | str] = field(default_factory=dict)
    doc_no: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelScore:
    """`rank` from 1 among the candidates of this search, None where the channel did not find the case."""

    rank: int | None
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """One case found. `score` is the fused score, `relevance` the calibrated P(relevance ≥ 2) or None without a calibration.

    `passage` is the (start, end) of the best passage in the case's facts, in characters.
    """

    case_id: str
    rank: int
    score: float
    relevance: float | None
    channels: Mapping[Channel, ChannelScore]
    passage: tuple[int, int] | None = None
    evidence: Evidence = field(default_factory=Evidence)


@dataclass(frozen=True, slots=True)
class Read:
    """How much of the query was read."""

    characters: int
    of: int
    passages: int


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits best first, the causes the library reads in the draft, the articles cases of such causes rest on, time per stage in milliseconds, and the snapshot that answered."""

    hits: tuple[Hit, ...]
    n_candidates: int
    causes: tuple[tuple[str, float], ...]
    articles: tuple[tuple[str, float], ...]
    is_match: bool
    read: Read
    stages_ms: Mapping[str, float]
    snapshot: str
    last_seq: int
