"""Encoders: texts to unit vectors, one file per kind. `transformer` is imported only when configured (it brings torch)."""

from .base import Encoder, Vectors, unit_rows
from .contrast import contrast
from .loading import load_encoder
from .static import StaticEncoder, fit_static

__all__ = ["Encoder", "StaticEncoder", "Vectors", "contrast", "fit_static", "load_encoder", "unit_rows"]
