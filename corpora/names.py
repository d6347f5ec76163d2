"""Find the names of natural persons by surname and by what stands around them; masks nothing itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import ahocorasick
import yaml

from corpora import regions

_FILE = Path(__file__).parent / "taxonomy" / "names.yaml"
MASKS = frozenset("某*＊×xX○●□■")


@dataclass(frozen=True, slots=True)
class _Lists:
    surnames: frozenset[str]
    compound: frozenset[str]
    doubtful: frozenset[str]
    given: frozenset[str]
    after_chars: frozenset[str]
    after_words: frozenset[str]
    not_names: frozenset[str]


@cache
def _lists() -> _Lists:
    rows = yaml.load(_FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    chars = {key: frozenset(rows[key].replace(" ", "")) for key in ("surnames", "doubtful", "given", "after_chars")}
    words = {key: frozenset(rows[key]) for key in ("compound", "after_words", "not_names")}
    return _Lists(**chars, **words)


def has_compound_surname(name: str) -> bool:
    """Tell whether a name begins with a surname of two characters."""
    return name[:2] in _lists().compound


# A title that a name follows at once. The wider ones are followed by other words more often than by a name, so there the
# characters themselves must look like a name.
_PARTY = (
    "当事人|被告人|被告|原告|被害人|受害人|被侵害人|证人|法定代表人|法人代表|代表人|主要负责人|负责人|责任人|驾驶人|驾驶员|经营者|投资人|申请人|第三人|代理人|辩护人|上诉人|嫌疑人"
    "|行为人|处罚人|投诉人|举报人|报警人|报案人|承租人|出租人|矫正对象|服刑人员|罪犯|监护人|保证人|户主|店主|车主|货主|联系人|经手人|被执行人|同案人|同案犯|见证人|受送达人|送达人|签收人|收件人|承办人|主办人|协办人|巡查人|反映人|报告人|记录人|调查人|检查人|审判长|审判员|书记员|陪审员|伙同|姓名"
)
_WIDER = (
    "执法人员|民警|业主|老板|厂长|经理|家属|妻子|丈夫|儿子|女儿|父亲|母亲|其妻|其夫|其子|其女|邻居|村民|居民|司机|乘客|工友|员工|店员|同事|朋友|包工头|房东|租客|法人|对象|男子|女子|网格员|书记|主任|队员|会计|看见|看见过|碰到|碰着|遇到|撞见|打给|喊|催|陪|劝"
    "|屋主|摊主|摊贩|商贩|承包人|被查人|违法人|违法人员|店老板|老板娘|个体户|经营户|经营人|本地人|外地人|当地人|本村人|名字"
)
_LABEL = re.compile(r"(?:姓名)?\s{0,2}[:：]\s{0,2}|[（(](?:被?(?:申请人|告人?|处罚人)|个人)[)）]\s?[:：]?|(?P<bracket>[）)])")
_OPENING = re.compile(r"(?:[。！？\n]|\A)(?=[一-龥])")
_WITH = re.compile(r"(?:[，。、；\n]|\A)(?:对(?![于方面])|由(?!于)|向(?!往)|跟|找|叫|问|给|经(?!常)|与|和)(?=[一-龥])")
# 他是王小明, 老板叫王小明, 负责人为吴海燕: a verb between the person and the name. Left of 是, 为 and 系 there must be a person; 叫 needs none for a full name.
_NAMED = r"(?:名叫|名为|叫做|叫|是|为(?!何)|系)"
_PERSON = re.compile(
    r"(?:他|她|我|(?<!法)(?<![本外当]地)(?<!村)人|者|主|老板|老板娘|司机|对方|男子|女子|老头|大妈|大爷|阿姨|师傅|业主|摊贩|商贩|法人代表|个体户|姓名|名字|其中一[个名])(?:的?(?:名字|姓名|真名|大名))?(?:就|也|原|都|本)?$"
)
# Of whom something is found, who is dealt with, whose nickname stands before, who owns: a full name follows.
_DEALT = (
    r"(?:经查|查明|经核实|经调查|据查|经查证|经询问)[，,：:]\s?|(?:对(?![方面应公于党单外内本相时金安常明连成程商])|处罚|罚)(?![款金没于])"
    r"|[老小阿][一-龥]{1,2}[（(]|(?<![厨药病客机库])房主(?![管任要体])|(?:(?<=[，。、；：:\n实])|\A)系"
)
_SEX = re.compile(r"[，,（(]\s?(?:男|女)\s?[，,、）)]|[，,（(](?:公民)?身份(?:证|号)")
_FIRM = re.compile(
    r"(?:(?![的在系是为与和于未对将被向因持]|经营|开设|驾驶|擅自|涉嫌|以及|负责)(?:[一-龥A-Za-z0-9·]|[（(][一-龥]{2,4}[)）])){2,28}?"
    r"(?:公司|合作社|事务所|集团|委员会|派出所|管理局|执法局|经营部|服务部|门市部|商行|工厂|农场|学校|医院|法院|检察院|饭店|酒店|超市|商店|餐馆|宾馆|药店|诊所|工作室|[^家的]店|厂|馆)"
)
_PLACES = frozenset("市县镇乡村")
_PLACE_SUFFIX = frozenset("市县区镇乡村省州路街弄巷湖桥山港湾")
_FOREIGN = re.compile(r"[一-龥]{2,6}[·•](?P<last>[一-龥]{2,6})")
_SELDOM = frozenset("和与及由从来同")  # surnames that are far more often a word
_JOINERS = "、和及与"
_TITLES = frozenset(re.findall("..", "先生女士老师师傅书记主任局长队长经理老板总监同志警官医生律师法官阿姨大爷大妈小姐村长组长科长所长院长处长校长厂长会计"))
_BAD_GIVEN = frozenset("的了在是和与及等之其不未已被把将从向对为由而或者则若因所于以此该本各每这那哪谁我你他她它们个件条款项也都还就说称到没很及")


def find_names(text: str, known: Iterable[str] = ()) -> list[tuple[int, int]]:
    """Return the spans of personal names; a name found once is found wherever the text repeats it.

    `known` adds names found elsewhere, as in another part of the same case. Names already masked (王某, 李×) are left alone.
    """
    return locate_names(text, {*cued_names(text), *known})


def cued_names(text: str) -> set[str]:
    """Return the names that their surroundings give away."""
    return {text[start:end] for start, end in _cued(text)}


def locate_names(text: str, names: Iterable[str]) -> list[tuple[int, int]]:
    """Return the spans where any of the names stands, those inside a firm's name left out."""
    return list(_occurrences(text, {name for name in names if name in text}))


