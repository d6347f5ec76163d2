"""Tables: CSV, TSV and XLSX, with 双公示 columns, plain Chinese headers or our own field names."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import hashlib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from .base import ReaderError, Row, open_bytes, open_text

MAX_FIELD_CHARS = 5_000_000
MAX_XLSX_BYTES = 512 << 20  # unpacked; a bomb says more
_COLUMNS = Path(__file__).parent.parent / "taxonomy" / "columns.yaml"
_PARTY_TYPES = {
    "自然人": "个人",
    "公民": "个人",
    "个人": "个人",
    "个体工商户": "个体工商户",
    "个体": "个体工商户",
    "法人及非法人组织": "法人",
    "法人": "法人",
    "单位": "法人",
    "企业": "法人",
    "组织": "法人",
}


@functools.cache
def field_names() -> Mapping[str, str]:
    """Return header → field, headers without blanks and in upper case."""
    names = yaml.safe_load(_COLUMNS.read_text(encoding="utf-8"))
    return {_key(header): field for field, headers in names.items() for header in (field, *headers)}


def _key(header: object) -> str:
    return "".join(str(header or "").split()).strip("\ufeff*＊").upper()


def read_csv(path: Path) -> Iterator[Row]:
    """Yield one row per line of a CSV or TSV file; the first line holds the headers."""
    csv.field_size_limit(MAX_FIELD_CHARS)
    with open_text(path) as file:
        first = file.readline()
        delimiter = "\t" if first.count("\t") > first.count(",") else ("," if "," in first else ";" if ";" in first else ",")
        file.seek(0)
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            headers = next(reader, [])
            fields = _fields(path, headers)
            for values in reader:
                if any(value.strip() for value in values):
                    yield _row(f"{path.name}:{reader.line_num}", fields, values)
        except csv.Error as error:
            yield Row(f"{path.name}:{reader.line_num}", None, f"not readable as CSV from here on ({error}): look for an unclosed quotation mark")


def read_xlsx(path: Path) -> Iterator[Row]:
    """Yield one row per line of the first sheet with headers; values as shown, dates as dates."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    with open_bytes(path) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                if sum(item.file_size for item in archive.infolist()) > MAX_XLSX_BYTES:
                    raise ReaderError(f"{path.name}: unpacks to more than {MAX_XLSX_BYTES >> 20} MiB; split it")
            file.seek(0)
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        except (zipfile.BadZipFile, InvalidFileException, KeyError, OSError) as error:
            raise ReaderError(f"{path.name}: not a readable .xlsx file ({error}); save it again as .xlsx or .csv") from None
        sheet = book.worksheets[0]
        lines = sheet.iter_rows(values_only=True)
        fields = _fields(path, next(lines, ()))
        for number, values in enumerate(lines, 2):
            if any(value not in (None, "") for value in values):
                yield _row(f"{path.name}:{number}", fields, values)
        book.close()


def _fields(path: Path, headers: Sequence[object]) -> list[str | None]:
    fields = [field_names().get(_key(header)) for header in headers]
    if not {"facts", "disposition", "title", "causes"} & set(fields):
        shown = "、".join(str(header) for header in headers[:8])
        raise ReaderError(f"{path.name}:1: no column for facts, disposition, title or cause among: {shown[:100]}")
    return fields


def _row(place: str, fields: Sequence[str | None], values: Sequence[object]) -> Row:
    given: dict[str, Any] = {}
    for field, value in zip(fields, values, strict=False):
        if field is not None and value not in (None, "") and field not in given:
            given[field] = value if isinstance(value, dt.date) else str(value).strip()
    try:
        return Row(place, _record(given))
    except ValueError as error:
        return Row(place, None, str(error))


def _record(given: dict[str, Any]) -> dict[str, Any]:
    record = {field: value for field, value in given.items() if field not in ("fine_wan", "party_name", "note")}
    if "fine_wan" in given and "fine_yuan" not in given:
        try:
            record["fine_yuan"] = Decimal(str(given["fine_wan"]).replace(",", "")) * 10_000
        except InvalidOperation:
            raise ValueError(f"罚款金额（万元） {str(given['fine_wan'])[:20]!r}: expected a number") from None
    if "party_type" in record:
        record["party_type"] = _PARTY_TYPES.get(str(record["party_type"]))
    if "kinds" in record:
        record["kinds"] = str(record["kinds"]).replace("、", ";").replace("，", ";").replace(",", ";")
    if "facts" not in record and "disposition" not in record and "title" not in record:
        record["title"] = str(record.get("causes", ""))
    if "case_id" not in record:
        record["case_id"] = _case_id(record)
    return record


def _case_id(record: Mapping[str, Any]) -> str:
    """Return the document number, else a hash of the row: the same row always gets the same id."""
    number = "".join(str(record.get("doc_no", "")).split()).replace("/", "-")
    if number:
        return number[:128]
    content = "\x1f".join(f"{name}={record[name]}" for name in sorted(record))
    return "H-" + hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:20]
