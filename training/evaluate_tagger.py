"""Judge a tagger on labelled texts: F1 with intervals, per tag, per author, per group, reliability, and its worst confident mistakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nlp_service.tagging.calibration import expected_calibration_error
from nlp_service.tagging.schemes import Level
from nlp_service.tagging.tagger import BATCH, Tagged, Tagger, TagStatus

from .datasets import Example
from .metrics.bootstrap import Interval
from .metrics.resampled import count_rows, macro, micro, resample, spread
from .metrics.tagging import Counts, counts_by_tag, trap_rate

N_BINS = 10
MIN_GROUP = 5


@dataclass(frozen=True, slots=True)
class Answers:
    """What a tagger said of examples: tags by status, and the probability of every tag it thought of (confirmed; confirmed or suspected)."""

    version: str
    confirmed: tuple[frozenset[str], ...]
    either: tuple[frozenset[str], ...]
    p_holds: tuple[Mapping[str, float], ...]
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Bin:
    """One bar of a reliability diagram: mean stated probability, share that was right, number of (text, tag) pairs."""

    stated: float
    right: float
    n: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of one tagger on one test set; `by_group` is {field: {value: micro-F1}}."""

    version: str
    n: int
    figures: Mapping[str, Interval]
    by_tag: Mapping[str, tuple[Counts, Interval]]
    by_group: Mapping[str, Mapping[str, tuple[int, float]]]
    bins: tuple[Bin, ...]
    ece: float
    trap_rate: float

    def as_json(self) -> dict[str, Any]:
        """Return everything, rounded to four digits."""
        return {
            "version": self.version,
            "n": self.n,
            "figures": {name: _rounded(found) for name, found in self.figures.items()},
            "by_tag": {
                tag: {"n": counts.tp + counts.fn, "precision": round(counts.precision, 4), "recall": round(counts.recall, 4), "f1": _rounded(found)}
                for tag, (counts, found) in self.by_tag.items()
            },
            "by_group": {name: {value: {"n": n, "micro_f1": round(f1, 4)} for value, (n, f1) in found.items()} for name, found in self.by_group.items()},
            "reliability": [{"stated": round(item.stated, 4), "right": round(item.right, 4), "n": item.n} for item in self.bins],
            "ece": round(self.ece, 4),
            "trap_rate": round(self.trap_rate, 4),
        }


def _rounded(found: Interval) -> list[float]:
    return [round(found.mean, 4), round(found.low, 4), round(found.high, 4)]


def answer(tagger: Tagger, examples: Sequence[Example]) -> Answers:
    """Let a tagger read the examples as the service would."""
    reports = [(example.example_id, example.text) for example in examples]
    codes = [tag.code for tag in tagger.scheme.tags]
    tagged: list[Tagged] = []
    scores: list[dict[str, float]] = []
    for start in range(0, len(reports), BATCH):
        for judged in tagger.judge(reports[start : start + BATCH]):
            tagged.append(tagger.shape(judged))
            scores.append({codes[index]: score.p_holds for index, score in judged.scores.items()})
    return Answers(
        version=tagger.versions["model"],
        confirmed=tuple(frozenset(tag.tag for tag in item.tags if tag.status is TagStatus.CONFIRMED) for item in tagged),
        either=tuple(frozenset(tag.tag for tag in item.tags if tag.status is not TagStatus.REJECTED) for item in tagged),
        p_holds=tuple(scores),
        levels=tuple(item.level for item in tagged),
    )


