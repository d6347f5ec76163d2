"""Read what stands around a decision: its number, its dates, the time of the act, who it is against."""

from __future__ import annotations

import datetime as dt
import re
from itertools import pairwise

from corpora.numerals import read_number
from corpora.schema import PartyType

_OPEN, _CLOSE = r"[〔\[【（(﹝]", r"[〕\]】）)﹞]"
_COURT = re.compile(
    r"[（(〔](?:19|20)\d{2}[)）〕](?:最高法|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]\d{0,4})"
    r"(?:行初|行终|行申|行再|行审|行赔初|行赔终|行监|行他|行抗|刑初|刑终|民初|民终|民申|执|执异|执复|行保)(?:字第)?\d+号(?:之[一二三四五六七八九十])?"
)
# Searched from the bracketed year outwards: years are rare, words before them are not.
_YEAR = re.compile(rf"{_OPEN}(?:19|20)\d{{2}}{_CLOSE}")
_HEAD = re.compile(r"[一-龥]{1,16}(?:[（(][一-龥]{1,8}[)）][一-龥]{0,8})?$")
_TAIL = re.compile(r"第?[一-龥]{0,3}0*\d{1,7}(?:-\d+)?号")
_WORD = re.compile(r"(?:罚|处|决|复|告|强|改|停|通|执法|政|监|管|立)[字决罚理]?字?$|字$")
# A number in running text is glued to what goes before it; these words end that.
_GLUE = re.compile(
    r"(?:文号|编号|案号|作出了?|下达了?|送达了?|制发了?|的|为|以|经|依据|根据|按照|对|该局|本局|我局|决定书|通知书|告知书|号|及|和|与|并|据|收到|不服|撤销|维持|了)"
)


def read_doc_no(text: str) -> str | None:
    """Return the first number of a decision (杭富综执罚决字〔2022〕第000318号), else of a court's case ((2021)浙01行终12号), or None."""
    for year in _YEAR.finditer(text):
        tail = _TAIL.match(text, year.end())
        head = _HEAD.search(text[max(0, year.start() - 34) : year.start()])
        if tail is None or head is None:
            continue
        cuts = [glue.end() for glue in _GLUE.finditer(head[0]) if glue.end() < len(head[0])]
        stem = head[0][cuts[-1] if cuts else 0 :]
        if len(stem) >= 2 and _WORD.search(stem):
            return stem + text[year.start() : tail.end()]
    court = _COURT.search(text)
    return court[0] if court else None


_CN = "〇○零一二三四五六七八九十"
_DATE = re.compile(
    rf"(?P<y>(?:19|20)\d{{2}}|[{_CN}]{{4}})\s*年\s*(?P<m>\d{{1,2}}|[{_CN}]{{1,2}})\s*月\s*(?P<d>\d{{1,2}}|[{_CN}]{{1,3}})\s*[日号]"
    r"|(?<![\dA-Za-z.\-])(?P<iy>(?:19|20)\d{2})(?P<sep>[-/.])(?P<im>\d{1,2})(?P=sep)(?P<id>\d{1,2})(?![\d.\-])"
    rf"|(?P<same>同年|当年)\s*(?P<sm>\d{{1,2}})\s*月\s*(?P<sd>\d{{1,2}})\s*[日号]"
)


def read_dates(text: str) -> list[tuple[dt.date, int, int]]:
    """Return the full dates with their spans; 同年3月5日 takes the year of the date before; impossible dates are left out."""
    found: list[tuple[dt.date, int, int]] = []
    for match in _DATE.finditer(text):
        if match["same"]:
            if not found:
                continue
            parts = (str(found[-1][0].year), match["sm"], match["sd"])
        else:
            parts = (match["y"] or match["iy"], match["m"] or match["im"], match["d"] or match["id"])
        numbers = [read_number(part) for part in parts]
        if None in numbers:
            continue
        try:
            found.append((dt.date(*(int(number) for number in numbers if number is not None)), match.start(), match.end()))
        except ValueError:
            continue
    return found


