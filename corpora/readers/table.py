"""Tables: CSV, TSV and XLSX, with 双公示 columns, plain Chinese headers or our own field names."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
import warnings
import zipfile
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from .base import Line, ReaderError, Row, inner_suffix, open_bytes, read_lines
from .columns import CaseIds, Columns

MAX_FIELD_CHARS = 5_000_000
MAX_SPAN = 1000  # lines of one record; beyond, a quotation mark was never closed
HEADER_WITHIN = 10  # some exports put a title above the header
MAX_COLUMNS = 256
MAX_XLSX_BYTES = 512 << 20  # unpacked; a bomb says more
MAX_RATIO = 250
_NOTHING = frozenset(("", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "NULL", "null", "\\N", "None"))
_Cells = tuple[str, Sequence[object], str | None]


def read_csv(path: Path) -> Iterator[Row]:
    """Yield one row per record of a CSV or TSV file; the first lines hold the headers. Raises ReaderError without them."""
    yield from _rows(path, _csv_cells(path))


def read_xlsx(path: Path) -> Iterator[Row]:
    """Yield the rows of every sheet with headers; dates as dates. Raises ReaderError when no sheet has them."""
    import openpyxl  # only where a workbook is read
    from openpyxl.utils.exceptions import InvalidFileException

    with _workbook_bytes(path) as file:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about styles and extensions we do not look at
                book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, SyntaxError, TypeError, AttributeError) as error:
            raise ReaderError(f"{path.name}: not a readable .xlsx file ({type(error).__name__}); save it again as .xlsx or .csv") from None
        refused: ReaderError | None = None
        n_read = 0
        for number, sheet in enumerate(book.worksheets):
            prefix = path.name if number == 0 else f"{path.name}[{sheet.title}]"
            sheet.reset_dimensions()  # what a file says of its dimensions may be wrong
            cells: Iterator[_Cells] = ((f"{prefix}:{at}", values, None) for at, values in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), 1))
            try:
                for row in _rows(path, cells):
                    n_read += 1
                    yield row
            except ReaderError as error:  # a sheet of notes
                refused = refused or error
        book.close()
        if refused and n_read == 0:
            raise refused


def _rows(path: Path, cells: Iterator[_Cells]) -> Iterator[Row]:
    columns = _header(path, cells)
    ids = CaseIds()
    for place, values, error in cells:
        texts = [_as_text(value) for value in values]
        if error is None and not any(texts):
            continue
        try:
            if error:
                raise ValueError(error)
            record = columns.read(texts)
            yield Row(place, record if record.get("case_id") else {**record, "case_id": ids.of(record)})
        except ValueError as bad:
            yield Row(place, None, str(bad))


def _header(path: Path, cells: Iterator[_Cells]) -> Columns:
    shown = ""
    for n_lines, (_, values, _) in enumerate(cells, 1):
        texts = [_as_text(value) for value in values]
        columns = Columns.find(texts)
        if columns:
            return columns
        shown = shown or "、".join(text[:12] for text in texts[:8] if text)
        if n_lines == HEADER_WITHIN:
            break
    if not shown:
        raise ReaderError(f"{path.name}: the file is empty")
    raise ReaderError(f"{path.name}:1: no column for facts, disposition, title or cause (违法事实、处罚内容、案件名称、案由) among: {shown}")


def _as_text(cell: object) -> str:
    match cell:
        case None:
            return ""
        case dt.datetime():
            return cell.date().isoformat()
        case dt.date():
            return cell.isoformat()
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case _:
            text = str(cell).strip()
            return "" if text in _NOTHING else text


def _csv_cells(path: Path) -> Iterator[_Cells]:
    """Yield place, cells and error of each record; an unclosed quotation mark costs its own line, not the rest of the file."""
    csv.field_size_limit(MAX_FIELD_CHARS)  # the module's own limit, 131,072, is below a long judgment
    lines = read_lines(path)
    waiting: deque[Line] = deque()
    delimiter = "\t" if inner_suffix(path) == ".tsv" else None
    while waiting or (line := next(lines, None)):
        if not waiting and line:
            waiting.append(line)
        if not waiting[0].text.strip() and not waiting[0].error:
            waiting.popleft()
            continue
        delimiter = delimiter or max(",;\t", key=waiting[0].text.count)
        used: list[Line] = []
        cells, error = _record(_feed(waiting, lines, used), used, delimiter)
        if error and len(used) > 1:  # give back what the open mark swallowed
            waiting.extendleft(reversed(used[1:]))
            del used[1:]
        undecoded = next((line.error for line in used if line.error), None)
        yield f"{path.name}:{used[0].number}", cells, undecoded or error


def _record(source: Iterator[str], used: list[Line], delimiter: str) -> tuple[list[str], str | None]:
    try:
        return next(csv.reader(source, delimiter=delimiter, strict=True), []), None
    except csv.Error as error:
        if len(used) == 1 and used[0].text.count('"') % 2 == 0:  # a stray mark inside a cell: read it as spreadsheets do
            return next(csv.reader([used[0].text], delimiter=delimiter), []), None
        return [], f"a quotation mark is not closed or a cell is too long ({error})"


def _feed(waiting: deque[Line], lines: Iterator[Line], used: list[Line]) -> Iterator[str]:
    while len(used) < MAX_SPAN:
        line = waiting.popleft() if waiting else next(lines, None)
        if line is None:
            return
        used.append(line)
        yield line.text + "\n"


def _workbook_bytes(path: Path) -> IO[bytes]:
    """Return the bytes of a workbook in a temporary file, after checking what they would unpack to. Raises ReaderError."""
    copy: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed by the caller's `with`
    try:
        with open_bytes(path, MAX_XLSX_BYTES) as file:
            while block := file.read(1 << 20):
                copy.write(block)
        check_zip(path, copy, MAX_XLSX_BYTES)
    except BaseException:
        copy.close()
        raise
    return copy


def check_zip(path: Path, file: IO[bytes], limit: int) -> None:
    """Refuse a zip that is none, has too many parts, or would unpack beyond `limit` or far beyond its size. Raises ReaderError."""
    size = file.seek(0, 2)
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            sizes = [part.file_size for part in archive.infolist()]
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise ReaderError(f"{path.name}: not a readable Office file ({error}); save it again") from None
    file.seek(0)
    if len(sizes) > 10_000 or sum(sizes) > limit or (sum(sizes) > 64 << 20 and sum(sizes) > size * MAX_RATIO):
        raise ReaderError(f"{path.name}: unpacks to {sum(sizes) >> 20} MiB in {len(sizes)} parts; not read, split or check it")
