"""Find sums of money, rates, multiples and unit prices in a decision and say what each is for (domain §2); decides no total."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from corpora.numerals import ARABIC, CHINESE, NUMBER, parse_number, read_number, to_capitals
from corpora.operative import Force, clause_start, force_at

__all__ = [
    "Amount",
    "AmountKind",
    "Ratio",
    "UnitPrice",
    "find_amounts",
    "find_multiples",
    "find_percentages",
    "find_unit_prices",
    "parse_number",
    "to_capitals",
]


class AmountKind(StrEnum):
    """What a sum of money is for."""

    FINE = "fine"
    CONFISCATION = "confiscation"
    BASE = "base"
    PROPOSED = "proposed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum in yuan; `cue` is the word that told its kind, `conflict` marks capitals that contradict the figures (then capitals count)."""

    start: int
    end: int
    yuan: Decimal
    kind: AmountKind
    text: str
    cue: str = ""
    conflict: bool = False
    is_total: bool = False

    @property
    def is_forfeit(self) -> bool:
        """Whether the words say that the sum is taken away: a proposed 没收 is no fine."""
        return self.cue in _FORFEITED


@dataclass(frozen=True, slots=True)
class Ratio:
    """A percentage as a fraction (5% is 0.05) or a multiple as its factor."""

    start: int
    end: int
    value: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """A price per unit, and the quantity of that unit named in the same clause, if any."""

    start: int
    end: int
    yuan: Decimal
    unit: str
    quantity: Decimal | None

    @property
    def total_yuan(self) -> Decimal | None:
        """Price times quantity, or None where no quantity is named."""
        return None if self.quantity is None else plain(self.yuan * self.quantity)


