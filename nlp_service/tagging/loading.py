"""Open the classifier a model folder describes; imports torch only for a neural one."""

from __future__ import annotations

from pathlib import Path

from nlp_service.artefacts import ArtefactError, open_artefact
from nlp_service.tagging.batching import BatchedClassifier
from nlp_service.tagging.blend import Blend, TextModel
from nlp_service.tagging.classifier import Classifier, StackedClassifier
from nlp_service.tagging.concepts import Concepts
from nlp_service.tagging.linear import FORMAT as LINEAR
from nlp_service.tagging.linear import load_model
from nlp_service.tagging.ngrams import KIND as NGRAMS
from nlp_service.tagging.ngrams import load_ngrams
from nlp_service.tagging.schemes import Scheme

NEURAL = "tagger-neural-1"


def open_classifier(folder: Path, scheme: Scheme, concepts: Concepts) -> Classifier:
    """Verify a model folder and open it by the format in its manifest. Raises ArtefactError."""
    artefact = open_artefact(folder)
    if artefact.kind == LINEAR:
        return StackedClassifier(load_model(folder), scheme, concepts)
    model: TextModel
    if artefact.kind == NGRAMS:
        model = load_ngrams(folder)
    elif artefact.kind == NEURAL:
        from nlp_service.tagging.neural import NeuralModel  # brings torch

        model = NeuralModel(folder)
    else:
        raise ArtefactError(f"{folder.name}: format {artefact.kind!r} is not a tagger; expected {LINEAR}, {NGRAMS} or {NEURAL}")
    return BatchedClassifier(model, Blend.load(folder, len(model.tags)), scheme, artefact.version)
