"""Concepts: everyday words of like meaning counted as one, so that the classifier learns from combinations rather than from phrases."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import ahocorasick
import yaml

from nlp_service.tagging.language import Language, LanguageError, default_language

DEFAULT_PATH = Path(__file__).parents[2] / "corpora" / "taxonomy" / "concepts.yaml"


class Mention(NamedTuple):
    """A concept at a place of the folded text."""

    concept: str
    start: int
    end: int


class Concepts:
    """The concept lexicon; read-only, shared between threads."""

    def __init__(self, lists: Mapping[str, Sequence[str]], language: Language) -> None:
        words: dict[str, set[str]] = {}
        for concept, listed in lists.items():
            for word in listed:
                words.setdefault(language.fold_text(word), set()).add(concept)
        automaton = ahocorasick.Automaton()
        automaton.add_word("\x00", (1, ()))  # an automaton must hold a word; this one cannot occur in a normalised text
        for word, concepts in words.items():
            automaton.add_word(word, (len(word), tuple(sorted(concepts))))
        automaton.make_automaton()
        self._automaton = automaton
        content = json.dumps({concept: list(listed) for concept, listed in lists.items()}, ensure_ascii=False, sort_keys=True)
        self.version = hashlib.sha256(content.encode()).hexdigest()[:12]

    def find(self, text: str) -> list[Mention]:
        """Return the mentions in a folded text, ordered by place; of overlapping words of one concept the first longest counts."""
        found = [Mention(concept, last + 1 - length, last + 1) for last, (length, concepts) in self._automaton.iter(text) for concept in concepts]
        found.sort(key=lambda mention: (mention.start, -mention.end, mention.concept))
        reach: dict[str, int] = {}
        kept: list[Mention] = []
        for mention in found:
            if mention.start >= reach.get(mention.concept, 0):
                reach[mention.concept] = mention.end
                kept.append(mention)
        return kept


def parse_concepts(text: str, language: Language, *, source: str = "concepts.yaml") -> Concepts:
    """Read the lexicon from YAML: concept → words. Raises LanguageError naming the concept."""
    try:
        data = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise LanguageError(f"{source}: not readable as YAML: {str(error)[:200]}") from error
    if not isinstance(data, dict):
        raise LanguageError(f"{source}: expected a mapping of concepts to word lists")
    for concept, words in data.items():
        if not isinstance(words, list) or not all(isinstance(word, str) and word for word in words):
            raise LanguageError(f"{source}: {concept}: expected a list of non-empty texts; put bare numbers in quotes")
    return Concepts({str(concept): words for concept, words in data.items()}, language)


@lru_cache(maxsize=1)
def default_concepts() -> Concepts:
    """Return the bundled lexicon."""
    return parse_concepts(DEFAULT_PATH.read_text(encoding="utf-8"), default_language())
