"""Many reports at once: a text model that reads what it has not read yet in one go, and classifiers that score a batch; answers stay those of one by one."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from nlp_service.tagging.blend import Blend, BlendClassifier, TextModel
from nlp_service.tagging.classifier import Classifier, Score
from nlp_service.tagging.rules import Analysis
from nlp_service.tagging.schemes import Scheme

N_KEPT = 2048  # above a batch of 256 reports with the clauses that are left out in turn to find a tag's place


@runtime_checkable
class ScoresMany(Protocol):
    """A classifier that is faster on many reports than on one after the other."""

    def score_many(self, analyses: Sequence[Analysis]) -> Sequence[Mapping[int, Score]]: ...


def score_all(classifier: Classifier, analyses: Sequence[Analysis]) -> Sequence[Mapping[int, Score]]:
    """Return the scores of every report in order."""
    return classifier.score_many(analyses) if isinstance(classifier, ScoresMany) else [classifier.score(analysis) for analysis in analyses]


class KeptModel:
    """A text model that keeps its newest outputs, by a digest of the text: what was asked for in a batch is there when asked for singly."""

    def __init__(self, model: TextModel, n_kept: int = N_KEPT) -> None:
        self._model = model
        self._n_kept = n_kept
        self._kept: OrderedDict[bytes, NDArray[np.float64]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def tags(self) -> tuple[str, ...]:
        """See TextModel."""
        return self._model.tags

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """See TextModel; each text is read once, whatever the batch holds it for."""
        keys = [hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest() for text in texts]
        with self._lock:
            found = {key: self._kept[key] for key in keys if key in self._kept}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if missing:
            found |= dict(zip(missing, self._model.logits(list(missing.values())), strict=True))
            with self._lock:
                self._kept |= {key: found[key] for key in missing}
                while len(self._kept) > self._n_kept:
                    self._kept.popitem(last=False)
        return np.stack([found[key] for key in keys]) if keys else np.zeros((0, 2, len(self.tags)))


class BatchedClassifier:
    """See Classifier: a blend over a model that reads the texts of a batch together."""

    def __init__(self, model: TextModel, blend: Blend, scheme: Scheme, version: str) -> None:
        self._model = KeptModel(model)
        self._one = BlendClassifier(self._model, blend, scheme, version)
        self.version = version

    def score(self, analysis: Analysis) -> dict[int, Score]:
        """See Classifier."""
        return self._one.score(analysis)

    def score_many(self, analyses: Sequence[Analysis]) -> list[dict[int, Score]]:
        """Return the scores of every report in order."""
        self._model.logits([analysis.context.text for analysis in analyses])
        return [self._one.score(analysis) for analysis in analyses]

    def support(self, analysis: Analysis, index: int) -> tuple[int, int] | None:
        """See Classifier."""
        return self._one.support(analysis, index)
