"""Per-tag probabilities for a report: from rules alone, or rules and the fitted linear model together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from nlp_service.tagging.concepts import Concepts
from nlp_service.tagging.features import pair_features, report_features, window_spans
from nlp_service.tagging.linear import LinearModel
from nlp_service.tagging.rules import CONFIRM_AT, SUSPECT_AT, Analysis, TagEvidence
from nlp_service.tagging.schemes import Goal, Scheme
from nlp_service.tagging.scope import Status

# Below this the report classifier alone does not make a tag a candidate (99 % of the true tags of unseen authors lie above).
CANDIDATE_P = 0.03
CANDIDATE_LOGIT = math.log(CANDIDATE_P / (1 - CANDIDATE_P))
# Where scope rejected every trigger of a tag, the model must be this sure before the tag is named at all: the harm to avoid is
# calling somebody dangerous for a word that was denied, past or somebody else's.
REJECTED_SUSPECT_AT, REJECTED_CONFIRM_AT = 0.5, 0.65
RECALL_SUSPECT_AT = 0.10


@dataclass(frozen=True, slots=True)
class Score:
    """Probabilities of one tag: that it holds, that it holds or is worth checking, and the thresholds that apply."""

    p_holds: float
    p_any: float
    confirm_at: float
    suspect_at: float
    from_rules: bool
    from_model: bool


class Classifier(Protocol):
    """Gives a score to every tag (by index) worth naming; tags left out are unlikely."""

    version: str

    def score(self, analysis: Analysis) -> Mapping[int, Score]: ...

    def support(self, analysis: Analysis, index: int) -> tuple[int, int] | None:
        """Return the span (folded text) that speaks most for a tag no trigger was found for, or None."""


class RuleClassifier:
    """Triggers and scope alone; the classifier of a scheme without a fitted model, and of tags younger than the model."""

    version = "rules"

    def score(self, analysis: Analysis) -> dict[int, Score]:
        """Return the rules' probabilities; a tag holds by status, so that hints never add up to a confirmation."""
        return {index: _rule_score(analysis, index) for index in analysis.evidence}

    def support(self, analysis: Analysis, index: int) -> None:
        """Return nothing: every tag the rules name has a trigger."""


def _rule_score(analysis: Analysis, index: int) -> Score:
    evidence = analysis.evidence[index]
    p_holds = evidence.p_holds if evidence.status is Status.HOLDS else min(evidence.p_holds, CONFIRM_AT - 0.01)
    p_any = evidence.p_any if evidence.status in (Status.HOLDS, Status.SUSPECTED) else min(evidence.p_any, SUSPECT_AT - 0.01)
    return Score(p_holds, max(p_any, p_holds), CONFIRM_AT, SUSPECT_AT, evidence.status is not None, False)


class StackedClassifier:
    """The linear model over rule evidence; tags the model does not know are scored by rules."""

    def __init__(self, model: LinearModel, scheme: Scheme, concepts: Concepts) -> None:
        self._model = model
        self._scheme = scheme
        self._concepts = concepts
        known = {code: position for position, code in enumerate(model.tags)}
        self._positions = {index: known[tag.code] for index, tag in enumerate(scheme.tags) if tag.code in known}
        self.version = model.about.get("version", "unknown")

    def score(self, analysis: Analysis) -> dict[int, Score]:
        """Return calibrated probabilities of every candidate tag."""
        model = self._model
        found = model.vectorizer.find(analysis.folded.text)
        holds, text = model.report_logits(report_features(analysis, self._scheme, self._concepts), found)
        windows = model.window_logits(found, window_spans(analysis)).max(axis=0)
        is_likely = np.maximum(holds, text) >= CANDIDATE_LOGIT
        n_above = np.count_nonzero(holds > holds[:, None], axis=1)
        n_strong = sum(1 for evidence in analysis.evidence.values() if evidence.status is Status.HOLDS)
        candidates = [(index, position) for index, position in self._positions.items() if is_likely[position] or index in analysis.evidence]
        pairs = [
            pair_features(
                analysis.evidence.get(index),
                self._scheme,
                index,
                n_strong=n_strong,
                text_chars=len(analysis.context.text),
                logit=float(holds[position]),
                text=float(text[position]),
                n_above=int(n_above[position]),
                window=float(windows[position]),
            )
            for index, position in candidates
        ]
        scores: dict[int, Score] = {}
        if pairs:
            probabilities = model.probabilities(model.pair_logits(pairs), [position for _, position in candidates])
            for (index, position), (p_holds, p_any) in zip(candidates, probabilities.tolist(), strict=True):
                scores[index] = self._score(analysis.evidence.get(index), index, (p_holds, p_any), bool(is_likely[position]))
        for index in analysis.evidence:
            if index not in self._positions:
                scores[index] = _rule_score(analysis, index)
        return scores

    def _score(self, evidence: TagEvidence | None, index: int, p: tuple[float, float], is_likely: bool) -> Score:
        status = evidence.status if evidence is not None else None
        confirm_at, suspect_at = self._model.thresholds[:, self._positions[index]].tolist()
        return Score(
            p_holds=p[0],
            p_any=p[1],
            confirm_at=max(confirm_at, REJECTED_CONFIRM_AT) if status is Status.REJECTED else confirm_at,
            suspect_at=self._suspect_at(index, suspect_at, status is Status.REJECTED),
            from_rules=status in (Status.HOLDS, Status.SUSPECTED),
            from_model=is_likely,
        )

    def _suspect_at(self, index: int, threshold: float, is_rejected: bool) -> float:
        """Return when a tag is worth a look; where missing it may cost a life (goal recall), sooner than the fit says."""
        if is_rejected:
            return max(threshold, REJECTED_SUSPECT_AT)
        return min(threshold, RECALL_SUSPECT_AT) if self._scheme.tags[index].goal is Goal.RECALL else threshold

    def support(self, analysis: Analysis, index: int) -> tuple[int, int] | None:
        """Return the clause that speaks most for the tag; None for a tag the model does not know."""
        position = self._positions.get(index)
        if position is None:
            return None
        clauses = window_spans(analysis, 1)
        logits = self._model.window_logits(self._model.vectorizer.find(analysis.folded.text), clauses)
        return clauses[int(logits[:, position].argmax())]
