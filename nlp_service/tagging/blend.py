"""A classifier that joins any text model (n-grams, a fine-tuned transformer) with the evidence of the rules, calibrated per tag."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nlp_service.artefacts import ArtefactError
from nlp_service.tagging.calibration import Calibration
from nlp_service.tagging.classifier import RECALL_SUSPECT_AT, REJECTED_CONFIRM_AT, REJECTED_SUSPECT_AT, RuleClassifier, Score, is_bare_denial, other_clauses
from nlp_service.tagging.rules import Analysis
from nlp_service.tagging.schemes import Goal, Scheme
from nlp_service.tagging.scope import Status

HEADS = ("holds", "any")
BLEND_FILE = "blend.json"
# What the rules say of a tag, as features beside the model's logit.
STATUSES = (Status.HOLDS, Status.SUSPECTED, Status.REJECTED)
N_INPUTS = 1 + len(STATUSES)
# Below this a tag without a trigger is not named at all.
_CANDIDATE_P = 0.02

Floats = NDArray[np.float64]


class TextModel(Protocol):
    """Texts (folded) to raw logits of shape (texts, 2 heads, tags): the tag holds; it holds or is worth checking."""

    @property
    def tags(self) -> tuple[str, ...]: ...

    def logits(self, texts: Sequence[str]) -> Floats: ...


@dataclass(frozen=True, slots=True)
class Blend:
    """Fitted on reports the text model has not seen: weights (2, 4) of logit and rule status, calibration per head, thresholds (2, tags)."""

    weights: Floats
    calibrations: tuple[Calibration, Calibration]
    thresholds: Floats

    def probabilities(self, inputs: Floats, tags: NDArray[np.int64]) -> Floats:
        """Return (n, 2) probabilities of rows (n, 2, 4) for tag indices; `any` is never below `holds`."""
        p = np.stack([self.calibrations[head].apply(inputs[:, head] @ self.weights[head], tags) for head in range(2)], axis=1)
        p[:, 1] = np.maximum(p[:, 0], p[:, 1])
        return p

    def save(self, folder: Path) -> None:
        """Write `blend.json`."""
        record = {
            "weights": self.weights.tolist(),
            "thresholds": self.thresholds.tolist(),
            "calibrations": [{"slope": c.slope, "intercept": c.intercept, "offsets": c.offsets.tolist()} for c in self.calibrations],
        }
        (folder / BLEND_FILE).write_text(json.dumps(record), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, n_tags: int) -> Blend:
        """Read what `save` wrote. Raises ArtefactError."""
        try:
            record = json.loads((folder / BLEND_FILE).read_bytes())
            holds, either = (Calibration(float(c["slope"]), float(c["intercept"]), np.asarray(c["offsets"], np.float64)) for c in record["calibrations"])
            blend = cls(np.asarray(record["weights"], np.float64), (holds, either), np.asarray(record["thresholds"], np.float64))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ArtefactError(f"{folder.name}/{BLEND_FILE}: {type(error).__name__}: {str(error)[:120]}; fit or copy the model again") from error
        if blend.weights.shape != (2, N_INPUTS) or blend.thresholds.shape != (2, n_tags) or any(len(c.offsets) != n_tags for c in blend.calibrations):
            raise ArtefactError(f"{folder.name}/{BLEND_FILE}: made for another number of tags than {n_tags}; fit the model again")
        return blend


def blend_inputs(logits: Floats, status: Status | None) -> Floats:
    """Return the (2, 4) inputs of one tag: both logits, each beside the status the rules give the tag."""
    row = np.zeros((2, N_INPUTS))
    row[:, 0] = np.clip(logits, -12.0, 12.0)
    for column, known in enumerate(STATUSES, 1):
        row[:, column] = float(status is known)
    return row


class BlendClassifier:
    """See Classifier: a text model with the rules; tags of the scheme that the model does not know are scored by the rules alone."""

    def __init__(self, model: TextModel, blend: Blend, scheme: Scheme, version: str) -> None:
        self._model = model
        self._blend = blend
        self._rules = RuleClassifier()
        known = {code: position for position, code in enumerate(model.tags)}
        self._positions = {index: known[tag.code] for index, tag in enumerate(scheme.tags) if tag.code in known}
        self._recall_first = {index for index, tag in enumerate(scheme.tags) if tag.goal is Goal.RECALL}
        self.version = version

    def score(self, analysis: Analysis) -> dict[int, Score]:
        """Return calibrated probabilities of every tag with a trigger or with a probability worth naming."""
        logits = self._model.logits([analysis.context.text])[0]
        statuses = {index: evidence.status for index, evidence in analysis.evidence.items()}
        indices = list(self._positions)
        positions = np.asarray([self._positions[index] for index in indices], np.int64)
        if not indices:
            return self._rules.score(analysis)
        rows = np.stack([blend_inputs(logits[:, self._positions[index]], statuses.get(index)) for index in indices])
        scores: dict[int, Score] = {}
        for index, position, (p_holds, p_any) in zip(indices, positions, self._blend.probabilities(rows, positions), strict=True):
            if index in statuses or p_any >= _CANDIDATE_P:
                score = self._score(index, int(position), (float(p_holds), float(p_any)), statuses.get(index))
                scores[index] = score._replace(is_denied=score.is_named and self._is_denied(analysis, index, score))
        by_rules = self._rules.score(analysis)
        return scores | {index: score for index, score in by_rules.items() if index not in self._positions}

    def _is_denied(self, analysis: Analysis, index: int, score: Score) -> bool:
        """Say whether a short report only denies the tag: what it says beside does not speak for it."""
        evidence = analysis.evidence.get(index)
        if evidence is None or not is_bare_denial(analysis, evidence):
            return False
        rest = "，".join(analysis.context.text[start:end] for start, end in other_clauses(analysis, evidence))
        if not rest:
            return True
        position = self._positions[index]
        inputs = blend_inputs(self._model.logits([rest])[0][:, position], None)
        _, p_any = self._blend.probabilities(inputs[None], np.array([position]))[0]
        return bool(p_any < score.suspect_at)

    def _score(self, index: int, position: int, p: tuple[float, float], status: Status | None) -> Score:
        confirm_at, suspect_at = (float(value) for value in self._blend.thresholds[:, position])
        if index in self._recall_first:
            suspect_at = min(suspect_at, RECALL_SUSPECT_AT)
        if status is Status.REJECTED:
            confirm_at, suspect_at = max(confirm_at, REJECTED_CONFIRM_AT), max(suspect_at, REJECTED_SUSPECT_AT)
        return Score(*p, confirm_at, suspect_at, status in (Status.HOLDS, Status.SUSPECTED), from_model=True)

    def support(self, analysis: Analysis, index: int) -> tuple[int, int] | None:
        """Return the clause without which the tag would lose most, or the whole of a text of one clause; None for tags the model does not know."""
        position = self._positions.get(index)
        clauses: Mapping[tuple[int, int], None] = dict.fromkeys((clause.start, clause.end) for clause in analysis.context.clauses)
        places = [(start, end) for start, end in clauses if end > start]
        if position is None or not places:
            return None
        if len(places) == 1:
            return places[0]
        text = analysis.context.text
        without = self._model.logits([text[:start] + text[end:] for start, end in places])[:, 1, position]
        return places[int(np.argmin(without))]
