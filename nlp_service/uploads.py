"""A draft from a file an officer uploads (.docx, .txt): read in memory, never written, masked like a pasted one."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import PurePosixPath

from corpora import privacy
from corpora.readers.base import ReaderError
from corpora.readers.document import docx_text
from corpora.text import normalise_text

from .drafts import DraftError

MAX_UPLOAD_BYTES = 4 << 20
FORMS = (".docx", ".txt")


@dataclass(frozen=True, slots=True)
class Upload:
    """The text of a file, masked, and how many characters were masked."""

    name: str
    text: str
    n_masked: int


def read_upload(name: str, data: bytes, max_chars: int) -> Upload:
    """Return the masked text of a file. Raises DraftError for another form, a damaged, empty or overlong file."""
    form = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if form not in FORMS:
        raise DraftError("只读取 .docx 和 .txt 文件：旧版 .doc、.wps、.pdf 请另存为 .docx")
    if len(data) > MAX_UPLOAD_BYTES:
        raise DraftError(f"文件超过 {MAX_UPLOAD_BYTES >> 20} MB：请只上传本案的案情部分")
    try:
        raw = docx_text("文件", data) if form == ".docx" else _decode(data)
    except ReaderError:
        raise DraftError("文件损坏或不是 .docx：请在文字处理软件中打开后另存为 .docx") from None
    text = "\n".join(line.strip() for line in normalise_text(raw).split("\n") if line.strip())
    if not text:
        raise DraftError("文件里没有文字：扫描件请先识别为文字")
    if len(text) > max_chars:
        raise DraftError(f"文件有 {len(text)} 字，最多 {max_chars} 字：请只上传本案的事实与拟作处理")
    try:
        masked = privacy.mask(text)
    except privacy.MaskingError:
        raise DraftError("文件中的个人信息未能脱敏干净：请先隐去姓名、证件号和电话") from None
    return Upload(PurePosixPath(name.replace("\\", "/")).name[:120], masked, sum(a != b for a, b in zip(text, masked, strict=False)))


def _decode(data: bytes) -> str:
    """Decode UTF-8, UTF-16 with its mark, or GB18030. Raises DraftError."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise DraftError("不是文本文件：请另存为 UTF-8 编码的 .txt，或上传 .docx")
