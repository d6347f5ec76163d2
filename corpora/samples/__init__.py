"""The bundled corpora: where they are, what they hold, whether they are sound."""

from .catalogue import CASES, FOLDER, QUERIES, describe
from .verify import verify

__all__ = ["CASES", "FOLDER", "QUERIES", "describe", "verify"]
