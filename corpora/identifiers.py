"""Check the digits of identifiers: identity and credit codes, bank cards, telephones, number plates; knows no texts around them."""

from __future__ import annotations

import datetime as dt
import re

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"
_CREDIT_CHARS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# The first two digits of GB/T 2260, Hong Kong, Macao and Taiwan (71, 81–83) included.
PROVINCES = frozenset(str(code) for code in (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83))
EARLIEST_BIRTH = 1880


def has_id_check_digit(number: str) -> bool:
    """Tell whether 18 characters end in the check character of GB 11643."""
    if not re.fullmatch(r"\d{17}[\dXx]", number):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _ID_WEIGHTS, strict=True))
    return number[17].upper() == _ID_CHECK[total % 11]


def birth_date(number: str) -> dt.date | None:
    """Return the day of birth in an identity number of 18 or 15 digits, or None where it is no possible day."""
    if len(number) == 18:
        digits = number[6:14]
    elif len(number) == 15:
        digits = "19" + number[6:12]
    else:
        return None
    try:
        born = dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
    return born if born.year >= EARLIEST_BIRTH and born <= dt.date.today() else None


def is_identity_number(number: str) -> bool:
    """Tell whether a number is a valid identity number: check character, a real day of birth, a province (GB 11643)."""
    if number[:2] not in PROVINCES or birth_date(number) is None:
        return False
    if len(number) == 15:
        return number.isdecimal() and number.isascii()
    return has_id_check_digit(number)


def is_credit_code(code: str) -> bool:
    """Tell whether 18 characters are a valid unified social credit code (GB 32100)."""
    code = code.upper()
    if len(code) != 18 or any(char not in _CREDIT_CHARS for char in code):
        return False
    total = sum(_CREDIT_CHARS.index(char) * pow(3, place, 31) for place, char in enumerate(code[:17]))
    return _CREDIT_CHARS[(31 - total % 31) % 31] == code[17]


def is_luhn(number: str) -> bool:
    """Tell whether a string of digits passes the Luhn check of bank cards."""
    if not (number.isdecimal() and number.isascii()):
        return False
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_bank_card(number: str) -> bool:
    """Tell whether a number has the length and the check digit of a bank card and is not all one digit."""
    return 15 <= len(number) <= 19 and is_luhn(number) and len(set(number)) > 1


def is_mobile(number: str) -> bool:
    """Tell whether a number is a mobile number of eleven digits, 86 in front allowed."""
    return re.fullmatch(r"(?:\+?86)?1[3-9]\d{9}", number) is not None and number.isascii()


def is_landline(number: str) -> bool:
    """Tell whether a number is a telephone with an area code: 0571-63320000, 01062220000."""
    match = re.fullmatch(r"(0\d{2,3})-?([2-9]\d{6,7})(?:-\d{1,5})?", number)
    if match is None or not number.isascii():
        return False
    area = match[1]
    return len(area) == 3 if area[:2] in ("01", "02") else len(area) == 4


_PLATE_AREAS = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
PLATE = rf"[{_PLATE_AREAS}][A-HJ-NP-Z](?:[A-HJ-NP-Z0-9]{{4}}[A-HJ-NP-Z0-9挂学警港澳]|[DF][A-HJ-NP-Z0-9]\d{{4}}|\d{{5}}[DF])"


def is_plate(text: str) -> bool:
    """Tell whether a text is a number plate, new-energy plates of eight characters included."""
    return re.fullmatch(PLATE, text.upper().replace("·", "")) is not None
