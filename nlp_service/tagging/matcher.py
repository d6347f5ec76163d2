"""Find every trigger, scope cue and person word of a scheme in one Aho–Corasick pass, then the bounded patterns it points to."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import ahocorasick

from nlp_service.tagging.language import Language
from nlp_service.tagging.patterns import anchors, compile_pattern, expand
from nlp_service.tagging.schemes import WEAK, Scheme, Trigger

_MAX_HITS_PER_PATTERN = 8


class Hit(NamedTuple):
    """A trigger found: `tag` is the index in the scheme, the span lies in the folded text; `context_met` is False where a need is missing."""

    tag: int
    start: int
    end: int
    weight: float
    trigger: int
    context_met: bool = True


class Cue(NamedTuple):
    """A scope cue or person word found; `kind` is its list in the language file."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Found:
    """All that one pass found, each list ordered by start."""

    hits: list[Hit]
    negatives: list[Hit]
    cues: list[Cue]
    persons: list[Cue]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A trigger compiled: which tag, how strong, what it needs; a pattern cannot match without a word of each group (by number) of `also`."""

    tag: int
    trigger: int
    weight: float
    needs: tuple[str, ...]
    unless: tuple[str, ...]
    is_negative: bool
    pattern: re.Pattern[str] | None
    also: frozenset[int]


@dataclass(slots=True)
class _Word:
    """What a word of the automaton stands for: literal triggers, patterns it may start, groups of words that patterns need, scope cues, persons."""

    length: int
    literals: list[int] = field(default_factory=list)
    anchored: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    cues: list[str] = field(default_factory=list)
    persons: list[str] = field(default_factory=list)


class _Words(dict[str, _Word]):
    """The words of an automaton that is being built, and the groups of words by number."""

    def __init__(self) -> None:
        super().__init__()
        self._groups: dict[frozenset[str], int] = {}

    def __missing__(self, text: str) -> _Word:
        self[text] = _Word(len(text))
        return self[text]

    def group(self, members: frozenset[str]) -> int:
        """Return the number of a group; its words are made known the first time."""
        if members not in self._groups:
            self._groups[members] = len(self._groups)
            for text in members:
                self[text].groups.append(self._groups[members])
        return self._groups[members]

    def automaton(self) -> ahocorasick.Automaton:
        """Return the automaton that finds them all."""
        automaton = ahocorasick.Automaton()
        for text, word in self.items():
            automaton.add_word(text, word)
        automaton.make_automaton()
        return automaton


class Matcher:
    """The compiled triggers of one scheme; build once, share between threads (read-only)."""

    def __init__(self, scheme: Scheme, language: Language) -> None:
        self._entries: list[_Entry] = []
        self._unanchored: list[int] = []
        words = _Words()
        fold = cache(language.fold_text)  # the words of a macro stand in many patterns
        for number, tag in enumerate(scheme.tags):
            self._add_triggers(number, tag.all_triggers, False, scheme, fold, words)
            self._add_triggers(number, tag.negative, True, scheme, fold, words)
        for kind, listed in language.cues.items():
            for text in dict.fromkeys(map(fold, listed)):
                words[text].cues.append(kind)
        for kind, listed in language.persons.items():
            for text in dict.fromkeys(map(fold, listed)):
                words[text].persons.append(kind)
        self._automaton = words.automaton()

    def _add_triggers(self, number: int, triggers: Sequence[Trigger], is_negative: bool, scheme: Scheme, fold: Callable[[str], str], words: _Words) -> None:
        for index, trigger in enumerate(triggers):
            source = expand(trigger.text, scheme.macros, fold) if trigger.is_pattern else None
            groups = anchors(source) if source is not None else ()
            entry = _Entry(
                tag=number,
                trigger=index,
                weight=trigger.weight,
                needs=tuple(fold(word) for word in trigger.needs),
                unless=tuple(fold(word) for word in trigger.unless),
                is_negative=is_negative,
                pattern=compile_pattern(source) if source is not None else None,
                also=frozenset(words.group(group) for group in groups[1:]),
            )
            position = len(self._entries)
            self._entries.append(entry)
            if source is None:
                words[fold(trigger.text)].literals.append(position)
            elif not groups:
                self._unanchored.append(position)
            else:
                for anchor in groups[0]:
                    words[anchor].anchored.append(position)

    def find(self, text: str) -> Found:
        """Return everything found in a folded text; linear in its length for a fixed scheme."""
        hits: list[Hit] = []
        negatives: list[Hit] = []
        cues: list[Cue] = []
        persons: list[Cue] = []
        candidates = set(self._unanchored)
        present: set[int] = set()
        for last, word in self._automaton.iter(text):
            if word.anchored:
                candidates.update(word.anchored)
            if word.groups:
                present.update(word.groups)
            if word.literals or word.cues or word.persons:
                end = last + 1
                start = end - word.length
                for position in word.literals:
                    self._add_hit(position, start, end, text, hits, negatives)
                for kind in word.cues:
                    cues.append(Cue(kind, start, end))
                for kind in word.persons:
                    persons.append(Cue(kind, start, end))
        entries = self._entries
        for position in sorted([place for place in candidates if entries[place].also <= present]):
            pattern = entries[position].pattern
            if pattern is None:
                continue
            for match in itertools.islice(pattern.finditer(text), _MAX_HITS_PER_PATTERN):
                if match.end() > match.start():
                    self._add_hit(position, match.start(), match.end(), text, hits, negatives)
        return Found(_without_nested(hits), negatives, sorted(cues, key=_by_place), _longest(persons))

    def _add_hit(self, position: int, start: int, end: int, text: str, hits: list[Hit], negatives: list[Hit]) -> None:
        entry = self._entries[position]
        is_met = _is_met(entry, text) if entry.needs or entry.unless else True
        if entry.is_negative:
            if is_met:
                negatives.append(Hit(entry.tag, start, end, entry.weight, entry.trigger))
            return
        weight = entry.weight if is_met else min(entry.weight, WEAK)
        hits.append(Hit(entry.tag, start, end, weight, entry.trigger, is_met))


def _is_met(entry: _Entry, text: str) -> bool:
    return (not entry.needs or any(word in text for word in entry.needs)) and not any(word in text for word in entry.unless)


def _by_place(item: Hit | Cue) -> tuple[int, int]:
    return item.start, -item.end


def _longest(cues: Iterable[Cue]) -> list[Cue]:
    """Keep the leftmost longest of overlapping words."""
    kept: list[Cue] = []
    for cue in sorted(cues, key=_by_place):
        if not kept or cue.start >= kept[-1].end:
            kept.append(cue)
    return kept


def _without_nested(hits: list[Hit]) -> list[Hit]:
    """Drop a hit that lies inside another of the same tag that is at least as strong."""
    hits.sort(key=lambda hit: (hit.tag, hit.start, -hit.end, -hit.weight))
    kept: list[Hit] = []
    reach: list[Hit] = []
    for hit in hits:
        reach = [other for other in reach if other.tag == hit.tag and other.end > hit.start]
        if any(other.end >= hit.end and other.weight >= hit.weight for other in reach):
            continue
        kept.append(hit)
        reach.append(hit)
    return sorted(kept, key=_by_place)
