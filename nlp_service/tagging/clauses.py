"""Cut a report into clauses, also where it was dictated without any punctuation; knows nothing of tags."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

MIN_CLAUSE_CHARS = 4

_SENTENCE_END = "。！？!?；;\n"
_PUNCTUATION = re.compile(r"[，,。！？!?；;：:\n…~—]+|(?<![0-9a-z])\s+|\s+(?![0-9a-z])|(?<![0-9])\.(?![0-9])")
_STARTERS = [
    "但是",
    "可是",
    "不过",
    "然后",
    "后来",
    "结果",
    "所以",
    "因为",
    "而且",
    "另外",
    "还有",
    "接着",
    "同时",
    "并且",
    "顺便",
    "没想到",
    "谁知道",
    "哪知道",
    "就是说",
    "总的",
    "其他",
    "其它",
    "反正",
    "只不过",
    "我问",
    "我讲",
    "我说",
    "我看",
    "我去",
    "我们",
    "听说",
    "据说",
    "他讲",
    "他说",
    "她说",
    "她讲",
    "自己说",
    "自己讲",
    "本人说",
    "本人讲",
    "邻居说",
    "邻居讲",
    "家属说",
    "家属讲",
    "老婆说",
    "老婆讲",
    "现在",
    "目前",
    "最近",
    "今天",
    "昨天",
    "前天",
    "这几天",
    "这两天",
    "这段时间",
    "以前",
    "之前",
    "原来",
    "除了",
]
_SUBJECTS = [
    "他",
    "她",
    "我",
    "其",
    "当事人",
    "本人",
    "对象",
    "老婆",
    "老公",
    "儿子",
    "女儿",
    "爸",
    "妈",
    "父亲",
    "母亲",
    "哥哥",
    "弟弟",
    "邻居",
    "隔壁",
    "楼上",
    "楼下",
    "房东",
    "老板",
    "家里",
    "手机",
    "电话",
    "孩子",
    "小孩",
    "人",
    "身体",
    "工作",
    "情绪",
    "态度",
    "思想",
]
_SPLIT = re.compile(
    "|".join(
        (
            f"(?=[他她]?(?:{'|'.join(_STARTERS)}))",
            # A finished predicate (…了) followed by a new subject starts a new clause in speech without pauses.
            f"(?<=[了啊呢嘛哦])(?=(?:{'|'.join(_SUBJECTS)}))",
            "(?<=[了过着的好])(?=但(?!愿))",
        )
    )
)


class Clause(NamedTuple):
    """A span of the folded text; clauses with the same `sentence` belong to one sentence."""

    start: int
    end: int
    sentence: int
    is_soft: bool = False


def clauses(text: str) -> list[Clause]:
    """Return the clauses in order, without the punctuation between them; `is_soft` marks those cut where nothing was written."""
    result: list[Clause] = []
    sentence = 0
    at = 0
    for match in _PUNCTUATION.finditer(text):
        _add(result, text, at, match.start(), sentence)
        if any(sign in _SENTENCE_END for sign in match[0]):
            sentence += 1
        at = match.end()
    _add(result, text, at, len(text), sentence)
    return result


def clause_at(starts: Sequence[int], position: int) -> int:
    """Return the index of the clause that holds or last began before `position` (0 where none did), from where each begins."""
    return max(0, bisect_right(starts, position) - 1)


def _add(result: list[Clause], text: str, start: int, end: int, sentence: int) -> None:
    is_soft = False
    at = start
    for match in _SPLIT.finditer(text, start, end):
        cut = match.start()
        if cut - at >= MIN_CLAUSE_CHARS and end - cut >= 2:
            result.append(Clause(at, cut, sentence, is_soft))
            at, is_soft = cut, True
    if end > at:
        result.append(Clause(at, end, sentence, is_soft))
