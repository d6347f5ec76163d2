"""Any sentence-transformers directory as an encoder; the only file of the service that imports it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer

from ..errors import EncoderError
from .base import Vectors, unit_rows

KIND = "sentence-transformers"


class TransformerEncoder:
    """Read a local model directory (never a hub name), with its prompts and its maximum length.

    `passage_chars` is the model's maximum in tokens less two: Chinese models cut text at about one token a character.
    """

    name = KIND

    def __init__(self, directory: Path, *, batch_size: int = 32) -> None:
        self.directory = Path(directory)
        if not (self.directory / "modules.json").is_file() and not (self.directory / "config.json").is_file():
            raise EncoderError(f"{directory}: not a sentence-transformers or transformers model directory (no modules.json or config.json)")
        self._model = SentenceTransformer(str(self.directory), device="cpu", local_files_only=True, trust_remote_code=False)
        self._batch_size = batch_size
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        tokens = self._model.max_seq_length or 512
        self.passage_chars: int | None = max(16, int(tokens) - 2)
        self.fingerprint = f"{KIND}-{_hash_directory(self.directory)}"

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See Encoder; the model's `query` prompt is used where it has one."""
        return self._encode(texts, "query")

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See Encoder; the model's `document` or `passage` prompt is used where it has one."""
        return self._encode(texts, "document" if "document" in self._model.prompts else "passage")

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        name = prompt if self._model.prompts.get(prompt) else None
        vectors = self._model.encode(list(texts), prompt_name=name, batch_size=self._batch_size, show_progress_bar=False, convert_to_numpy=True)
        return unit_rows(vectors)

    def save(self, folder: Path) -> None:
        """Write a copy of the model, so that the snapshot stands alone, and `encoder.json`."""
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(self.directory, folder / "model")  # byte for byte: saving through the library would change the fingerprint
        description = {"kind": KIND, "fingerprint": self.fingerprint, "dimension": self.dimension}
        (folder / "encoder.json").write_text(json.dumps(description), encoding="utf-8")


def _hash_directory(directory: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(item for item in directory.rglob("*") if item.is_file() and item.suffix != ".md"):
        digest.update(path.relative_to(directory).as_posix().encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
