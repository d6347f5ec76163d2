"""Codes and names of regions."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora import regions


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("330000", "浙江省"),
        ("330100", "杭州市"),
        ("330111", "富阳区"),
        ("330111001", "富春街道"),
        ("330483100", "乌镇镇"),
        ("330122201", "莪山畲族乡"),
        ("330106012", "西湖区"),  # streets of other counties are not listed: the county
        ("331127", "景宁畲族自治县"),
        ("310115", "上海市"),  # outside Zhejiang: the province
        ("820000", "澳门特别行政区"),
        ("330199", None),
        ("330111003", None),
        ("990000", None),
        ("3301", None),
        ("33011x", None),
        ("", None),
    ],
)
def test_a_code_has_the_name_of_the_nearest_region_we_list(code: str, name: str | None) -> None:
    assert regions.region_name(code) == name
    assert regions.is_known(code) == (name is not None)


def test_zhejiang_has_90_counties_in_force_and_all_provinces_are_there() -> None:
    loaded = regions.load()
    today = dt.date(2024, 1, 1)
    in_force = [code for code in loaded.counties if regions.is_valid_on(code, today)]
    assert len(in_force) == 90  # 37 districts, 20 cities, 32 counties, 1 autonomous county
    by_kind = {kind: sum(loaded.counties[code].name.endswith(kind) for code in in_force) for kind in "区市县"}
    assert by_kind == {"区": 37, "市": 20, "县": 33}
    assert len(loaded.provinces) == 34
    assert len(loaded.cities) == 11


@pytest.mark.parametrize(
    ("code", "day", "valid"),
    [
        ("330103", dt.date(2021, 4, 8), True),
        ("330103", dt.date(2021, 4, 9), False),
        ("330104", dt.date(2021, 4, 9), False),
        ("330113", dt.date(2021, 4, 8), False),
        ("330114", dt.date(2021, 4, 9), True),
        ("330105", dt.date(1999, 1, 1), True),
        ("330113001", dt.date(2020, 1, 1), False),
        ("330183", dt.date(2014, 12, 12), True),
        ("330111", dt.date(2014, 12, 12), False),
        ("330111", dt.date(2022, 1, 1), True),
        ("110105", dt.date(1990, 1, 1), True),
        ("999999", dt.date(2022, 1, 1), False),
    ],
)
def test_a_code_is_valid_from_its_first_day_to_the_day_before_its_end(code: str, day: dt.date, valid: bool) -> None:
    assert regions.is_valid_on(code, day) is valid


def test_every_dissolved_county_names_successors_that_are_known() -> None:
    for code, county in regions.load().counties.items():
        assert bool(county.until) == bool(county.merged_into)
        assert all(regions.is_known(after) and regions.load().counties[after].until is None for after in regions.successors(code))
    assert regions.successors("330104") == ("330102", "330114")
    assert regions.successors("330111") == ()


@pytest.mark.parametrize(
    ("code", "above"),
    [
        ("330111001", ["330111", "330100", "330000"]),
        ("330111", ["330100", "330000"]),
        ("330100", ["330000"]),
        ("330000", []),
        ("330100001", ["330100", "330000"]),
    ],
)
def test_ancestors_come_nearest_first(code: str, above: list[str]) -> None:
    assert regions.ancestors(code) == above


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("杭州市富阳区综合行政执法局", "330111"),
        ("浙江省杭州市富阳区人民法院", "330111"),
        ("富阳区富春街道办事处", "330111001"),
        ("桐乡市乌镇镇人民政府", "330483100"),
        ("桐庐县公安局", "330122"),
        ("杭州市公安局西湖分局", "330106"),
        ("杭州市规划和自然资源局 富阳分局", "330111"),
        ("桐乡综合行政执法局", "330483"),
        ("杭州市下城区城市管理局", "330103"),
        ("富阳市城市管理行政执法局", "330183"),
        ("杭州市生态环境局", "330100"),
        ("杭州铁路公安处", "330100"),
        ("浙江省公安厅", "330000"),
        ("宁海县水利局", "330226"),
        ("海宁市水利局", "330481"),
        ("西湖区综合行政执法局", "330106"),
        ("上海市普陀区城市管理行政执法局", "310000"),
        ("广西壮族自治区南宁市江南区城管局", "450000"),
        ("南昌市西湖区城市管理局", None),
        ("成都市龙泉驿区综合执法局", None),
        ("龙泉驿区综合执法局", None),
        ("市场监督管理局", None),
        ("", None),
    ],
)
def test_the_narrowest_region_of_a_name_is_found(text: str, code: str | None) -> None:
    assert regions.find_region(text) == code


@given(st.sampled_from(sorted(regions.load().counties)), st.sampled_from(["综合行政执法局", "市场监督管理局", "人民政府"]))
def test_every_county_is_found_by_its_full_name(code: str, office: str) -> None:
    city = regions.load().cities[code[:4] + "00"]
    assert regions.find_region(f"{city}{regions.load().counties[code].name}{office}") == code


@given(st.text(max_size=30))
def test_any_text_gives_a_known_code_or_none(text: str) -> None:
    code = regions.find_region(text)
    assert code is None or regions.is_known(code)