@cache
def _cues() -> ahocorasick.Automaton:
    cues = ahocorasick.Automaton()
    for words, is_party in ((_WIDER, False), (_PARTY, True)):
        for word in words.split("|"):
            cues.add_word(word, is_party)
    cues.make_automaton()
    return cues


def _cued(text: str) -> Iterator[tuple[int, int]]:
    starts = _name_starts()
    for last, is_party in _cues().iter(text):
        at = last + 1
        char = text[at : at + 1]
        if char in starts:
            yield from _chain(text, at, sure=False, strict=not is_party)
        elif char and char in ":：（() \u3000姓）" and (label := _LABEL.match(text, at)):
            yield from _chain(text, label.end(), sure=label["bracket"] is None, strict=not is_party)
    for cue in _WITH.finditer(text):
        if text[cue.end()] in starts:
            yield from _chain(text, cue.end(), sure=False, strict=True, full=True)
    yield from _told(text)
    for cue in _OPENING.finditer(text):
        if text[cue.end()] in starts:
            opened = _opening_name(text, cue.end())
            yield from [(cue.end(), opened)] if opened else _chain(text, cue.end(), sure=False, strict=True, full=True)
    for mark in _SEX.finditer(text):
        span = _before(text, mark.start())
        if span:
            yield span
    title_end = text.find("\n") if "\n" in text else len(text)
    if text.endswith("案", 0, title_end) and title_end < 80:
        yield from _chain(text, 0, sure=False, strict=False)


