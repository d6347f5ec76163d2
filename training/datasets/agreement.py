"""How far two annotators agree: Cohen's κ per tag and over all tags, and the micro-F1 of one against the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..metrics.tagging import micro_f1
from .examples import DatasetError, Example, label_set
from .validate import stack_labels


@dataclass(frozen=True, slots=True)
class TagAgreement:
    """κ of one tag; None where both never (or always) gave it: then chance explains everything and κ is not defined."""

    tag: str
    kappa: float | None
    n_first: int
    n_second: int
    n_both: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """`kappa` pools all decisions (text × tag)."""

    n_texts: int
    kappa: float | None
    micro_f1: float
    tags: tuple[TagAgreement, ...]


def agreement(first: Sequence[Example], second: Sequence[Example]) -> Agreement:
    """Compare two annotators on the texts both have labelled (by id). Raises DatasetError for none, or for an id with two texts."""
    one, two = ({example.example_id: example for example in examples if example.is_labelled} for examples in (first, second))
    shared = [key for key in one if key in two]
    if not shared:
        raise DatasetError("the two have no labelled text in common; the ids must be the same")
    if other := [key for key in shared if one[key].text != two[key].text]:
        raise DatasetError(f"{other[0]}: the two have different texts under this id")
    pairs = [[annotator[key] for key in shared] for annotator in (one, two)]
    tags = label_set([*pairs[0], *pairs[1]])
    a, b = (stack_labels(examples, tags) for examples in pairs)
    by_tag = tuple(
        TagAgreement(tag, cohen_kappa(a[:, column], b[:, column]), int(a[:, column].sum()), int(b[:, column].sum()), int((a & b)[:, column].sum()))
        for column, tag in enumerate(tags)
    )
    f1 = micro_f1([example.tags for example in pairs[0]], [example.tags for example in pairs[1]])
    return Agreement(len(shared), cohen_kappa(a.ravel(), b.ravel()), f1, by_tag)


def cohen_kappa(first: NDArray[np.int64], second: NDArray[np.int64]) -> float | None:
    """Return (p_o − p_e) / (1 − p_e) of two 0/1 vectors (Cohen 1960); None where p_e is 1."""
    observed = float((first == second).mean())
    p, q = float(first.mean()), float(second.mean())
    expected = p * q + (1 - p) * (1 - q)
    return None if expected >= 1.0 else (observed - expected) / (1 - expected)
