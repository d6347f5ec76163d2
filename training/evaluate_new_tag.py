"""What a tag is worth on the day it is written: every tag of a scheme judged by its definition and triggers alone, as if no model knew it.

A fitted model leaves a tag it does not know to the rules, whatever it says of the others: taking each tag out in turn and asking the rules is
one reading of the reports.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass

from nlp_service.tagging.schemes import Scheme
from nlp_service.tagging.tagger import Tagger

from .datasets import Example
from .evaluate_tagger import answer, gold_tags

WANTED_RECALL = 0.6


@dataclass(frozen=True, slots=True)
class NewTag:
    """One tag by rules alone: in how many reports it holds, which share of these got it (confirmed or suspected; confirmed), and how often it was right.

    `precision` counts a tag that an annotator only suspected as right; it is 0 where the tag was never given.
    """

    code: str
    name: str
    n: int
    recall: float
    recall_confirmed: float
    precision: float

    @property
    def is_enough(self) -> bool:
        """Whether the recall is what is wanted."""
        return self.recall >= WANTED_RECALL


def evaluate_new_tags(scheme: Scheme, examples: Sequence[Example]) -> list[NewTag]:
    """Return the figures of every tag that holds in some report, in the order of the scheme; a tag that holds in none has no recall."""
    answers = answer(Tagger.open(scheme), examples)
    gold, gold_either = gold_tags(examples)
    found = []
    for tag in scheme.tags:
        code = tag.code
        holds = [code in tags for tags in gold]
        given = [code in tags for tags in answers.either]
        n, n_given = sum(holds), sum(given)
        if n == 0:
            continue
        n_found = sum(map(operator.and_, holds, given))
        n_confirmed = sum(is_held and code in tags for is_held, tags in zip(holds, answers.confirmed, strict=True))
        n_right = sum(is_given and code in tags for is_given, tags in zip(given, gold_either, strict=True))
        found.append(NewTag(code, tag.name, n, n_found / n, n_confirmed / n, n_right / n_given if n_given else 0.0))
    return found
