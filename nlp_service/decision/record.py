"""What is kept of the cases listed: enough to write the report again years later, whatever has become of the library since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from corpora.citations import find_citations
from corpora.outcomes import badge, outcome_group
from corpora.regions import region_name
from corpora.schema import Case
from indexes.columns import NO_DAY
from indexes.query import Hit
from indexes.view import View

from ..drafts import Draft
from ..explain import Element, compare_elements
from ..search import Answer
from .assess import Assessment

LISTED = 20
MAX_FACTS = 200


def listed_cases(answer: Answer, draft: Draft, assessed: Assessment) -> list[dict[str, Any]]:
    """Return the head of the ranking as rows: what the case is, how it compares, whether it counted."""
    peers = {item.case.case_id: item for item in assessed.neighbours}
    compared = {found.case.case_id: found.elements for found in answer.found}
    rows = []
    for hit, case in answer.ranked[:LISTED]:
        peer = peers.get(case.case_id)
        elements = compared.get(case.case_id) or compare_elements(draft, answer.violation, answer.pivots, case)
        rows.append(
            {
                **_case(hit, case),
                "grade": peer.grade if peer else None,
                "weight": round(peer.weight, 4) if peer and peer.is_eligible else None,
                "left_out": (peer.reason if peer else "行为不同，仅供参考"),
                "same": [_element(item) for item in elements.same],
                "different": [_element(item) for item in elements.different],
                "unknown": [item.name for item in elements.unknown],
            }
        )
    return rows


def _case(hit: Hit, case: Case) -> dict[str, Any]:
    review = case.review
    return {
        "rank": hit.rank,
        "case_id": case.case_id,
        "title": case.title,
        "cause": case.causes[0] if case.causes else case.cause_code,
        "agency": case.agency,
        "region": case.region,
        "decided_on": case.decided_on.isoformat() if case.decided_on else None,
        "doc_no": case.doc_no,
        "facts": case.facts if len(case.facts) <= MAX_FACTS else case.facts[:MAX_FACTS] + "…",
        "basis": list(case.basis),
        "kinds": list(case.kinds),
        "fine_yuan": str(case.fine_yuan) if case.fine_yuan is not None else None,
        "outcome": badge(review) if review else "未受审查",
        "outcome_group": outcome_group(review).value if review else "none",
        "ground": review.reason if review else "",
        "tier": case.tier,
        "provenance": case.provenance.value,
        "hash": case.content_hash()[:16],
    }


def _element(item: Element) -> dict[str, Any]:
    return {"name": item.name, "ours": item.ours, "theirs": item.theirs, "decisive": item.decisive}


def method(answer: Answer, draft: Draft, view: View, filters: Mapping[str, Any]) -> dict[str, Any]:
    """Return how was searched: words, articles, channels, filters, and how many cases were left at each step."""
    words = dict.fromkeys(word for word in view.analyzer.words(draft.text) if len(word) > 1)
    rarest = sorted(words, key=lambda word: -view.causes.rarity(word))[:12]
    days = view.columns.days[view.columns.alive]
    newest = int(days.max(initial=NO_DAY))
    channels = sorted({channel.value for hit, _ in answer.ranked for channel in hit.channels})
    return {
        "words": rarest,
        "articles": [str(citation) for citation in find_citations(draft.text)][:10],
        "causes": [label for label, _ in answer.result.causes[:3]],
        "channels": channels,
        "filters": dict(filters),
        "funnel": {
            "library": view.columns.n_alive,
            "allowed": answer.result.n_candidates,
            "ranked": len(answer.ranked),
            "listed": min(LISTED, len(answer.ranked)),
        },
        "library_until": dt.date.fromordinal(newest).isoformat() if newest else None,
        "is_match": answer.result.is_match,
    }


def facets(ranked: Sequence[tuple[Hit, Case]]) -> dict[str, list[dict[str, Any]]]:
    """Count regions (county), years, kinds and outcomes among the ranked cases, most first; values are those that a filter takes."""
    counts: dict[str, dict[str, int]] = {"region": {}, "year": {}, "kind": {}, "outcome": {}}
    for _, case in ranked:
        values = {
            "region": [case.region[:6]] if case.region else [],
            "year": [str(case.decided_on.year)] if case.decided_on else [],
            "kind": list(dict.fromkeys(case.kinds)),
            "outcome": [case.review.result if case.review else "未受审查"],
        }
        for name, found in values.items():
            for value in found:
                counts[name][value] = counts[name].get(value, 0) + 1
    return {
        name: [
            {"value": value, "label": (region_name(value) or value) if name == "region" else value, "count": count}
            for value, count in sorted(found.items(), key=lambda item: (-item[1], item[0]))
        ]
        for name, found in counts.items()
    }
