"""Read citations of statutes down to paragraph and item, in full (《…》第六十四条第一款) and in short (城乡规划法§64①(三))."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from corpora.numerals import read_number
from corpora.statutes import all_spellings, canonical_statute, statute

MAX_RANGE = 20
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Citation:
    """One article of one statute; `sub` is the number after 之, `version` the year in brackets after the name, where written."""

    statute: str
    article: int
    sub: int | None
    paragraph: int | None
    item: int | None
    start: int
    end: int
    short: str
    version: str | None = None

    def __str__(self) -> str:
        words = f"《{self.statute}》第{_chinese(self.article)}条"
        words += f"之{_chinese(self.sub)}" if self.sub else ""
        words += f"第{_chinese(self.paragraph)}款" if self.paragraph else ""
        return words + (f"第{_chinese(self.item)}项" if self.item else "")


def _chinese(number: int) -> str:
    """Write 1–9999 as articles are numbered: 10 is 十, 110 is 一百一十, 101 is 一百零一."""
    words = ""
    for power, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, power)
        if digit:
            words += _DIGITS[digit] + unit
        elif words and number and not words.endswith("零"):
            words += "零"
    return words[1:] if words.startswith("一十") else words


@dataclass(frozen=True, slots=True)
class _Place:
    """A number as read, before the parts it leaves out are filled in from the one before."""

    start: int
    end: int
    article: int | None
    sub: int | None
    paragraph: int | None
    item: int | None


_N = r"[零〇一二三四五六七八九十百千\d]{1,7}"
_FULL = re.compile(
    rf"第\s*(?P<article>{_N})\s*条(?:\s*之\s*(?P<sub>[一二三四五六七八九十]+))?(?:\s*第?\s*(?P<paragraph>{_N})\s*款)?"
    rf"(?:\s*第?\s*[（(]?(?P<item>{_N})[)）]?\s*项)?(?:\s*第?[（(]?{_N}[)）]?目)?"
)
_REST = re.compile(
    rf"第\s*(?P<paragraph>{_N})\s*款(?:\s*第?\s*[（(]?(?P<item>{_N})[)）]?\s*项)?|(?:第\s*[（(]?|[（(])(?P<only>{_N})[)）]?\s*项|第?\s*(?P<bare>{_N})\s*项"
)
_SECTION = re.compile(
    rf"§\s*(?P<article>\d{{1,4}})(?:\s*[-–—~～]\s*(?P<last>\d{{1,4}}))?(?:之(?P<sub>[一二三四五六七八九十]+))?(?P<tail>(?:[{_CIRCLED}]|[（(]{_N}[)）])*)"
)
_TAIL_PART = re.compile(rf"(?P<paragraph>[{_CIRCLED}])|[（(](?P<item>{_N})[)）]")
_TAIL_ONLY = re.compile(rf"(?:[{_CIRCLED}]|[（(]{_N}[)）])+")
_GAP = re.compile(r"\s*(?:[、，,;；/]|和|及|与|或者?|以及|及其|并)?\s*(?:以及|和|及)?\s*")
_TO = re.compile(r"\s*(?:至|到|[-–—~～])\s*")


def find_citations(text: str, default_statute: str | None = None) -> list[Citation]:
    """Return the citations in the order of the text.

    What a reference leaves out comes from the one before: 第一款第三项、第五项 names two items of one paragraph. 该法, 本法 and 同法
    mean the statute last named. An article that no statute goes before in its sentence belongs to `default_statute`, or is left out.
    """
    if "条" not in text and "§" not in text:
        return []
    names = list(_named(text))
    found: list[Citation] = []
    current: tuple[str, str | None] | None = (default_statute, None) if default_statute else None
    used = 0
    last: _Place | None = None
    for place in _places(text):
        while used < len(names) and names[used][0] < place.start:
            start, _, name, version = names[used]
            if start >= (last.end if last else 0):
                current = _resolve(name, version, current, default_statute)
            used += 1
        bare = _bare_name(text, place.start)
        if bare:
            current = bare
        elif current and last and _sentence_between(text, last.end, place.start) and not _name_between(names, last.end, place.start):
            current = (default_statute, None) if default_statute else None
        if current:
            found.append(_citation(current, place))
        last = place
    return found


def _citation(current: tuple[str, str | None], place: _Place) -> Citation:
    name = canonical_statute(current[0]) or current[0]
    known = statute(name)
    short = (known.short if known else name) + (f"({current[1]})" if current[1] else "") + f"§{place.article}"
    short += f"之{_chinese(place.sub)}" if place.sub else ""
    short += _CIRCLED[place.paragraph - 1] if place.paragraph and place.paragraph <= len(_CIRCLED) else ""
    short += f"({_chinese(place.item)})" if place.item else ""
    return Citation(name, place.article or 0, place.sub, place.paragraph, place.item, place.start, place.end, short, current[1])


_BOOK = re.compile(r"《\s*(?P<name>[^《》]{2,60}(?:《[^《》]{2,40}》[^《》]{0,20})?)》(?:\s*[（(](?P<note>[^（）()]{1,30})[)）])?")
_LAST_NAMED = r"(?:该|本|同|前述|上述|此)(?:法律|法规|法|条例|规定|办法|决定|解释|细则)"
_PRONOUN = re.compile(rf"{_LAST_NAMED}(?=第|§|的?第|\s*[（(]?\d{{0,4}}[)）]?§|[，,、]第)|(?<![一-龥])实施条例(?=第|§)")
_STATUTE_LIKE = re.compile(r"(?:法|法典|条例|规定|办法|规则|细则|解释|决定|通知|意见|规程|准则|基准|规范|批复)(?:[（(].*[)）])?$")
_YEAR = re.compile(r"(?:19|20)\d{2}")


def _named(text: str) -> Iterator[tuple[int, int, str, str | None]]:
    """Yield (start, end, name, year) of the statutes in 《》 and of the words that stand for the last one."""
    marks = [(m.start(), m.end(), m["name"], m["note"]) for m in _BOOK.finditer(text)]
    marks += [(m.start(), m.end(), m[0], None) for m in _PRONOUN.finditer(text)]
    for start, end, name, note in sorted(marks):
        year = _YEAR.search(note or "") or _YEAR.search(name[-12:] if name[-1] in "）)" else "")
        yield start, end, re.sub(r"\s", "", name), year[0] if year else None


def _resolve(name: str, version: str | None, current: tuple[str, str | None] | None, default: str | None) -> tuple[str, str | None] | None:
    if name == "实施条例":
        derived = canonical_statute((current[0] if current else "") + name)
        return (derived, None) if derived else current
    if re.fullmatch(_LAST_NAMED, name):
        return current or ((default, None) if default else None)
    known = canonical_statute(name)
    if known:
        return known, version
    return (name, version) if _STATUTE_LIKE.search(name) else None


@cache
def _spelling_ends() -> tuple[frozenset[str], tuple[int, ...]]:
    spellings = all_spellings()
    return frozenset(spellings), tuple(sorted({len(spelling) for spelling in spellings}, reverse=True))


_BEFORE_ARTICLE = re.compile(r"(?:[（(](?P<note>[^（）()]{1,24})[)）])?\s*(?:中|的|之)?\s*$")
_FREE_NAME = re.compile(r"(?:^|[;；/→\s“\"（(、，,])(?P<name>[一-龥]{2,24})$")


def _bare_name(text: str, at: int) -> tuple[str, str | None] | None:
    """Return the statute whose name without 《》 ends right before an article number."""
    before = text[max(0, at - 60) : at]
    note = _BEFORE_ARTICLE.search(before)
    stem = before[: note.start()] if note else before
    year = _YEAR.search(note["note"]) if note and note["note"] else None
    spellings, lengths = _spelling_ends()
    for length in lengths:
        if length <= len(stem) and stem[-length:] in spellings:
            return canonical_statute(stem[-length:]) or stem[-length:], year[0] if year else None
    if text[at] == "§" and (free := _FREE_NAME.search(stem)) and not re.match(r"[同该本旧新]", free["name"]) and free["name"] != "实施条例":
        return free["name"], year[0] if year else None
    return None


def _sentence_between(text: str, start: int, end: int) -> bool:
    return any(mark in text[start:end] for mark in "。\n！？")


def _name_between(names: list[tuple[int, int, str, str | None]], start: int, end: int) -> bool:
    return any(start <= name[0] < end for name in names)


def _places(text: str) -> Iterator[_Place]:
    last: _Place | None = None
    for match in sorted([*_FULL.finditer(text), *_SECTION.finditer(text)], key=lambda m: m.start()):
        if last and match.start() < last.end:
            continue
        for place in _section(match) if match[0].startswith("§") else _full(text, match, last):
            last = place
            yield place
        for place in _continued(text, last):
            last = place
            yield place


def _full(text: str, match: re.Match[str], last: _Place | None) -> Iterator[_Place]:
    article = _int(match["article"])
    if article is None:
        return
    if last and last.article and _TO.fullmatch(text, last.end, match.start()) and last.article < article <= last.article + MAX_RANGE:
        for number in range(last.article + 1, article):
            yield _Place(match.start(), match.end(), number, None, None, None)
    yield _Place(match.start(), match.end(), article, _int(match["sub"]), _int(match["paragraph"]), _int(match["item"]))


def _section(match: re.Match[str]) -> Iterator[_Place]:
    first = int(match["article"])
    place = _Place(match.start(), match.end(), first, _int(match["sub"]), None, None)
    if match["tail"]:
        yield from _with_tail(place, match["tail"])
        return
    yield place
    final = int(match["last"] or first)
    for number in range(first + 1, min(final, first + MAX_RANGE) + 1):
        yield replace(place, article=number)


def _with_tail(place: _Place, tail: str) -> Iterator[_Place]:
    """Yield one place per ① or (一) at the end of a §: ①(三)(五) is two items of one paragraph, ②③ two paragraphs."""
    open_paragraph = False
    for part in _TAIL_PART.finditer(tail):
        if part["paragraph"]:
            if open_paragraph:
                yield place
            place, open_paragraph = replace(place, paragraph=_CIRCLED.index(part["paragraph"]) + 1, item=None), True
        else:
            place, open_paragraph = replace(place, item=_int(part["item"])), False
            yield place
    if open_paragraph:
        yield place


def _continued(text: str, last: _Place | None) -> Iterator[_Place]:
    """Yield what follows a reference by 、 or 和 and leaves out the article, or the article and the paragraph."""
    while last and last.article is not None:
        gap = _GAP.match(text, last.end)
        at = gap.end() if gap else last.end
        tail = _TAIL_ONLY.match(text, at) if at > last.end else None
        if tail and not text.startswith("项", tail.end()):
            for place in _with_tail(replace(last, start=at, end=tail.end(), item=None), tail[0]):
                last = place
                yield place
            continue
        rest = _REST.match(text, at)
        if rest is None or (rest["bare"] and (last.item is None or at == last.end)):
            return
        paragraph = _int(rest["paragraph"]) or last.paragraph
        item = _int(rest["item"] or rest["only"] or rest["bare"])
        last = _Place(rest.start(), rest.end(), last.article, last.sub, paragraph, item)
        yield last


def _int(text: str | None) -> int | None:
    value = read_number(text) if text else None
    return int(value) if value is not None and 0 < value < 10_000 else None
