"""Where a draft says what is planned, in the words of a decision (拟…, 建议…) or of an officer in a hurry (打算罚5万, 罚20合适吗, 准备让他拆掉)."""

from __future__ import annotations

import re

from corpora.operative import Force, force_at

_SENTENCE_END = re.compile(r"[。！!\n]")
_VERBS = r"罚|处|没收|责令|拆|吊销|暂扣|扣|警告|拘留|不予|限期|关停|停业|停产|取缔|给予|作出|决定|从轻|从重|减轻"
# 拟建, 拟用于 tell what a party plans.
_FORMAL = re.compile(
    rf"(?<![模虚草])拟(?![建上投开用购在于设租转出申办稿])(?:[^，。；;]{{0,14}}?(?:{_VERBS})|[^。；;]{{0,24}}?(?:责令|罚款|没收|吊销))"
    rf"|建议(?![书])[^，。；;]{{0,12}}?(?:{_VERBS})|(?:初步|处理|处罚)意见[为是:：]?"
)
_SUM = r"[\d一二两三四五六七八九十百千万]"
# Only an authority fines; that something be removed or closed may be the party's own plan as well.
_SPOKEN = re.compile(
    r"(?<![自主])(?:打算|准备|计划|考虑|想)(?![^，。；;]{0,4}(?:自己|自行|主动))[^，。；;被已]{0,8}?"
    r"(?:罚(?!单)|处以|没收|责令|吊销|拘留|不予处罚|(?:让|叫|要求|通知)(?:他|她|其|它|当事人|业主|对方|店家|老板)[^，。；;]{0,6}?(?:拆|停|关|改))"
    rf"|(?<![不主自])(?:要|能|可以|该)[^，。；;被已]{{0,8}}?罚款?(?=(?:他|她|其)?{_SUM})"
)
_ASKED = re.compile(
    r"(?<![被已曾处受遭挨])(?:罚款?|处罚)(?![^，。；;？?]{0,14}(?:多少|几|以下|以上|之间))[^，。；;]{0,3}"
    rf"{_SUM}+[万千百元块]?[^，。；;]{{0,4}}?(?:合适|行不行|行吗|可以|重不重|会不会|是不是|对不对|太|过重|多不多|合理|吗|？|\?)"
)
# 骑车不戴头盔，罚20: in one or two lines a fine that nobody has imposed yet is the plan.
_BARE = re.compile(r"(?:^|[，,。；;\s])(?:并|就)?罚款?(?=\s*[\d一二两三四五六七八九十百千万]+)(?![^，。；;？?]{0,10}(?:以下|以上|之间|到|至))")
_IMPOSED = re.compile(r"[被已曾]|之前|以前|上次|去年|此前|前年|挨")
_SHORT = 80
_UNDECIDED = re.compile(rf"还是|{_SUM}+[万千]{_SUM}+[万千]元?")  # 罚两百还是先警告, 罚五万十万: two plans are none
# Words that name a kind of penalty only where something is planned.
_KINDS = (
    ("限期拆除", re.compile(r"(?<!未)(?<!不)(?<!代为)(?<!自行)(?<!强制)拆(?:除|掉|了)?(?!迁|封|解|下|开|分|装)")),
    ("恢复原状", re.compile(r"复垦|复绿|恢复(?:土地|种植|耕种)")),
    ("责令停产停业", re.compile(r"关停|停业|关店|停产")),
    ("暂扣许可证件", re.compile(r"扣(?:驾驶?|驾照)?证|扣\d+个月")),
    ("不予处罚", re.compile(r"不罚|不处罚|免罚|不用罚|不给处罚")),
    ("警告", re.compile(r"(?:给|口头|书面)警告|只警告|警告(?:教育|一次|就行)")),
)
_DENIED = re.compile(r"(?:是否|今后|不|无需|无须|没必要|暂缓|能不能不|可以不)[^，。；;]{0,3}$")


def find_plan(text: str) -> str | None:
    """Return the part of a draft that says what is planned, or None. It begins with the first cue of the last sentence that holds one."""
    formal = [match.start() for match in _FORMAL.finditer(text)]
    if formal:
        return text[_first_of_sentence(text, formal) :]
    spoken = [match.start() for match in _SPOKEN.finditer(text)] or [match.start() for match in _ASKED.finditer(text)]
    if spoken:
        plan = text[_first_of_sentence(text, spoken) :]
        return None if _UNDECIDED.search(plan) else plan
    bare = list(_BARE.finditer(text))
    if bare and len(text) <= _SHORT and not _IMPOSED.search(text, max(0, bare[0].start() - 12), bare[0].end()):
        return text[bare[0].start() :]
    return None


def told_before(text: str) -> str:
    """Return what a draft tells before its plan: all of it where it has none."""
    plan = find_plan(text)
    return text[: len(text) - len(plan)] if plan else text


def _first_of_sentence(text: str, starts: list[int]) -> int:
    """Return the first cue in the sentence of the last one: 拟责令停业，拟罚款五万元 is one plan."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text, 0, starts[-1])]
    floor = ends[-1] if ends else 0
    return next(start for start in starts if start >= floor)


def spoken_kinds(plan: str) -> list[str]:
    """Return the kinds that the sentence of a plan names in everyday words: 拟拆, 让他停业, 不罚; 逾期不改的拆除 is none."""
    end = _SENTENCE_END.search(plan)
    said = plan[: end.start() if end else len(plan)]
    return [kind for kind, pattern in _KINDS if any(_is_planned(said, match.start()) for match in pattern.finditer(said))]


def _is_planned(said: str, at: int) -> bool:
    return _DENIED.search(said, 0, at) is None and force_at(said, at) in (Force.DECIDED, Force.PROPOSED)
