"""Splits that do not deceive: stratified over many labels, grouped so that nothing shared stands on two sides, or by date; leak-checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .examples import DatasetError, Example, label_set
from .validate import find_leaks, near_duplicates, stack_labels

Ints = NDArray[np.int64]
# A group larger than this share of the data would make one part of a split nearly all of it.
MAX_SHARE = 0.2
GROUPS = ("author", "document", "person", "incident")


def split(examples: Sequence[Example], shares: Mapping[str, float], *, seed: int = 0, by: Sequence[str] = (), by_date: bool = False) -> list[Example]:
    """Return the examples with `split` set, in their order. Near-duplicates stay together, too.

    `by` names fields (author, document, person, incident) whose examples stay together; `by_date` puts the latest into the last split
    instead of stratifying. Raises DatasetError for shares that do not add up to 1, or missing dates.
    """
    if not shares or abs(sum(shares.values()) - 1.0) > 1e-6 or min(shares.values()) <= 0:
        raise DatasetError(f"shares {dict(shares)}: expected positive shares that add up to 1, such as train .8, test .2")
    duplicates = near_duplicates([example.text for example in examples])
    groups, are_joined = _groups(examples, by, duplicates)
    names = list(shares)
    chosen = _by_date(examples, groups, list(shares.values())) if by_date else _stratified(examples, groups, list(shares.values()), seed)
    result = [replace(example, split=names[number]) for example, number in zip(examples, chosen.tolist(), strict=True)]
    fields = {*by, *(["near-duplicate of"] if are_joined else [])}
    if leaks := [leak for leak in find_leaks(result, duplicates) if leak[0] in fields]:
        raise DatasetError(f"{leaks[0][0]} {leaks[0][1]} stands in {leaks[0][2]}: this is a fault of the split, please report it")
    return result


def _groups(examples: Sequence[Example], by: Sequence[str], duplicates: Sequence[int]) -> tuple[Ints, bool]:
    """Return the groups, and whether near-duplicates are joined in them.

    Sentences every document repeats (其他诉讼请求不予支持) would tie all documents into one; then the fields alone decide, or equal texts.
    """
    joined = join_groups(examples, by, duplicates)
    if len(joined) == 0 or np.bincount(joined).max() <= max(1.0, MAX_SHARE * len(examples)):
        return joined, True
    if by:
        return join_groups(examples, by, range(len(examples))), False
    equal = {example.text: index for index, example in enumerate(examples)}
    return join_groups(examples, by, [equal[example.text] for example in examples]), False


def join_groups(examples: Sequence[Example], by: Sequence[str], duplicates: Sequence[int]) -> Ints:
    """Return one group number per example: examples that share any of the fields, or are near-duplicates, are in one group."""
    if unknown := set(by) - set(GROUPS):
        raise DatasetError(f"{sorted(unknown)[0]!r}: groups are {', '.join(GROUPS)}")
    parent = list(range(len(examples)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    first: dict[tuple[str, Any], int] = {}
    for index, example in enumerate(examples):
        keys = [("near", duplicates[index]), *((name, getattr(example, name)) for name in by if getattr(example, name))]
        for key in keys:
            parent[root(index)] = root(first.setdefault(key, index))
    roots = [root(index) for index in range(len(examples))]
    return np.unique(roots, return_inverse=True)[1].astype(np.int64)


def _stratified(examples: Sequence[Example], groups: Ints, shares: Sequence[float], seed: int) -> Ints:
    labels = stack_labels(examples, label_set(examples), fields=("tags", "suspected"))
    return iterative_stratification(labels, groups, shares, seed)[groups]


def iterative_stratification(labels: Ints, groups: Ints, shares: Sequence[float], seed: int) -> Ints:
    """Return the part of every group (Sechidis, Tsoumakas and Vlahavas 2011, with groups as the things that are placed).

    The rarest label is placed first, each time into the part that still wants most of it, then most examples, then at random.
    """
    rng = np.random.default_rng(seed)
    n_groups = int(groups.max()) + 1 if len(groups) else 0
    counts = np.zeros((n_groups, labels.shape[1]))
    np.add.at(counts, groups, labels)
    sizes = np.bincount(groups, minlength=n_groups).astype(float)
    wanted = np.outer(shares, counts.sum(axis=0))
    room = np.asarray(shares) * sizes.sum()
    part = np.full(n_groups, -1, dtype=np.int64)
    # Big groups first: they are the hardest to place.
    order = rng.permutation(n_groups)
    order = order[np.argsort(-sizes[order], kind="stable")]
    left = counts.copy()
    while (left.sum(axis=0) > 0).any():
        totals = left.sum(axis=0)
        label = int(np.argmin(np.where(totals > 0, totals, np.inf)))
        for group in order[left[order, label] > 0]:
            _place(int(group), _best(wanted[:, label], room, rng), part, counts, sizes, wanted, room)
            left[group] = 0
    for group in order[part[order] < 0]:
        _place(int(group), _best(room, room, rng), part, counts, sizes, wanted, room)
    return part


def _best(first: NDArray[np.float64], second: NDArray[np.float64], rng: np.random.Generator) -> int:
    best = np.flatnonzero(first >= first.max() - 1e-9)
    best = best[second[best] >= second[best].max() - 1e-9]
    return int(rng.choice(best))


def _place(
    group: int,
    chosen: int,
    part: Ints,
    counts: NDArray[np.float64],
    sizes: NDArray[np.float64],
    wanted: NDArray[np.float64],
    room: NDArray[np.float64],
) -> None:
    part[group] = chosen
    wanted[chosen] -= counts[group]
    room[chosen] -= sizes[group]


def _by_date(examples: Sequence[Example], groups: Ints, shares: Sequence[float]) -> Ints:
    """Order groups by their latest date and fill the parts one after the other, so that the last holds the newest."""
    if undated := [example.example_id for example in examples if not example.date]:
        raise DatasetError(f"{undated[0]}: has no date; give every example a date (2026-01-31) or split otherwise")
    latest: dict[int, str] = {}
    for example, group in zip(examples, groups.tolist(), strict=True):
        latest[group] = max(latest.get(group, ""), example.date)
    sizes = np.bincount(groups)
    bounds = np.cumsum(shares) * len(examples)
    part = np.zeros(len(sizes), dtype=np.int64)
    filled = 0
    for group in sorted(latest, key=lambda number: (latest[number], number)):
        part[group] = min(len(shares) - 1, int(np.searchsorted(bounds, filled + sizes[group] / 2, side="left")))
        filled += int(sizes[group])
    return part[groups]


def folds(examples: Sequence[Example], n_folds: int, *, seed: int = 0, by: Sequence[str] = ()) -> list[tuple[Ints, Ints]]:
    """Return (train, test) rows of stratified folds whose groups and near-duplicates stay together."""
    groups, _ = _groups(examples, by, near_duplicates([example.text for example in examples]))
    labels = stack_labels(examples, label_set(examples), fields=("tags", "suspected"))
    part = iterative_stratification(labels, groups, [1.0 / n_folds] * n_folds, seed)[groups]
    return [(np.flatnonzero(part != number), np.flatnonzero(part == number)) for number in range(n_folds)]
