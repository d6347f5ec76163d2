"""How well tags were given: micro and macro F1, traps that came out confirmed, recall of chosen tags; calibration is in nlp_service."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

Tags = Collection[str]


@dataclass(frozen=True, slots=True)
class Counts:
    """True positives, false positives, false negatives."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    @property
    def precision(self) -> float:
        """Share of the given that is right; 0 where nothing was given."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """Share of the wanted that was given; 0 where nothing was wanted."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        """2·tp / (2·tp + fp + fn); 0 where that is empty."""
        total = 2 * self.tp + self.fp + self.fn
        return 2 * self.tp / total if total else 0.0


def counts_by_tag(gold: Sequence[Tags], given: Sequence[Tags]) -> dict[str, Counts]:
    """Count per tag over reports in the same order. Raises ValueError for lists of different length."""
    if len(gold) != len(given):
        raise ValueError(f"{len(gold)} gold and {len(given)} given reports: give both in the same order")
    raw: dict[str, list[int]] = {}
    for wanted, got in zip(gold, given, strict=True):
        for tag in {*wanted, *got}:
            raw.setdefault(tag, [0, 0, 0])[0 if tag in wanted and tag in got else 1 if tag in got else 2] += 1
    return {tag: Counts(*numbers) for tag, numbers in sorted(raw.items())}


def micro_f1(gold: Sequence[Tags], given: Sequence[Tags]) -> float:
    """Return F1 over all decisions pooled."""
    by_tag = counts_by_tag(gold, given).values()
    return Counts(sum(c.tp for c in by_tag), sum(c.fp for c in by_tag), sum(c.fn for c in by_tag)).f1


def macro_f1(gold: Sequence[Tags], given: Sequence[Tags]) -> float:
    """Return the mean F1 of the tags that occur in gold."""
    by_tag = counts_by_tag(gold, given)
    present = [c.f1 for tag, c in by_tag.items() if c.tp + c.fn]
    return sum(present) / len(present) if present else 0.0


def trap_rate(traps: Sequence[Tags], confirmed: Sequence[Tags]) -> float:
    """Return the share of the traps (tags a matcher would raise wrongly) that came out confirmed; 0 without traps."""
    n_traps = sum(len(set(items)) for items in traps)
    n_caught = sum(len(set(items) & set(got)) for items, got in zip(traps, confirmed, strict=True))
    return n_caught / n_traps if n_traps else 0.0


def recall_of(tags: Collection[str], gold: Sequence[Tags], given: Sequence[Tags]) -> Mapping[str, tuple[int, int]]:
    """Return for each chosen tag how many of its gold occurrences were given, and how many there are."""
    by_tag = counts_by_tag(gold, given)
    return {tag: (by_tag.get(tag, Counts()).tp, by_tag.get(tag, Counts()).tp + by_tag.get(tag, Counts()).fn) for tag in tags}
