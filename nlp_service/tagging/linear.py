"""The sparse linear model: report classifier, pair model, calibration and thresholds; numpy at run time, safetensors and JSON on disk."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from nlp_service.artefacts import ArtefactError
from nlp_service.tagging.calibration import Calibration
from nlp_service.tagging.vectorizer import Features, Occurrences, Vectorizer

FORMAT = "tagger-linear-4"
HEADS = ("holds", "any")
N_REPORT_MODELS = 3
_HALF = frozenset({"report_weights", "window_weights"})
MANIFEST, WEIGHTS, VOCABULARY = "manifest.json", "weights.safetensors", "vocabulary.json"


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Fitted weights. `report_weights` is (features, 3·tags): whether each tag holds, by all features; the same by the words alone; whether it holds or is
    worth checking, by the words alone.

    The rules are right more often on texts their authors have seen: what the words say without them is a second opinion (unseen authors: F1 +.026 and +.042).
    What is only hinted at has words of its own: a model that is taught what is worth checking finds more of it (unseen authors, confirmed or suspected: +.012).

    `window_weights` is (features, tags) over the same features: what two clauses in a row say of each tag (holds).
    """

    tags: tuple[str, ...]
    report_vocabulary: Mapping[str, int]
    report_idf: NDArray[np.float32]
    report_weights: NDArray[np.float32]
    report_bias: NDArray[np.float32]
    window_weights: NDArray[np.float32]
    window_bias: NDArray[np.float32]
    pair_vocabulary: Mapping[str, int]
    pair_weights: NDArray[np.float32]
    pair_bias: NDArray[np.float32]
    calibrations: tuple[Calibration, Calibration]
    thresholds: NDArray[np.float32]
    about: Mapping[str, str]
    vectorizer: Vectorizer = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "vectorizer", Vectorizer(self.report_vocabulary, self.report_idf))

    def report_logits(self, features: Sequence[Features], found: Occurrences) -> NDArray[np.float64]:
        """Return logits of shape (3, reports, tags) for the features and words of reports: holds by everything, by the words alone; holds or worth checking."""
        total = self.vectorizer.reports(features, found) @ self.report_weights + self.report_bias
        return np.stack(np.split(total.astype(np.float64), N_REPORT_MODELS, axis=1))

    def window_logits(self, found: Occurrences, spans: Sequence[Sequence[tuple[int, int]]]) -> NDArray[np.float64]:
        """Return logits of shape (windows of all reports in a row, tags) for the spans of every report."""
        total = self.vectorizer.windows(found, spans) @ self.window_weights + self.window_bias
        logits: NDArray[np.float64] = total.astype(np.float64)
        return logits

    def pair_logits(self, pairs: Sequence[Features]) -> NDArray[np.float64]:
        """Return logits of shape (pairs, 2) for the features of (report, tag) pairs."""
        get = self.pair_vocabulary.get
        known = [(row, index, value) for row, features in enumerate(pairs) for name, value in features.items() if (index := get(name)) is not None]
        rows = np.array([row for row, _, _ in known], np.int64)
        values = np.array([value for _, _, value in known], np.float64)
        weights = self.pair_weights[[index for _, index, _ in known]] if known else np.zeros((0, 2), np.float32)
        summed = [np.bincount(rows, values * weights[:, head], len(pairs)) for head in range(2)]
        return self.pair_bias.astype(np.float64) + np.stack(summed, axis=1)

    def probabilities(self, logits: NDArray[np.float64], tags: Sequence[int]) -> NDArray[np.float64]:
        """Calibrate pair logits of shape (n, 2) for tag indices; `any` is never below `holds`."""
        index = np.asarray(tags, dtype=np.int64)
        p = np.stack([self.calibrations[head].apply(logits[:, head], index) for head in range(2)], axis=1)
        p[:, 1] = np.maximum(p[:, 0], p[:, 1])
        return p


