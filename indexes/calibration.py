"""From what the channels say of a case to the probability that it is similar (relevance 2 or more).

Fused scores only order the cases of one search: they are scaled within it, so the best of a bad lot looks as good as the best of all. What is calibrated here is
absolute: probabilities of causes, cosines, lexical score over what the draft could reach, what the library knows of its words, pivots that agree or conflict.
A logistic regression over these (Platt 1999 with several inputs), fitted by `python -m training fit-fusion`; the default is fitted on the bundled
queries. Where the best probability stays below `threshold`, there is no similar case.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import SnapshotError

DEFAULT_FILE = Path(__file__).with_name("calibration.json")
RELEVANT = 2
# Of 195 bundled queries 5 % stay below .54 of known words and .51 of known pairs; of recipes, football and the like 90 % below .62 and .50.
USUAL_WORDS, USUAL_PAIRS = 0.65, 0.55
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one hit, in absolute terms.

    cause, near_cause     Σ P(cause | draft) over the case's causes; Bhattacharyya coefficient of both distributions
    top_cause, certainty  probability of the draft's likeliest cause; 1 − entropy / ln(number of causes)
    dense, reasoning      cosines; 0 where nothing can be compared
    lexical               BM25 over Σ weight · idf of the draft's known terms
    strange_words         how far the known terms' share of Σ weight · idf stays below USUAL_WORDS
    strange_pairs         how far the share of known pairs of characters stays below USUAL_PAIRS: the draft is not in the language of the library at all
    agree, conflict       decisive pivots of the same violation; minor_agree, minor_conflict the others
    articles              share of the articles cited in the draft that the case rests on
    absent                probability, by the catalogue alone, that the draft is about a violation of which the library has no case
    """

    cause: float = 0.0
    near_cause: float = 0.0
    top_cause: float = 0.0
    certainty: float = 0.0
    dense: float = 0.0
    reasoning: float = 0.0
    lexical: float = 0.0
    strange_words: float = 0.0
    strange_pairs: float = 0.0
    agree: float = 0.0
    conflict: float = 0.0
    minor_agree: float = 0.0
    minor_conflict: float = 0.0
    articles: float = 0.0
    absent: float = 0.0


FEATURES = tuple(item.name for item in fields(Evidence))
FALLING = frozenset({"conflict", "minor_conflict", "absent", "strange_words", "strange_pairs"})
FREE = frozenset({"top_cause", "certainty"})  # of the draft, not of the case: they may count either way
_VALUES = attrgetter(*FEATURES)


def evidence_matrix(evidence: Sequence[Evidence]) -> Floats:
    """Return one row per hit, columns in the order of FEATURES."""
    return np.array([_VALUES(item) for item in evidence], np.float64).reshape(len(evidence), len(FEATURES))


@dataclass(frozen=True, slots=True)
class Calibration:
    """P = 1 / (1 + exp(−bias − Σ weight · evidence)). `conflict_cap` limits P where a decisive pivot conflicts: such a case is a reference, not a model."""

    weights: Mapping[str, float]
    bias: float
    threshold: float
    version: str
    conflict_cap: float = 0.45
    measured: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if unknown := set(self.weights) - set(FEATURES):
            raise ValueError(f"calibration {self.version}: unknown evidence {'、'.join(sorted(unknown))}; expected {'、'.join(FEATURES)}")
        if not 0 <= self.threshold <= 1:
            raise ValueError(f"calibration {self.version}: threshold {self.threshold}: expected 0 to 1")

    def probabilities(self, evidence: Sequence[Evidence]) -> Floats:
        """Return P(relevance ≥ 2) of each hit."""
        matrix = evidence_matrix(evidence)
        logits = self.bias + matrix @ np.array([self.weights.get(name, 0.0) for name in FEATURES])
        values: Floats = 1.0 / (1.0 + np.exp(-np.clip(logits, -50.0, 50.0)))
        return np.where(matrix[:, FEATURES.index("conflict")] > 0, np.minimum(values, self.conflict_cap), values)

    def save(self, path: Path) -> None:
        """Write the model as JSON."""
        record = {
            "version": self.version,
            "bias": self.bias,
            "weights": dict(self.weights),
            "threshold": self.threshold,
            "conflict_cap": self.conflict_cap,
            "measured": dict(self.measured),
        }
        path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path = DEFAULT_FILE) -> Calibration:
        """Read what `save` wrote; without a path the default. Raises SnapshotError for a file that is missing or no calibration."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            weights = {str(name): float(weight) for name, weight in data["weights"].items()}
            return cls(weights, float(data["bias"]), float(data["threshold"]), str(data["version"]), float(data["conflict_cap"]), data.get("measured", {}))
        except OSError as error:
            raise SnapshotError(f"{path}: not readable ({error.strerror or error}); run `nlp-service build`") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SnapshotError(f"{path}: not a calibration ({error}); remove it or fit a new one (python -m training fit-fusion)") from None
