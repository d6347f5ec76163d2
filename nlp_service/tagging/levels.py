"""How quickly somebody has to look: L0 … L4 from confirmed and suspected tags; a level is no sanction."""

from __future__ import annotations

from collections.abc import Iterable

from nlp_service.tagging.schemes import Level, Scheme

_ORDER = tuple(Level)


def report_level(scheme: Scheme, confirmed: Iterable[str], suspected: Iterable[str]) -> Level:
    """Return the highest level of the tags (domain §4.1): a suspected tag counts one step lower unless the scheme says `keeps_level`.

    Rejected tags never count; a report without tags is L0. Raises KeyError for a tag that is not in the scheme.
    """
    ranks = [_ORDER.index(scheme.tag(code).level) for code in confirmed]
    for code in suspected:
        tag = scheme.tag(code)
        rank = _ORDER.index(tag.level)
        ranks.append(rank if tag.keeps_level else max(0, rank - 1))
    return _ORDER[max(ranks, default=0)]
