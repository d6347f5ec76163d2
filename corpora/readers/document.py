"""Whole decision documents (.txt, .docx): one case each, cut into its parts by the phrases such documents use."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..decisions import read_dates, read_doc_no
from ..text import normalise_text
from .base import ReaderError, Row, open_bytes, open_text

MAX_CHARS = 2_000_000
MAX_DOCX_BYTES = 256 << 20
_FACTS = re.compile(r"(?:现|经)?(?:查明|查实|经查|本机关查明|违法事实(?:和证据)?)[:：,，]?")
_EVIDENCE = re.compile(r"(?:以上|上述)(?:违法)?事实[,，]?(?:有|由)?(?:下列|以下|如下)?[^。]{0,20}证据|证据(?:如下|有)[:：]")
_REASONING = re.compile(r"(?:本(?:机关|局|队|单位)|我(?:局|机关|队))(?:经?审查)?认为")
_DISPOSITION = re.compile(r"(?:现)?(?:决定|作出)[^。；]{0,24}(?:如下|以下)[^。:：]{0,16}[:：]?|(?:本机关|我局|本局)?(?:现)?决定(?:对|给予|责令)")
_CLOSING = re.compile(r"(?:如|若)?(?:你|当事人|你单位|你公司)?(?:对本(?:处罚)?决定|不服本|不服上述)[^。]{0,40}(?:申请行政复议|提起行政诉讼|复议|诉讼)")
_AGENCY = re.compile(r"[\u4e00-\u9fff]{4,30}(?:局|委员会|人民政府|支队|大队|街道办事处|管理处)")


def read_txt(path: Path) -> Iterator[Row]:
    """Yield the one case of a text file."""
    with open_text(path) as file:
        text = file.read(MAX_CHARS + 1)
    yield _row(path, text)


def read_docx(path: Path) -> Iterator[Row]:
    """Yield the one case of a Word document: paragraphs, then tables."""
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    with open_bytes(path) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                if sum(item.file_size for item in archive.infolist()) > MAX_DOCX_BYTES:
                    raise ReaderError(f"{path.name}: unpacks to more than {MAX_DOCX_BYTES >> 20} MiB")
            file.seek(0)
            document = docx.Document(file)
        except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError) as error:
            if isinstance(error, ReaderError):
                raise
            raise ReaderError(f"{path.name}: not a readable .docx file; open it in a word processor and save it again") from None
    lines = [paragraph.text for paragraph in document.paragraphs]
    lines += ["\t".join(cell.text for cell in row.cells) for table in document.tables for row in table.rows]
    yield _row(path, "\n".join(lines))


def _row(path: Path, raw: str) -> Row:
    text = normalise_text(raw).strip()
    place = f"{path.name}:1"
    if not text:
        return Row(place, None, "the document holds no text")
    if len(text) > MAX_CHARS:
        return Row(place, None, f"the document is longer than {MAX_CHARS} characters: one decision per file is expected")
    return Row(place, split_document(text))


def split_document(text: str) -> dict[str, Any]:
    """Return the record of a decision: title, facts, evidence, reasoning, disposition, agency, document number, date."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    disposition_at = max((match.start() for match in _DISPOSITION.finditer(text)), default=-1)
    reasoning = _REASONING.search(text)
    facts = _FACTS.search(text)
    evidence = _EVIDENCE.search(text, facts.end() if facts else 0)
    closing = _CLOSING.search(text, max(disposition_at, 0))
    ends = sorted({at for at in (evidence and evidence.start(), reasoning and reasoning.start(), disposition_at, len(text)) if at is not None and at >= 0})
    number = read_doc_no(text)
    dates = read_dates(text)
    agency = next((match.group() for line in (*lines[:3], *reversed(lines[-4:])) if (match := _AGENCY.search(line))), None)

    def part(start: int | None) -> str:
        if start is None or start < 0:
            return ""
        return text[start : next(end for end in ends if end > start)].strip()

    title = next((line for line in lines[:4] if line.endswith(("案", "决定书")) and len(line) <= 80), lines[0][:80])
    record: dict[str, Any] = {
        "title": title,
        "facts": part(facts.start() if facts else None) or text[: ends[0] if ends else len(text)].strip(),
        "evidence": [evidence_text] if (evidence_text := part(evidence.start() if evidence else None)) else [],
        "reasoning": part(reasoning.start() if reasoning else None),
        "disposition": text[disposition_at : closing.start() if closing else len(text)].strip() if disposition_at >= 0 else "",
        "agency": agency,
        "doc_no": number,
        "decided_on": dates[-1][0] if dates else None,
    }
    record["case_id"] = number or "D-" + hashlib.sha256(text.encode()).hexdigest()[:20]
    return record
