"""Figures as the card writes them: the sign % is kept for shares of cases, rates of the statute are written 百分之…"""

from __future__ import annotations

import re

_DIGITS = "零一二三四五六七八九"
_SIGN = re.compile(r"(\d+(?:\.\d+)?)\s*[%％](?:\s*[-–—~～至到]\s*(\d+(?:\.\d+)?)\s*[%％])?")


def _whole(number: int) -> str:
    if number < 10:
        return _DIGITS[number]
    if number >= 100:
        return str(number)
    tens, ones = divmod(number, 10)
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def _words(figure: str) -> str:
    whole, _, part = figure.partition(".")
    part = part.rstrip("0")
    return _whole(int(whole)) + ("点" + "".join(_DIGITS[int(char)] for char in part) if part else "")


def percent_words(rate: float) -> str:
    """Return a rate as statutes write it: 0.055 → 百分之五点五; above the whole as a multiple, 19.23 → 19.2倍."""
    if rate > 1:
        return f"{rate:,.1f}".removesuffix(".0") + "倍"
    return "百分之" + _words(f"{rate * 100:.1f}")


def without_signs(text: str) -> str:
    """Write the percentages of a quoted text in words, so that a % on the card is always a share of cases: 5%至10% → 百分之五至百分之十."""
    return _SIGN.sub(lambda match: "百分之" + _words(match[1]) + (f"至百分之{_words(match[2])}" if match[2] else ""), text)


def yuan(value: float) -> str:
    """Return a sum with thousands marks and its unit."""
    return f"{value:,.2f}元".replace(".00元", "元")
