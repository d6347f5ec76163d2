"""Read and write Chinese and mixed numerals: 贰万叁仟伍佰, 三万五, 3万5, 1,200.50; knows nothing of money clauses."""

from __future__ import annotations

import re
from decimal import Decimal

DIGITS = {
    **dict(zip("零一二三四五六七八九", range(10), strict=True)),
    **dict(zip("〇壹贰叁肆伍陆柒捌玖", range(10), strict=True)),
    **dict(zip("○弌貳參弍", (0, 1, 2, 3, 2), strict=True)),
    **dict(zip("○壹貮叄肆伍陸柒捌玖", range(10), strict=True)),
    "两": 2,
    "兩": 2,
    "幺": 1,
}
SMALL_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
LARGE_UNITS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_TENS = {"廿": 20, "卄": 20, "卅": 30, "卌": 40}

CHINESE = "".join(dict.fromkeys([*DIGITS, *SMALL_UNITS, *LARGE_UNITS, *_TENS]))
# ，between three-digit groups is a thousands mark typed on a Chinese keyboard.
ARABIC = r"\d{1,3}(?:[,，]\d{3})+(?![\d])(?:\.\d+)?|\d+(?:\.\d+)?"
NUMBER = rf"(?:(?:{ARABIC})(?:[{CHINESE}]+(?:\d{{1,4}}(?![\d.]))?)*|[{CHINESE}]+(?:点[{CHINESE}]+)?)"
_TOKEN = re.compile(rf"(?P<arabic>{ARABIC})|(?P<chinese>[{CHINESE}])|(?P<point>点)")
_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_PART = "[^元圆块角分]+?"
_MONEY = re.compile(rf"(?:(?P<yuan>{_PART})(?:元|圆|块钱?))?(?:零?(?P<jiao>{_PART})角)?(?:零?(?P<fen>{_PART})分)?")
_WORTH = {"yuan": Decimal(1), "jiao": Decimal("0.1"), "fen": Decimal("0.01")}


def parse_number(text: str) -> Decimal:
    """Read a number or a plain sum of money (35000, 3万5, 二万三百, 贰万叁仟伍佰元整, 五元三角). Raises ValueError."""
    cleaned = re.sub(r"\s", "", text).translate(_FULL_WIDTH)
    cleaned = re.sub(r"^(?:人民币|RMB|¥|￥)+|[整正]$", "", cleaned)
    value = _money(cleaned) if re.search("[元圆块角分]", cleaned) else _number(cleaned)
    if value is None:
        raise ValueError(f"{text[:30]!r}: not a number; expected one such as 35000, 3.5万, 三万五千 or 叁万伍仟元整")
    return value


def _money(text: str) -> Decimal | None:
    match = _MONEY.fullmatch(text)
    if match is None:
        return None
    total = Decimal(0)
    for part, worth in _WORTH.items():
        if match[part]:
            value = _number(match[part])
            if value is None or (part != "yuan" and value >= 10):
                return None
            total += value * worth
    return total


def read_number(text: str) -> Decimal | None:
    """Read a number as `parse_number` does, or return None."""
    try:
        return parse_number(text)
    except ValueError:
        return None


def _number(text: str) -> Decimal | None:
    tokens = list(_TOKEN.finditer(text))
    if not tokens or sum(len(token[0]) for token in tokens) != len(text):
        return None
    if len(tokens) == 1 and tokens[0]["arabic"]:
        return _arabic(text)
    if "点" in text:
        return _with_point(text)
    if all(token[0] in DIGITS for token in tokens):
        return Decimal("".join(str(DIGITS[token[0]]) for token in tokens))
    return _with_units([token[0] for token in tokens])


def _arabic(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace("，", ""))


def _with_point(text: str) -> Decimal | None:
    whole, _, rest = text.partition("点")
    digits = rest.rstrip("".join((*SMALL_UNITS, *LARGE_UNITS)))
    value = _number(whole)
    if value is None or not digits or any(char not in DIGITS for char in digits):
        return None
    value += Decimal("0." + "".join(str(DIGITS[char]) for char in digits))
    for unit in rest[len(digits) :]:
        value *= SMALL_UNITS.get(unit) or LARGE_UNITS[unit]
    return value


def _with_units(tokens: list[str]) -> Decimal | None:
    """Add up digits and units from the left; None where their order makes no number."""
    total = section = Decimal(0)
    pending: Decimal | None = None
    last_unit = large_before = 0
    colloquial = True  # a single digit right after a unit means a tenth of it: 三万五, 一百五; a 零 before it says otherwise
    for token in tokens:
        if token in SMALL_UNITS:
            unit = SMALL_UNITS[token]
            if (pending is None and unit != 10) or (last_unit and last_unit <= unit and last_unit < 10**4):
                return None
            section += (Decimal(1) if pending is None else pending) * unit
            pending, last_unit = None, unit
        elif token in LARGE_UNITS:
            unit = LARGE_UNITS[token]
            section += pending or 0
            is_higher = 0 < large_before < unit  # 一万亿: the 亿 counts everything before it
            if section == 0 and not is_higher:
                return None
            total = (total + section) * unit if is_higher else total + section * unit
            section, pending, last_unit, large_before = Decimal(0), None, unit, unit
        elif token in _TENS:
            if pending is not None or 0 < last_unit <= 10:
                return None
            section, last_unit = section + _TENS[token], 10
        elif token in DIGITS and DIGITS[token] == 0:
            if pending is not None:
                return None
            colloquial = False
            continue
        elif pending is not None:
            return None
        else:
            pending = Decimal(DIGITS[token]) if token in DIGITS else _arabic(token)
            continue
        colloquial = True
    if pending is not None:
        is_short = colloquial and last_unit >= 100 and pending < 10 and pending == int(pending)
        section += pending * (last_unit // 10) if is_short else pending
    return total + section


_CAPITAL_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_CAPITAL_UNITS = ("", "拾", "佰", "仟")


def to_capitals(yuan: Decimal | int) -> str:
    """Write a sum of money in capitals: 23500 → 贰万叁仟伍佰元整. Raises ValueError below 0, from 10**12, or past 分."""
    value = Decimal(yuan)
    fen_total = value * 100
    if not 0 <= value < 10**12 or fen_total != fen_total.to_integral_value():
        raise ValueError(f"{yuan}: expected an amount from 0 to below 1000000000000 with at most two decimals")
    whole, cents = divmod(int(fen_total), 100)
    jiao, fen = divmod(cents, 10)
    words = _capital_whole(whole) + "元" if whole or not cents else ""
    if not cents:
        return words + "整"
    if jiao:
        words += _CAPITAL_DIGITS[jiao] + "角"
    elif words:
        words += "零"
    return words + (_CAPITAL_DIGITS[fen] + "分" if fen else "整")


def _capital_whole(value: int) -> str:
    if value == 0:
        return "零"
    words = ""
    for unit, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        group, value = divmod(value, unit)
        if group:
            words += ("零" if words and group < 1000 else "") + _capital_group(group) + name
        elif words and value:
            words = words.rstrip("零") + "零"
    return words.replace("零零", "零")


def _capital_group(group: int) -> str:
    words, gap = "", False
    for power in (3, 2, 1, 0):
        digit = group // 10**power % 10
        if digit:
            words += ("零" if gap and words else "") + _CAPITAL_DIGITS[digit] + _CAPITAL_UNITS[power]
            gap = False
        else:
            gap = True
    return words
