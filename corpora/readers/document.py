"""Reads one whole decision (行政处罚决定书) from .txt or .docx and cuts it into the parts of a case."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpora.documents import read_dates, read_doc_no, read_party_type
from corpora.readers.base import ReadError, Row, decode_text, inner_suffix, read_bytes
from corpora.readers.columns import derived_id
from corpora.readers.table import check_zip
from corpora.regions import find_region

MAX_DOCUMENT_BYTES = 32 << 20
MAX_UNPACKED_BYTES = 256 << 20
MAX_TEXT_CHARS = 2_000_000

_OFFICE = r"(?:本机关|我机关|本局|我局|本委|本大队|本支队|本队|本厅|本府|本单位|执法机关)"
# The order of the parts is fixed by the standard forms; the words that open them differ between agencies.
_FACTS = re.compile(r"(?:现(?:已)?查明|经(?:依法|立案)?(?:调查|审理|检查)?[，,]?查明|经查实?|经(?:立案)?调查|查明|违法事实(?:及证据)?[:：]|案情[:：])")
_EVIDENCE = re.compile(
    r"(?:以上|上述)(?:违法)?(?:事实|行为)[^。\n]{0,20}?(?:有|由|经)(?=[^。]{0,600}?(?:证据|证实|证明|佐证|为证|为凭))|(?:主要|相关)?证据(?:如下|有|包括)?[:：]"
)
_REASONING = re.compile(rf"{_OFFICE}(?:综合)?认为|(?:^|\n)\s*(?:综上|综上所述)[，,]")
_DISPOSITION = re.compile(
    r"(?:现|兹)?(?:依法)?决定如下|(?:现|兹|依法)*(?:决定)?(?:对[^。\n]{1,60}?)?(?:作出|给予|处以)[^。\n]{0,30}?(?:如下|以下)[^。\n]{0,12}?(?:处罚|处理|决定)"
    rf"|(?:(?:现|兹|依法|经集体讨论|{_OFFICE})[，,]?)*决定(?:对[^。\n]{{1,60}}?)?(?:给予|处以?|作出|责令|没收|罚款|吊销|不予)"
)
_END = re.compile(
    r"(?:如|若)?(?:当事人|被处罚人|你[（(]?(?:单位|公司|户)?[)）]?)?(?:如|若)?(?:对本[^。\n]{0,12}?决定不服|不服本[^。\n]{0,12}?决定|不服.{0,4}处罚)|(?:^|\n)\s*附件?[:：]"
)
_PARTY = re.compile(
    r"(?:^|\n)\s*(当事人|被处罚人|被处罚单位|违法行为人|法定代表人|主要负责人|负责人|经营者)(?:[（(][^）)\n]{0,12}[）)])?\s*[:：]\s*([^\n，,；;。]{2,60})"
)
_CAUSE = re.compile(r"(?:^|\n)\s*案\s*由\s*[:：]\s*([^\n]{2,80})")
_AGENCY = re.compile(r"[\u4e00-\u9fff（）()]{2,28}?(?:局|厅|委员会|人民政府|大队|支队|总队|办事处|管理处|海关|派出所|部|中心)")
_FORM = re.compile(r"(?:当场)?(?:不予)?行政处罚(?:事先)?(?:决定|告知)书|处罚决定书|责令[^\n]{0,12}(?:决定|通知)书|决定书")


def read_document(path: Path) -> Iterator[Row]:
    """Yield the one case of a decision document. Raises ReadError for a file that is none, empty, or too large."""
    text = _docx_text(path) if inner_suffix(path) == ".docx" else decode_text(path, read_bytes(path, MAX_DOCUMENT_BYTES))
    text = re.sub(r"[ \t\u3000\xa0]+", " ", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not text:
        raise ReadError(f"{path.name}: the file is empty")
    if len(text) > MAX_TEXT_CHARS:
        raise ReadError(f"{path.name}: {len(text)} characters in one document; split it into one decision per file")
    record = parse_decision(text)
    yield Row(f"{path.name}:1", {**record, "case_id": derived_id(record)}, None, has_own_id=False)


@dataclass(frozen=True, slots=True)
class _Cuts:
    """Where the parts begin; a part that is missing begins where the next one does."""

    facts: int
    evidence: int
    reasoning: int
    disposition: int
    end: int


def parse_decision(text: str) -> dict[str, Any]:
    """Return the record of a decision: what its form says, and its parts in the order of the form.

    Without any of the opening words the whole text becomes the facts: nothing is lost.
    """
    cuts = _cuts(text)
    head, tail = text[: cuts.facts], text[cuts.end :]
    agency = _agency(head, text)
    parties = [(role, name.strip()) for role, name in _PARTY.findall(head)]
    facts = text[cuts.facts : cuts.evidence].strip()
    # The names stay in front of the facts so that masking knows them wherever the text repeats them.
    known = "；".join(f"{role}：{name}" for role, name in parties)
    party_type = read_party_type("", head) or (read_party_type(parties[0][1]) if parties else None)
    dates = read_dates(tail) or read_dates(text[cuts.disposition :])
    record: dict[str, Any] = {
        "title": _title(head, agency),
        "facts": f"{known}。\n{facts}" if known else facts,
        "evidence": _evidence(text[cuts.evidence : cuts.reasoning]),
        "reasoning": text[cuts.reasoning : cuts.disposition].strip(),
        "disposition": text[cuts.disposition : cuts.end].strip(),
        "agency": agency,
        "region": find_region(agency) if agency else None,
        "doc_no": read_doc_no(head) or None,
        "decided_on": dates[-1][0].isoformat() if dates else None,
        "party_type": party_type.value if party_type else None,
    }
    return {name: value for name, value in record.items() if value}


def _cuts(text: str) -> _Cuts:
    reasoning = _REASONING.search(text)
    after = reasoning.end() if reasoning else 0
    found = [match for match in _DISPOSITION.finditer(text, after)]
    # With the reasons before it, the first decision counts; without, the last: earlier ones are announcements (告知).
    disposition = (found[0] if reasoning else found[-1]) if found else None
    ending = _END.search(text, disposition.end() if disposition else after)
    end = ending.start() if ending else _signature(text)
    at_disposition = disposition.start() if disposition else end
    at_reasoning = reasoning.start() if reasoning else at_disposition
    facts = _FACTS.search(text, 0, at_reasoning)
    at_facts = facts.start() if facts else _after_parties(text, at_reasoning)
    evidence = _EVIDENCE.search(text, at_facts, at_reasoning)
    return _Cuts(at_facts, evidence.start() if evidence else at_reasoning, at_reasoning, at_disposition, max(end, at_disposition))


def _after_parties(text: str, limit: int) -> int:
    parties = [match for match in _PARTY.finditer(text, 0, limit)]
    if not parties:
        return 0
    line_end = text.find("\n", parties[-1].end())
    return line_end + 1 if 0 <= line_end < limit else 0


def _signature(text: str) -> int:
    """Return where the closing lines with agency and date begin."""
    lines = text.rsplit("\n", 2)
    tail = len(text)
    for line in reversed(lines[1:]):
        if len(line.strip()) > 40 or not (read_dates(line) or _AGENCY.fullmatch(re.sub(r"[（(].{0,6}章[）)]|\s", "", line))):
            break
        tail -= len(line) + 1
    return tail


def _agency(head: str, text: str) -> str | None:
    for line in [*head.split("\n")[:6], *reversed(text.split("\n")[-6:])]:
        bare = _FORM.sub("", re.sub(r"[（(].{0,6}章[）)]|\s", "", line))
        if _AGENCY.fullmatch(bare):
            return bare
    return None


def _title(head: str, agency: str | None) -> str:
    cause = _CAUSE.search(head)
    if cause:
        name = cause[1].strip().rstrip("。")
        return name if name.endswith("案") else f"{name}案"
    form = _FORM.search(head)
    return f"{agency or ''}{form[0]}" if form else ""


def _evidence(text: str) -> list[str]:
    """Return the items of the evidence: numbered ones, else those of a list with 、 or ；."""
    body = re.sub(r"^(?:以上|上述)[^。\n]{0,20}?(?:有|由|经)(?:以下|下列)?(?:证据)?[:：]?|^(?:主要|相关)?证据(?:如下|有|包括)?[:：]", "", text.strip())
    body = re.sub(r"等?(?:相关|主要)?(?:证据|材料)?(?:材料)?(?:在案)?(?:予以|加以|足以)?(?:证实|证明|佐证|为证|为凭)[^\n]{0,4}$", "", body)
    parts = re.split(r"(?:^|[\n；;。])\s*(?:\d{1,2}[.．、]|[（(][一二三四五六七八九十\d]{1,3}[）)]|[一二三四五六七八九十]{1,2}、)\s*", body)
    if len(parts) < 3:
        parts = re.split(r"[；;\n]", body)
    if len(parts) < 2:
        parts = re.split(r"、(?![^（(]*[）)])", body)
    return [item for part in parts if len(item := part.strip(" 。；;、，,\n")) > 1]


def _docx_text(path: Path) -> str:
    data = read_bytes(path, MAX_DOCUMENT_BYTES)
    check_zip(path, io.BytesIO(data), MAX_UNPACKED_BYTES)
    import docx  # only where a document is read
    from docx.opc.exceptions import PackageNotFoundError
    from docx.table import Table

    try:
        document = docx.Document(io.BytesIO(data))
        parts: list[str] = []
        for block in document.iter_inner_content():
            if isinstance(block, Table):
                parts += [" ".join(dict.fromkeys(cell.text.strip() for cell in row.cells)) for row in block.rows]
            else:
                parts.append(block.text)
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError, SyntaxError, AttributeError) as error:
        raise ReadError(f"{path.name}: not a sound Word document ({type(error).__name__}); save it again as .docx or .txt") from error
    return "\n".join(parts)
