"""One labelled text: what an annotator said, who wrote it, and which person, incident and document it belongs to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from ..labelled_reports import LabelledReport

TAG_FIELDS = ("tags", "suspected", "rejected")
GROUP_FIELDS = ("author", "document", "person", "incident", "annotator", "date", "split")
_ID_KEYS = ("example_id", "report_id", "id")


class DatasetError(ValueError):
    """A data file cannot be used; the message names file, line and cure."""


@dataclass(frozen=True, slots=True)
class Example:
    """`is_labelled` False: nobody has looked at it yet (no tag is not the same). `extra` keeps every key that is not ours."""

    example_id: str
    text: str
    tags: tuple[str, ...] = ()
    suspected: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    author: str = ""
    document: str = ""
    person: str = ""
    incident: str = ""
    annotator: str = ""
    date: str = ""
    split: str = ""
    is_labelled: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_report(self) -> LabelledReport:
        """Return what the taggers are fitted on."""
        tags, suspected, rejected = (frozenset(getattr(self, name)) for name in TAG_FIELDS)
        author, is_drill = self.author or self.document or "-", self.extra.get("drill") is True
        return LabelledReport(self.example_id, self.text, tags, suspected - tags, rejected - tags - suspected, author, is_drill)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object; fields that say nothing are left out."""
        record: dict[str, Any] = {"report_id": self.example_id, "text": self.text}
        if self.is_labelled:
            record |= {name: list(getattr(self, name)) for name in TAG_FIELDS if name == "tags" or getattr(self, name)}
        record |= {name: getattr(self, name) for name in GROUP_FIELDS if getattr(self, name)}
        return record | dict(self.extra)


def example_from_json(record: object, place: str, number: int) -> Example:
    """Read a JSON object: report_id (or id), text, tags, suspected, rejected (codes or objects with `tag`). Raises DatasetError."""
    if not isinstance(record, dict):
        raise DatasetError(f"{place}: expected an object with text and tags, got {type(record).__name__}")
    text = record.get("text")
    if not isinstance(text, str) or not text.strip():
        raise DatasetError(f"{place}: text is missing or empty; give the words of the report")
    tags: dict[str, tuple[str, ...]] = {}
    extra: dict[str, Any] = {}
    for name in TAG_FIELDS:
        tags[name], reasons = _codes(record.get(name), f"{place}: {name}")
        if reasons:
            extra[f"{name}_why"] = reasons
    _check_apart(tags, place)
    known = {*TAG_FIELDS, *GROUP_FIELDS, *_ID_KEYS, "text"}
    id_key = next((key for key in _ID_KEYS if record.get(key) not in (None, "")), None)
    groups: dict[str, Any] = {name: str(record[name]) for name in GROUP_FIELDS if record.get(name) not in (None, "")}
    extra |= {key: value for key, value in record.items() if key not in known}
    example = Example(
        str(record[id_key]) if id_key else f"{Path(place.split(':')[0]).stem}-{number}",
        text,
        tags=tags["tags"],
        suspected=tags["suspected"],
        rejected=tags["rejected"],
        is_labelled=any(record.get(name) is not None for name in TAG_FIELDS),
        extra=extra,
    )
    return replace(example, **groups)


def _codes(value: object, place: str) -> tuple[tuple[str, ...], dict[str, str]]:
    if value is None:
        return (), {}
    if not isinstance(value, (list, tuple)):
        raise DatasetError(f"{place}: expected a list of codes, got {type(value).__name__}")
    codes: dict[str, None] = {}
    reasons: dict[str, str] = {}
    for item in value:
        code = item.get("tag") if isinstance(item, dict) else item
        if not isinstance(code, str) or not code.strip():
            raise DatasetError(f"{place}: {str(code)[:20]!r} is not a code such as A01")
        codes[code] = None
        if isinstance(item, dict) and item.get("why"):
            reasons[code] = str(item["why"])
    return tuple(codes), reasons


def _check_apart(tags: Mapping[str, Sequence[str]], place: str) -> None:
    seen: set[str] = set()
    for name in TAG_FIELDS:
        if both := seen & set(tags[name]):
            raise DatasetError(f"{place}: {sorted(both)[0]} stands in two of tags, suspected, rejected; keep one")
        seen |= set(tags[name])


def label_set(examples: Sequence[Example]) -> tuple[str, ...]:
    """Return all tags that occur, sorted."""
    return tuple(sorted({tag for example in examples for name in TAG_FIELDS for tag in getattr(example, name)}))


def data_hash(examples: Sequence[Example]) -> str:
    """Return the SHA-256 (hex) of a data set; the order of the examples does not matter, everything else does."""
    names = [item.name for item in fields(Example)]
    lines = sorted(json.dumps([_plain(getattr(example, name)) for name in names], ensure_ascii=False, sort_keys=True) for example in examples)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else value
