"""A text model of character n-grams and words: sublinear tf-idf times one weight per feature and tag; numpy at run time, nothing to know of a scheme."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rjieba
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from nlp_service.artefacts import ArtefactError

KIND = "tagger-ngrams-1"
WEIGHTS, VOCABULARY = "weights.safetensors", "vocabulary.json"
MAX_GRAM = 5
# Each block is scaled to its length: characters, words and pairs of words, words near each other, the title (the first of several lines).
BLOCK_LENGTHS: Mapping[str, float] = {"c": 1.0, "w": 1.0, "s": 1.0, "t": 1.0}
SKIP_WINDOW = 5
_COMMON = frozenset("的了在是有和就不也都及与或其将被把对于为以等之而后中并由向至该本这那，。；：、！？（）“”")
_DIGIT = re.compile(r"\d")
_SPACE = re.compile(r"\s+")


def ngram_features(text: str, *, skip_pairs: bool = True) -> list[str]:
    """Return feature names with repetitions; the first letter is the block. Digits are all 0."""
    title, _, rest = text.strip().partition("\n")
    text = _plain(text)
    padded = f"^{text}$"
    names = [f"c{padded[start : start + size]}" for size in range(1, MAX_GRAM + 1) for start in range(len(padded) - size + 1)]
    words = [word for word in rjieba.cut(text) if not word.isspace()]
    names += [f"w{word}" for word in words]
    names += [f"w{first} {second}" for first, second in itertools.pairwise(words)]
    if rest:
        title = _plain(title)
        names += [f"t{title[start : start + size]}" for size in range(1, 4) for start in range(len(title) - size + 1)]
    if skip_pairs:
        content = [word for word in words if word not in _COMMON]
        names += [f"s{word}_{other}" for place, word in enumerate(content) for other in content[place + 1 : place + 1 + SKIP_WINDOW]]
    return names


def _plain(text: str) -> str:
    return _SPACE.sub(" ", _DIGIT.sub("0", text)).strip()


@dataclass(frozen=True, slots=True)
class NgramModel:
    """Weights are (features, heads · tags) with one head (both questions get the same logit) or two."""

    tags: tuple[str, ...]
    vocabulary: Mapping[str, int]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    skip_pairs: bool = True

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """See TextModel."""
        return np.stack([self.logits_of(text) for text in texts]) if texts else np.zeros((0, 2, len(self.tags)))

    def logits_of(self, text: str) -> NDArray[np.float64]:
        """Return (2, tags) logits of one text."""
        counts: dict[int, int] = {}
        blocks: dict[int, str] = {}
        for name in ngram_features(text, skip_pairs=self.skip_pairs):
            index = self.vocabulary.get(name)
            if index is not None:
                counts[index] = counts.get(index, 0) + 1
                blocks[index] = name[0]
        total = self.bias.astype(np.float64)
        if counts:
            rows = np.fromiter(counts, np.int64, len(counts))
            values = np.asarray([1.0 + math.log(count) for count in counts.values()]) * self.idf[rows]
            squares: dict[str, float] = {}
            for value, block in zip(values.tolist(), blocks.values(), strict=True):
                squares[block] = squares.get(block, 0.0) + value * value
            scales = {block: BLOCK_LENGTHS[block] / math.sqrt(square) for block, square in squares.items() if square > 0}
            total = total + (values * np.asarray([scales.get(block, 0.0) for block in blocks.values()])) @ self.weights[rows]
        heads = total.reshape(-1, len(self.tags))
        return heads if len(heads) == 2 else np.repeat(heads, 2, axis=0)

    def save(self, folder: Path) -> None:
        """Write weights and vocabulary into a folder that is being made."""
        tensors = {"idf": self.idf, "weights": self.weights, "bias": self.bias}
        (folder / WEIGHTS).write_bytes(save_tensors({name: np.ascontiguousarray(tensor, np.float32) for name, tensor in tensors.items()}))
        (folder / VOCABULARY).write_text(
            json.dumps({"tags": self.tags, "skip_pairs": self.skip_pairs, "features": list(self.vocabulary)}, ensure_ascii=False), encoding="utf-8"
        )


def load_ngrams(folder: Path) -> NgramModel:
    """Read what `save` wrote; hashes are checked before (see nlp_service.artefacts). Raises ArtefactError."""
    try:
        tensors = load_tensors((folder / WEIGHTS).read_bytes())
        names = json.loads((folder / VOCABULARY).read_bytes())
        tags, features = tuple(names["tags"]), names["features"]
        vocabulary = {name: index for index, name in enumerate(features)}
        model = NgramModel(tags, vocabulary, tensors["idf"], tensors["weights"], tensors["bias"], bool(names["skip_pairs"]))
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise ArtefactError(f"{folder.name}: not a complete n-gram model ({type(error).__name__}: {str(error)[:120]}); fit or copy it again") from error
    n_outputs = model.weights.shape[1]
    if len(features) != len(model.idf) or len(features) != len(model.weights) or n_outputs not in (len(tags), 2 * len(tags)) or len(model.bias) != n_outputs:
        raise ArtefactError(
            f"{folder.name}/{WEIGHTS}: shape {model.weights.shape} does not fit {len(features)} features and {len(tags)} tags; fit the model again"
        )
    return model
