"""Data sets: read, check, split, compare annotators, and carry them to other programs and back."""

from .agreement import Agreement, agreement
from .annotation import label_studio_config, read_doccano, read_label_studio, write_doccano, write_label_studio
from .beir import Passage, Retrieval, read_beir, write_beir
from .examples import DatasetError, Example, data_hash, label_set
from .files import Columns, read_csv, read_jsonl, write_csv, write_jsonl
from .splits import folds, split
from .validate import Report, near_duplicates, stack_labels, validate

__all__ = [
    "Agreement",
    "Columns",
    "DatasetError",
    "Example",
    "Passage",
    "Report",
    "Retrieval",
    "agreement",
    "data_hash",
    "folds",
    "label_set",
    "label_studio_config",
    "near_duplicates",
    "read_beir",
    "read_csv",
    "read_doccano",
    "read_jsonl",
    "read_label_studio",
    "split",
    "stack_labels",
    "validate",
    "write_beir",
    "write_csv",
    "write_doccano",
    "write_jsonl",
    "write_label_studio",
]
