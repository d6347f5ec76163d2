"""An assessment as JSON: one shape for the command line, the HTTP answer and the stored record."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .assess import Assessment
from .burden import comparable
from .distribution import Distribution
from .figures import percent_words, without_signs, yuan
from .findings import Finding
from .neighbours import corrected_of
from .options import Option, law_words
from .places import MIN_CELL
from .wording import (
    LEVEL_NAMES,
    describe_amounts,
    describe_counter_examples,
    describe_distribution,
    describe_finding,
    describe_opposites,
    describe_places,
    describe_reviewed,
    level_name,
)


def assessment_json(found: Assessment) -> dict[str, Any]:
    """Return the assessment's figures and texts; percentages only where the sample allows them."""
    violation, peers = found.answer.violation, found.distribution
    family = violation.family if violation else "general"
    return {
        "level": found.level,
        "direction": found.direction,
        "headline": found.headline,
        "n": peers.n,
        "n_eff": round(peers.n_eff, 2),
        "median": level_name(family, peers.median) if peers.median is not None else None,
        "distribution": {level_name(family, level): round(share, 4) for level, share in peers.shares.items()} if peers.has_percentages else {},
        "counts": {level_name(family, level): count for level, count in peers.counts.items()},
        "gap": found.gap.levels if found.gap else None,
        "tail": {key: round(value, 4) for key, value in asdict(found.gap.tail).items()} if found.gap and peers.has_percentages else None,
        "fines": _fines(found),
        "points": _points(found),
        "places": [_place(family, place.name, place.found) for place in found.places],
        "reviewed": {
            "corrected": found.reviewed.corrected,
            "upheld": found.reviewed.upheld,
            "rate": found.reviewed.rate if peers.has_percentages else None,
        },
        "options": [_option(item) for item in found.options],
        "law": law_words(found.situation.act_on if found.situation else None, found.ruling.lapsed_on if found.ruling else None) if found.options else "",
        "notes": list(found.notes),
        "others": [asdict(item) for item in found.others],
        "rivals": [asdict(item) for item in found.rivals],
        "findings": [_finding(item) for item in found.findings],
        "neighbours": [
            {"case_id": item.case.case_id, "relevance": item.grade, "similarity": round(item.similarity, 4), "weight": round(item.weight, 4)}
            for item in found.neighbours
            if item.is_eligible
        ],
        "left_out": [{"case_id": item.case.case_id, "reason": item.reason} for item in found.neighbours if item.reason],
        "signals": [asdict(signal) for signal in found.signals],
        "pending": list(found.pending),
        "open_pivots": _open_pivots(found),
        "planned_level": level_name(family, found.planned_level) if found.planned_level is not None else None,
        "levels": [level_name(family, level) for level in sorted(LEVEL_NAMES[family])],
        "counterfactuals": [asdict(item) for item in found.counterfactuals],
        "situation": _situation(found),
        "sentences": [
            sentence
            for sentence in (
                describe_distribution(family, peers, ""),
                describe_places(family, found.places),
                describe_amounts(found.fines),
                describe_counter_examples(corrected_of(found.neighbours)),
                describe_reviewed(found.reviewed, has_percentages=peers.has_percentages),
                describe_opposites([item for item in found.neighbours if item.conflicts]),
            )
            if sentence
        ],
        "text": found.text,
    }


def _option(item: Option) -> dict[str, Any]:
    """Return one lawful disposal; `low_yuan` and `high_yuan` only where a share or multiple is worked out for this draft."""
    return {
        "id": item.rule_id,
        "text": item.words,
        "low_yuan": item.low,
        "high_yuan": item.high,
        "cite": list(item.cite),
        "status": item.status,
        "is_indicated": item.is_steered,
        "is_mild": item.is_mild,
    }


def _open_pivots(found: Assessment) -> list[dict[str, str]]:
    """Return the decisive facts nobody has stated yet, with the question a person can answer by yes or no."""
    violation = found.answer.violation
    if violation is None:
        return []
    return [
        {"name": pivot.name, "label": pivot.label, "question": pivot.question, "type": pivot.type}
        for pivot in violation.pivots
        if pivot.decisive and pivot.name not in found.answer.pivots
    ]


def _finding(item: Finding) -> dict[str, Any]:
    return {**asdict(item), "cite": list(item.cite), "text": without_signs(item.text), "line": describe_finding(item)}


def _place(family: str, name: str, peers: Distribution) -> dict[str, Any]:
    """Return one group of regions; a level with fewer than five cases is given as None (不足5件)."""
    counts = {level_name(family, level): (count if count >= MIN_CELL else None) for level, count in peers.counts.items()}
    shares = {level_name(family, level): round(peers.shares[level], 4) for level, count in peers.counts.items() if count >= MIN_CELL}
    return {
        "name": name,
        "n": peers.n,
        "n_eff": round(peers.n_eff, 2),
        "median": level_name(family, peers.median) if peers.median is not None else None,
        "counts": counts,
        "distribution": shares if peers.has_percentages else {},
    }


def _fines(found: Assessment) -> dict[str, Any] | None:
    """Return the quantiles of the peers' fines and the plan among them, in figures and in words; None where there are too few."""
    fines = found.fines
    if fines is None or not fines.has_interval:
        return None
    figures = {**asdict(fines), "planned": found.planned_amount}
    marks = ("q10", "q25", "q50", "q75", "q90", "planned")
    return {**figures, "words": {name: percent_words(figures[name]) if fines.is_rate else yuan(figures[name]) for name in marks if figures[name] is not None}}


def _points(found: Assessment) -> list[dict[str, Any]]:
    """Return fines of comparable peers one by one where there are too few for an interval, so that they can be listed or drawn."""
    if found.fines is None or found.fines.has_interval:
        return []
    base = found.situation.base.yuan if found.situation and found.situation.base else None
    near = sorted(comparable(found.neighbours, base), key=lambda peer: -peer[2])
    return [{"case_id": item.case.case_id, "fine_yuan": float(item.case.fine_yuan)} for item, _, _ in near if item.case.fine_yuan][:7]


def _situation(found: Assessment) -> dict[str, Any] | None:
    """Return what was read of the draft beyond its plan, so that a person can correct it."""
    known = found.situation
    if known is None:
        return None
    return {
        "party": known.party.value if known.party else None,
        "region": known.region,
        "ended_on": known.ended_on.isoformat() if known.ended_on else None,
        "found_on": known.found_on.isoformat() if known.found_on else None,
        "handled_on": known.handled_on.isoformat(),
        "base_yuan": known.base.yuan if known.base else None,
    }


def guidance_json(found: Assessment) -> dict[str, Any] | None:
    """Return the guidance, None when no violation is recognised."""
    guidance = found.guidance
    if guidance is None:
        return None
    return {
        "violation": guidance.violation,
        "elements": list(guidance.elements),
        "evidence": [{"item": item.item, "mention": item.mention} for item in guidance.evidence],
        "missing": list(guidance.missing),
        "loss_grounds": [{"code": ground.code, "text": ground.text} for ground in guidance.loss_grounds],
        "mitigating": [asdict(item) for item in guidance.mitigating],
        "aggravating": [asdict(item) for item in guidance.aggravating],
        "procedure": guidance.procedure,
        "steps": list(guidance.steps),
        "citations": [{"cite": cite, "status": status} for cite, status in guidance.citations],
    }