def evaluate(answers: Answers, examples: Sequence[Example], *, groups: Sequence[str] = ("author",), cluster: str = "") -> Evaluation:
    """Return all figures. `groups` are fields of the examples to break the figure down by; `cluster` is one to resample whole."""
    gold, gold_either = gold_tags(examples)
    tags = sorted({tag for items in (*gold_either, *answers.either) for tag in items})
    clusters = [getattr(example, cluster) or example.example_id for example in examples] if cluster else None
    rows, either = count_rows(gold, answers.confirmed, tags), count_rows(gold_either, answers.either, tags)
    drawn, drawn_either = resample(rows, clusters), resample(either, clusters)
    figures = {
        "micro-F1 confirmed": spread(float(micro(rows.sum(axis=0))), micro(drawn)),
        "macro-F1 confirmed": spread(float(macro(rows.sum(axis=0))), macro(drawn)),
        "micro-F1 confirmed or suspected": spread(float(micro(either.sum(axis=0))), micro(drawn_either)),
        "macro-F1 confirmed or suspected": spread(float(macro(either.sum(axis=0))), macro(drawn_either)),
    }
    if all(len(items) == 1 for items in gold):
        right = np.asarray([_likeliest(p) in items for p, items in zip(answers.p_holds, gold, strict=True)], float)
        figures["accuracy of the likeliest tag"] = spread(float(right.mean()), _means(right))
    by_tag = counts_by_tag(gold, answers.confirmed)
    bins, ece = reliability(answers, gold)
    return Evaluation(
        version=answers.version,
        n=len(examples),
        figures=figures,
        by_tag={tag: (found, spread(found.f1, micro(drawn[:, [tags.index(tag)]]))) for tag, found in by_tag.items()},
        by_group={name: _by_group(examples, name, rows) for name in groups},
        bins=bins,
        ece=ece,
        trap_rate=trap_rate([example.rejected for example in examples], answers.confirmed),
    )


def gold_tags(examples: Sequence[Example]) -> tuple[list[frozenset[str]], list[frozenset[str]]]:
    """Return the tags that hold, and those that hold or are suspected."""
    return [frozenset(example.tags) for example in examples], [frozenset(example.tags) | frozenset(example.suspected) for example in examples]


def _likeliest(p: Mapping[str, float]) -> str | None:
    return max(p, key=lambda tag: (p[tag], tag), default=None)


def _means(values: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    found: np.ndarray[Any, np.dtype[np.float64]] = values[np.random.default_rng(0).integers(0, len(values), (2000, len(values)))].mean(axis=1)
    return found


def _by_group(examples: Sequence[Example], name: str, rows: np.ndarray[Any, np.dtype[np.float64]]) -> dict[str, tuple[int, float]]:
    members: dict[str, list[int]] = {}
    for index, example in enumerate(examples):
        if value := getattr(example, name):
            members.setdefault(value, []).append(index)
    return {value: (len(found), float(micro(rows[found].sum(axis=0)))) for value, found in sorted(members.items()) if len(found) >= MIN_GROUP}


def reliability(answers: Answers, gold: Sequence[frozenset[str]]) -> tuple[tuple[Bin, ...], float]:
    """Return the reliability diagram and ECE over every (text, tag) the tagger gave a probability to."""
    pairs = [(p, tag in wanted) for scores, wanted in zip(answers.p_holds, gold, strict=True) for tag, p in scores.items()]
    stated = np.asarray([p for p, _ in pairs], np.float64)
    right = np.asarray([is_right for _, is_right in pairs], np.int64)
    place = np.minimum((stated * N_BINS).astype(int), N_BINS - 1)
    bins = []
    for number in range(N_BINS):
        chosen = place == number
        if chosen.any():
            bins.append(Bin(float(stated[chosen].mean()), float(right[chosen].mean()), int(chosen.sum())))
    return tuple(bins), expected_calibration_error(stated, right, n_bins=N_BINS)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A tag given wrongly (`is_given`) or missed, with the probability stated; `confidence` is how sure the tagger was of it."""

    example: Example
    tag: str
    is_given: bool
    p: float

    @property
    def confidence(self) -> float:
        """How sure the tagger was of the wrong thing."""
        return self.p if self.is_given else 1.0 - self.p


def mistakes(answers: Answers, examples: Sequence[Example], *, most: int = 200) -> list[Mistake]:
    """Return the wrong decisions, the most confident first."""
    found = []
    for example, confirmed, scores in zip(examples, answers.confirmed, answers.p_holds, strict=True):
        for tag in sorted(set(example.tags) ^ confirmed):
            found.append(Mistake(example, tag, tag in confirmed, scores.get(tag, 0.0)))
    return sorted(found, key=lambda item: (-item.confidence, item.example.example_id, item.tag))[:most]
