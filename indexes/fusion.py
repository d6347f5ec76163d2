"""Join the channels: a weighted sum of scores that are comparable within one query; reciprocal ranks where no scores compare."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .errors import SnapshotError
from .query import Channel

Scores = npt.NDArray[np.float64]
PROBABILITIES = frozenset({Channel.CAUSES, Channel.STATUTES})
DEFAULT_WEIGHTS: Mapping[Channel, float] = {
    Channel.LEXICAL: 1.0,
    Channel.DENSE: 0.5,
    Channel.CAUSES: 1.5,
    Channel.REASONING: 0.5,
    Channel.STATUTES: 0.5,
}
RRF_CONSTANT = 60


def min_max(scores: Scores) -> Scores:
    """Scale to 0 … 1 over the finite values; equal scores become 0, unknown (-inf) the median: not said is neither good nor bad."""
    known = np.isfinite(scores)
    if not known.any():
        return np.zeros_like(scores)
    low, high = scores[known].min(), scores[known].max()
    scaled = np.where(known, scores - low, 0.0) / (high - low) if high > low else np.zeros_like(scores)
    return np.where(known, scaled, np.median(scaled[known]))


def ranks(scores: Scores) -> npt.NDArray[np.int64]:
    """Return the rank from 1 of each score, ties by position; unknown (-inf) gets 0."""
    order = np.argsort(-scores, kind="stable")
    result = np.zeros(len(scores), np.int64)
    result[order] = np.arange(1, len(scores) + 1)
    result[~np.isfinite(scores)] = 0
    return result


@dataclass(frozen=True, slots=True)
class Fusion:
    """Non-negative weights per channel; a channel without a weight does not count. `version` names the fit."""

    weights: Mapping[Channel, float] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    version: str = "default-3"

    def __post_init__(self) -> None:
        for channel, weight in self.weights.items():
            if not weight >= 0:
                raise ValueError(f"fusion weight of {channel} is {weight}: expected 0 or more")

    def parts(self, channels: Mapping[Channel, Scores], emphasis: Mapping[Channel, float] | None = None) -> dict[Channel, Scores]:
        """Return each channel's contribution per candidate: weight × emphasis × scaled score (probabilities count as they are)."""
        factors = emphasis or {}
        return {
            channel: self.weights.get(channel, 0.0)
            * factors.get(channel, 1.0)
            * (np.where(np.isfinite(scores), scores, 0.0) if channel in PROBABILITIES else min_max(scores))
            for channel, scores in channels.items()
        }

    def fuse(self, channels: Mapping[Channel, Scores], emphasis: Mapping[Channel, float] | None = None) -> Scores:
        """Return the weighted sum per candidate; every array has one score per candidate, -inf where the channel did not find it."""
        total: Scores = np.sum(list(self.parts(channels, emphasis).values()), axis=0)
        return total

    def save(self, path: Path) -> None:
        """Write the weights as JSON."""
        path.write_text(json.dumps({"version": self.version, "weights": dict(self.weights)}, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Fusion:
        """Read what `save` wrote. Raises SnapshotError for a file that is missing or holds no weights."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            return cls({Channel(name): float(weight) for name, weight in data["weights"].items()}, str(data["version"]))
        except OSError as error:
            raise SnapshotError(f"{path}: not readable ({error.strerror or error}); run `nlp-service build`") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SnapshotError(f"{path}: not fusion weights ({error}); remove it or fit new ones (python -m training fit-fusion)") from None


def reciprocal_ranks(channels: Mapping[Channel, Scores], constant: int = RRF_CONSTANT) -> Scores:
    """Return Σ 1 / (constant + rank) per candidate (Cormack et al. 2009)."""
    total = np.zeros(len(next(iter(channels.values()))))
    for scores in channels.values():
        positions = ranks(scores)
        total += np.where(positions > 0, 1.0 / (constant + positions), 0.0)
    return total
