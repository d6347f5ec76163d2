"""Find who a clause is about: the person under correction, a relative, somebody else, or the reporting worker."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from nlp_service.tagging.clauses import Clause
from nlp_service.tagging.language import Language
from nlp_service.tagging.matcher import Cue


class Subject(StrEnum):
    PERSON = "person"
    FAMILY = "family"
    OTHER = "other"
    REPORTER = "reporter"


class Mention(NamedTuple):
    """A word for somebody, in the folded text."""

    kind: Subject
    start: int
    end: int


_DEFAULT = Mention(Subject.PERSON, 0, 0)
# After these a person is not the one who acts: 跟邻居, 把老婆, 给朋友, 找房东 …
_OBJECT_MARKER = re.compile(
    r"(?:跟|和|与|同|对|向|把|将|给|替|帮|被|让|叫|劝|找|打|骂|问|见|为|到|往|借|送|陪|照顾|接|带|靠|欠|由|拉|约|请|怪|比|除|及|碰到|遇到|碰见|联系|推|踢|揍|扇|咬|吓|害|救|托|喊)(?:了|着|过|他的|她的|他|她|其|自己|一个|几个|两个|一帮|的)?$"
)
_POSSESSIVE = re.compile(r"的|家(?!里人|人|属)|门口|屋|车|店|地|那边|旁|厂|之间|方面|身上|手里")
_CARRY_CLAUSES = 2


@lru_cache(maxsize=4)
def _names(surnames: frozenset[str]) -> re.Pattern[str]:
    listed = "".join(sorted(surnames))
    follow = "(?=说|讲|在|没|不|又|昨|今|前|最近|这|还|也|已|被|把|跟|到|因|称|主动|自|从|家|电话|手机|态度|情绪|反映|表示|于|与|上|去|来|打|喝|一|的|为|系|,|，|、|：|:|（|\\()"
    return re.compile(
        f"[老小阿][{listed}](?![子板师天时伙朋虎人])|[{listed}](?:某某|某|x{{1,2}}|\\*{{1,2}})[甲乙丙丁]?|(?:(?<=[，,。；;:： \\n])|^)[{listed}][\\u4e00-\\u9fa5]{{1,2}}{follow}"
    )


class Subjects:
    """All mentions of persons in a report and how they lie in its clauses."""

    def __init__(self, text: str, spans: Sequence[Clause], persons: Sequence[Cue], reporting: Sequence[Cue], language: Language) -> None:
        self._text = text
        self._clauses = spans
        self._reporting = reporting
        self._known: dict[tuple[int, int], tuple[Mention, bool] | None] = {}
        named = [Mention(Subject.PERSON, match.start(), match.end()) for match in _names(language.surnames).finditer(text)]
        listed = [Mention(Subject(cue.kind), cue.start, cue.end) for cue in persons]
        taken = [(mention.start, mention.end) for mention in listed if mention.end - mention.start > 1]
        named = [mention for mention in named if not any(start <= mention.start < end for start, end in taken)]
        self.mentions = sorted([*named, *listed], key=lambda mention: (mention.start, -mention.end))

    def kind_between(self, start: int, end: int) -> Subject | None:
        """Return the kind of the last person named in a span other than the person under correction, if any."""
        kinds = [mention.kind for mention in self.mentions if start <= mention.start and mention.end <= end and mention.kind is not Subject.PERSON]
        return kinds[-1] if kinds else None

    def of(self, clause: int, before: int) -> Mention:
        """Return whom the words just before `before` in a clause are about; by default the person under correction."""
        own = self._acting(clause, before)
        if own is not None:
            mention, is_teller = own
            return _DEFAULT if is_teller else mention
        for back in range(1, _CARRY_CLAUSES + 1):
            earlier = clause - back
            if earlier < 0 or self._clauses[earlier].sentence != self._clauses[clause].sentence:
                break
            carried = self._acting(earlier, self._clauses[earlier].end)
            if carried is None:
                continue
            mention, is_teller = carried
            return _DEFAULT if is_teller or mention.kind is Subject.REPORTER else mention
        return _DEFAULT

    def teller(self, clause: int, before: int) -> Mention | None:
        """Return who tells what a clause says (邻居说 …), in this clause or the one before."""
        for at in (clause, clause - 1):
            if at < 0 or self._clauses[at].sentence != self._clauses[clause].sentence:
                return None
            own = self._acting(at, before if at == clause else self._clauses[at].end)
            if own is not None:
                return own[0] if own[1] else None
        return None

    def _acting(self, clause: int, before: int) -> tuple[Mention, bool] | None:
        """Return the last acting mention of a clause before a place, and whether it only tells what follows; asked again for every trigger."""
        if (clause, before) not in self._known:
            self._known[clause, before] = self._find_acting(clause, before)
        return self._known[clause, before]

    def _find_acting(self, clause: int, before: int) -> tuple[Mention, bool] | None:
        start = self._clauses[clause].start
        for mention in reversed(self.mentions):
            if mention.start < start:
                return None
            if mention.end > before or self._is_object(mention, start) or _POSSESSIVE.match(self._text, mention.end):
                continue
            tells = any(mention.end <= cue.start <= mention.end + 6 and cue.end <= before for cue in self._reporting)
            return mention, tells
        return None

    def _is_object(self, mention: Mention, clause_start: int) -> bool:
        return _OBJECT_MARKER.search(self._text[max(clause_start, mention.start - 6) : mention.start]) is not None
