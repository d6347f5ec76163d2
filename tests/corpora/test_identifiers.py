"""Check digits are worked out as the standards say."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora import identifiers as ids


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("11010519491231002X", True),  # the example of GB 11643
        ("11010519491231002x", True),
        ("110105194912310021", False),
        ("330122190002300024", False),  # the check digit fits, but there is no 30 February
        ("990105194912310028", False),
        ("110105491231002", True),
        ("110105491331002", False),
        ("3301221900023000", False),
        ("", False),
    ],
)
def test_identity_numbers(number: str, valid: bool) -> None:
    assert ids.is_identity_number(number) is valid


def test_the_check_digit_alone_does_not_look_at_the_date() -> None:
    assert ids.has_id_check_digit("330122190002300024")


def test_birth_dates() -> None:
    assert ids.birth_date("11010519491231002X") == dt.date(1949, 12, 31)
    assert ids.birth_date("110105491231002") == dt.date(1949, 12, 31)
    assert ids.birth_date("330122190002300024") is None
    assert ids.birth_date("11010521491231002X") is None


@pytest.mark.parametrize(
    ("code", "valid"),
    [("91330111MA0000000A", True), ("91330111ma0000000a", True), ("91330111MA0000000B", False), ("91330111MI0000000A", False), ("9133", False)],
)
def test_credit_codes(code: str, valid: bool) -> None:
    assert ids.is_credit_code(code) is valid


@pytest.mark.parametrize(
    ("number", "valid"),
    [("6217000000000000004", True), ("6217000000000000005", False), ("79927398713", False), ("1111111111111111", False), ("0000000000000000", False)],
)
def test_bank_cards(number: str, valid: bool) -> None:
    assert ids.is_bank_card(number) is valid


def test_luhn() -> None:
    assert ids.is_luhn("79927398713")
    assert not ids.is_luhn("79927398710")
    assert not ids.is_luhn("7992739871A")


@given(st.from_regex(r"[0-9]{14,17}", fullmatch=True))
def test_exactly_one_last_digit_passes_luhn(digits: str) -> None:
    assert sum(ids.is_luhn(digits + str(last)) for last in range(10)) == 1


@pytest.mark.parametrize(
    ("number", "valid"), [("13800138000", True), ("+8613800138000", True), ("12800138000", False), ("1380013800", False), ("１３８００１３８０００", False)]
)
def test_mobiles(number: str, valid: bool) -> None:
    assert ids.is_mobile(number) is valid


@pytest.mark.parametrize(
    ("number", "valid"),
    [("0571-63320000", True), ("057163320000", True), ("010-62220000", True), ("0100-6222000", False), ("571-63320000", False), ("0571-13320000", False)],
)
def test_landlines(number: str, valid: bool) -> None:
    assert ids.is_landline(number) is valid


@pytest.mark.parametrize(
    ("plate", "valid"),
    [
        ("浙A12345", True),
        ("浙A·12345", True),
        ("浙AD12345", True),
        ("浙A12345D", True),
        ("浙A1234学", True),
        ("浙A1234", False),
        ("浙I12345", False),
        ("中A12345", False),
        ("浙A1234I", False),
    ],
)
def test_plates(plate: str, valid: bool) -> None:
    assert ids.is_plate(plate) is valid
