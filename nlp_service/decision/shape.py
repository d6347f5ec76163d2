"""An assessment as JSON: one shape for the command line, the HTTP answer and the stored record."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .assess import Assessment
from .wording import HEADLINES, describe_amounts, describe_counter_examples, describe_distribution, describe_opposites, describe_reviewed, level_name


def assessment_json(found: Assessment) -> dict[str, Any]:
    """Return the assessment's figures and texts; percentages only where the sample allows them."""
    violation, peers = found.answer.violation, found.distribution
    family = violation.family if violation else "general"
    return {
        "level": found.level,
        "direction": found.direction,
        "headline": HEADLINES[found.level],
        "n": peers.n,
        "n_eff": round(peers.n_eff, 2),
        "median": level_name(family, peers.median) if peers.median is not None else None,
        "distribution": {level_name(family, level): round(share, 4) for level, share in peers.shares.items()} if peers.has_percentages else {},
        "counts": {level_name(family, level): count for level, count in peers.counts.items()},
        "gap": found.gap.levels if found.gap else None,
        "tail": {key: round(value, 4) for key, value in asdict(found.gap.tail).items()} if found.gap and peers.has_percentages else None,
        "fines": asdict(found.fines) if found.fines and found.fines.has_interval else None,
        "reviewed": {"corrected": found.reviewed.corrected, "upheld": found.reviewed.upheld, "rate": found.reviewed.rate},
        "neighbours": [
            {"case_id": item.case.case_id, "relevance": item.grade, "similarity": round(item.similarity, 4), "weight": round(item.weight, 4)}
            for item in found.neighbours
            if item.is_eligible
        ],
        "left_out": [{"case_id": item.case.case_id, "reason": item.reason} for item in found.neighbours if item.reason],
        "signals": [asdict(signal) for signal in found.signals],
        "pending": list(found.pending),
        "counterfactuals": [asdict(item) for item in found.counterfactuals],
        "sentences": [
            sentence
            for sentence in (
                describe_distribution(family, peers, ""),
                describe_amounts(found.fines),
                describe_counter_examples([item for item in found.neighbours if item.reason == "处罚决定已被纠正"]),
                describe_reviewed(found.reviewed),
                describe_opposites([item for item in found.neighbours if item.conflicts]),
            )
            if sentence
        ],
        "text": found.text,
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