def save_model(model: LinearModel, folder: Path) -> None:
    """Write the artefact beside its place, flush it to disk and rename it in; an existing folder is never overwritten. Raises ArtefactError."""
    if folder.exists():
        raise ArtefactError(f"{folder.name}: already exists; choose another folder, artefacts are never overwritten")
    folder.parent.mkdir(parents=True, exist_ok=True)
    files = _files(model)
    manifest = {
        "format": FORMAT,
        "tags": list(model.tags),
        "heads": list(HEADS),
        "about": dict(model.about),
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    files[MANIFEST] = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode()
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    for name, content in files.items():
        with (temporary / name).open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
    temporary.chmod(0o755)
    temporary.rename(folder)


def digest_of(model: LinearModel) -> str:
    """Return the SHA-256 of all that decides what a model says: its tags, its weights as they are kept, and its vocabulary."""
    digest = hashlib.sha256(json.dumps(model.tags).encode())
    for content in _files(model).values():
        digest.update(content)
    return digest.hexdigest()


def _files(model: LinearModel) -> dict[str, bytes]:
    return {
        WEIGHTS: save_tensors(_tensors(model)),
        VOCABULARY: json.dumps({"report": list(model.report_vocabulary), "pair": list(model.pair_vocabulary)}, ensure_ascii=False).encode(),
    }


def _tensors(model: LinearModel) -> dict[str, NDArray[np.floating]]:
    tensors = {
        "report_idf": model.report_idf,
        "report_weights": model.report_weights,
        "report_bias": model.report_bias,
        "window_weights": model.window_weights,
        "window_bias": model.window_bias,
        "pair_weights": model.pair_weights,
        "pair_bias": model.pair_bias,
        "thresholds": model.thresholds,
    }
    for name, calibration in zip(HEADS, model.calibrations, strict=True):
        tensors[f"calibration_{name}"] = np.concatenate([[calibration.slope, calibration.intercept], calibration.offsets]).astype(np.float32)
    # These weights are nearly all of the artefact; half precision moves no probability by more than a thousandth.
    return {name: np.ascontiguousarray(tensor, dtype=np.float16 if name in _HALF else np.float32) for name, tensor in tensors.items()}


def load_model(folder: Path) -> LinearModel:
    """Open an artefact and verify every hash and shape. Raises ArtefactError."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise ArtefactError(f"{folder.name}/{MANIFEST}: format is not {FORMAT}; fit the model again with this version")
        contents = {name: (folder / name).read_bytes() for name in (WEIGHTS, VOCABULARY)}
        for name, content in contents.items():
            if hashlib.sha256(content).hexdigest() != manifest["sha256"][name]:
                raise ArtefactError(f"{folder.name}/{name}: content does not match its hash in {MANIFEST}; copy the artefact again")
        tensors = load_tensors(contents[WEIGHTS])
        vocabulary = json.loads(contents[VOCABULARY])
        return _checked(manifest, tensors, vocabulary, folder.name)
    except (OSError, KeyError, TypeError, SafetensorError, json.JSONDecodeError) as error:
        raise ArtefactError(f"{folder.name}: not a complete model folder ({type(error).__name__}: {str(error)[:120]}); fit or copy it again") from error


def _checked(manifest: Mapping[str, object], tensors: Mapping[str, NDArray[np.float32]], vocabulary: Mapping[str, list[str]], name: str) -> LinearModel:
    listed = manifest["tags"]
    tags = tuple(str(tag) for tag in listed) if isinstance(listed, list) else ()
    n_tags, n_report, n_pair = len(tags), len(vocabulary["report"]), len(vocabulary["pair"])
    shapes = {
        "report_idf": (n_report,),
        "report_weights": (n_report, N_REPORT_MODELS * n_tags),
        "report_bias": (N_REPORT_MODELS * n_tags,),
        "window_weights": (n_report, n_tags),
        "window_bias": (n_tags,),
        "pair_weights": (n_pair, 2),
        "pair_bias": (2,),
        "thresholds": (2, n_tags),
        "calibration_holds": (2 + n_tags,),
        "calibration_any": (2 + n_tags,),
    }
    for tensor, shape in shapes.items():
        if tensors[tensor].shape != shape:
            raise ArtefactError(f"{name}/{WEIGHTS}: {tensor} has shape {tensors[tensor].shape}, expected {shape}; fit the model again")
    about = manifest.get("about")
    holds, either = (_calibration(tensors[f"calibration_{head}"]) for head in HEADS)
    return LinearModel(
        tags=tags,
        report_vocabulary={feature: index for index, feature in enumerate(vocabulary["report"])},
        report_idf=tensors["report_idf"],
        report_weights=tensors["report_weights"].astype(np.float32),
        report_bias=tensors["report_bias"],
        window_weights=tensors["window_weights"].astype(np.float32),
        window_bias=tensors["window_bias"],
        pair_vocabulary={feature: index for index, feature in enumerate(vocabulary["pair"])},
        pair_weights=tensors["pair_weights"],
        pair_bias=tensors["pair_bias"],
        calibrations=(holds, either),
        thresholds=tensors["thresholds"],
        about={str(key): str(value) for key, value in about.items()} if isinstance(about, dict) else {},
    )


def _calibration(tensor: NDArray[np.float32]) -> Calibration:
    return Calibration(slope=float(tensor[0]), intercept=float(tensor[1]), offsets=tensor[2:].astype(np.float64))


__all__ = ["ArtefactError", "LinearModel", "digest_of", "load_model", "save_model"]
