"""Clean a text without losing where each character came from, and cut it into sentences and passages; knows nothing of cases."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_SENTENCE_CHARS = 200

# Full-width letters, digits and technical signs become half-width. The Chinese sentence marks ，：；！？（） stay:
# they share the Unicode block, but texts and patterns written by people in Chinese use them as they are.
_KEPT_MARKS = frozenset("，：；！？（）")
_HALF_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if chr(code) not in _KEPT_MARKS}
_SPACES = dict.fromkeys((0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")
_LINES = dict.fromkeys((0x0B, 0x0C, 0x85, 0x2028, 0x2029), "\n")
_ONE_TO_ONE: dict[int, str] = {**_HALF_WIDTH, **_SPACES, **_LINES, 0xFFE5: "¥", 0xFFE1: "£", 0xFFE0: "¢"}
_DROPPED = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u115f\u1160\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"
)
_CHANGES_LENGTH = re.compile(f"\r\n?|[{_DROPPED}]")
_HANGUL_PARTS = range(0x1161, 0x1200)


@dataclass(frozen=True, slots=True)
class Normalised:
    """A cleaned text; `offsets[i]` is where its character i began in the raw text, and the last entry is the raw length."""

    text: str
    offsets: Sequence[int]

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the raw text that `text[start:end]` came from. Raises ValueError for a span outside the text."""
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"span ({start}, {end}): expected 0 <= start <= end <= {len(self.text)}")
        if start == end:
            return self.offsets[start], self.offsets[start]
        # One raw cluster may have become several characters that share an offset: then take the whole cluster.
        while end < len(self.text) and self.offsets[end] == self.offsets[end - 1]:
            end += 1
        return self.offsets[start], self.offsets[end]


def normalise(raw: str) -> Normalised:
    """Clean a text: half-width letters and digits, line feeds, plain spaces, no invisible characters, NFC; with offsets into `raw`."""
    text = raw.translate(_ONE_TO_ONE)
    offsets: Sequence[int] = range(len(raw) + 1)
    if _CHANGES_LENGTH.search(text):
        text, offsets = _without_dropped(text)
    if not unicodedata.is_normalized("NFC", text):
        text, offsets = _composed(text, offsets)
    return Normalised(text=text, offsets=offsets)


def normalise_text(raw: str) -> str:
    """Return only the cleaned text of `normalise`."""
    return normalise(raw).text


def _without_dropped(text: str) -> tuple[str, list[int]]:
    kept: list[str] = []
    offsets: list[int] = []
    at = 0
    for match in _CHANGES_LENGTH.finditer(text):
        kept.append(text[at : match.start()])
        offsets.extend(range(at, match.start()))
        if match[0][0] == "\r":
            kept.append("\n")
            offsets.append(match.start())
        at = match.end()
    kept.append(text[at:])
    offsets.extend(range(at, len(text) + 1))
    return "".join(kept), offsets


def _composed(text: str, offsets: Sequence[int]) -> tuple[str, list[int]]:
    """Compose cluster by cluster: a cluster is a character and the marks that may combine with it."""
    parts: list[str] = []
    moved: list[int] = []
    for start, end in _clusters(text):
        part = unicodedata.normalize("NFC", text[start:end])
        parts.append(part)
        if len(part) == end - start:
            moved.extend(offsets[start:end])
        else:
            moved.extend([offsets[start]] * len(part))
    moved.append(offsets[len(text)])
    return "".join(parts), moved


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for at in range(1, len(text)):
        char = text[at]
        if char < "\u0300" or not (unicodedata.category(char)[0] == "M" or ord(char) in _HANGUL_PARTS):
            yield start, at
            start = at
    if text:
        yield start, len(text)


_END = re.compile(r"[。！？；!?;\n]+[。！？；!?;\s]*|…{2,}\s*")
_CLOSING = re.compile(r"[”’」』）)】》〉]+[。！？；!?;\n\s]*")
_PAUSE = re.compile(r"[，、：,:\s]")


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the spans of the sentences; together they tile the text, closing quotes and line breaks go with the sentence before."""
    return _sentences(text, MAX_SENTENCE_CHARS)


def _sentences(text: str, limit: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    start = 0
    for end in _ends(text):
        spans.extend(_pieces(text, start, end, limit))
        start = end
    return spans


def _ends(text: str) -> Iterator[int]:
    at = start = len(text) - len(text.lstrip())  # leading blanks belong to the first sentence
    while match := _END.search(text, at):
        at = match.end()
        if text[at - 1] != "\n":
            closing = _CLOSING.match(text, at)
            if closing:
                at = closing.end()
            elif text[at : at + 1] == '"' and text.count('"', start, at) % 2:
                # A straight quote closes only where one is open since the sentence began.
                at += 1
        if at < len(text):
            yield at
            start = at
    if text:
        yield len(text)


def _pieces(text: str, start: int, end: int, limit: int) -> Iterator[tuple[int, int]]:
    while end - start > limit:
        cut = start + limit
        pauses = [m.end() for m in _PAUSE.finditer(text, start + limit // 2, cut) if not _inside_number(text, m.start())]
        cut = pauses[-1] if pauses else cut
        yield start, cut
        start = cut
    yield start, end


def _inside_number(text: str, at: int) -> bool:
    return text[at] in ",，:" and text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()


def passages(text: str, max_chars: int = 256, overlap_sentences: int = 1) -> list[tuple[int, int]]:
    """Return spans of whole sentences, at most `max_chars` long, that cover the text; neighbours share `overlap_sentences` where they fit.

    Raises ValueError for max_chars < 1 or overlap_sentences < 0.
    """
    if max_chars < 1 or overlap_sentences < 0:
        raise ValueError(f"max_chars {max_chars}, overlap_sentences {overlap_sentences}: expected at least 1 and at least 0")
    spans = _sentences(text, min(max_chars, MAX_SENTENCE_CHARS))
    result: list[tuple[int, int]] = []
    first = fresh = 0  # the passage begins at sentence `first`; sentences from `fresh` on are in no passage yet
    while fresh < len(spans):
        last = fresh
        while last + 1 < len(spans) and spans[last + 1][1] - spans[first][0] <= max_chars:
            last += 1
        result.append((spans[first][0], spans[last][1]))
        fresh = last + 1
        first = max(fresh - overlap_sentences, first + 1)
        # The shared sentences give way when the next new one would not fit beside them.
        while fresh < len(spans) and first < fresh and spans[fresh][1] - spans[first][0] > max_chars:
            first += 1
    return result
