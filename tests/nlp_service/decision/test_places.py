"""Tests of nlp_service.decision.places: disjoint groups of five or more."""

from __future__ import annotations

from corpora.schema import Case
from nlp_service.decision.neighbours import Neighbour
from nlp_service.decision.places import by_place


def peers(region: str | None, n: int, level: int = 2) -> list[Neighbour]:
    return [Neighbour(Case(f"{region}-{level}-{i}", facts="x", region=region), 2, 0.9, 1.0, level, None, (), (), None) for i in range(n)]


def groups(items: list[Neighbour], region: str | None = "330111") -> list[tuple[str, int]]:
    return [(place.name, place.found.n) for place in by_place(items, region)]


def test_county_city_and_province_side_by_side() -> None:
    items = [*peers("330111", 5), *peers("330122", 6), *peers("330483", 7)]
    assert groups(items) == [("富阳区", 5), ("杭州市其他县（市、区）", 6), ("浙江省其他市", 7)]


def test_a_street_belongs_to_its_county() -> None:
    assert groups([*peers("330111001", 5), *peers("330483", 5)]) == [("富阳区", 5), ("浙江省其他市", 5)]


def test_a_group_of_four_is_merged_outwards() -> None:
    items = [*peers("330111", 4), *peers("330122", 6), *peers("330483", 7)]
    assert groups(items) == [("富阳区、杭州市其他县（市、区）", 10), ("浙江省其他市", 7)]


def test_a_rest_of_four_is_merged_inwards() -> None:
    items = [*peers("330111", 6), *peers("330483", 4)]
    assert groups(items) == [("富阳区、浙江省其他市", 10)]


def test_every_group_has_five_or_more_whatever_the_numbers() -> None:
    for near in range(7):
        for city in range(7):
            for far in range(7):
                items = [*peers("330111", near), *peers("330122", city), *peers("330483", far), *peers(None, 1)]
                found = groups(items)
                assert all(n >= 5 for _, n in found)
                assert not found or sum(n for _, n in found) == len(items)


def test_without_a_region_or_with_too_few_there_is_nothing_to_set_side_by_side() -> None:
    assert groups(peers("330111", 20), None) == []
    assert groups(peers("330111", 4)) == []


def test_a_city_as_region_has_no_county() -> None:
    assert groups([*peers("330111", 5), *peers("330483", 5)], "330100") == [("杭州市", 5), ("浙江省其他市", 5)]
