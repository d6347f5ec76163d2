"""Why a case was found: matching passages on both sides, elements that are the same and that differ."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from corpora.pivots import known_pivots
from corpora.schema import Case, PivotValue
from corpora.text import sentences
from corpora.violations import Violation
from indexes.analyzer import Analyzer

from .drafts import Draft

MAX_PASSAGES = 3
MIN_SHARED = 2
MAX_SENTENCES = 80
MAX_RARITY = 10.0


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence of the draft (start, end) and the sentence of the case's facts that says nearly the same; `words` are shared."""

    draft: tuple[int, int]
    case: tuple[int, int]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Element:
    """One thing compared: a pivot, the violation, the kind of party … `ours` or `theirs` is None where it is not stated."""

    name: str
    ours: PivotValue | None
    theirs: PivotValue | None
    decisive: bool = False


@dataclass(frozen=True, slots=True)
class Elements:
    """Elements that agree, that conflict, and that only one side states."""

    same: tuple[Element, ...]
    different: tuple[Element, ...]
    unknown: tuple[Element, ...]

    @property
    def has_decisive_conflict(self) -> bool:
        """Whether a pivot on which the disposal turns is the other way round."""
        return any(element.decisive for element in self.different)


def _equal(ours: PivotValue, theirs: PivotValue) -> bool:
    if isinstance(ours, bool) or isinstance(theirs, bool) or isinstance(ours, str) or isinstance(theirs, str):
        return ours == theirs
    larger = max(abs(ours), abs(theirs))
    return larger == 0 or abs(ours - theirs) / larger <= 0.25  # 2.8 % is near 3 %, far from 40 %


def compare_elements(draft: Draft, violation: Violation | None, pivots: Mapping[str, PivotValue], case: Case) -> Elements:
    """Compare violation, party and pivots of a draft with those of a case."""
    same: list[Element] = []
    different: list[Element] = []
    unknown: list[Element] = []
    if violation is None:
        return Elements((), (), ())
    is_same_cause = case.cause_code == violation.code or violation.name in case.causes
    (same if is_same_cause else different).append(Element("违法行为", violation.name, case.causes[0] if case.causes else case.cause_code))
    if not is_same_cause:
        return Elements(tuple(same), tuple(different), ())
    theirs = {**known_pivots(violation, case.facts), **case.pivots}
    for pivot in violation.pivots:
        element = Element(pivot.name, pivots.get(pivot.name), theirs.get(pivot.name), pivot.decisive)
        if element.ours is None and element.theirs is None:
            continue
        if element.ours is None or element.theirs is None:
            unknown.append(element)
        elif _equal(element.ours, element.theirs):
            same.append(element)
        else:
            different.append(element)
    return Elements(tuple(same), tuple(different), tuple(unknown))


SentenceWords = list[tuple[tuple[int, int], frozenset[str]]]


def matching_passages(analyzer: Analyzer, rarity: Mapping[str, float], ours: SentenceWords, case: Case) -> tuple[Passage, ...]:
    """Return the pairs of sentences that share the rarest words, best first, each sentence at most once; `ours` comes from `sentence_words`, `rarity` says of
    each of its words how rare it is."""
    theirs = sentence_words(analyzer, case.facts)
    weights = {word: min(value, MAX_RARITY) for word, value in rarity.items()}
    scored = []
    for span, words in ours:
        for other_span, other_words in theirs:
            shared = words & other_words
            if len(shared) >= MIN_SHARED:
                weight = math.fsum(weights[word] for word in shared)  # the same in whatever order a set gives its words
                scored.append((weight / (len(words) * len(other_words)) ** 0.25, span, other_span, shared))
    scored.sort(key=lambda item: (-item[0], item[1], item[2]))
    passages: list[Passage] = []
    for _, span, other_span, shared_words in scored:
        if len(passages) == MAX_PASSAGES:
            break
        if all(span != passage.draft and other_span != passage.case for passage in passages):
            passages.append(Passage(span, other_span, tuple(sorted(shared_words))))
    return tuple(passages)


def sentence_words(analyzer: Analyzer, text: str) -> SentenceWords:
    """Return (start, end) and the words of each sentence."""
    return [((start, end), frozenset(word for word in analyzer.words(text[start:end]) if len(word) > 1)) for start, end in sentences(text)[:MAX_SENTENCES]]
