"""County, city and province side by side: disjoint groups of peers, each of five or more, smaller ones merged outwards (domain §6: k = 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpora.regions import region_name

from .distribution import Distribution, distribution
from .neighbours import Neighbour

MIN_CELL = 5


@dataclass(frozen=True, slots=True)
class Place:
    """Peers of one group of regions and how they were disposed of."""

    name: str
    found: Distribution


def _rings(region: str, items: Sequence[Neighbour]) -> list[tuple[str, list[Neighbour]]]:
    """Return (name, peers) from the county outwards; a peer is in one ring only."""
    county, city = region[:6], region[:4]
    is_county = len(region) >= 6 and county[4:] != "00"
    above = region_name(city + "00") or city
    province = region_name(city[:2] + "0000") or city[:2]
    near = [item for item in items if is_county and (item.case.region or "").startswith(county)]
    inside = [item for item in items if item not in near and (item.case.region or "").startswith(city)]
    around = [item for item in items if item not in near and item not in inside and (item.case.region or "").startswith(city[:2])]
    rest = [item for item in items if item not in near and item not in inside and item not in around]
    rings = [(region_name(county) or county, near)] if is_county else []
    rings += [(f"{above}其他县（市、区）" if is_county else above, inside), (f"{province}其他市", around), ("其他或未载明地区", rest)]
    return rings


def by_place(items: Sequence[Neighbour], region: str | None) -> list[Place]:
    """Return the groups from near to far; one with fewer than five peers is merged into the next wider, and the last into the one before."""
    eligible = [item for item in items if item.is_eligible and item.level is not None]
    if not region or len(region) < 4 or len(eligible) < MIN_CELL:
        return []
    groups: list[tuple[list[str], list[Neighbour]]] = []
    names: list[str] = []
    waiting: list[Neighbour] = []
    for name, peers in _rings(region, eligible):
        if peers:
            names.append(name)
            waiting = [*waiting, *peers]
        if len(waiting) >= MIN_CELL:
            groups.append((names, waiting))
            names, waiting = [], []
    if waiting and groups:
        groups[-1] = ([*groups[-1][0], *names], [*groups[-1][1], *waiting])
    return [Place("、".join(parts), distribution([item.level or 0 for item in peers], [item.weight for item in peers])) for parts, peers in groups]
