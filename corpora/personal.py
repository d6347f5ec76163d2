"""Find numbers, plates, addresses, birth dates and accounts that identify natural persons; knows no names and masks nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from corpora import identifiers

MASK = "*"


class FindingKind(StrEnum):
    """What kind of personal data a place holds."""

    NAME = "name"
    IDENTITY_NUMBER = "identity_number"
    CREDIT_CODE = "credit_code"
    MOBILE = "mobile"
    LANDLINE = "landline"
    BANK_CARD = "bank_card"
    PLATE = "plate"
    ADDRESS = "address"
    BIRTH_DATE = "birth_date"
    EMAIL = "email"
    ACCOUNT = "account"
    TRAVEL_DOCUMENT = "travel_document"


@dataclass(frozen=True, slots=True)
class Finding:
    """Personal data at a place of the text."""

    kind: FindingKind
    start: int
    end: int


def find_personal_data(text: str) -> Iterator[Finding]:
    """Yield everything here that identifies a person but names; findings may overlap."""
    yield from _numbers(text)
    yield from _plates(text)
    yield from _addresses(text)
    yield from _birth_dates(text)
    yield from _contacts(text)


_D = "0-9０-９〇○零幺一二三四五六七八九OolI"
_RUN = re.compile(rf"[+＋]?[{_D}(（](?:[ \u3000\-－—–·)）]{{0,2}}[{_D}]){{6,23}}[ ]?[XxＸｘ]?(?![A-Za-z十百千万])")
_ALIKE = {
    **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
    **{char: str(digit) for digit, char in enumerate("零一二三四五六七八九")},
    **dict.fromkeys("〇○Oo", "0"),
    **dict.fromkeys("幺lI", "1"),
    **dict.fromkeys("xＸｘ", "X"),
    **dict.fromkeys("－—–·", "-"),
    "（": "(",
    "）": ")",
    "＋": "+",
    "\u3000": " ",
}
_TO_ASCII = str.maketrans(_ALIKE)
_SPLIT = r"[ \-]?"
_IDENTITY = re.compile(rf"(?<!\d)[1-9]\d{{5}}{_SPLIT}\d{{4}}{_SPLIT}\d{{4}}{_SPLIT}\d{{3}}[ ]?[\dX](?!\d)|(?<!\d)[1-9]\d{{14}}(?!\d)")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[ \-]{0,2})?(1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}|1[3-9]\d{2}[ \-]\d{3}[ \-]\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(\(?0\d{2,3}\)?[ \-]?[2-9]\d{3}[ \-]?\d{3,4})(?!\d)")
_CARD = re.compile(r"(?<!\d)\d{4}(?:[ \-]?\d{4}){2,3}[ \-]?\d{0,4}\d(?!\d)|(?<!\d)\d{15,19}(?!\d)")
_CARD_CUE = re.compile(r"(?:银行|账[号户]|帐[号户]|卡号|卡|开户行|支付宝)[^。；;\n]{0,24}$")
_PHONE_CUE = re.compile(r"(?:电话|联系方式|座机|传真|热线)[^，。；;\n\d]{0,8}$")
_UNIT_AFTER = re.compile(r"\s?(?:元|万|亿|㎡|平方|平米|吨|立方|千瓦|股|件|个|公里|号(?!码)|%|％|\.\d)")


def _numbers(text: str) -> Iterator[Finding]:
    for match in _RUN.finditer(text):
        raw = match[0]
        if not _is_uniform(raw):
            continue
        digits = raw.translate(_TO_ASCII)
        taken = [False] * len(digits)
        for kind, start, end in _numbers_in(text, match.start(), digits):
            if not any(taken[start:end]):
                taken[start:end] = [True] * (end - start)
                yield Finding(kind, match.start() + start, match.start() + end)


def _is_uniform(raw: str) -> bool:
    """Tell whether a run is figures, or Chinese figures, but not a mix as in 二〇二一年 beside other words; letters need figures around."""
    han = sum(char in "〇○零幺一二三四五六七八九" for char in raw)
    figures = sum(char.isdigit() and char not in "〇○零幺一二三四五六七八九" for char in raw)
    letters = sum(char in "OolI" for char in raw)
    return (han == 0 and figures >= 6 and letters <= 3) or (figures == 0 and letters == 0 and han >= 7)


def _numbers_in(text: str, offset: int, digits: str) -> Iterator[tuple[FindingKind, int, int]]:
    before = text[max(0, offset - 30) : offset]
    for match in _IDENTITY.finditer(digits):
        number = re.sub(r"[ \-]", "", match[0])
        if _is_identity(number):
            yield FindingKind.IDENTITY_NUMBER, match.start(), match.end()
    for match in _CARD.finditer(digits):
        number = re.sub(r"[ \-]", "", match[0])
        cued = _CARD_CUE.search(before + digits[: match.start()]) is not None
        if (cued and 12 <= len(number) <= 19) or (number.startswith("62") and identifiers.is_bank_card(number)):
            yield FindingKind.BANK_CARD, match.start(), match.end()
    for match in _MOBILE.finditer(digits):
        if not (match.end() == len(digits) and _UNIT_AFTER.match(text, offset + match.end())):
            yield FindingKind.MOBILE, match.start(), match.end()
    for match in _LANDLINE.finditer(digits):
        number = re.sub(r"[() \-]", "", match[0])
        area = 3 if number[:2] in ("01", "02") else 4
        if identifiers.is_landline(f"{number[:area]}-{number[area:]}") and not _UNIT_AFTER.match(text, offset + match.end()):
            yield FindingKind.LANDLINE, match.start(), match.end()
    if _PHONE_CUE.search(before) and (local := re.match(r"[2-9]\d{2,3}[ \-]?\d{4}(?!\d)", digits)):
        yield FindingKind.LANDLINE, local.start(), local.end()


def _is_identity(number: str) -> bool:
    """Tell whether digits have the shape of an identity number; a wrong check digit or day is still masked (suspected)."""
    if identifiers.is_identity_number(number):
        return True
    if len(number) != 18 or (number.isdigit() and identifiers.is_credit_code(number)):
        return False
    return number[:2] in identifiers.PROVINCES and number[6:8] in ("18", "19", "20")


_PLATE = re.compile(identifiers.PLATE.replace("][A-HJ-NP-Z](?:", "][A-HJ-NP-Z][·. ]?(?:", 1) + r"(?![A-Za-z0-9])")


def _plates(text: str) -> Iterator[Finding]:
    for match in _PLATE.finditer(text):
        if any(char.isdigit() for char in match[0]):
            yield Finding(FindingKind.PLATE, match.start(), match.end())


_NUM = r"(?:\d{1,5}|[一二三四五六七八九十百]{1,4}|[A-Za-z])(?:[-—]\d{1,4}){0,3}"
_DOOR = re.compile(rf"{_NUM}\s?(?:号楼|号|室|幢|栋|单元|组|户|座|楼|层|弄)")
_LIVES = re.compile(
    r"(?:户籍(?:地|所在地)?(?:址)?|住址|住所地?|住处|居住地(?:址)?|家庭(?:地址|住址)|通讯地址|现住|家住|暂住|租住|居住(?:在|于)|(?<![一-龥居入])住(?:在|于)?|[，,。；（(]住(?:在|于)?)\s?(?:为|是|于|在)?\s?[:：]?\s?(?=[一-龥])"
)
_KEPT = re.compile(r"(?:街道|[一-龥](?:镇|乡))(?:[一-龥]{1,6}(?:村|社区)(?!委))?|[一-龥]{1,6}(?:村|社区)(?!委)|[一-龥](?:区|县|市)(?![一-龥]?场)")
_ROOM = re.compile(
    rf"{_NUM}(?:幢|栋|号楼|座|单元|号)[^，。；,;\n]{{0,2}}?(?:{_NUM}单元)?{_NUM}(?:室|户(?!型))|{_NUM}(?:幢|栋|号楼|座){_NUM}单元(?:{_NUM})?(?:室|户(?!型))?"
)

_ROOM_END = re.compile(r"(?:[\dA-Za-z一二三四五六七八九十]\s?(?:室|户(?![型籍口]))|单元)")


def _addresses(text: str) -> Iterator[Finding]:
    if "住" in text or "户籍" in text or "地址" in text:
        for cue in _LIVES.finditer(text):
            clause = re.split(r"[，。；,;）)\n]", text[cue.end() : cue.end() + 60], maxsplit=1)[0]
            doors = list(_DOOR.finditer(clause))
            kept = list(_KEPT.finditer(clause, 0, doors[0].start())) if doors else []
            start = kept[-1].end() if kept else 0
            if doors and (kept or re.match(r"[一-龥]{2,}(?:路|街|弄|巷|苑|园|小区|公寓)", clause)):
                yield from _unmasked(FindingKind.ADDRESS, text, cue.end() + start, cue.end() + doors[-1].end())
    if "室" in text or "单元" in text or "户" in text:
        done = 0
        for door in _ROOM_END.finditer(text):  # the whole pattern is slow, so it runs only around 室, 户 and 单元
            for match in _ROOM.finditer(text, max(done, door.start() - 30), door.end() + 12):
                yield from _unmasked(FindingKind.ADDRESS, text, match.start(), match.end())
                done = match.end()


def _unmasked(kind: FindingKind, text: str, start: int, end: int) -> Iterator[Finding]:
    if start < end and set(text[start:end]) - {MASK, " "}:
        yield Finding(kind, start, end)


_BIRTH = re.compile(
    r"(?P<y>(?:18|19|20)\d{2})(?:\s?年\s?\d{1,2}\s?月(?:\s?\d{1,2}\s?日)?|[-/.]\d{1,2}[-/.]\d{1,2})(?=\s?(?:出生|生于|生[，,。；;）)]))"
    r"|(?<=出生日期)[:：为]?\s?(?P<c>(?:18|19|20)\d{2}(?:年\d{1,2}月(?:\d{1,2}日)?|[-/.]\d{1,2}[-/.]\d{1,2}))"
    r"|(?<=出生于)(?P<b>(?:18|19|20)\d{2}年\d{1,2}月(?:\d{1,2}日)?)"
)
_BORN = re.compile(r"出生|生(?=于|[，,。；;）)])")
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]{1,40}@[A-Za-z0-9\-]{1,40}\.[A-Za-z.]{2,20}")
_ACCOUNT = re.compile(r"(?:微信号?|QQ号?码?|qq号?|支付宝账号|抖音号)(?:码)?\s?[:：为是]?\s?(?P<id>[A-Za-z0-9][A-Za-z0-9_\-]{4,24})")
_TRAVEL = re.compile(r"(?:护照|通行证|台胞证|回乡证|居留证)[^，。；,;A-Za-z0-9]{0,10}(?P<id>[A-Z]{1,2}\d{6,9}|\d{8,10})(?![A-Za-z0-9])")
_CREDIT = re.compile(r"(?<![A-Za-z0-9])92[0-9A-HJ-NP-RTUW-Y]{16}(?![A-Za-z0-9])")


def _birth_dates(text: str) -> Iterator[Finding]:
    done = 0
    for mark in _BORN.finditer(text):
        for match in _BIRTH.finditer(text, max(done, mark.start() - 16), mark.end() + 16):
            done = match.end()
            group = next(name for name in ("y", "c", "b") if match[name])
            start = match.start(group)
            yield Finding(FindingKind.BIRTH_DATE, start, match.end())


def _contacts(text: str) -> Iterator[Finding]:
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield from _contact(FindingKind.EMAIL, match, 0)
    for match in _ACCOUNT.finditer(text):
        yield from _contact(FindingKind.ACCOUNT, match, "id")
    for match in _TRAVEL.finditer(text):
        yield from _contact(FindingKind.TRAVEL_DOCUMENT, match, "id")
    for match in _CREDIT.finditer(text):  # 92… is a sole trader, treated as a natural person; codes of firms are public
        if identifiers.is_credit_code(match[0]):
            yield Finding(FindingKind.CREDIT_CODE, match.start(), match.end())


def _contact(kind: FindingKind, match: re.Match[str], group: str | int) -> Iterator[Finding]:
    yield Finding(kind, match.start(group), match.end(group))
