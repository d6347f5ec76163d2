"""Readers of case files: `open_rows` gives the records of a file, each with its place."""

from corpora.readers.base import ReadError, Row
from corpora.readers.registry import READERS, open_rows

__all__ = ["READERS", "ReadError", "Row", "open_rows"]
