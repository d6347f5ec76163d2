"""Labels that are probably wrong: tags on which a model that never saw the text disagrees with the annotator, and is sure (Northcutt et al. 2021)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nlp_service.tagging.schemes import Scheme

from .datasets import Example
from .fit_blend import probabilities, read_texts
from .fit_tagger_ngrams import fit_ngrams
from .recipe import Ngrams


@dataclass(frozen=True, slots=True)
class Suspect:
    """A tag of a text that should be looked at again: given although unlikely (`is_given`), or missing although likely."""

    example: Example
    tag: str
    is_given: bool
    p: float

    @property
    def doubt(self) -> float:
        """How unlikely the label is."""
        return 1.0 - self.p if self.is_given else self.p


def suspects(examples: Sequence[Example], scheme: Scheme, *, seed: int = 0, group_by: Sequence[str] = (), least: float = 0.8, most: int = 200) -> list[Suspect]:
    """Return labels the cross-validated model doubts by at least `least`, the most doubtful first. Suspected tags count as neither given nor missing."""
    texts = read_texts(examples, scheme)
    fit = fit_ngrams(examples, texts, Ngrams(c=[0.3], skip_pairs=True), seed=seed, group_by=group_by)
    p = probabilities(fit.blend, fit.held_out, texts)[:, 0]
    found = []
    for row, example in enumerate(examples):
        for column, tag in enumerate(texts.tags):
            if tag not in example.suspected:
                item = Suspect(example, tag, tag in example.tags, float(p[row, column]))
                if item.doubt >= least:
                    found.append(item)
    return sorted(found, key=lambda item: (-item.doubt, item.example.example_id, item.tag))[:most]
