"""Which column of a table is which field of a case, and how its cells are read; the names are in taxonomy/columns.yaml."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import yaml
from pydantic import BaseModel, ConfigDict

from corpora.readers.base import Row
from corpora.schema import Case, Review, ReviewType
from corpora.tables import doc_no_key

_FILE = Path(__file__).parents[1] / "taxonomy" / "columns.yaml"
_YES = frozenset(("是", "true", "True", "TRUE", "1", "已撤回", "撤回", "y", "Y"))
_MONEY = ("fine_yuan", "base_amount_yuan")
_AMOUNT = re.compile(r"(?:人民币|[¥￥])?([-−]?[\d,，]+(?:\.\d+)?)(亿|万|千)?元?整?")
_UNITS = {"亿": 10**8, "万": 10**4, "千": 10**3, None: 1}


class ColumnNames(BaseModel):
    """The file columns.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fields: dict[str, tuple[str, ...]]
    in_wan: tuple[str, ...]
    review_types: dict[str, ReviewType]
    split_kinds: str
    values: dict[str, dict[str, str]]
    personal: str


@cache
def load() -> ColumnNames:
    """Read and check columns.yaml. Raises ValueError (pydantic) when it is not well formed."""
    with _FILE.open(encoding="utf-8") as stream:
        return ColumnNames.model_validate(yaml.safe_load(stream))


@cache
def _field_of() -> dict[str, str]:
    names = {f.name: f.name for f in fields(Case)} | {f"review.{f.name}": f"review.{f.name}" for f in fields(Review)} | {"cause": "causes"}
    return {name.upper(): field for name, field in names.items()} | {alias.upper(): field for field, aliases in load().fields.items() for alias in aliases}


@cache
def _personal() -> re.Pattern[str]:
    return re.compile(load().personal)


def is_personal(name: str) -> bool:
    """Say whether a column or key holds data of a person that is never stored (name, number, address …)."""
    return _personal().search(_normal(name)) is not None


def _normal(header: str) -> str:
    return re.sub(r"[\s*﻿]+", "", unicodedata.normalize("NFKC", header)).upper()


@dataclass(frozen=True, slots=True)
class _Column:
    header: str
    field: str | None  # None: kept in extra
    factor: int = 1  # yuan per unit
    review_type: ReviewType | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one table, in their order; None for one that is left out."""

    items: tuple[_Column | None, ...]

    @classmethod
    def find(cls, header: Sequence[str]) -> Columns | None:
        """Return the columns when at least two of the names are known, else None: then this line is no header."""
        items = [_column(name) for name in header]
        seen: set[str] = set()
        for at, item in enumerate(items):
            if item and item.field in seen:
                items[at] = _Column(item.header, None)  # a second column for the same field: keep it as it is
            elif item and item.field:
                seen.add(item.field)
        return cls(tuple(items)) if len(seen) >= 2 else None


def _column(header: str) -> _Column | None:
    name = _normal(header)
    if not name:
        return None
    bare = re.sub(r"\((?:单位:?)?(万元|元|人民币.*|.*年月日.*)\)$", "", name)
    field = _field_of().get(name) or _field_of().get(bare)
    if field in _MONEY:
        in_wan = "万元" in name or name in load().in_wan
        return _Column(header, field, 10_000 if in_wan else 1)
    if field:
        return _Column(header, field, review_type=load().review_types.get(bare))
    return None if is_personal(header) else _Column(header, None)


def record_of(columns: Columns, place: str, cells: Sequence[str]) -> Row:
    """Return the row whose record has the schema's names; a row with more cells than the header is an error, not a guess."""
    if any(cells[len(columns.items) :]):
        n_cells = max(at for at, cell in enumerate(cells, 1) if cell)
        return Row(place, None, f"{n_cells} cells under {len(columns.items)} columns; put cells that hold a delimiter in quotation marks")
    record: dict[str, Any] = {}
    review: dict[str, Any] = {}
    extra: dict[str, str] = {}
    for column, cell in zip(columns.items, cells, strict=False):
        if column is None or cell == "":
            continue
        if column.field is None:
            extra[column.header.strip()] = cell
        elif column.field.startswith("review."):
            review[column.field.removeprefix("review.")] = cell
            if column.review_type:
                review.setdefault("type", column.review_type.value)
        else:
            try:
                record[column.field] = _value(column, cell)
            except ValueError as error:
                return Row(place, None, str(error))
    if review.get("result"):
        record["review"] = review
    if extra:
        record["extra"] = {**extra, **record.get("extra", {})} if isinstance(record.get("extra"), dict) else extra
    has_own_id = "case_id" in record
    return Row(place, record if has_own_id else {**record, "case_id": derived_id(record)}, None, has_own_id)


def _value(column: _Column, cell: str) -> Any:
    field = column.field or ""
    if field in _MONEY:
        return _money(cell, column)
    if field == "withdrawn":
        return cell in _YES
    if field == "kinds":
        return [part.strip() for part in re.split(load().split_kinds, cell) if part.strip()]
    if field in ("pivots", "review", "extra"):
        try:
            return orjson.loads(cell)
        except orjson.JSONDecodeError:
            raise ValueError(f"{field} {cell[:30]!r}: expected a JSON object in this cell") from None
    return load().values.get(field, {}).get(cell, cell)


def _money(cell: str, column: _Column) -> str:
    """Return an amount in yuan as text; a unit in the cell (2万元) goes before the unit of the header."""
    match = _AMOUNT.fullmatch(unicodedata.normalize("NFKC", cell).replace(" ", ""))
    if match is None:
        raise ValueError(f"{column.field} {cell[:30]!r}: expected an amount such as 21430, 2.143万元 or 21,430.50")
    amount = Decimal(match[1].replace(",", "").replace("−", "-"))
    says_unit = match[2] is not None or cell.rstrip("整").endswith("元")
    return format(amount * (_UNITS[match[2]] if says_unit else column.factor), "f")


def derived_id(record: Mapping[str, Any]) -> str:
    """Return a case id for a record without one: from its document number, else from a hash of its content; the same each time."""
    key = doc_no_key(str(record.get("doc_no") or ""))
    if key and len(key) >= 6:
        return re.sub(r"[\s/\\\x00-\x1f]", "_", key)[:128]
    digest = hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()
    return f"row-{digest[:24]}"
