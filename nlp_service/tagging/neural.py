"""A fine-tuned transformers sequence classifier as a text model; the only file of the service's tagging that imports torch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from transformers import AutoModelForSequenceClassification, AutoTokenizer
from transformers.utils import logging

from nlp_service.artefacts import ArtefactError

KIND = "tagger-neural-1"
MODEL_DIR, TAGS_FILE = "model", "tags.json"
BATCH, BATCH_TOKENS = 32, 4096  # windows and tokens (with padding) at once: what a long report needs must not be multiplied by 32


class NeuralModel:
    """See TextModel: outputs of the model are (2 heads · tags), first `holds` of every tag, then `any`; sigmoid, not softmax."""

    def __init__(self, folder: Path) -> None:
        try:
            described = json.loads((folder / TAGS_FILE).read_bytes())
            self.tags: tuple[str, ...] = tuple(described["tags"])
            self._max_tokens = int(described["max_tokens"])
            # Only local files, never code from the folder, never pickled weights.
            logging.disable_progress_bar()  # a service's log is no place for one
            options = {"local_files_only": True, "trust_remote_code": False}
            self._tokenizer = AutoTokenizer.from_pretrained(str(folder / MODEL_DIR), **options)
            self._model = AutoModelForSequenceClassification.from_pretrained(str(folder / MODEL_DIR), use_safetensors=True, **options).eval()
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            raise ArtefactError(f"{folder.name}: not a complete neural tagger ({type(error).__name__}: {str(error)[:120]}); fit or copy it again") from error
        if self._model.config.num_labels != 2 * len(self.tags):
            raise ArtefactError(f"{folder.name}: the model has {self._model.config.num_labels} outputs for {len(self.tags)} tags; expected two a tag")

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """See TextModel; a text longer than the model reads is read in windows, and the strongest window of each tag counts."""
        if not texts:
            return np.zeros((0, 2, len(self.tags)))
        encoded = self._tokenizer(
            list(texts), truncation=True, max_length=self._max_tokens, stride=self._max_tokens // 4, return_overflowing_tokens=True, padding=False
        )
        owners = np.asarray(encoded["overflow_to_sample_mapping"])
        lengths = [len(ids) for ids in encoded["input_ids"]]
        windows = np.empty((len(lengths), 2 * len(self.tags)))
        for rows in batches(lengths):
            part = {key: [encoded[key][row] for row in rows] for key in ("input_ids", "attention_mask")}
            with torch.inference_mode():
                windows[rows] = self._model(**self._tokenizer.pad(part, return_tensors="pt")).logits.double().numpy()
        found = np.stack([windows[owners == owner].max(axis=0) for owner in range(len(texts))])
        return found.reshape(len(texts), 2, len(self.tags))


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the places of windows of like length together, longest first, so that little is padding: at most BATCH, and BATCH_TOKENS with their padding."""
    order = sorted(range(len(lengths)), key=lambda row: (-lengths[row], row))
    start = 0
    while start < len(order):
        size = min(BATCH, max(1, BATCH_TOKENS // max(1, lengths[order[start]])))
        yield order[start : start + size]
        start += size
