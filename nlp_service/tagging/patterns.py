"""Bounded regular expressions for triggers: macros, checks, and the literals without which a pattern cannot match."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache

MAX_PATTERN_CHARS = 1200
MAX_REPEAT = 30
_META = re.compile(r"[()\[\]{}|?<>\\^$.*+]")
_MACRO = re.compile(r"<([^<>=!]{1,12})>")
_UNBOUNDED = re.compile(r"(?<!\\)[*+]|\{\d*,\}")
_REPEAT = re.compile(r"\{(\d+)(?:,(\d+))?\}")
_REPEATED_GROUP = re.compile(r"\)\{")
_CLASS_ALTERNATIVES = 14
_GAP = re.compile(r"(?<!\\)\.(?:\{\d+,(\d+)\})?")
_WIDE_GAP = 10
_COMMON = frozenset("不没未在了我他人到的是一有要还也就都去来说讲")  # stand in nearly every report: a poor sign that a pattern may match
_SENTENCE_SIGNS = "。！？!?；;\\n"
_CLAUSE_SIGNS = _SENTENCE_SIGNS + "，,\\s"


class PatternError(ValueError):
    """A pattern is not allowed or not a regular expression; the message says what to write instead."""


def is_pattern(text: str) -> bool:
    """Say whether a trigger text is a pattern rather than a literal: it holds a sign that regular expressions use."""
    return _META.search(text) is not None


def expand(text: str, macros: Mapping[str, Sequence[str]], respell: Callable[[str], str]) -> str:
    """Replace `<name>` by the words of that macro and bring the literals to the canonical spelling. Raises PatternError."""

    def words(match: re.Match[str]) -> str:
        if match[1] not in macros:
            raise PatternError(f"macro <{match[1]}> is not defined; define it under macros or choose from {'、'.join(macros) or 'none'}")
        alternatives = sorted({respell(word) for word in macros[match[1]]}, key=lambda word: (-len(word), word))
        return "(?:" + "|".join(re.escape(word) for word in alternatives) + ")"

    # Literals are respelled between the signs, never across them, so that 「(门|屋里).{0,4}锁」 keeps its shape.
    pieces = re.split(r"(\(\?[:!=]|\(\?<[!=]|<[^<>=!]{1,12}>|\\.|\{\d+(?:,\d+)?\}|[()\[\]|?.^$])", text)
    respelled = "".join(piece if index % 2 else respell(piece) for index, piece in enumerate(pieces))
    return _MACRO.sub(words, _GAP.sub(_bounded_gap, respelled))


def _bounded_gap(match: re.Match[str]) -> str:
    """Keep a gap inside one clause, a wide one (10 and more) inside one sentence: words of two sentences make no trigger."""
    signs = _SENTENCE_SIGNS if int(match[1] or 0) >= _WIDE_GAP else _CLAUSE_SIGNS
    return f"[^{signs}]{match[0][1:]}"


@lru_cache(maxsize=8192)  # a scheme is compiled when checked and again by its matcher, and a changed one shares nearly all with the old one
def compile_pattern(text: str) -> re.Pattern[str]:
    """Compile a bounded pattern. Raises PatternError for `*`, `+`, open repeats, repeated groups, or one longer than allowed."""
    if len(text) > MAX_PATTERN_CHARS:
        raise PatternError(f"pattern of {len(text)} characters: at most {MAX_PATTERN_CHARS}; split it into several")
    if found := _UNBOUNDED.search(text):
        raise PatternError(f"{found[0]!r} repeats without limit; write a bounded repeat such as .{{0,6}}")
    if _REPEATED_GROUP.search(text):
        raise PatternError("a group may only be made optional by ?, not repeated by {…}; write the alternatives out")
    for found in _REPEAT.finditer(text):
        if int(found[2] or found[1]) > MAX_REPEAT:
            raise PatternError(f"{found[0]} repeats more than {MAX_REPEAT} times; choose a smaller bound")
    try:
        return re.compile(text)
    except re.error as error:
        raise PatternError(f"not a regular expression: {error}") from error


def anchors(text: str) -> tuple[frozenset[str], ...]:
    """Return groups of literals, the rarest first: every match of the pattern holds at least one of each group; empty when none can be named."""
    if (sequence := _only_sequence(text)) is not None:
        return tuple(sorted(sequence, key=_rarity, reverse=True))
    found, at = _alternatives(text, 0)
    return (found,) if found is not None and at == len(text) else ()


def _rarity(words: AbstractSet[str]) -> tuple[int, bool, int]:
    return min(map(len, words)), words.isdisjoint(_COMMON), -len(words)


def _only_sequence(text: str) -> list[frozenset[str]] | None:
    """Return the groups of a pattern without alternatives at its top, or None."""
    candidates, at = _candidates(text, 0)
    return candidates if at == len(text) else None


def _alternatives(text: str, at: int) -> tuple[frozenset[str] | None, int]:
    """Read alternatives from `at` up to an unmatched ')' or the end; None when some alternative has no anchor."""
    union: frozenset[str] | None = frozenset()
    while True:
        candidates, at = _candidates(text, at)
        union = union | max(candidates, key=_rarity) if union is not None and candidates else None
        if at < len(text) and text[at] == "|":
            at += 1
            continue
        return union, at


def _candidates(text: str, at: int) -> tuple[list[frozenset[str]], int]:
    """Read one sequence: its groups of literals and where it ends."""
    candidates: list[frozenset[str]] = []
    run = ""
    while at < len(text) and text[at] not in "|)":
        unit, at, is_literal = _unit(text, at)
        is_optional, at, is_repeated = _quantifier(text, at)
        if is_literal and unit and not is_optional and not is_repeated:
            run += next(iter(unit))
            continue
        if run:
            candidates.append(frozenset((run,)))
            run = ""
        if unit and not is_optional:
            candidates.append(unit)
    if run:
        candidates.append(frozenset((run,)))
    return candidates, at


def _unit(text: str, at: int) -> tuple[frozenset[str] | None, int, bool]:
    """Read one character, class, group or escape: its anchors, where it ends, and whether it is one plain character."""
    char = text[at]
    if char == "(":
        return _group(text, at)
    if char == "[":
        end = text.index("]", at + 2)
        members = text[at + 1 : end]
        is_plain = members[0] != "^" and "-" not in members and "\\" not in members and len(members) <= _CLASS_ALTERNATIVES
        return (frozenset(members) if is_plain else None), end + 1, False
    if char == "\\":
        escaped = text[at + 1]
        return (None if escaped.isalnum() else frozenset((escaped,))), at + 2, not escaped.isalnum()
    if char in ".^$":
        return None, at + 1, False
    return frozenset((char,)), at + 1, True


def _group(text: str, at: int) -> tuple[frozenset[str] | None, int, bool]:
    opening = re.compile(r"\((\?:|\?=|\?!|\?<=|\?<!)?").match(text, at)
    if opening is None:
        raise PatternError(f"group at {at} cannot be read")
    found, end = _alternatives(text, opening.end())
    is_plain_group = opening[1] in (None, "?:")
    return (found if is_plain_group else None), end + 1, False


def _quantifier(text: str, at: int) -> tuple[bool, int, bool]:
    """Read an optional quantifier: whether zero times is allowed, where it ends, whether there was one."""
    if at < len(text) and text[at] == "?":
        return True, at + 1, True
    if at < len(text) and text[at] == "{":
        match = _REPEAT.match(text, at)
        if match:
            end = match.end() + (1 if text[match.end() : match.end() + 1] == "?" else 0)
            return int(match[1]) == 0, end, True
    return False, at, False
