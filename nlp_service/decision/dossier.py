"""类案检索报告: every item of the Supreme Court's guidance in its administrative form (domain §8), from a stored assessment, as JSON and .docx."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from corpora.schema import Case
from corpora.violations import load_violations

NONE = "（无）"
FILL = "（待填）"


def dossier_json(record: Mapping[str, Any], cases: Sequence[Case], responses: Sequence[Mapping[str, Any]], meta: Mapping[str, str]) -> dict[str, Any]:
    """Return the report as data: `record` is the stored assessment, `cases` its hits in order, `meta` number, time and actor."""
    violation = load_violations().get(record.get("violation") or "")
    assessment = record["assessment"]
    eligible = {item["case_id"]: item for item in assessment["neighbours"]}
    left_out = {item["case_id"]: item["reason"] for item in assessment["left_out"]}
    return {
        "编号": meta["id"],
        "一、检索说明": {
            "检索人": meta["actor"],
            "检索时间": meta["at"],
            "平台与版本": "；".join(f"{name} {value}" for name, value in record["versions"].items()),
            "报告依据": "由已存评估重现，评估内容哈希（SM3）：" + record["draft_hash"],
        },
        "二、待决案件": {
            "案情摘录（已脱敏）": record["draft"],
            "违法行为": f"{violation.code} {violation.name}" if violation else "未识别",
            "关键事实": [f"{name}：{_said(value)}" for name, value in record["pivots"].items()] or [NONE],
            "拟作处理": _planned(record.get("planned")),
            "拟适用条款": [f"{dated.cite}（{'已核对' if dated.status == 'checked' else '待法制人员核对'}）" for dated in violation.penalty]
            if violation
            else [NONE],
        },
        "三、检索方法": {
            "方法": "词语（BM25）、向量、案由、理由四个通道融合，再按关键事实比较",
            "筛选": [f"{name}：{value}" for name, value in record["filters"].items() if value] or ["未设筛选"],
            "命中": f"列出{len(cases)}件，可比{assessment['n']}件，有效样本{assessment['n_eff']}",
        },
        "四、检索结果": [_row(number, case, eligible, left_out) for number, case in enumerate(cases, 1)]
        or ["未检索到相似案例；检索方法与筛选条件见第三部分。"],
        "五、处置分布与提示": {
            "结论": assessment["headline"],
            "说明": assessment["text"].split("\n"),
            "各档件数": [f"{name}：{count}件" for name, count in assessment["counts"].items()] or [NONE],
        },
        "六、尚待查明": assessment["pending"] or [NONE],
        "七、证据与程序": _guidance(record.get("guidance")),
        "八、处理意见": [f"{'采纳提示' if item['adopted'] else '不采纳提示'}：{item['reason']}" for item in responses] or [FILL],
        "九、签名": {"承办人": FILL, "审核人": FILL, "日期": FILL},
        "附注": "标注“合成”的案例为合成数据，不得作为参照。本报告供核对，不构成法律意见；在先处罚不是法源，参照与否由办案机关说明理由。",
    }


def _said(value: object) -> str:
    return {True: "是", False: "否"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _planned(planned: Mapping[str, Any] | None) -> str:
    if not planned:
        return "未填"
    fine = f"，罚款{planned['fine_yuan']}元" if planned.get("fine_yuan") else ""
    return "、".join(planned["kinds"]) + fine


def _row(number: int, case: Case, eligible: Mapping[str, Any], left_out: Mapping[str, str]) -> dict[str, Any]:
    fine = f"，罚款{case.fine_yuan:,}元" if case.fine_yuan else ""
    return {
        "序号": number,
        "编号": case.case_id,
        "案名": case.title,
        "机关与日期": f"{case.agency or ''} {case.decided_on or ''}".strip(),
        "文号": case.doc_no or NONE,
        "处置": ("、".join(case.kinds) or "未载明") + fine,
        "依据": "；".join(case.basis) or NONE,
        "复议诉讼": f"{case.review.type}{case.review.result}：{case.review.reason}" if case.review else "未受审查",
        "比较": f"可比，权重{eligible[case.case_id]['weight']}" if case.case_id in eligible else left_out.get(case.case_id, "仅供参考"),
        "来源": "合成" if case.provenance == "synthetic" else str(case.provenance),
    }


def _guidance(guidance: Mapping[str, Any] | None) -> dict[str, Any]:
    if not guidance:
        return {"证据": [NONE]}
    return {
        "案情已提及的证据": [item["item"] for item in guidance["evidence"] if item["mention"]] or [NONE],
        "案情未提及的证据": guidance["missing"] or [NONE],
        "常见败诉原因": [f"{ground['code']} {ground['text']}" for ground in guidance["loss_grounds"]],
        "程序": list(guidance["procedure"].values()),
    }


def dossier_docx(data: Mapping[str, Any]) -> bytes:
    """Return the report as a Word document in official style: 黑体 headings, 仿宋 text, page numbers. The same data gives the same text."""
    import docx
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Cm(3.7), Cm(3.5), Cm(2.8), Cm(2.6)

    def write(text: str, *, font: str = "仿宋_GB2312", size: float = 14, bold: bool = False, center: bool = False, indent: bool = True) -> None:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.line_spacing = Pt(26)
        paragraph.paragraph_format.space_after = Pt(0)
        if center:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif indent:
            paragraph.paragraph_format.first_line_indent = Pt(size * 2)
        run = paragraph.add_run(text)
        run.font.size, run.font.bold, run.font.name = Pt(size), bold, font
        run._element.rPr.rFonts.set(qn("w:eastAsia"), font)

    def write_value(name: str | None, value: object) -> None:
        if isinstance(value, Mapping):
            if "序号" in value:
                write(f"{value['序号']}. {value['案名']}", font="楷体_GB2312", bold=True)
            for key, item in value.items():
                if key not in ("序号", "案名"):
                    write_value(str(key), item)
        elif isinstance(value, (list, tuple)):
            if name:
                write(f"{name}：")
            for item in value:
                write_value(None, item)
        else:
            write(f"{name}：{value}" if name else str(value))

    write("类案检索报告", font="方正小标宋简体", size=22, center=True)
    write(f"编号：{data['编号']}", center=True)
    for title, value in data.items():
        if title == "编号":
            continue
        write(title, font="黑体", size=16, indent=False)
        write_value(None, value)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        run = footer.add_run()
        if kind:
            field = OxmlElement("w:fldChar")
            field.set(qn("w:fldCharType"), kind)
        else:
            field = OxmlElement("w:instrText")
            field.text = text
        run._element.append(field)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()