@cache
def _telling() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the two patterns that a surname must follow at once."""
    surname = f"(?=[{''.join(sorted(_name_starts()))}])"
    return re.compile(_NAMED + surname), re.compile(f"(?:{_DEALT}){surname}")


def _told(text: str) -> Iterator[tuple[int, int]]:
    """Yield the names that a verb gives to a person, and those of whom something is found or who are dealt with."""
    named, dealt = _telling()
    for cue in named.finditer(text):
        is_person = _PERSON.search(text, max(0, cue.start() - 8), cue.start()) is not None
        if is_person or cue[0].endswith(("叫", "叫做", "名为")):
            yield from _chain(text, cue.end(), sure=False, strict=True, full=not is_person)
    for cue in dealt.finditer(text):
        yield from _chain(text, cue.end(), sure=False, strict=True, full=True)


_PLACE_NEAR = re.compile(
    r"[一-龥]{0,3}?(?:路|街|镇|乡|村|区|园|店|公司|桥|场|山|江|湖|河|站|厂|楼|苑|城|府|岛|校|院|馆|所|局|集团|花|品|业|公寓|名邸|超市|社区|学|教|系统)"
)


def _opening_name(text: str, at: int) -> int | None:
    """Read a name of three characters that opens a sentence, as grid workers write: 雷招娣公益劳动又没来."""
    lists = _lists()
    end = at + 3
    if text[at] in lists.doubtful or text[at] == "阿" or text[at] not in lists.surnames or text[at : at + 2] in lists.not_names or end >= len(text):
        return None
    given = text[at + 1 : end]
    if (
        _is_place(text, at, opens=True)
        or any(char not in lists.given or char in _BAD_GIVEN for char in given)
        or given in lists.after_words
        or given in _TITLES
    ):
        return None
    return None if _PLACE_NEAR.match(text, end) or _PLACE_NEAR.match(text, end - 1) else end


@cache
def _name_starts() -> frozenset[str]:
    """Return the characters a name may begin with after a title; foreign names with · begin with any, so theirs are few and listed."""
    return _lists().surnames | {name[0] for name in _lists().compound} | frozenset("买阿艾库吐热依努玛古麦木热帕萨塔道祖热")


def _chain(text: str, at: int, *, sure: bool, strict: bool, full: bool = False) -> Iterator[tuple[int, int]]:
    """Yield the name at a place and those joined to it by 、 or 和."""
    joined = False
    while at < len(text):
        masked = _masked_end(text, at)
        end = masked or _name_end(text, at, sure=sure, strict=strict, full=full)
        if not end or (joined and not _stops(text, end)):
            return
        if not masked:
            yield at, end
        while text[end : end + 1] in MASKS and end < len(text):  # 王三×、李四×: half masked already, the list goes on
            end += 1
        if text[end : end + 1] not in _JOINERS or end + 1 >= len(text):
            return
        at, sure, full, joined = end + 1, False, False, True


def _masked_end(text: str, at: int) -> int | None:
    size = 2 if text[at : at + 2] in _lists().compound else 1
    if text[at + size : at + size + 1] not in MASKS or not text[at + size : at + size + 1]:
        return None
    end = at + size
    while end < len(text) and (text[end] in MASKS or text[end].isdigit() or text[end] in "甲乙丙丁戊"):
        end += 1
    return end


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf"


def _name_end(text: str, at: int, *, sure: bool, strict: bool, full: bool) -> int | None:
    """Return where a name that begins at `at` ends, or None. `sure`: after a label; `strict`: the characters must speak for it; `full`: three of them."""
    foreign = _FOREIGN.match(text, at)
    if foreign and not strict:
        return next((end for end in range(foreign.start("last") + 2, foreign.end()) if _stops(text, end)), foreign.end())
    lists = _lists()
    if text[at] in _SELDOM and not sure:
        return None
    size = 2 if text[at : at + 2] in lists.compound else 1
    if size == 1 and text[at] not in lists.surnames:
        return None
    first = at + size
    if not strict and text[first : first + 1] in (" ", "\u3000") and _is_han(text[first + 1 : first + 2]) and text[first + 1] not in MASKS:
        return first + 2  # 王　强: two characters set wide in a form
    if first >= len(text) or not _is_han(text[first]) or text[first] in MASKS or (text[first] in _BAD_GIVEN and not _is_rare_given(text, at, first)):
        return None
    if text[at : first + 1] in lists.not_names or text[first : first + 2] in _TITLES or _FIRM.match(text, at):
        return None
    if not sure and _is_place(text, at, opens=strict or at == 0):
        return None
    end = _length(text, at, first)
    if end is None or (size == 1 and text[end : end + 1] in _PLACE_SUFFIX and text[end : end + 1] and not sure):
        return None
    given = text[first:end]
    looks_given = all(char in lists.given for char in given)
    if sure:
        return end
    if not _stops(text, end) and (strict or not looks_given):
        return None
    is_doubtful = text[at] in lists.doubtful
    if strict and not (looks_given or (len(given) == 2 and not full and not is_doubtful and lists.given & set(given))):
        return None
    if full and len(given) < 2:
        return None
    if is_doubtful and not (_stops(text, end) and (looks_given or (len(given) == 2 and lists.given & set(given)))):
        return None
    return end


_TOWN = re.compile(r"[一-龥]{2}[镇乡](?P<goes_on>[一-龥]{0,4}(?:村|社区|街|路|政府|综合|工业|集镇)|[人某的])?")
_OF_PLACE = re.compile(r"[市县区镇乡人籍某港、]|(?:本地|当地|一[家处名])")


def _is_place(text: str, at: int, *, opens: bool) -> bool:
    """Tell whether a place stands here and no person; after 当事人 its own words (市, 人, 某 …) must say so, for 江山 is a name as well."""
    town = _TOWN.match(text, at)
    if town and (town["goes_on"] or (opens and not (_is_han(text[at + 3 : at + 4]) and _stops(text, at + 3)))):
        return True  # 李国镇未取得许可证 is a man, 白鹤镇木料堆放 is not
    return any(text[at : at + size] in regions.short_names() and (opens or _OF_PLACE.match(text, at + size)) for size in (3, 2))


def _is_rare_given(text: str, at: int, first: int) -> bool:
    """Tell whether a word like 向 or 为 is a given character here: 王向阳, with a usual second one and a full stop of the name after it."""
    lists = _lists()
    following = text[first + 2 : first + 3]
    if text[at] in lists.doubtful or text[first : first + 2] in lists.after_words:
        return False
    return text[first + 1 : first + 2] in lists.given and (not _is_han(following) or following in "的等")


_SUM = re.compile(r"[一二两三四五六七八九][十百千万]")  # 处罚王小明五千元


def _stops(text: str, at: int) -> bool:
    """Tell whether a name may end at a place by what follows."""
    if at >= len(text) or not _is_han(text[at]):
        return True
    lists = _lists()
    return text[at : at + 2] in lists.after_words or text[at] in lists.after_chars or _SUM.match(text, at) is not None


def _length(text: str, at: int, first: int) -> int | None:
    """Decide between one and two given characters: by the next words, by how the text repeats the name, by the character itself."""
    second = first + 1
    if second >= len(text) or not _is_han(text[second]):
        return second
    if text[first] in _BAD_GIVEN:
        return second + 1
    if text[second] in MASKS:
        return None
    lists = _lists()
    char = text[second]
    if text[second : second + 2] in lists.after_words:
        return second
    is_given, is_after = char in lists.given, char in lists.after_chars
    if is_given != is_after:
        # 王建国 once cut short would leave 国 standing, so a plain given character belongs to the name.
        return second + 1 if is_given else second
    repeated = _followers(text, text[at:second])
    if len(repeated) > 1 and any(follower != char for follower in repeated):
        return second
    return second + 1 if _stops(text, second + 1) else second


def _followers(text: str, name: str) -> list[str]:
    found: list[str] = []
    at = text.find(name)
    while at >= 0 and len(found) < 12:
        found.append(text[at + len(name) : at + len(name) + 1])
        at = text.find(name, at + 1)
    return found


def _before(text: str, at: int) -> tuple[int, int] | None:
    """Read the name that ends at `at`, before （男 or ，女，, back to where something else than a name begins."""
    lists = _lists()
    for size in (3, 2, 4):
        start = at - size
        name = text[max(0, start) : at]
        if start < 0 or not all(_is_han(char) for char in name) or MASKS & set(name) or name[:2] in lists.not_names:
            continue
        fits = name[:2] in lists.compound if size == 4 else name[0] in lists.surnames and not _BAD_GIVEN & set(name[1:])
        if fits and (start == 0 or not _is_han(text[start - 1]) or re.search(r"(?:[人者员主长象]|伙同|嫌犯)$", text[max(0, start - 2) : start])):
            return start, at
    return None


def _occurrences(text: str, names: set[str]) -> Iterator[tuple[int, int]]:
    taken = 0
    found: list[tuple[int, int]] = []
    for name in names:
        at = text.find(name)
        while at >= 0:
            found.append((at, -len(name)))
            at = text.find(name, at + len(name))
    for start, negative in sorted(found):
        end = start - negative
        if start < taken or text[end : end + 1] in _PLACES or _in_firm(text, end):
            continue
        if end - start == 2 and _goes_on(text, end):
            end += 1
        taken = end
        yield start, end


def _goes_on(text: str, at: int) -> bool:
    """Tell whether two characters found elsewhere as a name are here the beginning of a longer one (朱福 in 朱福友的)."""
    lists = _lists()
    char = text[at : at + 1]
    return char in lists.given and char not in lists.after_chars and text[at : at + 2] not in lists.after_words and _stops(text, at + 1)


_FIRM_REST = re.compile(r"(?![的在系是为与和于未对将被向因持])[一-龥]{0,6}?(?:有限|股份|公司|集团|商行|经营部|[^家的]店)")


def _in_firm(text: str, end: int) -> bool:
    """Tell whether a name is the beginning of a firm's name (王建国食品有限公司), which stays as it is."""
    rest = _FIRM_REST.match(text, end)
    return rest is not None and not any(word in rest[0] for word in ("经营", "名下", "开办", "开设", "所有", "实际", "担任", "注册"))
