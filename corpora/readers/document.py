"""Whole decision documents (.txt, .docx): one case each, cut into its parts by the phrases such documents use."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..documents import read_dates, read_doc_no, read_party_type
from ..text import normalise_text
from .base import ReaderError, Row, read_bytes, read_text
from .table import check_zip

MAX_CHARS = 2_000_000
MAX_FILE_BYTES = 32 << 20
MAX_DOCX_BYTES = 256 << 20

_OFFICE = r"(?:本|我)(?:机关|局|委|厅|府|单位|大队|支队|总队|队)"
# The standard forms fix the order of the parts; the words that open them differ between agencies.
_FACTS = re.compile(
    r"(?:现|经)?(?:依法|立案)?(?:调查|审理)?(?:查明|查实|[，,]查明|经查(?!处))|经(?:依法|立案)?调查(?!终结|询问)|(?:^|\n)违法事实(?:和证据)?[:：]"
)
_PROOF = r"证据|证实|证明|佐证|为证|为凭"
_EVIDENCE = re.compile(
    rf"(?:以上|上述)(?:违法)?(?:事实|行为)[，,]?(?:主要|均)?(?:有|由|经)(?=[^。]{{0,600}}?(?:{_PROOF}))|(?:^|(?<=[\n。]))(?:以上|上述)?(?:主要|相关)?证据(?:如下|有|包括)?[:：]"
)
_REASONING = re.compile(rf"{_OFFICE}(?:经?审查|综合|经集体讨论)*认为|(?:^|\n)\s*综上(?:所述)?[，,]")
_DISPOSITION = re.compile(
    r"(?:现|兹)?(?:依法)?决定如下|(?:现|兹|依法)*(?:决定)?(?:对[^。\n]{1,60}?)?(?:作出|给予|处以)[^。\n]{0,30}?(?:如下|以下)[^。\n]{0,12}?(?:处罚|处理|决定)"
    rf"|(?:(?:现|兹|依法|经集体讨论|{_OFFICE})[，,]?)*决定(?:对[^。\n]{{1,60}}?)?(?:给予|处以?|作出|责令|没收|罚款|吊销|不予)"
)
_CLOSING = re.compile(
    r"(?:如|若)?(?:当事人|被处罚人|你[（(]?(?:单位|公司|户|店)?[)）]?)?(?:如|若)?(?:对本[^。\n]{0,12}?决定[^。\n]{0,4}?不服|不服本[^。\n]{0,12}?决定|不服上述)"
)
_ROLES = "当事人|被处罚人|被处罚单位|违法行为人|法定代表人|主要负责人|负责人|经营者"
_PARTY = re.compile(rf"(?:^|\n)\s*({_ROLES})(?:[（(][^）)\n]{{0,16}}[）)])?\s*[:：]\s*([^\n，,；;。\s]{{2,60}})")
_LABEL = re.compile(r"(?:^|\n)[^\n:：，,。]{2,20}[:：][^\n。]{1,80}(?=\n)")  # a line of the form above the text: 住所：…
_CAUSE = re.compile(r"(?:^|\n)\s*案\s*由\s*[:：]\s*([^\n]{2,80})")
_AGENCY = re.compile(r"[一-龥（）()]{2,28}?(?:局|厅|委员会|人民政府|大队|支队|总队|办事处|管理处|海关|派出所)")
_SEAL = re.compile(r"[（(][^（()）]{0,6}章[^（()）]{0,2}[）)]|\s")
_FORM = re.compile(r"(?:当场)?(?:不予)?行政处罚决定书|处罚决定书|责令[^\n]{0,12}(?:决定|通知)书|决定书")
_NUMBERED = re.compile(r"(?:^|[\n；;。:：])\s*(?:\d{1,2}[.．、](?!\d)|[（(][一二三四五六七八九十\d]{1,3}[）)]|[一二三四五六七八九十]{1,2}、)\s*")


def read_txt(path: Path) -> Iterator[Row]:
    """Yield the one case of a text file. Raises ReaderError."""
    yield _row(path, read_text(path, MAX_FILE_BYTES))


def read_docx(path: Path) -> Iterator[Row]:
    """Yield the one case of a Word document, paragraphs and tables in their order. Raises ReaderError."""
    yield _row(path, docx_text(path.name, read_bytes(path, MAX_FILE_BYTES)))


def docx_text(name: str, data: bytes) -> str:
    """Return the text of a Word document, paragraphs and tables in their order, one a line. Raises ReaderError naming the file."""
    check_zip(Path(name), io.BytesIO(data), MAX_DOCX_BYTES)
    import docx  # only where a document is read
    from docx.opc.exceptions import PackageNotFoundError
    from docx.table import Table

    lines: list[str] = []
    try:
        for block in docx.Document(io.BytesIO(data)).iter_inner_content():
            if isinstance(block, Table):
                lines += [" ".join(dict.fromkeys(cell.text.strip() for cell in row.cells)) for row in block.rows]  # merged cells repeat
            else:
                lines.append(block.text)
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError, SyntaxError, AttributeError) as error:
        raise ReaderError(f"{name}: not a readable .docx file ({type(error).__name__}); open it in a word processor and save it again") from None
    return "\n".join(lines)


def _row(path: Path, raw: str) -> Row:
    place = f"{path.name}:1"
    if len(raw) > MAX_CHARS:
        return Row(place, None, f"the document is longer than {MAX_CHARS} characters: one decision per file is expected")
    text = re.sub(r"[ \t\u3000\xa0]+", " ", normalise_text(raw)).strip()
    if not text:
        return Row(place, None, "the document holds no text")
    return Row(place, split_document(text))


@dataclass(frozen=True, slots=True)
class _Cuts:
    """Where the parts begin; a part that is missing begins where the next one does. Procedure stands between evidence and reasons."""

    facts: int
    evidence: int
    procedure: int
    reasoning: int
    disposition: int
    end: int


def split_document(text: str) -> dict[str, Any]:
    """Return the record of a decision: title, facts, evidence, reasoning, disposition, agency, document number, date.

    What lies between evidence and reasons (notice, statement of the party) is kept at the end of the facts. Where none of the
    opening words occur the whole text becomes the facts: nothing is lost.
    """
    cuts = _cuts(text)
    head, tail = text[: cuts.facts], text[cuts.end :]
    agency = _agency(text)
    parties = _PARTY.findall(head)
    # The names stay in front of the facts so that masking knows them wherever the text repeats them.
    known = "；".join(f"{role}：{name}" for role, name in parties)
    facts = [f"{known}。" if known else "", text[cuts.facts : cuts.evidence].strip(), text[cuts.procedure : cuts.reasoning].strip()]
    number = read_doc_no(head) or read_doc_no(tail)
    dates = read_dates(tail) or read_dates(text[cuts.disposition :])
    record: dict[str, Any] = {
        "title": _title(text, head, agency),
        "facts": "\n".join(part for part in facts if part),
        "evidence": _evidence(text[cuts.evidence : cuts.procedure]),
        "reasoning": text[cuts.reasoning : cuts.disposition].strip(),
        "disposition": text[cuts.disposition : cuts.end].strip(),
        "agency": agency,
        "doc_no": number,
        "decided_on": dates[-1][0] if dates else None,
        "party_type": read_party_type(parties[0][1] if parties else "", head.partition("当事人")[2]),
    }
    record["case_id"] = re.sub(r"\s", "", number).replace("/", "-")[:120] if number else "D-" + hashlib.sha256(text.encode()).hexdigest()[:20]
    return record


def _cuts(text: str) -> _Cuts:
    reasoning = _REASONING.search(text)
    after = reasoning.end() if reasoning else 0
    found = list(_DISPOSITION.finditer(text, after))
    # After the reasons the first decision counts; without reasons the last: earlier ones were announced (告知).
    disposition = (found[0] if reasoning else found[-1]) if found else None
    closing = _CLOSING.search(text, disposition.end() if disposition else after)
    end = max(closing.start() if closing else _signature(text), after)
    at_disposition = disposition.start() if disposition else end
    at_reasoning = reasoning.start() if reasoning else at_disposition
    facts = _FACTS.search(text, 0, at_reasoning)
    labels = list(_LABEL.finditer(text, 0, facts.start() if facts else at_reasoning))
    at_facts = labels[-1].end() if labels else facts.start() if facts else 0
    evidence = _EVIDENCE.search(text, at_facts, at_reasoning)
    at_evidence = evidence.start() if evidence else at_reasoning
    return _Cuts(at_facts, at_evidence, _evidence_end(text, at_evidence, at_reasoning), at_reasoning, at_disposition, max(end, at_disposition))


def _evidence_end(text: str, start: int, limit: int) -> int:
    """Return the end of the sentence, or of the numbered items, that name the evidence."""
    lines = text[start:limit].split("\n")
    n_lines = 1
    while n_lines < len(lines) and (_NUMBERED.match(lines[n_lines]) or not lines[n_lines].strip()):
        n_lines += 1
    block = "\n".join(lines[:n_lines])
    stop = block.find("。", 1)
    if stop >= 0 and not _NUMBERED.search(block):
        return start + stop + 1
    return min(start + len(block), limit)


def _signature(text: str) -> int:
    """Return where the closing lines with agency and date begin, the end of the text without them."""
    at = len(text)
    for line in reversed(text.split("\n")[1:][-4:]):
        bare = _SEAL.sub("", line)
        dates = read_dates(bare)
        if bare and not _AGENCY.fullmatch(bare) and not (dates and dates[0][1:] == (0, len(bare))):
            break
        at -= len(line) + 1
    return at


def _agency(text: str) -> str | None:
    lines = text.split("\n")
    for line in (*lines[:5], *reversed(lines[-5:])):
        bare = _FORM.sub("", _SEAL.sub("", line))
        if _AGENCY.fullmatch(bare):
            return bare
    return None


def _title(text: str, head: str, agency: str | None) -> str:
    cause = _CAUSE.search(head)
    if cause:
        name = cause[1].strip().rstrip("。")
        return name if name.endswith("案") else f"{name}案"
    first = text.split("\n", 4)[:4]
    named = next((line.strip() for line in first if line.strip().endswith("案") and len(line) <= 80), None)
    form = _FORM.search(head)
    return named or (f"{agency or ''}{form[0]}" if form else first[0][:80])


def _evidence(text: str) -> list[str]:
    """Return the items of the evidence: numbered ones, else those of a list with ；, else with 、."""
    body = re.sub(
        r"^(?:以上|上述)(?:违法)?(?:事实|行为)[，,]?(?:主要|均)?(?:有|由|经)(?:以下|下列|如下)?(?:主要)?(?:证据(?:证实|证明|佐证)?)?[:：]?",
        "",
        text.strip().lstrip("。"),
    )
    body = re.sub(r"^(?:以上|上述)?(?:主要|相关)?证据(?:如下|有|包括)?[:：]", "", body.strip())
    body = re.sub(r"等?(?:相关|主要)?(?:证据(?:材料)?|材料)?(?:在案|予以|加以|足以)*(?:证实|证明|佐证|为证|为凭)?[。；;\s]*$", "", body)
    parts = _NUMBERED.split(body) if len(_NUMBERED.findall(body)) > 1 else re.split(r"[；;\n]", body)
    if len(parts) < 2:
        parts = re.split(r"、(?![^（(]*[）)])", body)
    return [item for part in parts if len(item := part.strip(" 。；;、，,\n")) > 1]
