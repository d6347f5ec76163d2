"""Codes and names of regions (GB/T 2260): Zhejiang to the county, three counties to the street, other provinces by prefix."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

HOME_PROVINCE = "33"
_FILE = Path(__file__).with_name("taxonomy") / "regions.yaml"


class County(BaseModel):
    """A county-level region: valid from `since` (included) to `until` (excluded)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    short: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    merged_into: tuple[str, ...] = ()


class Regions(BaseModel):
    """The file regions.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provinces: dict[str, str]
    cities: dict[str, str]
    counties: dict[str, County]
    streets: dict[str, dict[str, str]]


@cache
def load() -> Regions:
    """Read and check regions.yaml. Raises ValueError (pydantic) when it is not well formed."""
    with _FILE.open(encoding="utf-8") as stream:
        return Regions.model_validate(yaml.load(stream, Loader=yaml.CSafeLoader))


@cache
def short_names() -> frozenset[str]:
    """Return the short names of the cities, counties, streets and towns we know: 兰溪, 苍南, 濮院."""
    known = load()
    names = [name[:-1] for name in known.cities.values()]
    names += [county.short or county.name[:-1] for county in known.counties.values()]
    names += [re.sub(r"(?:街道|[镇乡])$", "", name) for streets in known.streets.values() for name in streets.values()]
    return frozenset(name for name in names if len(name) > 1)


def is_known(code: str) -> bool:
    """Say whether a code of 6 or 9 digits is one of ours; outside Zhejiang only the province is checked.

    A street counts as known under a county whose streets are not listed.
    """
    if not re.fullmatch(r"\d{6}|\d{9}", code) or code[:2] not in load().provinces:
        return False
    if code[:2] != HOME_PROVINCE:
        return True
    regions, county = load(), code[:6]
    if len(code) == 9:
        return county in regions.counties and (county not in regions.streets or code[6:] in regions.streets[county])
    return county in regions.counties or county in regions.cities or county == HOME_PROVINCE + "0000"


def region_name(code: str) -> str | None:
    """Return the own name of a region (富阳区, 富春街道); of the nearest region we list for one that we do not."""
    if not is_known(code):
        return None
    regions, county = load(), code[:6]
    if len(code) == 9 and code[6:] in regions.streets.get(county, {}):
        return regions.streets[county][code[6:]]
    if county in regions.counties:
        return regions.counties[county].name
    return regions.cities.get(county) or regions.provinces[code[:2]]


def ancestors(code: str) -> list[str]:
    """Return the codes above a region, nearest first: 330111001 → 330111, 330100, 330000."""
    above = [code[:6]] if len(code) == 9 else []
    return list(dict.fromkeys(above + [part for part in (code[:4] + "00", code[:2] + "0000") if part != code[:6]]))


def is_valid_on(code: str, date: dt.date) -> bool:
    """Say whether a known code was in force on a day; False for an unknown one."""
    if not is_known(code):
        return False
    county = load().counties.get(code[:6])
    if county is None:
        return True
    return (county.since is None or county.since <= date) and (county.until is None or date < county.until)


def successors(code: str) -> tuple[str, ...]:
    """Return the codes a dissolved county went into, () for one still in force."""
    county = load().counties.get(code[:6])
    return county.merged_into if county else ()


def find_region(text: str) -> str | None:
    """Return the code of the region an agency's or a court's name speaks of (杭州市富阳区综合行政执法局 → 330111), or None.

    The narrowest region wins. A county name that Zhejiang shares with other provinces (西湖区, 普陀区) is not taken when the
    text names another province or another city.
    """
    regions = load()
    text = re.sub(r"\s+", "", text)
    other = next((code for code, name in regions.provinces.items() if name in text and code != HOME_PROVINCE), None)
    if other:
        return other + "0000"
    city = next((code for code, name in regions.cities.items() if name in text), None)
    county = _county(text, city)
    if county:
        return next((county + code for code, name in regions.streets.get(county, {}).items() if name in text), county)
    if city:
        return city
    if _names_foreign_city(text):
        return None
    city = next((code for code, name in regions.cities.items() if _opens_with(text, name[:-1])), None)
    return city or ("330000" if _opens_with(text, "浙江") or "浙江省" in text else None)


def _county(text: str, city: str | None) -> str | None:
    anchored = city is not None or "浙江" in text
    if not anchored and _names_foreign_city(text):
        return None
    inside = {code: county for code, county in load().counties.items() if city is None or code[:4] == city[:4]}
    full = next((code for code, county in inside.items() if county.name in text), None)
    if full:
        return full
    # Without its 区/县/市 a name is only safe after its city (杭州市公安局富阳分局) or at the very start (富阳区 dropped: 富阳城管局).
    for code, county in inside.items():
        short = county.short or county.name[:-1]
        if county.until is None and ((city and f"{short}分局" in text) or _opens_with(text, short)):
            return code
    return None


def _opens_with(text: str, short: str) -> bool:
    """Say whether the text opens with a short name that is not the beginning of a longer one (龙泉 in 龙泉驿区)."""
    return text.startswith(short) and re.match(r".{0,2}[区县市旗州盟省]", text[len(short) :]) is None


def _names_foreign_city(text: str) -> bool:
    found = re.match(r"(?:中共)?([\u4e00-\u9fff]{2,4}?[市州盟])(?!场)", text)
    if found is None:
        return False
    name = found[1]
    return name not in load().cities.values() and all(name != county.name for county in load().counties.values())
