"""Spoken-language resources shared by all schemes: spelling variants with offsets, scope cues, words for persons."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import ahocorasick
import yaml

from corpora.text import normalise

DEFAULT_PATH = Path(__file__).parents[2] / "corpora" / "taxonomy" / "language.yaml"


class LanguageError(ValueError):
    """The language file is not what it should be; the message names the entry and the cure."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in canonical spelling; `starts[i]`/`ends[i]` is the raw span that character i came from."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the raw text behind `text[start:end]`; start < end is required."""
        return self.starts[start], self.ends[end - 1]


@dataclass(frozen=True, slots=True)
class Language:
    """Variants, cues and person words, with the version of their content."""

    cues: Mapping[str, tuple[str, ...]]
    persons: Mapping[str, tuple[str, ...]]
    surnames: frozenset[str]
    version: str
    _simplified: Mapping[int, str]
    _variants: ahocorasick.Automaton

    def fold(self, raw: str) -> Folded:
        """Normalise, simplify and respell a raw text, keeping for every character the raw span it came from."""
        clean = normalise(raw)
        text = clean.text.translate(self._simplified).lower()
        if len(text) != len(clean.text):  # a few letters change length when lowered (İ); then the case stays
            text = clean.text.translate(self._simplified)
        offsets = clean.offsets
        starts: Sequence[int] = offsets[:-1]
        ends: Sequence[int] = offsets[1:]
        found = self._leftmost_longest(text)
        if found:
            return _respelled(text, starts, ends, found)
        return Folded(text, starts, ends)

    def fold_text(self, raw: str) -> str:
        """Return only the text of `fold`; triggers go through it so that they meet the reports in one spelling."""
        return self.fold(raw).text

    def _leftmost_longest(self, text: str) -> list[tuple[int, int, str]]:
        best: dict[int, tuple[int, str]] = {}
        for last, (length, canonical) in self._variants.iter(text):
            start = last + 1 - length
            if start not in best or best[start][0] < last + 1:
                best[start] = (last + 1, canonical)
        chosen: list[tuple[int, int, str]] = []
        at = 0
        for start in sorted(best):
            end, canonical = best[start]
            if start >= at:
                chosen.append((start, end, canonical))
                at = end
        return [item for item in chosen if text[item[0] : item[1]] != item[2]]


def _respelled(text: str, starts: Sequence[int], ends: Sequence[int], found: Sequence[tuple[int, int, str]]) -> Folded:
    parts: list[str] = []
    new_starts: list[int] = []
    new_ends: list[int] = []
    at = 0
    for start, end, canonical in found:
        parts.append(text[at:start])
        new_starts.extend(starts[at:start])
        new_ends.extend(ends[at:start])
        parts.append(canonical)
        # Every character of the respelled word stands for the whole raw word.
        new_starts.extend([starts[start]] * len(canonical))
        new_ends.extend([ends[end - 1]] * len(canonical))
        at = end
    parts.append(text[at:])
    new_starts.extend(starts[at:])
    new_ends.extend(ends[at:])
    return Folded("".join(parts), new_starts, new_ends)


def parse_language(text: str, *, source: str = "language.yaml") -> Language:
    """Read the language resources from YAML. Raises LanguageError naming the entry."""
    try:
        data = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise LanguageError(f"{source}: not readable as YAML: {str(error)[:200]}") from error
    if not isinstance(data, dict):
        raise LanguageError(f"{source}: expected a mapping with variants, traditional, cues, persons, surnames")
    variants = _word_lists(data, "variants", source)
    traditional = data.get("traditional", "")
    if not isinstance(traditional, str) or len(traditional) % 2:
        raise LanguageError(f"{source}: traditional: expected a text of pairs (traditional, simplified), got odd length")
    simplified = {ord(traditional[i]): traditional[i + 1] for i in range(0, len(traditional), 2)}
    automaton = ahocorasick.Automaton()
    for canonical, forms in variants.items():
        for form in forms:
            automaton.add_word(form, (len(form), canonical))
    for word in data.get("protected", []):
        automaton.add_word(word, (len(word), word))
    automaton.add_word("\x00", (1, "\x00"))  # an automaton must hold a word; this one cannot occur in a normalised text
    automaton.make_automaton()
    canonical_form = json.dumps(data, ensure_ascii=False, sort_keys=True)
    return Language(
        cues=_word_lists(data, "cues", source),
        persons=_word_lists(data, "persons", source),
        surnames=frozenset(str(data.get("surnames", ""))),
        version=hashlib.sha256(canonical_form.encode()).hexdigest()[:12],
        _simplified=simplified,
        _variants=automaton,
    )


def _word_lists(data: Mapping[str, object], key: str, source: str) -> dict[str, tuple[str, ...]]:
    lists = data.get(key, {})
    if not isinstance(lists, dict):
        raise LanguageError(f"{source}: {key}: expected a mapping of names to word lists")
    result: dict[str, tuple[str, ...]] = {}
    for name, words in lists.items():
        if not isinstance(words, list) or not all(isinstance(word, str) and word for word in words):
            raise LanguageError(f"{source}: {key}.{name}: expected a list of non-empty texts; quote words such as 'no' or '12345'")
        result[str(name)] = tuple(words)
    return result


@lru_cache(maxsize=1)
def default_language() -> Language:
    """Return the bundled language resources."""
    return parse_language(DEFAULT_PATH.read_text(encoding="utf-8"))


__all__ = ["Folded", "Language", "LanguageError", "default_language", "parse_language"]