_SIGNED = re.compile(r"^\s*(?:[一-龥（）()]{4,30}(?:局|委员会|政府|厅|处|队|院|所|部|署)\s*)?$")
_DECIDED = re.compile(r"\s*(?:本机关|本局|我局|[一-龥]{2,20}(?:局|政府|委员会))?(?:依法)?作出(?:[一-龥]{0,8}(?:处罚|处理))?(?:的)?决定")


def read_decided_on(text: str) -> dt.date | None:
    """Return the day of the decision: the date that closes the text, or the one before 作出…决定; None when neither is there."""
    dates = read_dates(text)
    if dates and not text[dates[-1][2] :].strip(" \n。.（印章）()"):
        line_start = text.rfind("\n", 0, dates[-1][1]) + 1
        if line_start and _SIGNED.match(text[line_start : dates[-1][1]]):
            return dates[-1][0]
    return next((date for date, _, end in reversed(dates) if _DECIDED.match(text, end)), None)


_ACT = r"建|施工|搭|经营|营业|销售|生产|排放|占用|倾倒|堆放|从事|使用|运营|营运|开采|捕捞|采|砍|种|养|挖|取水|发布|雇|拖欠|驾驶|加工|储存|运输|改变|出租"
_UNTIL = re.compile(r"\s*(?:起)?\s*(?:至|到|—|–|-|~)\s*$")


def read_act_dates(facts: str) -> tuple[dt.date | None, dt.date | None]:
    """Return the first and last day of the act where the facts say 自…至… of a doing; (None, None) otherwise."""
    dates = read_dates(facts)
    for (first, start, end), (last, next_start, next_end) in pairwise(dates):
        before, after = facts[max(0, start - 6) : start], facts[next_end : next_end + 24]
        joined = _UNTIL.fullmatch(facts, end, next_start)
        if joined and first <= last and (re.search(r"[自从于在]\s*$", before) or after.startswith(("期间", "间", "止"))) and re.search(_ACT, after):
            return first, last
    return None, None


_FIRM = re.compile(r"有限(?:责任)?公司|股份公司|公司|集团|合作社|事务所|委员会|医院|学校|幼儿园|银行|管理处|中心卫生院|研究院|(?<![一-龥]某)厂(?![区房里外])")
_TRADER = re.compile(r"个体工商户|个体户|经营者[:：]?|字号名称|[（(][^（）()]{2,24}(?:店|馆|摊位?|部|坊|行|吧|铺|室|场|厅|档|超市)(?:经营者|业主|负责人)?[)）]")
_PERSON = re.compile(r"(?:当事人[:：]?)?[一-龥]{1,2}(?:某{1,2}|[*＊×xX]{1,2})(?![（(]|[一-龥]{0,14}(?:店|公司|厂|馆|部|坊|合作社|中心|所|摊位))")
_PERSON_FACTS = re.compile(r"当事人[:：]?[一-龥*＊×]{2,4}[,，（(]\s*(?:男|女)[,，]|(?:公民)?身份号码|居民身份证号")


def read_party_type(title: str, facts: str = "") -> PartyType | None:
    """Return who the case is against when the title, or else the opening of the facts, leaves no doubt; None otherwise."""
    if _TRADER.search(title):
        return PartyType.SOLE_TRADER
    if _FIRM.search(title):
        return PartyType.ORGANISATION
    if _PERSON.match(title):
        return PartyType.PERSON
    opening = facts[:120]
    if not title or not _PERSON.match(title):
        trader, firm, person = _TRADER.search(opening), re.search(r"当事人[^，。]{0,24}公司", opening), _PERSON_FACTS.search(opening)
        answers = [kind for hit, kind in ((trader, PartyType.SOLE_TRADER), (firm, PartyType.ORGANISATION), (person, PartyType.PERSON)) if hit]
        return answers[0] if len(answers) == 1 else None
    return None
