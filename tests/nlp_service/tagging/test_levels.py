"""Levels: the highest tag counts, a suspected one a step lower unless it is about somebody's life, rejected ones never."""

from __future__ import annotations

import pytest

from nlp_service.tagging.levels import report_level
from nlp_service.tagging.schemes import Level, bundled_scheme

SCHEME = bundled_scheme("correction")


@pytest.mark.parametrize(
    ("confirmed", "suspected", "expected"),
    [
        ([], [], Level.L0),
        (["H03", "E03"], [], Level.L0),
        (["I01", "B01"], [], Level.L2),
        ([], ["B01"], Level.L1),
        ([], ["H03"], Level.L0),
        (["E03"], ["B02"], Level.L2),
        ([], ["B03"], Level.L3),
        ([], ["A01"], Level.L4),
        ([], ["C02"], Level.L4),
        ([], ["C05"], Level.L4),
        ([], ["D02"], Level.L4),
        (["A02"], ["D01"], Level.L3),
    ],
)
def test_levels(confirmed: list[str], suspected: list[str], expected: Level) -> None:
    assert report_level(SCHEME, confirmed, suspected) is expected


def test_an_unknown_tag_is_named() -> None:
    with pytest.raises(KeyError, match="Z9"):
        report_level(SCHEME, ["Z9"], [])
