"""The fitted encoder: sublinear tf-idf of the library's own words, projected by truncated SVD (latent semantic analysis).

Numpy at query time, no torch; fitted in `fit_static` from the library's own texts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from safetensors.numpy import load_file, save_file

from ..analyzer import Analyzer
from ..errors import EncoderError
from ..terms import count_rows, sublinear_tfidf
from .base import Vectors, unit_rows

KIND = "static"
MIN_DOCUMENTS = 3
MAX_SHARE = 0.5


class StaticEncoder:
    """Project (1 + ln tf) · idf of known terms by a (terms × dimension) matrix and scale to length 1."""

    name = KIND
    passage_chars: int | None = None

    def __init__(self, analyzer: Analyzer, vocabulary: Sequence[str], idf: npt.NDArray[np.float32], projection: npt.NDArray[np.floating]) -> None:
        if projection.shape[0] != len(vocabulary) or len(idf) != len(vocabulary):
            raise EncoderError(f"static encoder: {len(vocabulary)} terms but {projection.shape[0]} rows and {len(idf)} idf values")
        self._analyzer = analyzer
        self._terms = list(vocabulary)
        self._index = {term: index for index, term in enumerate(vocabulary)}
        self._idf = idf.astype(np.float32)
        self._projection = projection.astype(np.float16)
        self.dimension = int(projection.shape[1])
        digest = hashlib.sha256(analyzer.version.encode())
        digest.update("\n".join(vocabulary).encode())
        digest.update(self._idf.tobytes())
        digest.update(self._projection.tobytes())
        self.fingerprint = f"{KIND}-{digest.hexdigest()[:16]}"

    def encode_terms(self, documents: Sequence[Sequence[str]]) -> Vectors:
        """Encode texts that are already cut into terms."""
        return self._project(count_rows(documents, self._index))

    def encode_counts(self, counts: sp.csr_matrix, vocabulary: Sequence[str]) -> Vectors:
        """Encode documents counted over another vocabulary that holds every term of the encoder."""
        position = {term: column for column, term in enumerate(vocabulary)}
        return self._project(counts[:, [position[term] for term in self._terms]])

    def _project(self, counts: sp.csr_matrix) -> Vectors:
        weighted = sublinear_tfidf(counts, self._idf)
        used = np.unique(weighted.indices)
        if len(used) == 0:
            return np.zeros((counts.shape[0], self.dimension), np.float32)
        return unit_rows(weighted[:, used] @ self._projection[used].astype(np.float32))

    def mapped(self, mapping: npt.NDArray[np.float32]) -> StaticEncoder:
        """Return an encoder whose vectors are these times a (dimension, dimension) matrix, scaled to length 1."""
        return StaticEncoder(self._analyzer, self._terms, self._idf, self._projection.astype(np.float32) @ mapping)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See Encoder."""
        return self.encode_terms([self._analyzer.terms(text) for text in texts])

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See Encoder."""
        return self.encode_queries(texts)

    def save(self, folder: Path) -> None:
        """Write `encoder.json` and `encoder.safetensors`."""
        folder.mkdir(parents=True, exist_ok=True)
        description = {"kind": KIND, "fingerprint": self.fingerprint, "dimension": self.dimension, "vocabulary": self._terms}
        (folder / "encoder.json").write_text(json.dumps(description, ensure_ascii=False), encoding="utf-8")
        save_file({"idf": self._idf, "projection": np.ascontiguousarray(self._projection)}, folder / "encoder.safetensors")

    @classmethod
    def load(cls, folder: Path, analyzer: Analyzer) -> StaticEncoder:
        """Restore what `save` wrote. Raises EncoderError when the analyzer is another one."""
        description = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
        tensors = load_file(folder / "encoder.safetensors")
        encoder = cls(analyzer, description["vocabulary"], tensors["idf"], tensors["projection"])
        if encoder.fingerprint != description["fingerprint"]:
            raise EncoderError(f"{folder}: fingerprint {encoder.fingerprint}, but the file says {description['fingerprint']}; rebuild the library")
        return encoder


def fit_static(
    analyzer: Analyzer,
    counts: sp.csr_matrix,
    vocabulary: Sequence[str],
    *,
    dimension: int = 256,
    seed: int = 0,
) -> StaticEncoder:
    """Fit on a (documents × terms) count matrix of the library (Deerwester et al. 1990; Halko et al. 2011 for the randomised SVD).

    Terms in fewer than 3 documents (or 1 in libraries under 200) or in more than half of them are left out.
    """
    from sklearn.utils.extmath import randomized_svd  # only here: serving needs no scikit-learn

    n_documents = counts.shape[0]
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    least = MIN_DOCUMENTS if n_documents >= 200 else 1
    kept = np.flatnonzero((frequency >= least) & (frequency <= max(MAX_SHARE * n_documents, least)))
    if len(kept) == 0:
        kept = np.flatnonzero(frequency > 0)
    idf = (np.log((1 + n_documents) / (1 + frequency[kept])) + 1).astype(np.float32)
    weighted = sublinear_tfidf(counts[:, kept], idf)
    rank = max(1, min(dimension, min(weighted.shape) - 1))
    _, _, components = randomized_svd(weighted, rank, n_iter=4, random_state=seed)
    return StaticEncoder(analyzer, [vocabulary[index] for index in kept.tolist()], idf, components.T)
