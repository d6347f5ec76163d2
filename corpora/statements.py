"""Find what a text says by a pattern of the catalogue: states it, denies it (未, 没有 before or inside it), or leaves it open (是否, 责令, 应当)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from .numerals import CHINESE, read_number


class Stance(StrEnum):
    """What a text does with a fact it mentions."""

    STATED = "stated"
    DENIED = "denied"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Statement:
    """A mention of a fact at (start, end): its stance, the groups of its pattern, whether it is about another case than this one."""

    start: int
    end: int
    stance: Stance
    pattern: str
    groups: tuple[str | None, ...] = ()
    aside: bool = False


NEGATIONS = frozenset("未没不无非")
_ENDS = "。；;！？!?\n"
_BREAKS = frozenset(_ENDS + "，：、“（")
_CLAUSE_END = re.compile(f"[，：{_ENDS}]")
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?P?<?[=!:]|.", re.DOTALL)
_WIDTH = re.compile(r"\{\d*,\d+\}\??|[*+]\??")
# A figure is read whole: 6000元 does not begin inside 36000元, nor 6mg inside 23.6mg.
_WHOLE_FIGURE = r"(?:(?<![\d.])(?<!\d,)|(?!\d))"
_INSIDE_FIGURE = re.compile(r"(?:(?<=[\d.])|(?<=\d,))\d")


@lru_cache(maxsize=8192)
def _prepare(pattern: str) -> tuple[re.Pattern[str], tuple[int, ...], tuple[int, ...]]:
    """Return a pattern that stays in its sentence and reads figures whole, the numbers of its gaps, and those of its own groups."""
    made: list[str] = []
    tokens = list(_TOKEN.finditer(pattern))
    skip = 0
    n_gaps = 0
    for token in tokens:
        if token.start() < skip:
            continue
        text = token[0]
        if text == ".":
            text = f"[^{_ENDS}]"
        elif text.startswith("[^"):
            text = f"{text[:-1]}{_ENDS}]"
        width = _WIDTH.match(pattern, token.end())
        if text.startswith("[^") and width:
            made.append(f"(?P<gap{n_gaps}>{text}{width[0]}){_WHOLE_FIGURE}")
            n_gaps += 1
            skip = width.end()
        else:
            made.append(text)
    ready = re.compile("".join(made))
    gaps = tuple(ready.groupindex.values())
    return ready, gaps, tuple(number for number in range(1, ready.groups + 1) if number not in gaps)


def prepare(patterns: Iterable[str]) -> None:
    """Make patterns ready ahead of the first text that is read by them."""
    for pattern in patterns:
        _prepare(pattern)


_NOT = (
    r"(?:[从并尚]未|未[曾能见]?(?![来成免])|[从并]没有?|(?<![有淹沉埋])没(?!收)有?|(?<![得莫是能无不])不(?![仅但断止少同久料时慎顾锈动得])"
    r"|(?<![无是])非(?![法常机])|(?<!三)无(?![论视偿疑非法])|无法|难以|缺[少乏]?|拒[不绝])"
)
# What may stand between a negation and the fact it denies; nothing else may, so 未经许可占用道路 denies 许可 and not 占用.
_LINK = (
    r"(?:[有在处于被受遭系是为会再曾得做作装设配用将把给让人的了过着到出就因此该其能见致算开含]|任何|其[他它]|明显|实际|真正|直接|严重|重大|大量|出现|发现|发生|检出|测出"
    r"|查[出到见]|看[到见]|造成|形成|引[起发]|导致|产生|存在|涉及|属于?|构成|位于|处于|能够|再次|得到|进行|实施|从事|参与|使用|采[用取]|开启|设置|安装|配备|取得|持有|达到?"
    r"|提供|安排|擅自|私自|主动|自行|及时|立即|当场|按期|按时|如期|全部|完全|单独|另行|继续|故意|受到|遭到|达成|同类|类似|相关|有关|上述|居民|群众|村民|住户|业主|顾客|邻居|工人|员工|[一二两]?[户家个名处起次例件辆台]"
    r"|在?[^，。；;、：“”]{0,6}(?:期限?|日|时间)[之以]?内"
    r"|(?:列入|划入|纳入|落入|位于|处于|属于?|在|涉及|达到|超[过出]|符合|对|向)[^，。；;：、“”！？\n内上下时后前未不没无]{0,10})"
)
# 没有死鱼、黑臭 denies each of a list; only what is or is not there is listed like this.
_LISTED = (
    r"(?:没有|(?<![毫并三])无(?![论视偿疑非法])|[毫并]无|未见|不(?:存?在|涉及|属于?|影响)|未(?:在|发现|出现|发生|造成|检出|引[起发]|查[见到]))"
    r"(?:[^，。；;：、“”！？\n未没不无经擅已]{1,9}[、或和及]){1,3}"
)
_DENYING = re.compile(rf"{_NOT}{_LINK}{{0,4}}$")
_DENYING_LIST = re.compile(rf"{_LISTED}$")
_DOUBTING = re.compile(
    r"(?:(?:不能|无法|不足以|未能|难以|没有(?:充分|足够|任何|直接)?证据)(?:认定|证明|确[定认]|判断|说明|证实|查明|显示)[^，。；;]{0,6}"
    r"|(?:是否|有无|有没有|能否|可否|是不是|会不会|能不能|否认)[^，。；;]{0,4})$"
)
_ORDERING = re.compile(
    r"(?:责令|(?<!按)(?<!按照)(?<!符合)要求|限期|(?<![一相供适对反响])应(?!急)当?|必须|(?<![无必])须|(?<![无不所急])需要?|应予|不得|禁止|严禁|不[准许]|承诺|保证|(?<![消国边堤])防[止范治]?|(?<!模)拟|计划|准备|打算|希望|建议|(?<![例比诸譬])如(?![实期数约下此上何])果?"
    r"|(?<![假倘])若(?!干)|倘若|假如|一旦|除非|避免|以免|以防|免得)"
    r"(?:其|当事人|该?(?:公司|厂|店|单位|企业|户)|立即|限期|自行|主动|先行?|依法|予以|全部|于?[\d一二三五七十两]+[日天](?:[之以]?内)?|在?(?:规定)?(?:的)?期限内|停止|马上|尽快|及时|[在于对将把向经为再并和或、])"
    r"{0,3}$"
)
# 应属于 is a finding, 责令期满仍未 a result, 限期改正 the order itself: none of them is left open by what stands before.
_NOT_ORDERED = re.compile(r"[属系为是认按视拒仍未没不无后书限责要应须需禁]|期满|逾期|到期|届满|通知|决定|期限?[内届]")
# 逾期不改才罚款 and 以拒不改正为前提 name a condition of the law; 认定占用没有依据 is no finding.
_CONDITION = re.compile(
    r"正?(?:[^，。；;]{0,4}为(?:前提|要件|条件|前置|构成)|[的之]?(?:罚款|处罚|法定|适用)?(?:前提|要件)|才(?:[可能会应]以?)?[罚处]|[^，。；;]{0,4}不等于"
    r"|[^，。；;]{0,6}(?:没有|缺[乏少]|无)(?:事实|法律|充分)?(?:根据|依据|证据)|[^，。；;]{0,4}(?:依据|证据)不足|[^，。；;]{0,4}不(?:能)?成立|与[^，。；;]{1,8}矛盾"
    r"|的[，,](?:可以?|由|应|处|依法|责令|给予|并处|予以|没收|方|从[轻重]|减轻|按照?|不予))"
)
_PREMISE = re.compile(r"(?:(?:前提|要件|条件)[是为][^，。；;]{0,8}|所[称谓谓]的?“?|不能(?:以|凭|因)[^，。；;]{0,6}(?:认定|推定)[^，。；;]{0,4})$")
_ASIDE = re.compile(
    r"同类(?:型|违法)?案|类案|[另他]案|另一[起案]|另外[一两二三几][家户]|比照|参照[^，。；]{0,10}案|对[照比]案|案例|(?:此前|先前|往年|去年|上年|同期)[^，。；]{0,8}(?:[一同两]?[起案件]案|案件|案中)"
    r"|(?:邻|隔壁|旁边)[店厂户铺摊]|其他[店厂户]|同[村镇街]另一"
)


def _stance_at(text: str, floor: int, at: int) -> Stance | None:
    """Return what the words that end at `at` do to the fact that begins there, None when they leave it as it is."""
    if _DOUBTING.search(text, floor, at) or _PREMISE.search(text, floor, at):
        return Stance.OPEN
    if _DENYING.search(text, floor, at) or (text[at] not in NEGATIONS and _DENYING_LIST.search(text, floor, at)):
        return Stance.DENIED
    if _ORDERING.search(text, floor, at) and not _NOT_ORDERED.match(text, at):
        return Stance.OPEN
    return None


def _stance(text: str, match: re.Match[str], gaps: Sequence[int]) -> Stance:
    start = match.start()
    if _CONDITION.match(text, match.end()) or _breaks_off(text, match):
        return Stance.OPEN
    found = {None if text[start] in _BREAKS else _stance_at(text, max(0, start - 20), start)}
    for gap in gaps:
        opens, closes = match.span(gap)
        if opens < closes < match.end():
            inner = _stance_at(text, opens, closes)
            # A pattern that is a negation itself does not deny twice: 没有签字，也没有作业票.
            found.add(None if inner is Stance.DENIED and text[start] in NEGATIONS else inner)
    return Stance.OPEN if Stance.OPEN in found else Stance.DENIED if Stance.DENIED in found else Stance.STATED


def _breaks_off(text: str, match: re.Match[str]) -> bool:
    """Tell whether a negation stays behind a comma: 未安装，当日恢复 does not say 未恢复."""
    if text[match.start()] not in NEGATIONS:
        return False
    comma = text.rfind("，", match.start(), match.end())
    return comma > 0 and not any(char in NEGATIONS for char in text[comma : match.end()])


class Reading:
    """A text ready to be read, figures in plain digits (all of them, or without `figures` the thousands commas only); places are those of the text itself."""

    __slots__ = ("_ends", "_offsets", "text")

    def __init__(self, text: str, *, figures: bool = False) -> None:
        self.text, self._offsets = _plain(text, figures=figures)
        self._ends: list[int] | None = None

    def _sentence(self, place: int) -> int:
        """Return where the sentence of a place begins."""
        if self._ends is None:
            self._ends = [match.start() for match in re.finditer(f"[{_ENDS}]", self.text)]
        before = bisect_left(self._ends, place)
        return self._ends[before - 1] + 1 if before else 0

    def find(self, patterns: Iterable[str]) -> Iterator[Statement]:
        """Yield every mention of a fact, in the order of its patterns."""
        for pattern in patterns:
            ready, gaps, own = _prepare(pattern)
            match = ready.search(self.text)
            while match:
                if _INSIDE_FIGURE.match(self.text, match.start()):
                    match = ready.search(self.text, match.start() + 1)
                    continue
                match, stance = self._judged(ready, match, gaps)
                start, end = match.span()
                aside = _ASIDE.search(self.text, self._sentence(start), end) is not None
                yield Statement(self._at(start), self._at(end), stance, pattern, tuple(match[number] for number in own), aside)
                # What is not stated may hide a statement: 责令立即停止，公司当场停工.
                match = ready.search(self.text, max(end, start + 1) if stance is Stance.STATED else start + 1)

    def _judged(self, ready: re.Pattern[str], match: re.Match[str], gaps: Sequence[int]) -> tuple[re.Match[str], Stance]:
        """Return a match with its stance; a denial that only its next clause brings in (为商品林，不属于公益林) leaves the first clause standing."""
        stance = _stance(self.text, match, gaps)
        comma = self.text.find("，", match.start() + 1, match.end())
        if stance is not Stance.STATED and comma > 0 and (shorter := ready.match(self.text, match.start(), comma)):
            match, stance = shorter, _stance(self.text, shorter, gaps)
        asked = _CLAUSE_END.search(self.text, match.end())
        return match, Stance.OPEN if asked and asked[0] in "？?" else stance

    def _at(self, place: int) -> int:
        return place if self._offsets is None else self._offsets[place]


_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_COUNTED = "元|人|名|位|口|台|只|瓶|箱|桶|吨|笔|单|株|棵|头|处|件|份|次|倍|亩|公斤|千克|平方米|立方米|米"
_FIGURE = re.compile(
    rf"(?<=\d),(?=\d{{3}}(?!\d))|(?<![\d.])(?<!\d,)(?P<sum>\d+(?:,\d{{3}})*(?:\.\d+)?\s*万)(?=元)"
    rf"|(?<![第几数{CHINESE}\d])(?P<chinese>(?!一(?:{_COUNTED}))[{CHINESE}]+)(?={_COUNTED})"
)


def _plain(text: str, *, figures: bool) -> tuple[str, list[int] | None]:
    """Return the text with 18,640 as 18640, for figures also 86.4万元 as 864000元 and 二百一十元 as 210元; with it, if that changed anything, the old places.

    The places are those of each character and of the end.
    """
    made: list[str] = []
    offsets: list[int] = []
    done = 0
    for match in (_FIGURE if figures else _THOUSANDS).finditer(text):
        figure = _figure(match["sum"] or match["chinese"] or "") if figures else ""
        if figure is None:
            continue
        made += [text[done : match.start()], figure]
        offsets += [*range(done, match.start()), *[match.start()] * len(figure)]
        done = match.end()
    if not made:
        return text, None
    made.append(text[done:])
    offsets.extend(range(done, len(text) + 1))
    return "".join(made), offsets


def _figure(written: str) -> str | None:
    """Return a number in plain digits, the empty text (a comma to be left out) as it is, None where the words make no number."""
    number = read_number(written) if written else None
    return format(number.normalize(), "f") if number is not None else (None if written else "")
