"""Whole decisions as text and Word files."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.readers.base import ReaderError
from corpora.readers.document import read_docx, read_txt, split_document
from corpora.schema import case_from_json

DECISION = """杭州市富阳区综合行政执法局
行政处罚决定书
杭富综执罚决字〔2022〕第000318号
当事人：杭州某某科技有限公司
统一社会信用代码：91330111MA2B000000
法定代表人：王建国
案由：未取得建设工程规划许可证进行建设
2022年3月1日，本局执法人员巡查发现当事人在富春街道搭建钢棚，遂立案调查。
经查明，当事人于2022年2月10日起在厂区东侧搭建钢棚一座，造价50000元。
以上事实有现场检查（勘验）笔录、询问笔录（王建国、李某）、测绘报告等证据予以证实。
2022年4月2日，本局告知当事人拟作出以下处罚：罚款2500元，当事人未申辩。
本局认为，当事人违反了《中华人民共和国城乡规划法》第四十条第一款。根据该法第六十四条的规定，现决定如下：
1.责令限期改正；
2.处罚款计人民币贰仟伍佰元整（¥2500元）。
如不服本处罚决定，可以自收到本决定书之日起六十日内申请行政复议。
杭州市富阳区综合行政执法局（印章）
二〇二二年四月二十日
"""
PARTS = {
    "title": "未取得建设工程规划许可证进行建设案",
    "facts": "当事人：杭州某某科技有限公司；法定代表人：王建国。\n"
    "2022年3月1日，本局执法人员巡查发现当事人在富春街道搭建钢棚，遂立案调查。\n"
    "经查明，当事人于2022年2月10日起在厂区东侧搭建钢棚一座，造价50000元。\n"
    "2022年4月2日，本局告知当事人拟作出以下处罚：罚款2500元，当事人未申辩。",
    "evidence": ["现场检查（勘验）笔录", "询问笔录（王建国、李某）", "测绘报告"],
    "reasoning": "本局认为，当事人违反了《中华人民共和国城乡规划法》第四十条第一款。根据该法第六十四条的规定，",
    "disposition": "现决定如下：\n1.责令限期改正；\n2.处罚款计人民币贰仟伍佰元整（¥2500元）。",
    "agency": "杭州市富阳区综合行政执法局",
    "doc_no": "杭富综执罚决字〔2022〕第000318号",
    "decided_on": dt.date(2022, 4, 20),
    "party_type": "法人",
    "case_id": "杭富综执罚决字〔2022〕第000318号",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_text_file_is_cut_into_its_parts(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "决定书.txt"
    path.write_bytes(DECISION.replace("\n", "\r\n").encode(encoding))
    (row,) = read_txt(path)
    assert row.place == "决定书.txt:1"
    assert row.record == PARTS
    assert case_from_json(row.record).decided_on == dt.date(2022, 4, 20)


def test_a_word_file_is_cut_into_the_same_parts(tmp_path: Path) -> None:
    document = docx.Document()
    for line in DECISION.strip().split("\n"):
        document.add_paragraph(line)
    document.save(str(tmp_path / "a.docx"))
    (row,) = read_docx(tmp_path / "a.docx")
    assert row.record == PARTS


def test_a_table_in_a_word_file_stays_in_its_place(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("经查明，当事人超范围经营：")
    grid = document.add_table(rows=1, cols=2)
    grid.cell(0, 0).text, grid.cell(0, 1).text = "面积", "12平方米"
    document.add_paragraph("本局认为，事实清楚。决定给予警告。")
    document.save(str(tmp_path / "a.docx"))
    (row,) = read_docx(tmp_path / "a.docx")
    assert row.record is not None
    assert row.record["facts"] == "经查明，当事人超范围经营：\n面积 12平方米"
    assert row.record["disposition"] == "决定给予警告。"


def test_numbered_evidence_and_a_decision_in_running_text() -> None:
    found = split_document(
        "行政处罚决定书\n富公（交）行罚决字〔2021〕01234号\n被处罚人：李小明，男\n违法事实和证据：\n"
        "2021年5月6日，李小明饮酒后驾驶机动车。\n证据如下：\n1. 呼气酒精测试记录；\n2. 询问笔录；\n3. 现场照片。\n"
        "综上，根据《中华人民共和国道路交通安全法》第九十一条第一款，决定给予李小明罚款一千元的行政处罚。\n杭州市公安局富阳区分局\n2021年5月7日"
    )
    assert found["evidence"] == ["呼气酒精测试记录", "询问笔录", "现场照片"]
    assert found["facts"] == "被处罚人：李小明。\n违法事实和证据：\n2021年5月6日，李小明饮酒后驾驶机动车。"
    assert found["reasoning"] == "综上，根据《中华人民共和国道路交通安全法》第九十一条第一款，"
    assert found["disposition"] == "决定给予李小明罚款一千元的行政处罚。"
    assert (found["agency"], found["decided_on"]) == ("杭州市公安局富阳区分局", dt.date(2021, 5, 7))
    assert found["title"] == "杭州市公安局富阳区分局行政处罚决定书"


def test_an_announced_penalty_is_not_the_decision_when_no_reasons_are_given() -> None:
    found = split_document("经查，某店占道经营。\n本局拟对该店作出如下处罚：罚款900元。\n某店申辩后，现决定对某店作出以下处罚：罚款300元。")
    assert found["disposition"] == "现决定对某店作出以下处罚：罚款300元。"


def test_without_any_of_the_usual_words_nothing_is_lost() -> None:
    found = split_document("某店在门前摆摊。\n执法人员劝离。")
    assert (found["facts"], found["disposition"], found["title"]) == ("某店在门前摆摊。\n执法人员劝离。", "", "某店在门前摆摊。")
    assert found["case_id"] == split_document("某店在门前摆摊。\n执法人员劝离。")["case_id"]
    assert found["case_id"] != split_document("某店在门前摆摊。\n执法人员劝说。")["case_id"]


@given(st.text(st.sampled_from("当事人：经查明本局认为决定如下作出处罚以上事实有证据\n。，2年1月日（）号〔〕罚"), min_size=1, max_size=120).filter(str.strip))
def test_any_text_gives_a_case(text: str) -> None:
    found = split_document(text.strip())
    assert case_from_json(found).case_id


def test_an_empty_or_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(" \n\u3000\n", encoding="utf-8")
    (row,) = read_txt(tmp_path / "a.txt")
    assert (row.record, row.error) == (None, "the document holds no text")
    (tmp_path / "b.docx").write_bytes(b"PK not a zip")
    with zipfile.ZipFile(tmp_path / "c.docx", "w") as archive:
        archive.writestr("x.xml", "<x/>")
    for name in ("b.docx", "c.docx"):
        with pytest.raises(ReaderError, match=rf"{name}: not a readable"):
            list(read_docx(tmp_path / name))


def test_a_bomb_in_a_word_file_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * (70 << 20))
    with pytest.raises(ReaderError, match=r"a\.docx: unpacks to 70 MiB"):
        list(read_docx(tmp_path / "a.docx"))
