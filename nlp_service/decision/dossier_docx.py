"""The report as a Word document in official style: 小标宋 title, 黑体 headings, 仿宋 text, page numbers. The same data gives the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

BODY, HEADING, SUBHEADING, TITLE = "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体"
BODY_PT, HEADING_PT, TITLE_PT, TABLE_PT, LINE_PT = 14.0, 16.0, 22.0, 10.5, 26.0
MARGINS_CM = (3.7, 3.5, 2.8, 2.6)  # GB/T 9704: top, bottom, left, right
FIXED_TIME = (1980, 1, 1, 0, 0, 0)
# A case takes seven paragraphs, not sixteen; what belongs together stands together.
_CASE_LINES = (
    ("编号", "文号", "机关", "日期"),
    ("事实要点",),
    ("焦点", "条款"),
    ("处置与幅度", "复议诉讼"),
    ("相同点",),
    ("不同点", "一方未载明"),
    ("等级", "统计", "来源"),
)
_OVERVIEW = (("序号", 1.1), ("案名", 5.6), ("日期", 2.3), ("处置与幅度", 3.4), ("复议诉讼", 1.9), ("等级", 1.3))
_NOT_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_FEW = 60  # a value up to so many characters stands on the line of its name


def dossier_docx(data: Mapping[str, Any]) -> bytes:
    """Return the report of `dossier_json` as a .docx file."""
    import docx
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (Cm(value) for value in MARGINS_CM)
    writer = _Writer(document)
    writer.line("类案检索报告", font=TITLE, size=TITLE_PT, align=WD_ALIGN_PARAGRAPH.CENTER)
    writer.line(f"编号：{data['编号']}", align=WD_ALIGN_PARAGRAPH.CENTER)
    for title, value in data.items():
        if title != "编号":
            writer.line(title, font=HEADING, size=HEADING_PT, indent=False, level=0)
            if cases := [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []:
                writer.overview(cases)
            writer.value(None, value)
    _page_number(section.footer.paragraphs[0])
    document.core_properties.title = f"类案检索报告 {data['编号']}"
    document.core_properties.author = ""
    document.core_properties.language = "zh-CN"
    buffer = io.BytesIO()
    document.save(buffer)
    return _without_times(buffer.getvalue())


class _Writer:
    """Writes paragraphs in the fonts of official documents."""

    def __init__(self, document: Any) -> None:
        self._document = document

    def line(
        self, text: str, *, font: str = BODY, size: float = BODY_PT, bold: bool = False, align: Any = None, indent: bool = True, level: int | None = None
    ) -> None:
        """Write one paragraph; `level` 0 makes it a heading of the document's outline."""
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn
        from docx.shared import Pt

        paragraph = self._document.add_paragraph()
        form = paragraph.paragraph_format
        form.line_spacing, form.space_after = Pt(LINE_PT), Pt(0)
        if align is not None:
            paragraph.alignment = align
        elif indent:
            form.first_line_indent = Pt(size * 2)
        if level is not None:
            form.keep_with_next = True
            outline = OxmlElement("w:outlineLvl")
            outline.set(qn("w:val"), str(level))
            paragraph._p.get_or_add_pPr().append(outline)
        run = paragraph.add_run(_writable(text))
        run.font.size, run.font.bold, run.font.name = Pt(size), bold, font
        run._element.rPr.rFonts.set(qn("w:eastAsia"), font)

    def value(self, name: str | None, value: object) -> None:
        """Write a value of the data: a text, a list, a table of names and values, or a case."""
        if isinstance(value, Mapping):
            if "序号" in value:
                self.line(f"{value['序号']}. {value['案名']}", font=SUBHEADING, bold=True)
                for names in _CASE_LINES:
                    self.line("；".join(f"{key}：{str(value[key]).rstrip('。')}" for key in names) + "。")
                return
            for key, item in value.items():
                self.value(str(key), item)
        elif isinstance(value, (list, tuple)):
            if name and len(value) == 1 and isinstance(value[0], str) and len(value[0]) <= _FEW:
                self.line(f"{name}：{value[0]}")
                return
            if name:
                self.line(f"{name}：", font=SUBHEADING)
            for item in value:
                self.value(None, item)
        else:
            self.line(f"{name}：{value}" if name else str(value))

    def overview(self, cases: Sequence[Mapping[str, Any]]) -> None:
        """Write the list of cases as one table with a heading row that comes again on each page."""
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn
        from docx.shared import Cm, Pt

        table = self._document.add_table(rows=1, cols=len(_OVERVIEW), style="Table Grid")
        table.autofit = False
        for column, (_, width) in zip(table.columns, _OVERVIEW, strict=True):
            column.width = Cm(width)
        header = OxmlElement("w:tblHeader")
        header.set(qn("w:val"), "true")
        table.rows[0]._tr.get_or_add_trPr().append(header)
        for row, texts in [
            (table.rows[0], [name for name, _ in _OVERVIEW]),
            *((table.add_row(), [str(case[name]) for name, _ in _OVERVIEW]) for case in cases),
        ]:
            row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            for cell, text, (_, width) in zip(row.cells, texts, _OVERVIEW, strict=True):
                cell.width = Cm(width)
                run = cell.paragraphs[0].add_run(_writable(text.split("：")[0]))
                run.font.size, run.font.name = Pt(TABLE_PT), BODY
                run._element.rPr.rFonts.set(qn("w:eastAsia"), BODY)


def _writable(text: str) -> str:
    """Return a text without the characters that XML 1.0 cannot hold: one pasted into a reason must not cost the officer the report."""
    return _NOT_XML.sub("", text)


def _page_number(paragraph: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text in ("— ", None, " —"):
        for kind in ("begin", "PAGE", "end") if text is None else (text,):
            run = paragraph.add_run("" if text is None else kind)
            run.font.size, run.font.name = Pt(BODY_PT), "宋体"
            if text is None:
                is_code = kind == "PAGE"
                field = OxmlElement("w:instrText" if is_code else "w:fldChar")
                if is_code:
                    field.text = kind
                else:
                    field.set(qn("w:fldCharType"), kind)
                run._element.append(field)


def _without_times(data: bytes) -> bytes:
    """Write the archive again with one fixed time, so that the same report is the same file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            target.writestr(zipfile.ZipInfo(part.filename, FIXED_TIME), source.read(part), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
