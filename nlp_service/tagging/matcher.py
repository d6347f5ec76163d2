"""Find every trigger, scope cue and person word of a scheme in one Aho–Corasick pass, then the bounded patterns it points to."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import ahocorasick

from nlp_service.tagging.language import Language
from nlp_service.tagging.patterns import anchors, compile_pattern, expand
from nlp_service.tagging.schemes import WEAK, Scheme, Trigger

_MAX_HITS_PER_PATTERN = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """A trigger found: `tag` is the index in the scheme, the span lies in the folded text; `context_met` is False where a need is missing."""

    tag: int
    start: int
    end: int
    weight: float
    trigger: int
    context_met: bool = True


@dataclass(frozen=True, slots=True)
class Cue:
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
    """A trigger compiled: which tag, how strong, what it needs; a pattern cannot match without a word of each group of `also`."""

    tag: int
    trigger: int
    weight: float
    needs: tuple[str, ...]
    unless: tuple[str, ...]
    is_negative: bool
    pattern: re.Pattern[str] | None
    also: tuple[frozenset[str], ...]


class Matcher:
    """The compiled triggers of one scheme; build once, share between threads (read-only)."""

    def __init__(self, scheme: Scheme, language: Language) -> None:
        self._entries: list[_Entry] = []
        self._unanchored: list[int] = []
        words: dict[str, list[tuple[str, int | str]]] = {}
        fold = cache(language.fold_text)  # the words of a macro stand in many patterns
        for number, tag in enumerate(scheme.tags):
            self._add_triggers(number, tag.all_triggers, False, scheme, fold, words)
            self._add_triggers(number, tag.negative, True, scheme, fold, words)
        for group, lists in (("cue", language.cues), ("person", language.persons)):
            for kind, listed in lists.items():
                for word in dict.fromkeys(fold(word) for word in listed):
                    words.setdefault(word, []).append((group, kind))
        automaton = ahocorasick.Automaton()
        for word, values in words.items():
            automaton.add_word(word, (word, tuple(values)))
        automaton.make_automaton()
        self._automaton = automaton

    def _add_triggers(
        self,
        number: int,
        triggers: Sequence[Trigger],
        is_negative: bool,
        scheme: Scheme,
        fold: Callable[[str], str],
        words: dict[str, list[tuple[str, int | str]]],
    ) -> None:
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
                also=groups[1:],
            )
            position = len(self._entries)
            self._entries.append(entry)
            if source is None:
                words.setdefault(fold(trigger.text), []).append(("trigger", position))
                continue
            if not groups:
                self._unanchored.append(position)
                continue
            for anchor in groups[0]:
                words.setdefault(anchor, []).append(("anchor", position))
            for anchor in itertools.chain(*groups[1:]):
                words.setdefault(anchor, [])

    def find(self, text: str) -> Found:
        """Return everything found in a folded text; linear in its length for a fixed scheme."""
        hits: list[Hit] = []
        negatives: list[Hit] = []
        cues: list[Cue] = []
        persons: list[Cue] = []
        candidates: set[int] = set(self._unanchored)
        present: set[str] = set()
        for last, (word, values) in self._automaton.iter(text):
            present.add(word)
            if not values:
                continue
            end, length = last + 1, len(word)
            for group, value in values:
                if group == "anchor":
                    candidates.add(value)
                elif group == "cue":
                    cues.append(Cue(value, end - length, end))
                elif group == "person":
                    persons.append(Cue(value, end - length, end))
                else:
                    self._add_hit(value, end - length, end, text, hits, negatives)
        entries = self._entries
        for position in sorted(place for place in candidates if all(map(present.intersection, entries[place].also))):
            entry = entries[position]
            if entry.pattern is None:
                continue
            for match in itertools.islice(entry.pattern.finditer(text), _MAX_HITS_PER_PATTERN):
                if match.end() > match.start():
                    self._add_hit(position, match.start(), match.end(), text, hits, negatives)
        return Found(_without_nested(hits), negatives, sorted(cues, key=_by_place), _longest(persons))

    def _add_hit(self, position: int, start: int, end: int, text: str, hits: list[Hit], negatives: list[Hit]) -> None:
        entry = self._entries[position]
        is_met = (not entry.needs or any(word in text for word in entry.needs)) and not any(word in text for word in entry.unless)
        if entry.is_negative:
            if is_met:
                negatives.append(Hit(entry.tag, start, end, entry.weight, entry.trigger))
            return
        weight = entry.weight if is_met else min(entry.weight, WEAK)
        hits.append(Hit(entry.tag, start, end, weight, entry.trigger, is_met))


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
