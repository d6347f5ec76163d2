"""Tests of the report: every item the method asks for (domain §8), official style, the same bytes again, readable by LibreOffice."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from nlp_service.decision.dossier import dossier_json, planned_words, said
from nlp_service.decision.dossier_docx import BODY, HEADING, TITLE, dossier_docx

META = {"id": "A-0011223344556677", "at": "2022-06-01T08:00:00.000+00:00", "actor": "k1", "hash": "ab" * 32}


def case(number: int, **more: Any) -> dict[str, Any]:
    return {
        "rank": number,
        "case_id": f"S-CX02-{number:03d}",
        "title": f"某公司超建案{number}",
        "cause": "未按照建设工程规划许可证的规定进行建设",
        "agency": "杭州市富阳区综合行政执法局",
        "region": "330111",
        "decided_on": "2021-09-01",
        "doc_no": f"富综执罚决字〔2021〕第{number:04d}号",
        "facts": "厂房超建2.8%，尚未竣工。",
        "basis": ["《中华人民共和国城乡规划法》第六十四条"],
        "kinds": ["责令改正", "罚款"],
        "fine_yuan": "60215",
        "outcome": "未受审查",
        "outcome_group": "none",
        "ground": "",
        "tier": None,
        "provenance": "synthetic",
        "hash": "00",
        "grade": 3,
        "weight": 0.8,
        "left_out": None,
        "same": [{"name": "可改正", "ours": True, "theirs": True, "decisive": True}],
        "different": [{"name": "超建比例", "ours": 2.8, "theirs": 4.0, "decisive": False}],
        "unknown": ["占公共用地"],
        **more,
    }


CORRECTED = case(
    2,
    outcome="诉讼撤销（纠错）",
    outcome_group="corrected",
    ground="未论证能否改正",
    weight=None,
    left_out="处罚决定已被纠正",
    kinds=["限期拆除"],
    fine_yuan=None,
)
OPPOSITE = case(3, weight=None, left_out="关键事实相反：占公共用地", kinds=["限期拆除"], fine_yuan=None)


def record(cases: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    finding = {
        "code": "hearing_demolition",
        "text": "一律先听取陈述申辩",
        "line": "一律先听取陈述申辩（行政处罚法§44）【待核】",
        "check": "回证",
        "cite": [],
        "status": "to_confirm",
    }
    return {
        "draft": "厂房超建52平方米。拟责令限期拆除。",
        "draft_hash": "cd" * 32,
        "planned": {"kinds": ["限期拆除"], "fine_yuan": None, "base_amount_yuan": None, "deadline_days": 15},
        "violation": "CX02",
        "pivots": {"可改正": True},
        "role": "officer",
        "method": {
            "words": ["超建", "厂房"],
            "articles": ["城乡规划法第六十四条"],
            "causes": ["CX02"],
            "channels": ["dense", "lexical"],
            "filters": {"regions": ["3301"], "decided_from": "2019-01-01"},
            "funnel": {"library": 519, "allowed": 300, "ranked": 60, "listed": len(cases)},
            "library_until": "2022-12-30",
            "is_match": bool(cases),
        },
        "versions": {"service": "1.0", "snapshot": "S1"},
        "read": {"characters": 18, "of": 18},
        "assessment": {
            "headline": "与相似案例处置差异较大（供核对）",
            "n": len(cases),
            "n_eff": 1.0,
            "median": None,
            "counts": {"责令限期改正并处罚款": 1} if cases else {},
            "distribution": {},
            "places": [],
            "reviewed": {"corrected": 1, "upheld": 0, "rate": None},
            "sentences": ["检索到1件可比的相似案例。"] if cases else [],
            "findings": [finding],
            "pending": ["规划部门是否已书面认定可以采取改正措施消除影响？"],
            "situation": {"party": "法人"},
            "text": "与相似案例处置差异较大（供核对）\n本提示由类案检索统计生成，不构成法律意见。",
        },
        "guidance": {
            "evidence": [{"item": "测绘报告", "mention": [0, 2]}],
            "missing": ["工程造价鉴定"],
            "loss_grounds": [{"code": "L8", "text": "轻微超建即拆"}, {"code": "L4", "text": "未告知听证"}],
            "mitigating": [{"name": "主动停建", "start": 0, "end": 2}],
            "aggravating": [],
        },
        "cases": cases,
        **more,
    }


FULL = dossier_json(record([case(1), CORRECTED, OPPOSITE]), [], META)


def flat(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{key}：{flat(item)}" for key, item in value.items())
    return "\n".join(map(flat, value)) if isinstance(value, list) else str(value)


@pytest.mark.parametrize(
    ("part", "items"),
    [
        ("一、检索说明", ["k1", "2022年6月1日16:00", "办案人员", "snapshot S1", "2022-12-30", "519件"]),
        ("二、待决案件", ["法人", "CX02", "可改正：是", "规划部门是否已书面认定", "待查明", "城乡规划法§64", "起施行", "限期拆除，期限15日"]),
        ("三、检索方法", ["关键词", "向量", "超建", "城乡规划法第六十四条", "地区：3301", "决定日期自2019-01-01", "库内519件", "候选300件", "列出3件"]),
        ("四、检索结果", ["S-CX02-001", "〔2021〕第0001号", "2021-09-01", "百分之二点八", "第六十四条", "责令改正、罚款60,215元", "未受审查"]),
        ("四、检索结果", ["可改正（是）", "超建比例（本案2.8，该案4.0）", "完全类案", "计入统计，权重0.8", "未计入：处罚决定已被纠正", "合成"]),
        ("五、类案规则要点与分歧", ["S-CX02-002：诉讼撤销（纠错），未论证能否改正", "关键事实相反：占公共用地", "取舍次序", "是否经集体讨论"]),
        ("六、处置分布与偏离", ["可比3件，有效样本1.0", "口径", "样本不足，不出比例", "受审查1件中1件被纠正，样本不足，不出比率"]),
        ("七、尚待查明与程序", ["规划部门是否已书面认定", "一律先听取陈述申辩（行政处罚法§44）【待核】——请核对：回证", "测绘报告", "工程造价鉴定"]),
        ("八、败诉原因对照", ["缺证：案情未提及：工程造价鉴定", "程序：L4 未告知听证", "裁量：L8 轻微超建即拆"]),
        ("九、裁量说明", ["（一）基准来源", "主动停建", "（三）对应阶次", "（四）计算", "（五）与类案对比", "（六）", "六十日内申请复议或六个月内起诉"]),
        ("十、处理意见", ["□参照  □参考  □不参照", "理由"]),
        ("十一、签名", ["承办人", "审核人"]),
        ("附注", ["合成3件", "不是法源", "abab"]),
    ],
)
def test_every_item_of_the_method_is_in_its_part(part: str, items: list[str]) -> None:
    text = flat(FULL[part])
    assert [item for item in items if item not in text] == []


def test_answers_stand_with_time_person_and_reason() -> None:
    data = dossier_json(record([case(1)]), [{"adopted": True, "reason": "按类案改为限期改正并处罚款", "at": "2022-06-02T01:30:00+00:00", "actor": "k1"}], META)
    assert data["十、处理意见"] == ["采纳提示（2022年6月2日09:30，k1）：按类案改为限期改正并处罚款"]


def test_a_share_is_worked_out_where_fine_and_base_are_known() -> None:
    plan = {"kinds": ["责令改正", "罚款"], "fine_yuan": "60215", "base_amount_yuan": "1204300", "deadline_days": None}
    data = dossier_json(record([case(1)], planned=plan), [], META)
    assert data["九、裁量说明"]["（四）计算"] == "基数1204300元 × 0.0500 = 60215元"
    assert planned_words(plan) == "责令改正、罚款60,215元（计罚基数1204300元）"


def test_nothing_found_says_how_was_searched() -> None:
    data = dossier_json(record([]), [], META)
    assert data["四、检索结果"] == [
        "未检索到相似案例。检索式：关键词 超建、厂房；法条 城乡规划法第六十四条；案由 未按照建设工程规划许可证的规定进行建设；筛选 地区：3301；决定日期自2019-01-01。"
    ]
    assert docx.Document(io.BytesIO(dossier_docx(data))).paragraphs[0].text == "类案检索报告"


def test_an_unrecognised_violation_and_no_guidance_are_no_obstacle() -> None:
    data = dossier_json(record([], violation=None, guidance=None, planned=None), [], META)
    assert data["二、待决案件"]["违法行为"] == "未识别"
    assert data["二、待决案件"]["拟作处理"] == "未填"
    assert dossier_docx(data)


def test_values_are_said_in_words() -> None:
    assert [said(value) for value in (True, False, None, 2.8, "挖塘")] == ["是", "否", "未说明", "2.8", "挖塘"]


def test_the_same_record_gives_the_same_bytes() -> None:
    again = dossier_json(record([case(1), CORRECTED, OPPOSITE]), [], META)
    assert dossier_docx(FULL) == dossier_docx(again)
    with zipfile.ZipFile(io.BytesIO(dossier_docx(FULL))) as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_document_wears_the_official_fonts_a_page_number_and_an_outline() -> None:
    document = docx.Document(io.BytesIO(dossier_docx(FULL)))
    fonts = {paragraph.text: paragraph.runs[0]._element.rPr.rFonts.get(qn("w:eastAsia")) for paragraph in document.paragraphs if paragraph.runs}
    assert fonts["类案检索报告"] == TITLE
    assert fonts["一、检索说明"] == HEADING
    assert fonts["检索人：k1"] == BODY
    assert "PAGE" in document.sections[0].footer._element.xml
    assert [round(value.cm, 1) for value in (document.sections[0].page_width, document.sections[0].page_height)] == [21.0, 29.7]
    outlined = [paragraph.text for paragraph in document.paragraphs if "w:outlineLvl" in paragraph._p.xml]
    assert outlined == [key for key in FULL if key != "编号"]


def test_libreoffice_reads_it_in_order(tmp_path: Path) -> None:
    path = tmp_path / "报告.docx"
    path.write_bytes(dossier_docx(FULL))
    office = shutil.which("soffice")
    if office is None:  # CI installs it; elsewhere the tests above are what can be checked
        assert not os.environ.get("CI")
        return
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    subprocess.run([office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)], check=True, capture_output=True, timeout=180)
    text = (
        subprocess.run(["pdftotext", "-layout", str(path.with_suffix(".pdf")), "-"], check=True, capture_output=True, timeout=60)
        .stdout.decode()
        .replace("\f", "\n")
    )
    headings = [key for key in FULL if key != "编号"]
    places = [text.find(f"\n{heading}") for heading in headings]
    assert -1 not in places
    assert places == sorted(places)
    assert re.search(r"—\s*1\s*—", text)
    assert "未论证能否改正" in "".join(text.split())


def test_control_characters_in_a_reason_do_not_cost_the_report() -> None:
    said_then = [{"adopted": True, "reason": "按类案\x01改为\x0b限期\ufffe改正", "at": "2022-06-02T01:30:00+00:00", "actor": "k1"}]
    data = dossier_json(record([case(1, title="某公司\x00超建案")]), said_then, META)
    text = "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(dossier_docx(data))).paragraphs)
    assert "按类案改为限期改正" in text
    assert "1. 某公司超建案" in text
