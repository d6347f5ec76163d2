"""A fine-tuned transformers sequence classifier as a text model; the only file of the service's tagging that imports torch."""

from __future__ import annotations

import json
from collections.abc import Sequence
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
BATCH = 32


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
        rows = []
        for start in range(0, len(owners), BATCH):
            part = {key: encoded[key][start : start + BATCH] for key in ("input_ids", "attention_mask")}
            with torch.inference_mode():
                rows.append(self._model(**self._tokenizer.pad(part, return_tensors="pt")).logits.double().numpy())
        windows = np.concatenate(rows)
        found = np.stack([windows[owners == owner].max(axis=0) for owner in range(len(texts))])
        return found.reshape(len(texts), 2, len(self.tags))
