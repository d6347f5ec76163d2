"""How similar cases were disposed of: weights, effective sample size, shares, tail interval, weighted quantiles. Plain arithmetic, no text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import betaincinv

FLOOR = 0.60  # similarity below which a case weighs nothing (domain §7 step 2)
GRADE_WEIGHT = {3: 1.0, 2: 0.6}
YEAR_DECAY = 0.97
MIN_SHARE_N, MIN_SHARE_N_EFF = 10, 8.0  # below these no percentage is shown (domain §6)
MIN_BAR_N, MIN_BAR_N_EFF = 5, 5.0
MIN_AMOUNT_N, MIN_AMOUNT_N_EFF = 8, 6.0
MIN_REVIEWED = 8
PRIOR = (1.0, 9.0)  # overturn rate about .10 with the strength of ten cases


def weight(grade: int, similarity: float, years: float = 0.0, *, decay: float = YEAR_DECAY) -> float:
    """Return g(grade) · (similarity − .60)/.40 · decay^years, 0 for grades under 2 (domain §7 step 2)."""
    return GRADE_WEIGHT.get(grade, 0.0) * max(0.0, (similarity - FLOOR) / (1 - FLOOR)) * float(decay ** max(0.0, years))


def effective_size(weights: Sequence[float]) -> float:
    """Return Kish's effective sample size (Σw)² / Σw², 0 for no weight."""
    squares = sum(value * value for value in weights)
    return sum(weights) ** 2 / squares if squares > 0 else 0.0


def shares(levels: Sequence[int], weights: Sequence[float]) -> dict[int, float]:
    """Return the weighted share of each level, ascending."""
    total = sum(weights)
    result: dict[int, float] = {}
    for level, value in sorted(zip(levels, weights, strict=True)):
        result[level] = result.get(level, 0.0) + (value / total if total else 0.0)
    return result


def weighted_quantile(values: Sequence[float], weights: Sequence[float], q: float) -> float:
    """Return the smallest value at which the cumulated weight reaches q of the whole. Raises ValueError for no value."""
    pairs = sorted(zip(values, weights, strict=True))
    if not pairs:
        raise ValueError("no values")
    total, reached = sum(weights), 0.0
    for value, part in pairs:
        reached += part
        if reached / total >= q - 1e-12:
            return value
    return pairs[-1][0]


@dataclass(frozen=True, slots=True)
class Tail:
    """Share of cases at least as severe (or as lenient) as the plan, with a 90 % interval."""

    share: float
    low: float
    high: float


def tail(levels: Sequence[int], weights: Sequence[float], planned: int, *, heavier: bool) -> Tail:
    """Return the share of level ≥ planned (heavier) or ≤ planned, and Beta(½ + p·n_eff, ½ + (1 − p)·n_eff) at 5 % and 95 %."""
    total = sum(weights)
    inside = sum(value for level, value in zip(levels, weights, strict=True) if (level >= planned if heavier else level <= planned))
    return tail_of(inside / total if total else 0.0, effective_size(weights))


def tail_of(share: float, n_eff: float) -> Tail:
    """Return a share with the 5 % and 95 % points of Beta(½ + p·n_eff, ½ + (1 − p)·n_eff)."""
    a, b = 0.5 + share * n_eff, 0.5 + (1 - share) * n_eff
    return Tail(share, float(betaincinv(a, b, 0.05)), float(betaincinv(a, b, 0.95)))


@dataclass(frozen=True, slots=True)
class Distribution:
    """Disposals of the eligible cases by level."""

    n: int
    n_eff: float
    shares: dict[int, float]
    counts: dict[int, int]
    median: int | None

    @property
    def has_percentages(self) -> bool:
        """Whether percentages may be shown."""
        return self.n >= MIN_SHARE_N and self.n_eff >= MIN_SHARE_N_EFF

    @property
    def has_bars(self) -> bool:
        """Whether bars without figures may be shown."""
        return self.n >= MIN_BAR_N and self.n_eff >= MIN_BAR_N_EFF


def distribution(levels: Sequence[int], weights: Sequence[float]) -> Distribution:
    """Summarise levels and weights of the eligible cases."""
    counts: dict[int, int] = {}
    for level in sorted(levels):
        counts[level] = counts.get(level, 0) + 1
    median = int(weighted_quantile([float(level) for level in levels], weights, 0.5)) if levels and sum(weights) > 0 else None
    return Distribution(len(levels), effective_size(weights), shares(levels, weights), counts, median)


@dataclass(frozen=True, slots=True)
class Amounts:
    """Weighted quantiles of the fines of peers: as a rate of the base where every one has a base, else in yuan."""

    n: int
    n_eff: float
    is_rate: bool
    q10: float
    q25: float
    q50: float
    q75: float
    q90: float

    @property
    def has_interval(self) -> bool:
        """Whether an interval may be shown and compared with."""
        return self.n >= MIN_AMOUNT_N and self.n_eff >= MIN_AMOUNT_N_EFF


def amounts(values: Sequence[float], weights: Sequence[float], *, is_rate: bool) -> Amounts | None:
    """Return the quantiles, None for no value."""
    if not values or sum(weights) <= 0:
        return None
    q10, q25, q50, q75, q90 = (weighted_quantile(values, weights, q) for q in (0.1, 0.25, 0.5, 0.75, 0.9))
    return Amounts(len(values), effective_size(weights), is_rate, q10, q25, q50, q75, q90)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """How reviewed cases ended: counts always, a rate only from `MIN_REVIEWED` on."""

    corrected: int
    upheld: int

    @property
    def rate(self) -> tuple[float, float, float] | None:
        """Posterior mean and 90 % interval under Beta(1, 9), or None when too few were reviewed."""
        if self.corrected + self.upheld < MIN_REVIEWED:
            return None
        a, b = PRIOR[0] + self.corrected, PRIOR[1] + self.upheld
        return a / (a + b), float(betaincinv(a, b, 0.05)), float(betaincinv(a, b, 0.95))
