"""Words and character n-grams of a report as numbers: found once with their places, then weighted for the whole report and for every window of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import rjieba
from numpy.typing import NDArray

_DIGITS = re.compile(r"[0-9a-z]{2,}|[0-9]")
GRAM_SIZES = (1, 2, 3)
_CODE_POINT_BITS = 21
# Blocks (the first letter of a feature's name) are scaled to a fixed length each, so that a long report does not outweigh a short one; the rule block keeps its values.
BLOCK_LENGTHS: Mapping[str, float] = {"k": 2.0, "p": 1.5, "q": 1.0, "w": 1.5, "c": 2.0}
WORDS, GRAMS = "w", "c"
TEXT_BLOCKS = frozenset((WORDS, GRAMS))  # what the words say alone
_N_BLOCKS = 128

Features = dict[str, float]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def text_names(text: str) -> set[str]:
    """Return the names of all words and n-grams of a folded text; figures count as 0."""
    plain, _ = _plain(text)
    names = {f"{WORDS}{word}" for word in rjieba.cut(plain)}
    for size in GRAM_SIZES:
        names.update(f"{GRAMS}{plain[start : start + size]}" for start in range(len(plain) - size + 1))
    return names


def _plain(text: str) -> tuple[str, Ints]:
    """Return the text with every figure (and run of letters) as one 0, and where each of its characters starts in the text, with the end of the last."""
    is_border = np.ones(len(text) + 1, bool)
    for run in _DIGITS.finditer(text):
        is_border[run.start() + 1 : run.end()] = False
    return _DIGITS.sub("0", text), np.flatnonzero(is_border)


@dataclass(frozen=True, slots=True)
class Occurrences:
    """The known words and n-grams of a text: index in the vocabulary and span [start, end), one entry for every time each occurs."""

    indices: Ints
    starts: Ints
    ends: Ints


class Vectorizer:
    """A vocabulary with its weights; read-only, shared between threads."""

    def __init__(self, vocabulary: Mapping[str, int], idf: NDArray[np.float32]) -> None:
        self._vocabulary = vocabulary
        self._idf = idf.astype(np.float64)
        self._blocks = np.fromiter((min(ord(name[0]), _N_BLOCKS - 1) for name in vocabulary), np.int64)
        self._lengths = np.zeros(_N_BLOCKS)
        for block, length in BLOCK_LENGTHS.items():
            self._lengths[ord(block)] = length
        self._words = {name[1:]: index for name, index in vocabulary.items() if name[0] == WORDS}
        grams = sorted((_key(name[1:]), index) for name, index in vocabulary.items() if name[0] == GRAMS)
        self._keys = np.array([key for key, _ in grams], np.int64)
        self._gram_indices = np.array([index for _, index in grams], np.int64)

    def find(self, text: str) -> Occurrences:
        """Find the known words and n-grams of a folded text."""
        plain, borders = _plain(text)
        words, word_starts, at = [], [], 0
        word_ends = []
        for word in rjieba.cut(plain):
            index = self._words.get(word)
            if index is not None:
                words.append(index)
                word_starts.append(at)
                word_ends.append(at + len(word))
            at += len(word)
        indices, starts, ends = self._find_grams(plain)
        return Occurrences(
            np.concatenate([np.array(words, np.int64), indices]),
            borders[np.concatenate([np.array(word_starts, np.int64), starts])],
            borders[np.concatenate([np.array(word_ends, np.int64), ends])],
        )

    def _find_grams(self, plain: str) -> tuple[Ints, Ints, Ints]:
        """Look all n-grams up at once: a gram is a number, its code points side by side."""
        codes = np.frombuffer(plain.encode("utf-32-le"), np.uint32).astype(np.int64)
        keys, starts, sizes = [], [], []
        grams = codes
        for size in GRAM_SIZES:
            if size > 1:
                grams = (grams[:-1] << _CODE_POINT_BITS) | codes[size - 1 :]
            keys.append(grams)
            starts.append(np.arange(len(grams)))
            sizes.append(np.full(len(grams), size))
            if len(grams) < 2:
                break
        wanted, start = np.concatenate(keys), np.concatenate(starts)
        if not len(self._keys):
            return (np.zeros(0, np.int64),) * 3
        place = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
        known = self._keys[place] == wanted
        start = start[known]
        return self._gram_indices[place[known]], start, start + np.concatenate(sizes)[known]

    def report(self, named: Features, found: Occurrences) -> tuple[Ints, Floats]:
        """Return indices and weighted values of a whole report: its named features and its words, each word once."""
        get = self._vocabulary.get
        known = [(index, value) for name, value in named.items() if (index := get(name)) is not None]
        words = np.unique(found.indices)
        indices = np.concatenate([np.array([index for index, _ in known], np.int64), words])
        values = np.concatenate([np.array([value for _, value in known], np.float64), np.ones(len(words))]) * self._idf[indices]
        blocks = self._blocks[indices]
        squares = np.bincount(blocks, values * values, _N_BLOCKS)
        scales = np.where((self._lengths > 0) & (squares > 0), self._lengths / np.sqrt(np.where(squares > 0, squares, 1.0)), 1.0)
        return indices, values * scales[blocks]

    def windows(self, found: Occurrences, spans: Sequence[tuple[int, int]]) -> tuple[Ints, Floats]:
        """Return indices (n,) and weighted values (windows, n) of the words and n-grams that lie within each span."""
        words, place = np.unique(found.indices, return_inverse=True)
        borders = np.array(spans, np.int64).reshape(-1, 2)
        window, entry = np.nonzero((found.starts >= borders[:, :1]) & (found.ends <= borders[:, 1:]))
        values = np.zeros((len(borders), len(words)))
        values[window, place[entry]] = 1.0
        values *= self._idf[words]
        for block in TEXT_BLOCKS:
            own = self._blocks[words] == ord(block)
            lengths = np.sqrt(np.square(values[:, own]).sum(axis=1, keepdims=True))
            values[:, own] *= BLOCK_LENGTHS[block] / np.where(lengths > 0, lengths, 1.0)
        return words, values


def _key(gram: str) -> int:
    key = 0
    for char in gram:
        key = (key << _CODE_POINT_BITS) | ord(char)
    return key
