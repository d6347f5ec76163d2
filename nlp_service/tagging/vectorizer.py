"""Words and character n-grams of reports as numbers: found once with their places, then weighted for whole reports and for every window of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import rjieba
import scipy.sparse as sp
from numpy.typing import NDArray

_DIGITS = re.compile(r"[0-9a-z]{2,}|[0-9]")
GRAM_SIZES = (1, 2, 3)
_CODE_POINT_BITS = 21
_BETWEEN = "\U0010ffff"  # no character, and not 0, which would vanish in the number of a gram
# Blocks (the first letter of a feature's name) are scaled to a fixed length each, so that a long report does not outweigh a short one; the rule block keeps its values.
BLOCK_LENGTHS: Mapping[str, float] = {"k": 2.0, "p": 1.5, "q": 1.0, "w": 1.5, "c": 2.0}
WORDS, GRAMS = "w", "c"
TEXT_BLOCKS = frozenset((WORDS, GRAMS))  # what the words say alone

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
    """The known words and n-grams of several texts: index in the vocabulary, owner (which text) and span, one entry for every time each occurs.

    Spans [start, end) count through all the texts: text i begins at `bases[i]`.
    """

    indices: Ints
    owners: Ints
    starts: Ints
    ends: Ints
    bases: Ints


class Vectorizer:
    """A vocabulary with its weights; read-only, shared between threads. What it gives for a text does not depend on the texts beside it."""

    def __init__(self, vocabulary: Mapping[str, int], idf: NDArray[np.float32]) -> None:
        self._vocabulary = vocabulary
        self._idf = idf.astype(np.float64)
        names = list(BLOCK_LENGTHS)
        self._lengths = np.array([*BLOCK_LENGTHS.values(), 0.0])  # the last stands for all blocks that keep their values
        self._blocks = np.array([names.index(name[0]) if name[0] in BLOCK_LENGTHS else len(names) for name in vocabulary], np.int64)
        self._words = {name[1:]: index for name, index in vocabulary.items() if name[0] == WORDS}
        grams = sorted((_key(name[1:]), index) for name, index in vocabulary.items() if name[0] == GRAMS)
        self._keys = np.array([key for key, _ in grams], np.int64)
        self._gram_indices = np.array([index for _, index in grams], np.int64)

    def find(self, texts: Sequence[str]) -> Occurrences:
        """Find the known words and n-grams of folded texts."""
        plain, borders = zip(*map(_plain, texts), strict=True) if texts else ((), ())
        sizes = np.array([len(text) for text in plain], np.int64)
        words, word_starts, word_ends = self._find_words(plain)
        grams, gram_starts, gram_ends = self._find_grams(plain)
        # Places in the plain texts, each followed by one sign that is in no gram, become places in the texts as they are.
        plain_bases = np.cumsum(sizes + 1) - sizes - 1
        bases = np.cumsum([0, *(len(text) + 1 for text in texts)])[:-1]
        places = np.concatenate([border + base for border, base in zip(borders, bases, strict=True)]) if texts else np.zeros(0, np.int64)
        starts = np.concatenate([word_starts, gram_starts])
        owners = np.searchsorted(plain_bases, starts, "right") - 1
        return Occurrences(np.concatenate([words, grams]), owners, places[starts], places[np.concatenate([word_ends, gram_ends])], bases)

    def _find_words(self, plain: Sequence[str]) -> tuple[Ints, Ints, Ints]:
        get, indices, ends, at = self._words.get, [], [], 0
        for text in plain:
            for word in rjieba.cut(text):
                at += len(word)
                indices.append(get(word, -1))
                ends.append(at)
            at += 1
            indices.append(-1)
            ends.append(at)
        found, stops = np.array(indices, np.int64), np.array(ends, np.int64)
        known = found >= 0
        starts = np.concatenate([[0], stops[:-1]]) if len(stops) else stops
        return found[known], starts[known], stops[known]

    def _find_grams(self, plain: Sequence[str]) -> tuple[Ints, Ints, Ints]:
        """Look all n-grams up at once: a gram is a number, its code points side by side."""
        joined = _BETWEEN.join((*plain, ""))
        grams = codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
        indices, starts, ends = [], [], []
        for size in GRAM_SIZES:
            if size > 1:
                grams = (grams[:-1] << _CODE_POINT_BITS) | codes[size - 1 :]
            if not len(grams) or not len(self._keys):
                break
            place = np.minimum(np.searchsorted(self._keys, grams), len(self._keys) - 1)
            known = np.flatnonzero(self._keys[place] == grams)
            indices.append(self._gram_indices[place[known]])
            starts.append(known)
            ends.append(known + size)
        nothing = np.zeros(0, np.int64)
        return np.concatenate([nothing, *indices]), np.concatenate([nothing, *starts]), np.concatenate([nothing, *ends])

    def reports(self, named: Sequence[Features], found: Occurrences) -> sp.csr_matrix:
        """Return weighted rows (texts, vocabulary), float32: the named features of each text and its words, each word once."""
        get = self._vocabulary.get
        known = [(row, index, value) for row, features in enumerate(named) for name, value in features.items() if (index := get(name)) is not None]
        words = np.unique(found.owners * len(self._idf) + found.indices)
        keys = np.concatenate([np.array([row * len(self._idf) + index for row, index, _ in known], np.int64), words])
        values = np.concatenate([np.array([value for _, _, value in known], np.float64), np.ones(len(words))])
        order = np.argsort(keys)
        return self._weighted(keys[order], values[order], len(named))

    def windows(self, found: Occurrences, spans: Sequence[Sequence[tuple[int, int]]]) -> sp.csr_matrix:
        """Return weighted rows (windows of all texts in a row, vocabulary), float32: the words and n-grams that lie within each span of its text.

        The spans of a text must be ordered by start and by end.
        """
        borders = np.array([(start + base, end + base) for base, own in zip(found.bases.tolist(), spans, strict=True) for start, end in own], np.int64)
        borders = borders.reshape(-1, 2)
        first = np.searchsorted(borders[:, 1], found.ends)
        n_within = np.maximum(np.searchsorted(borders[:, 0], found.starts, "right") - first, 0)
        entry = np.repeat(np.arange(len(n_within)), n_within)
        window = np.arange(len(entry)) + np.repeat(first - np.cumsum(n_within) + n_within, n_within)
        keys = np.unique(window * len(self._idf) + found.indices[entry])
        return self._weighted(keys, np.ones(len(keys)), len(borders))

    def _weighted(self, keys: Ints, values: Floats, n_rows: int) -> sp.csr_matrix:
        """Weight values by idf and scale every block of a row; `keys` are row · vocabulary + index, ascending."""
        rows, indices = np.divmod(keys, max(1, len(self._idf)))
        values = values * self._idf[indices]
        groups = rows * len(self._lengths) + self._blocks[indices]
        squares = np.bincount(groups, values * values, n_rows * len(self._lengths))
        lengths = np.tile(self._lengths, n_rows)
        scales = np.where((lengths > 0) & (squares > 0), lengths / np.sqrt(np.where(squares > 0, squares, 1.0)), 1.0)
        ends = np.searchsorted(rows, np.arange(n_rows + 1)).astype(np.int32)
        return sp.csr_matrix(((values * scales[groups]).astype(np.float32), indices.astype(np.int32), ends), shape=(n_rows, len(self._idf)))


def _key(gram: str) -> int:
    key = 0
    for char in gram:
        key = (key << _CODE_POINT_BITS) | ord(char)
    return key
