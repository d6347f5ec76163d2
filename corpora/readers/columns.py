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

from corpora.schema import Case, PartyType, Review, ReviewType

_FILE = Path(__file__).parents[1] / "taxonomy" / "columns.yaml"
_YES = frozenset(("是", "TRUE", "1", "Y", "YES", "已撤回"))
_MONEY = ("fine_yuan", "base_amount_yuan")
_AMOUNT = re.compile(r"(?:人民币|[¥￥])?([-−]?[\d,]+(?:\.\d+)?)(亿|万|千)?(元)?整?")
_UNITS = {"亿": 10**8, "万": 10**4, "千": 10**3}
_UNIT_NOTE = re.compile(r"\((?:单位:?)?(?:人民币|万元|元|日期|.*年月日.*|.*YYYY.*)\)$")


class ColumnNames(BaseModel):
    """The file columns.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fields: dict[str, tuple[str, ...]]
    in_wan: tuple[str, ...]
    review_types: dict[str, ReviewType]
    split_kinds: str
    party_types: dict[PartyType, tuple[str, ...]]
    personal: str


@cache
def load() -> ColumnNames:
    """Read and check columns.yaml. Raises ValueError (pydantic) when it is not well formed."""
    with _FILE.open(encoding="utf-8") as stream:
        return ColumnNames.model_validate(yaml.load(stream, Loader=yaml.CSafeLoader))


@cache
def field_names() -> Mapping[str, str]:
    """Return header → field for every header we know, normalised; the field names themselves are headers too."""
    own = {f.name: f.name for f in fields(Case)} | {f"review.{f.name}": f"review.{f.name}" for f in fields(Review)} | {"cause": "causes"}
    return {normal(name): field for name, field in own.items()} | {normal(name): field for field, names in load().fields.items() for name in names}


@cache
def _personal() -> re.Pattern[str]:
    return re.compile(load().personal)


@cache
def _party_types() -> Mapping[str, str]:
    return {name: kind.value for kind, names in load().party_types.items() for name in names}


def is_personal(name: str) -> bool:
    """Say whether a column or key holds data of a person that is never stored (name, number, address …)."""
    return _personal().search(normal(name)) is not None


def normal(header: str) -> str:
    """Return the form in which headers are compared."""
    return re.sub("[\\s*\ufeff]+", "", unicodedata.normalize("NFKC", header)).upper()


@dataclass(frozen=True, slots=True)
class _Column:
    header: str
    field: str | None  # None: kept in extra
    factor: int = 1  # yuan per unit
    review_type: ReviewType | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one table in their order; None for one that is left out."""

    items: tuple[_Column | None, ...]

    @classmethod
    def find(cls, header: Sequence[str]) -> Columns | None:
        """Return the columns when one of them can carry a case's text, else None: then this line is no header."""
        items = [_column(name) for name in header]
        seen: set[str] = set()
        for at, item in enumerate(items):
            if item is None or item.field is None:
                continue
            if item.field in seen and not item.field.startswith("review."):
                items[at] = _Column(item.header, None)  # a second column for the same field stays beside it
            seen.add(item.field)
        return cls(tuple(items)) if seen & {"facts", "disposition", "title", "causes"} else None

    def read(self, cells: Sequence[str]) -> dict[str, Any]:
        """Return the record of a row; a row that does not fit the header is an error, not a guess. Raises ValueError."""
        if any(cells[len(self.items) :]):
            n_cells = max(at for at, cell in enumerate(cells, 1) if cell)
            raise ValueError(f"{n_cells} cells under {len(self.items)} columns; put a cell that holds the delimiter in quotation marks")
        record: dict[str, Any] = {}
        review: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        for column, cell in zip(self.items, cells, strict=False):
            if column is None or cell == "":
                continue
            if column.field is None:
                extra[column.header] = cell
            elif column.field.startswith("review."):
                review[column.field.removeprefix("review.")] = cell
                if column.review_type:
                    review["type"] = column.review_type.value
            else:
                record[column.field] = _value(column, cell)
        if review.get("result"):
            record["review"] = review
        if extra:
            record["extra"] = extra | (record["extra"] if isinstance(record.get("extra"), dict) else {})
        if not record.keys() & {"facts", "disposition", "title"} and record.get("causes"):
            record["title"] = record["causes"]
        return record


def _column(header: str) -> _Column | None:
    name = normal(header)
    if not name:
        return None
    bare = _UNIT_NOTE.sub("", name)
    field = field_names().get(name) or field_names().get(bare)
    if field in _MONEY:
        in_wan = "万元" in name if name != bare else name in load().in_wan
        return _Column(header.strip(), field, 10_000 if in_wan else 1)
    if field:
        return _Column(header.strip(), field, review_type=load().review_types.get(bare))
    return None if is_personal(header) else _Column(header.strip(), None)


def _value(column: _Column, cell: str) -> Any:
    match column.field:
        case "fine_yuan" | "base_amount_yuan":
            return _money(column, cell)
        case "withdrawn":
            return cell.upper() in _YES
        case "party_type":
            return _party_types().get(cell, cell)
        case "kinds":
            return [part.strip() for part in re.split(load().split_kinds, cell) if part.strip()]
        case "pivots" | "review" | "extra":
            try:
                return orjson.loads(cell)
            except orjson.JSONDecodeError:
                raise ValueError(f"{column.field} {cell[:30]!r}: expected a JSON object in this cell") from None
        case _:
            return cell


def _money(column: _Column, cell: str) -> str:
    """Return an amount in yuan as text; a unit in the cell (2万元) goes before the unit of the header."""
    match = _AMOUNT.fullmatch(unicodedata.normalize("NFKC", cell).replace(" ", ""))
    if match is None:
        raise ValueError(f"{column.header} {cell[:30]!r}: expected an amount such as 21430, 2.143万元 or 21,430.50")
    amount = Decimal(match[1].replace(",", "").replace("−", "-"))
    factor = _UNITS.get(match[2], 1) if match[2] or match[3] else column.factor
    return format(amount * factor, "f")


class CaseIds:
    """Gives the rows of one file without an id the same id each time: the document number, else a hash of the content.

    One decision may punish several people in rows of their own: a further, different row of a number gets the number and a hash.
    """

    def __init__(self) -> None:
        """Begin a file."""
        self._used: dict[str, str] = {}

    def of(self, record: Mapping[str, Any]) -> str:
        """Return the id of a record."""
        content = hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).hexdigest()
        number = re.sub(r"[\s\x00-\x1f]", "", str(record.get("doc_no", ""))).replace("/", "-").replace("\\", "-")[:110]
        if not number:
            return f"H-{content[:20]}"
        return number if self._used.setdefault(number, content) == content else f"{number}~{content[:8]}"
