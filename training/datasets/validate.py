"""What is wrong with a data set before anybody fits on it: counts, near-duplicates, leaks between splits, conflicting labels, lengths."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .examples import TAG_FIELDS, Example

SHINGLE = 3
NEAR = 0.8
FEW = 10
_NOISE = re.compile(r"[\W_\d]+")
# Which of the shared things must not stand on two sides of a split.
LEAK_FIELDS = ("document", "person", "incident")


@dataclass(frozen=True, slots=True)
class Report:
    """The findings; pairs and groups name examples by id."""

    n_examples: int
    n_unlabelled: int
    n_without_tag: int
    labels: Mapping[str, Mapping[str, int]]
    rare: tuple[str, ...]
    duplicate_ids: tuple[str, ...]
    duplicates: tuple[tuple[str, ...], ...]
    leaks: tuple[tuple[str, str, str], ...]
    conflicts: tuple[tuple[str, ...], ...]
    chars: Mapping[str, int]

    @property
    def faults(self) -> list[str]:
        """What must be mended before fitting, one line each."""
        lines = [f"{len(self.duplicate_ids)} ids are given twice (first: {self.duplicate_ids[0]})"] if self.duplicate_ids else []
        lines += [f"{kind} {first} stands in the splits {second}: leak" for kind, first, second in self.leaks[:20]]
        return lines

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON."""
        return {
            "n_examples": self.n_examples,
            "n_unlabelled": self.n_unlabelled,
            "n_without_tag": self.n_without_tag,
            "labels": {tag: dict(counts) for tag, counts in self.labels.items()},
            "rare": list(self.rare),
            "duplicate_ids": list(self.duplicate_ids),
            "duplicates": [list(group) for group in self.duplicates],
            "leaks": [list(leak) for leak in self.leaks],
            "conflicts": [list(group) for group in self.conflicts],
            "chars": dict(self.chars),
        }


def validate(examples: Sequence[Example]) -> Report:
    """Look at a data set as a whole. Near-duplicates: estimated Jaccard of character 3-grams ≥ .8 (MinHash, Broder 1997)."""
    labels: dict[str, Counter[str]] = {}
    for example in examples:
        for name in TAG_FIELDS:
            for tag in getattr(example, name):
                labels.setdefault(tag, Counter())[name] += 1
    groups = near_duplicates([example.text for example in examples])
    by_group: dict[int, list[int]] = {}
    for index, group in enumerate(groups):
        by_group.setdefault(group, []).append(index)
    members = [found for found in by_group.values() if len(found) > 1]
    seen = Counter((example.example_id, example.annotator) for example in examples)
    lengths = sorted(len(example.text) for example in examples) or [0]
    return Report(
        n_examples=len(examples),
        n_unlabelled=sum(not example.is_labelled for example in examples),
        n_without_tag=sum(example.is_labelled and not any(getattr(example, name) for name in TAG_FIELDS) for example in examples),
        labels={tag: dict(labels[tag]) for tag in sorted(labels)},
        rare=tuple(sorted(tag for tag, counts in labels.items() if counts["tags"] + counts["suspected"] < FEW)),
        duplicate_ids=tuple(sorted(key for (key, _), count in seen.items() if count > 1)),
        duplicates=tuple(tuple(examples[index].example_id for index in found) for found in members),
        leaks=tuple(find_leaks(examples, groups)),
        conflicts=tuple(tuple(examples[i].example_id for i in found) for found in members if _is_conflict([examples[i] for i in found])),
        chars={name: lengths[min(len(lengths) - 1, int(share * len(lengths)))] for name, share in (("least", 0), ("median", 0.5), ("p95", 0.95), ("most", 1))},
    )


def near_duplicates(texts: Sequence[str], *, near: float = NEAR) -> list[int]:
    """Return a group number per text; texts in one group are near-duplicates of each other, directly or through others."""
    from datasketch import MinHash, MinHashLSH  # half a second to import, and most commands need it not

    shingles = [_shingles(text) for text in texts]
    lsh = MinHashLSH(threshold=near, num_perm=128)
    sketches = MinHash.bulk([[item.encode() for item in sorted(own)] for own in shingles], num_perm=128, seed=1)
    parent = list(range(len(texts)))
    for index, (own, sketch) in enumerate(zip(shingles, sketches, strict=True)):
        for other in lsh.query(sketch):
            # The sketch only proposes: short texts collide too often to be believed without looking.
            if len(own & shingles[other]) >= near * len(own | shingles[other]):
                parent[_root(parent, index)] = _root(parent, other)
        lsh.insert(index, sketch)
    return [_root(parent, index) for index in range(len(texts))]


def _shingles(text: str) -> set[str]:
    plain = _NOISE.sub("", text) or text
    return {plain[start : start + SHINGLE] for start in range(max(1, len(plain) - SHINGLE + 1))}


def _root(parent: list[int], index: int) -> int:
    while parent[index] != index:
        parent[index] = parent[parent[index]]
        index = parent[index]
    return index


def find_leaks(examples: Sequence[Example], groups: Sequence[int]) -> list[tuple[str, str, str]]:
    """Return (what, which, splits) for everything that stands in more than one split: near-duplicates, documents, persons, incidents."""
    places: dict[tuple[str, str], dict[str, None]] = {}
    names: dict[int, str] = {}
    for example, group in zip(examples, groups, strict=True):
        if not example.split:
            continue
        first = names.setdefault(group, example.example_id)
        places.setdefault(("near-duplicate of", first), {})[example.split] = None
        for name in LEAK_FIELDS:
            if value := getattr(example, name):
                places.setdefault((name, value), {})[example.split] = None
    return [(what, which, ", ".join(splits)) for (what, which), splits in places.items() if len(splits) > 1]


def _is_conflict(group: Sequence[Example]) -> bool:
    """Whether near-equal texts have unequal tags (annotations of one text by several people are not meant)."""
    labelled = [example for example in group if example.is_labelled]
    return len({(frozenset(example.tags), frozenset(example.suspected)) for example in labelled}) > 1 and len({e.example_id for e in labelled}) > 1


def stack_labels(examples: Sequence[Example], tags: Sequence[str], *, fields: Sequence[str] = ("tags",)) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return (examples, tags) 0/1 for the named fields together."""
    column = {tag: index for index, tag in enumerate(tags)}
    labels = np.zeros((len(examples), len(tags)), dtype=np.int64)
    for row, example in enumerate(examples):
        for name in fields:
            for tag in getattr(example, name):
                if tag in column:
                    labels[row, column[tag]] = 1
    return labels