def plain(value: Decimal) -> Decimal:
    """Return the amount without trailing zeros after the point: 56200.00 → 56200."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


_SIGN = r"(?:(?:人民币|RMB|[¥￥])\s*)"
_TAIL = rf"(?:[{CHINESE}\d]角)?(?:零?[{CHINESE}\d]分(?!之))?[整正]?"
# Where a sum said without 元 may end: 罚5万，… 罚5千吧, 罚20合适吗.
_SPOKEN_END = r"(?=[。，；,;、）)\s？?！!]|$|并|的|扣|吧|吗|呢|合适|可不|行不|重不|会不|算不|太|对不|是不)"
_SUM = re.compile(
    rf"{_SIGN}*(?P<a>{NUMBER}\s*(?:元(?![旦月素件器宵论])|圆|块钱){_TAIL})"
    rf"|{_SIGN}+(?P<b>{NUMBER})(?![\d%％倍])"
    rf"|(?<=罚款)(?:人民币)?(?P<c>{NUMBER}){_SPOKEN_END}"
    rf"|(?<=[罚计])(?P<d>(?:{ARABIC})[万千百](?:\d)?|[{CHINESE}]*[万千百][{CHINESE}]?|\d{{2,7}}){_SPOKEN_END}"
    rf"|(?P<e>(?:{ARABIC})[万千百]\d?|\d{{2,7}}(?:\.\d{{1,2}})?|[{CHINESE}]*[十万千百][{CHINESE}]?)\s*块{_SPOKEN_END}"
    rf"|(?P<f>(?:{ARABIC})万\d?|[{CHINESE}]+万[{CHINESE}]?){_SPOKEN_END}"
)
_RANGE_BEFORE = re.compile(rf"(?:[\d{CHINESE}]|元|倍|[%％])\s*(?:[-–—－~～]+|至|到)\s*{_SIGN}?$")
_RANGE_AFTER = re.compile(
    rf"\s*(?:(?:[-–—－~～]+|至|到)\s*{_SIGN}?{NUMBER}\s*(?:元|万|千|倍|[%％])|(?:的)?(?:以上|以下|以内|之内|不等|左右|上下|[上下]限|起罚|封顶))"
)
_PERCENT_AFTER = re.compile(rf"\s*(?:(?:[-–—－~～]+|至|到)\s*(?:百分之)?{NUMBER}|以上|以下|以内|不等|左右)")
_LIMIT = re.compile(r"(?:不足|不满|未满|未达|超过|超出|高于|低于|多于|少于|至少|(?:最高|最低|最多)(?:限?额|罚款|处罚)?(?:为)?|第)\s*(?:人民币)?$")
_REPLACED = re.compile(r"\s*(?:变更|改|调整|减|降)(?:为|至|到)")
_ABOUT = re.compile(r"(?:约|近|估计|估算|大概)(?:为|合)?\s*(?:人民币)?$")
_FOREIGN = re.compile(r"(?:[美港欧日澳加韩]元|港币|美金|英镑|卢布|[$€£])\s*$")
_FOREIGN_AFTER = re.compile(r"\s*(?:美金|港币|美元|\(美元|（美元)")
_TOTAL = re.compile(r"(?:合计|共计|总计|合并(?:执行|处罚|处以)?|总额|总共|累计|合并)[^，,。；;]{0,12}$|(?<!公)共(?:约|值|计)?\s*$")


def find_amounts(text: str) -> list[Amount]:
    """Return the sums of money in the order of the text.

    Left out: ranges and limits (1-3万元, 5万元以下, 超过2万元), 罚金, denied fines (不予罚款), foreign currency, and unit prices,
    which `find_unit_prices` returns. A sum written twice, in figures and in capitals, comes once.
    """
    merged = _merge_restated(text, list(_sums(text)))
    return [amount for found in merged if (amount := _classified(text, found)) is not None]


def _sums(text: str) -> Iterator[Amount]:
    for match in _SUM.finditer(text):
        number = match["a"] or match["b"] or match["c"] or match["d"] or match["e"] or match["f"]
        value = read_number(number)
        before = text[max(0, match.start() - 12) : match.start()]
        if match["f"] and not _SPOKEN_BASE.search(before):
            continue  # 3万 is money only after what is counted in money: 货值3万, 造价约120万
        if value is None or _FOREIGN.search(before) or _FOREIGN_AFTER.match(text, match.end()):
            continue
        if before.rstrip().endswith(("由", "从")) and _REPLACED.match(text, match.end()):
            continue  # 罚款由5万元变更为5000元: only the second holds
        if _RANGE_BEFORE.search(before) or _LIMIT.search(before) or _RANGE_AFTER.match(text, match.end()):
            continue
        yield Amount(match.start(), match.end(), plain(value), AmountKind.OTHER, match[0])


_GAP = re.compile(r"\s*[（(]\s*(?:人民币)?(?P<label>大写|小写)?(?:金额)?(?:人民币)?\s*[:：]?\s*|\s*[，,、]?\s*(?P<open>大写|小写)\s*[:：]?\s*|\s*")
_CAPITALS = re.compile(r"[壹贰叁肆伍陆柒捌玖拾佰仟]")


def _merge_restated(text: str, sums: list[Amount]) -> list[Amount]:
    merged: list[Amount] = []
    for found in sums:
        first = merged[-1] if merged else None
        if first and (end := _restates(text, first, found)):
            capital = found if _CAPITALS.search(found.text) and not _CAPITALS.search(first.text) else first
            conflict = first.conflict or first.yuan != found.yuan
            merged[-1] = replace(first, end=end, yuan=capital.yuan, text=text[first.start : end], conflict=conflict)
        else:
            merged.append(found)
    return merged


def _restates(text: str, first: Amount, second: Amount) -> int | None:
    """Return where the second writing of the same sum ends, bracket included, or None when it is another sum."""
    gap = _GAP.fullmatch(text, first.end, second.start)
    if gap is None:
        return None
    if gap["open"]:
        return second.end
    if "（" in gap[0] or "(" in gap[0]:
        closing = re.compile(r"\s*(?:整)?[）)]").match(text, second.end)
        return closing.end() if closing else None
    return second.end if text[second.start] in "¥￥" and _CAPITALS.search(first.text) else None


_BASES = (
    "工程造价|土建造价|建安造价|造价|货值金额|货值|违法所得|非法所得|违法收入|非法收入|合同价款|合同金额|合同总价|合同价|总投资额|投资总额|总投资|投资额"
    "|销售收入|销售金额|销售额|销售款|营业额|营业收入|违法经营额|非法经营额|经营额|经营收入|广告费用|广告费|市场价值|林木价值|价值|评估价|开垦费"
    "|处置费用|处置费|恢复费用|工程款|赌资|运输费用|运费|运输收入|获利|盈利|收入|租金|售价|(?<![一-龥])值(?=[约仅才]?\\s*$)"
)
_SPOKEN_BASE = re.compile(rf"(?:{_BASES}|投资|罚款?|赚了?)(?:总?额|总?价|金额)?(?:大约|约|仅|才|只有?|共|有|为|是|达|了|人民币|[:：]){{0,3}}$")
_CUE = re.compile(
    rf"(?P<penal>罚金)|(?P<fine>罚款|处以|并处|(?<!处)罚(?![金没])|处(?=\s*{_SIGN}?$))|(?P<forfeit>没收|追缴)|(?P<base>{_BASES})"
    r"|(?P<other>退赔|赔偿|补偿|损失|保证金|工资|押金|退还|退回|支付|补缴|滞纳金|诉讼费|受理费|鉴定费|代履行|加处|医疗费|借款|成本|花费|注册资本)"
)
_GAINS = frozenset({"违法所得", "非法所得", "违法收入", "非法收入", "获利", "收入"})
_FORFEITED = frozenset({"没收", "追缴", *_GAINS})
_FORFEIT_HOLDS = re.compile(r"(?:没收|追缴)[^，,。；;（(]*$")
_RIGHT_FINE = re.compile(r"[整正]?\s*(?:的)?(?:行政)?罚款")
_RIGHT_PENAL = re.compile(r"\s*(?:的)?罚金")
_RIGHT_FORFEIT = re.compile(r"[整正]?\s*(?:的)?(?:违法所得)?(?:依法)?(?:予以)?(?:没收|追缴)")


def _classified(text: str, found: Amount) -> Amount | None:
    begin = clause_start(text, found.start)
    left = text[begin : found.start]
    if _unit_before(left) or _PER_AFTER.match(text, found.end):
        return None
    cue, word, at = _nearest_cue(left)
    if cue == "penal" or _RIGHT_PENAL.match(text, found.end):
        return None
    if _RIGHT_FINE.match(text, found.end) and cue != "base":
        cue, word, at = "fine", "罚款", found.start - begin
    elif _RIGHT_FORFEIT.match(text, found.end):
        cue, word, at = "forfeit", "没收", found.start - begin
    elif cue == "base" and word in _GAINS and (holds := _FORFEIT_HOLDS.search(left)):
        cue, at = "forfeit", holds.start()
    kind = _kind(cue, force_at(text, begin + at))
    if kind is None:
        return None
    # 违法所得按未收取处理，适用三万元: past a comma the cue holds only when the next words add up.
    if kind is AmountKind.BASE and (_ABOUT.search(left) or re.search(r"[，,](?!\s*(?:共|合|总|累)?计|\s*[即为])", left[at:])):
        kind = AmountKind.OTHER
    return replace(found, kind=kind, cue=word, is_total=bool(_TOTAL.search(left)))


def _nearest_cue(left: str) -> tuple[str | None, str, int]:
    cues = list(_CUE.finditer(left))
    return (cues[-1].lastgroup, cues[-1][0], cues[-1].start()) if cues else (None, "", 0)


def _kind(cue: str | None, force: Force) -> AmountKind | None:
    """Turn a cue and its force into a kind; None for a denied penalty."""
    if cue == "base":
        return AmountKind.BASE
    if cue not in ("fine", "forfeit"):
        return AmountKind.OTHER
    match force:
        case Force.NEGATED:
            return None
        case Force.PROPOSED:
            return AmountKind.PROPOSED
        case Force.DECIDED:
            return AmountKind.FINE if cue == "fine" else AmountKind.CONFISCATION
        case _:
            return AmountKind.OTHER


_UNIT = r"(?:平方米|平米|㎡|m²|m2|立方米|方|亩|公顷|日|天|月|人次|人|名|吨|公斤|千克|斤|株|棵|头|只|辆次|辆|台|户|次|件|瓶|箱|盒|袋|包|罐|桶|个|处|米|公里)"
_PER_BEFORE = re.compile(rf"每(?:一)?(?P<unit>{_UNIT})(?:罚款|处罚|处以?|按照?|以|的|为|计)*\s*{_SIGN}?$")
_PER_AFTER = re.compile(rf"\s*(?:[/／]|每|一(?=[瓶盒袋包箱件斤个只台亩吨]))\s*(?P<unit>{_UNIT})")


def _unit_before(left: str) -> str | None:
    match = _PER_BEFORE.search(left)
    return match["unit"] if match else None


def find_unit_prices(text: str) -> list[UnitPrice]:
    """Return the prices per unit (每平方米100元, 100元/平方米) with the quantity that stands in the same sentence."""
    prices = []
    for found in _sums(text):
        begin = clause_start(text, found.start)
        after = _PER_AFTER.match(text, found.end)
        unit = _unit_before(text[begin : found.start]) or (after["unit"] if after else None)
        if unit:
            end = after.end() if after else found.end
            prices.append(UnitPrice(found.start, end, found.yuan, unit, _quantity(text, begin, found.start, end, unit)))
    return prices


def _quantity(text: str, begin: int, start: int, end: int, unit: str) -> Decimal | None:
    """Read how many units: the first number of that unit after the price in its sentence, else the last before it."""
    stop = re.compile(r"[。；;\n]").search(text, end)
    pattern = re.compile(rf"(?<![每/])(?P<n>{NUMBER})\s*{re.escape(unit)}")
    behind = pattern.search(text, end, stop.start() if stop else len(text))
    if behind:
        return read_number(behind["n"])
    ahead = list(pattern.finditer(text, begin, start))
    return read_number(ahead[-1]["n"]) if ahead else None


_PERCENT = re.compile(rf"(?P<of>[百千万])分之(?P<cn>{NUMBER})|(?P<figure>\d+(?:\.\d+)?)\s*(?P<sign>[%％‰])")
_PARTS = {"百": 100, "千": 1000, "万": 10000, "%": 100, "％": 100, "‰": 1000}
_MULTIPLE = re.compile(rf"(?P<n>{NUMBER})\s*倍(?![数速率镜])")


def find_percentages(text: str) -> list[Ratio]:
    """Return single percentages as fractions (百分之五 is 0.05); the ends of a range are left out."""
    return [Ratio(m.start(), m.end(), value, m[0]) for m in _PERCENT.finditer(text) if (value := _percent(m)) is not None and not _in_range(text, m)]


def _percent(match: re.Match[str]) -> Decimal | None:
    number = read_number(match["cn"] or match["figure"])
    return None if number is None else (number / _PARTS[match["of"] or match["sign"]]).normalize()


def find_multiples(text: str) -> list[Ratio]:
    """Return single multiples (五倍, 1.5倍); the ends of a range are left out."""
    return [
        Ratio(m.start(), m.end(), value, m[0])
        for m in _MULTIPLE.finditer(text)
        if (value := read_number(m["n"])) is not None and not _in_range(text, m) and not _LIMIT.search(text[max(0, m.start() - 4) : m.start()])
    ]


def _in_range(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - 8) : match.start()]
    return bool(_RANGE_BEFORE.search(before) or _PERCENT_AFTER.match(text, match.end()))
