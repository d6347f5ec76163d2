"""Find and name the kinds of penalty in a text and order them by severity; knows amounts only as a shape after 处."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from corpora.operative import Force, force_at

_FILE = Path(__file__).parent / "taxonomy" / "kinds.yaml"
FAMILIES = ("planning", "general")


@dataclass(frozen=True, slots=True)
class Kind:
    """One canonical kind; `general` orders 0–8, `planning` 0–4 or None where the planning order has no place for it."""

    name: str
    group: str
    general: int
    planning: int | None
    correction: bool
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KindMention:
    """A kind that the text decides, and where it says so."""

    kind: str
    start: int
    end: int


@cache
def all_kinds() -> dict[str, Kind]:
    """Return the canonical kinds by name, in the order of the file."""
    rows = yaml.load(_FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {row["name"]: Kind(**{**row, "aliases": tuple(row["aliases"])}) for row in rows}


@cache
def _names() -> dict[str, str]:
    return {name: kind.name for kind in all_kinds().values() for name in (*kind.aliases, kind.name)}


def canonical_kind(name: str) -> str | None:
    """Return the one spelling of a kind of penalty, or None when the words name none or several."""
    cleaned = re.sub(r"[\s“”\"]", "", name)
    known = _names().get(cleaned)
    if known:
        return known
    found = {mention.kind for mention in find_kinds(cleaned, include_proposed=True)}
    return found.pop() if len(found) == 1 else None


def severity(kinds: Sequence[str], family: str) -> int | None:
    """Return the level of a whole decision: 0–4 in family 'planning', 0–8 in 'general'; None when no kind has a place there.

    A correction beside 不予处罚 does not lift it above 0: the decision imposes nothing. In planning, a fine counts 2 with or
    without a correction, 没收 3 and 拆除 4 with or without a fine (domain §2). Raises ValueError for another family.
    """
    if family not in FAMILIES:
        raise ValueError(f"family {family!r}: expected 'planning' or 'general'")
    known = [all_kinds()[name] for name in (canonical_kind(kind) for kind in kinds) if name is not None]
    if any(kind.name == "不予处罚" for kind in known):
        known = [kind for kind in known if not kind.correction]
    levels = [kind.planning if family == "planning" else kind.general for kind in known]
    return max((level for level in levels if level is not None), default=None)


_N = r"[\d零〇一二两三四五六七八九十百廿卅壹贰叁肆伍陆柒捌玖拾]"
_STOP = r"[^，,。；;\n]"
# One pattern per kind that a phrase gives away by itself; 责令…, 没收 and 罚款 have readers of their own below.
_PHRASES: tuple[tuple[str, str], ...] = (
    (
        "不予处罚",
        r"(?:不予|免予|免于|不再(?:给予|予以)?|不给予)(?:行政)?处罚(?!(?:的)?(?:条件|情形|清单|规定|事项|范围|的))|首违不罚(?!清单)|(?<!罚)免罚(?!清单)",
    ),
    ("警告", r"(?<![预示经曾口告])(?<!安全)(?<!设置)(?<!多次)(?<!先行)(?<!发出)(?<!口头)警告(?!标|牌|信|线|灯|函|语|性|仪|后|无效|仍|劝阻|教育)"),
    ("通报批评", r"通报批评"),
    ("暂扣许可证件", rf"暂扣{_STOP}{{0,16}}?[证照]"),
    ("降低资质等级", rf"降低{_STOP}{{0,8}}?资质(?:等级)?"),
    ("吊销许可证件", rf"吊销{_STOP}{{0,20}}?(?:[证照]|资质|资格)"),
    ("限制开展生产经营活动", r"限制(?:开展)?(?:其)?生产(?:经营)?(?:活动)?|限制(?:开展)?(?:其)?经营活动|责令限产"),
    ("责令停产停业", rf"停产(?:、)?停业|停[产业工]整[治顿]|责令{_STOP}{{0,6}}停[产业]|停止营业"),
    ("责令关闭", rf"责令{_STOP}{{0,8}}关闭(?![\w]{{0,4}}[阀门])|予以(?:关闭|取缔)"),
    ("限制从业", rf"(?:禁止|限制|不得){_STOP}{{0,16}}从业|(?:终身|{_N}{{1,3}}年内)(?:不得|禁止){_STOP}{{0,24}}(?:从事|申请|担任)"),
    ("限期拆除", rf"限{_STOP}{{2,24}}?{_N}{{1,3}}[日天]内{_STOP}{{0,16}}?拆除|限(?:期|你|令|当事人|(?={_N})){_STOP}{{0,24}}?拆除|予以拆除"),
    ("恢复原状", rf"(?:责令|限期|限你|并|、|，|,|予以|于|内)(?:{_STOP}{{0,12}}?)恢复{_STOP}{{0,8}}?(?:原状|植被|种植条件|林业生产条件)"),
    ("责令改正", r"(?<!责令)限(?:期|你|令|于|当事人|(?=[\d一二三四五六七八九十]))(?:(?![未没不已拒])" + _STOP + r"){0,12}?(?:改正|整改|治理|补办|清除)"),
    ("行政拘留", rf"(?<!刑事)(?<!司法)(?:行政|治安)?拘留\s*(?={_N}{{1,4}}\s*[日天])|(?<!抵)(?<!送)行政拘留(?!所|期限|的|执行)"),
)
# What a 责令 may order besides a mere correction; tried on everything up to the end of its clause.
_ORDERS: tuple[tuple[str, str], ...] = (
    ("责令停止建设", r"(?:停止|暂停|中止)(?:建设|施工)|停建"),
    ("责令停止违法行为", r"停止(?:一切|上述|该|其|所有)*(?:(?:违法|侵权|不法)(?:行为|活动)|侵害|侵权)"),
    ("责令退还土地", r"(?:退还|交还)(?:非法|违法)?(?:占用|侵占|所占)?的?\w{0,12}土地"),
    ("限期拆除", r"拆除"),
    ("责令改正", r"改正|整改|补办|补领|补报|补种|治理|清除|消除"),
)
_IMPLIED_BY_ORDER = frozenset({"责令停产停业", "责令关闭", "限制开展生产经营活动", "恢复原状", "限期拆除"})
# A part taken off a machine or a pipe is a correction; a demolition is of something built.
_NOT_BUILT = re.compile(
    r"拆除(?:上述|该|其|私接的?|擅自\w{0,4}的?)?[^，,。；;\n和、]{0,12}?(?:阀|管(?![理护])|线|设备(?![房间])|装置|锁|隔断|障碍|封堵|接头|插座|床|电器|燃气具|灶(?![间房屋]))"
)
_ORDER = re.compile(
    r"责令(?!(?:其|被告人|各被告人|当事人)?(?:共同|继续|分别)?(?:退赔|赔偿|具结悔过|赔礼道歉|监护人|家长)|(?:限期|立即)?(?:改正|整改|停止\w{0,6}|限期拆除)?(?:违法行为)?(?:通知|决定|书|期限|期满))"
)
_ORDER_END = re.compile(r"[。；;\n]|(?:并处|处以|处罚款|处人民币|罚款|没收|吊销|暂扣|警告|责令|(?:[，,]|并)处)")


def find_kinds(text: str, *, include_proposed: bool = False) -> list[KindMention]:
    """Return the kinds that the text decides, in its order; proposals (拟处…) only on request, warnings and denials never."""
    wanted = {Force.DECIDED, Force.PROPOSED} if include_proposed else {Force.DECIDED}
    found = [mention for read in _READERS for mention in read(text) if _carries(text, mention, wanted)]
    unique: dict[tuple[str, int], KindMention] = {}
    for mention in sorted(found, key=lambda m: (m.start, m.end)):
        unique.setdefault((mention.kind, mention.end), mention)
    return list(unique.values())


def _carries(text: str, mention: KindMention, wanted: set[Force]) -> bool:
    if mention.kind == "不予处罚":  # its own 不予 is no denial; 不符合不予处罚 is
        before = text[max(0, mention.start - 8) : mention.start]
        return not re.search(r"不(?:符合|属于?|应|能|宜|具备|适用)\w{0,3}$", before) and force_at(text, mention.start) in wanted
    return force_at(text, mention.start) in wanted


@cache
def _phrase_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(pattern)) for kind, pattern in _PHRASES)


@cache
def _order_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(pattern)) for kind, pattern in _ORDERS)


def _read_phrases(text: str) -> Iterator[KindMention]:
    for kind, pattern in _phrase_patterns():
        for match in pattern.finditer(text):
            if kind != "限期拆除" or not _NOT_BUILT.match(text, match.end() - 2):
                yield KindMention(kind, match.start(), match.end())


def _read_orders(text: str) -> Iterator[KindMention]:
    for match in _ORDER.finditer(text):
        if re.search(r"(?:经|被|曾|已|先后|因|未|拒不|拒绝)\s*$", text[max(0, match.start() - 3) : match.start()]):
            continue
        stop = _ORDER_END.search(text, match.end())
        end = stop.start() if stop else len(text)
        named = {kind for kind, pattern in _phrase_patterns() if kind in _IMPLIED_BY_ORDER and pattern.search(text, match.start(), end)}
        for kind, pattern in _order_patterns():
            key = pattern.search(text, match.end(), end)
            if key and not (kind == "限期拆除" and _NOT_BUILT.match(text, key.start())):
                named.add(kind)
                yield KindMention(kind, match.start(), key.end())
        if not named and end > match.end():
            yield KindMention("责令改正", match.start(), end)


_FORFEIT = re.compile(r"没收(?!(?:个人)?(?:全部|部分)?财产|部分|保证金|程序)")
_FORFEIT_END = re.compile(r"[，。；;\n（(]|(?<!\d),|,(?!\d{3})|(?:并|予以|，)?(?:处以|处罚|罚款|上缴|吊销)|并处")
_GAINS = re.compile(r"(?:违法|非法)(?:所得|收入|收益)")
_INCOME = re.compile(r"(?:所得|收入|收益|租金|价款)(?:共计|合计|计)?(?:人民币)?[¥￥]?[\d.,零一二三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]*元?(?:整)?$")
_BUILT = re.compile(r"建筑|构筑|违建|房屋|用房|厂房|宿舍|住宅|实物|土地上|楼|棚|设施|夹层|冷库|仓库|车间|平方米|㎡")


def _read_forfeits(text: str) -> Iterator[KindMention]:
    for match in _FORFEIT.finditer(text):
        stop = _FORFEIT_END.search(text, match.end())
        end = stop.start() if stop else len(text)
        goods = text[match.end() : end]
        if not goods.strip():  # 对…予以没收: the object stands before the verb
            before = text[max(0, match.start() - 40) : match.start()]
            goods = re.split(r"[，,。；;\n]", before)[-1].removesuffix("予以").removesuffix("依法")
        if not goods.strip():
            continue
        for kind in _forfeit_kinds(goods):
            yield KindMention(kind, match.start(), end)


def _forfeit_kinds(goods: str) -> list[str]:
    if not _GAINS.search(goods) and _INCOME.search(goods):
        return ["没收违法所得"]
    kinds = []
    rest = re.sub(r"[、和及与以其\s]|并|当事人|的", "", _GAINS.sub("", goods))
    if _GAINS.search(goods):
        kinds.append("没收违法所得")
        rest = re.sub(r"(?:人民币)?[¥￥]?[\d.,零一二三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]+元?(?:整|角|分)?", "", rest)
        rest = re.sub(r"^共计|^合计|^计", "", rest)
        if len(rest) < 2:
            return kinds
    kinds.append("没收实物" if _BUILT.search(rest) else "没收非法财物")
    return kinds


_FINE = re.compile(r"罚款|处(?:以)?(?:人民币)?[¥￥]?\s*[\d零一二两三四五六七八九十百千万壹贰叁肆伍陆柒捌玖拾佰仟.,]+\s*万?元(?!\w{0,4}罚[款金])")
_FINE_PASSIVE = re.compile(r"(?:缴纳|交纳|上缴|上交|缴清|缴付|缴|加处|所处|上述|前述|该项|该笔|交|缴的|司法)\s*$|(?:将|把)\s*$")
_FINE_NOUN = re.compile(r"(?:数额|本金|总额)的|收据|票据|缴|交至|交到|汇至|存入|上缴|标准|幅度|代收|的缴|由")


def _read_fines(text: str) -> Iterator[KindMention]:
    for match in _FINE.finditer(text):
        if not _FINE_PASSIVE.search(text[max(0, match.start() - 4) : match.start()]) and not _FINE_NOUN.match(text, match.end()):
            yield KindMention("罚款", match.start(), match.end())


_READERS: tuple[Callable[[str], Iterator[KindMention]], ...] = (_read_phrases, _read_orders, _read_forfeits, _read_fines)
