"""Open the encoder a folder describes; imports torch only for a transformer."""

from __future__ import annotations

import json
from pathlib import Path

from ..analyzer import Analyzer
from ..errors import EncoderError
from .base import Encoder
from .static import KIND as STATIC
from .static import StaticEncoder


def load_encoder(folder: Path, analyzer: Analyzer) -> Encoder:
    """Open the encoder in a snapshot's folder. Raises EncoderError when it is missing or of an unknown kind."""
    path = folder / "encoder.json"
    if not path.is_file():
        raise EncoderError(f"{path}: missing; rebuild the library")
    kind = json.loads(path.read_text(encoding="utf-8")).get("kind")
    if kind == STATIC:
        return StaticEncoder.load(folder, analyzer)
    from .transformer import KIND as TRANSFORMER
    from .transformer import TransformerEncoder

    if kind == TRANSFORMER:
        return TransformerEncoder(folder / "model")
    raise EncoderError(f"{path}: unknown kind {kind!r}; expected {STATIC} or {TRANSFORMER}")
