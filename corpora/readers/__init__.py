"""Files to records: one reader per form, chosen by the file's name."""

from .base import ReaderError, Row
from .registry import SUFFIXES, open_rows

__all__ = ["SUFFIXES", "ReaderError", "Row", "open_rows"]
