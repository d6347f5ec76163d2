"""Decide for each trigger whose it is, when, and whether: negation, past, other person, hearsay, plan, approval, device fault …

Linear in the text for a bounded number of triggers; every verdict names its reasons and the words that gave them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from nlp_service.tagging.clauses import Clause, clause_at, clauses
from nlp_service.tagging.language import Language
from nlp_service.tagging.matcher import Cue, Found, Hit
from nlp_service.tagging.persons import Subject, Subjects
from nlp_service.tagging.schemes import Policy, Tag, Verdict


class Reason(StrEnum):
    """Why a trigger does not simply hold; the values are field names of `Policy`, but for NOT_COUNTED."""

    NOT_COUNTED = "not_counted"
    NEGATED = "negated"
    PAST = "past"
    FAMILY = "family"
    OTHER = "other"
    HEARSAY = "hearsay"
    UNCERTAIN = "uncertain"
    HYPOTHETICAL = "hypothetical"
    PLANNED = "planned"
    APPROVED = "approved"
    DEVICE = "device"
    EDUCATION = "education"
    FICTION = "fiction"
    HANDLED = "handled"
    EXAGGERATION = "exaggeration"
    RETRACTED = "retracted"
    TURNED = "turned"
    PASSIVE = "passive"


class Status(StrEnum):
    HOLDS = "holds"
    SUSPECTED = "suspected"
    REJECTED = "rejected"


class Finding(NamedTuple):
    """One thing scope noticed about a trigger, with the span of the words that say so (folded text)."""

    reason: Reason
    start: int
    end: int


class ScopeVerdict(NamedTuple):
    """What became of one trigger; `findings` are those that the tag's policy did not wave through, `noticed` all of them."""

    hit: Hit
    status: Status
    findings: tuple[Finding, ...]
    noticed: tuple[Finding, ...]


_NEGATION_REACH, _NEGATION_FAR = 6, 14
_LIGHT = re.compile(r"[再去过有到出现发现任何什么等、和跟及与人看见听参与进行存在明显任一些类似的去过别其他]{0,14}")
_BREAK = re.compile(r"在家|天天|老是|整天|反而|一直|还(?!有)|光|只|却|倒|就|又|也|都|但|才|于是|被|把")
_AFTER_NEGATION = re.compile(
    r"[的这那些种类情况现象行为事苗头迹象,，他她讲说是倒也都是确实一直现在早就已经绝对肯定真从来]{0,8}?"
    r"(?:没有(?=$|[的发生过再了这那，,。])|没了|没发生|不存在|没碰|不沾|不碰|不喝|不赌|不玩了|戒了|戒掉|戒|断了|断掉|改掉|改了|谈不上|是假的|是误会|误会一场|属谣言|是谣言|不属实|否认|排除|还清|还掉了|还完|结清|付清|删掉|删了|卸载|免了|绝迹)"
)
_PREPOSITIONAL = {"之前", "以前", "过去", "当时", "年前", "之后", "先前"}
_ADVERB_BEFORE = set("，,。 他她我是在说讲的某先那这从了人")
_NOT_PAST_AFTER = re.compile(r"是|那帮|那伙|那批|如此|的老|这样|的那|判|一起|同案")
# The offence somebody was sentenced for is no new one: 「偷电瓶判的」, 「(盗窃,缓刑二年)」.
_SENTENCED = re.compile(r"[^，,。；;]{0,8}?(?:判的|判刑|被判|获刑|入矫|坐牢的|进去的(?:案|时)|的案子|那个案|案判|罪[,，]?(?:判|缓)|[,，]缓刑|案主犯|前科|期满)")
_PASSIVE = re.compile(r"(?:被|遭|挨|让|给)[^，,。；; ]{1,8}$")
_OBSERVED = re.compile(r"我(?:亲眼|当面|自己|们)?(?:去|看|上门|核实|问|见|到|打)")
_NOT_HIM = re.compile(
    r"不是他|不是她|不是本人|跟他没关系|和他没关系|与他无关|与其无关|与本人无关|不关他|没他的事|不关她|认错人|认错了|看错了|看错人|同名|重名|弄错了|搞错了|不是我们的人|不是矫正|别人的|人家的|不是我们的对象"
)
_ATTRIBUTED = re.compile(
    r"(?:是|其实是|原来是|都是|说是|讲是)(?:他|她|其|隔壁|楼上|楼下|邻居)?(?P<who>[^，,。;；]{1,6}?)[^，,。;；]{0,6}?(?:喝|打|赌|借|欠|弄|放|吸|偷|扔|用|吵|闹|干|搞|买|丢|留下)(?:剩|下|坏|来)?(?:的|剩)"
)


@dataclass(frozen=True, slots=True)
class ScopeContext:
    """One report laid out for scope: text, clauses and where they begin, cues by kind, subjects."""

    text: str
    clauses: Sequence[Clause]
    starts: Sequence[int]
    cues: Mapping[str, Sequence[Cue]]
    subjects: Subjects
    covered: Sequence[tuple[int, int]]
    reaches: Sequence[_Reach]

    def clause_of(self, position: int) -> int:
        return clause_at(self.starts, position)


def read_context(text: str, found: Found, language: Language) -> ScopeContext:
    """Lay out a folded text and what the matcher found in it."""
    spans = clauses(text)
    cues: dict[str, list[Cue]] = {}
    for cue in found.cues:
        cues.setdefault(cue.kind, []).append(cue)
    cues["negation"] = _negations(cues)
    cues["past"] = [cue for cue in cues.get("past", []) if _is_adverbial(text, cue)]
    blocked = cues.get("unapproved", [])
    cues["approved"] = [
        cue for cue in cues.get("approved", []) if not any(b.start - 3 <= cue.start <= b.end + 1 for b in blocked) and not _negated_before(text, cue)
    ]
    covered = [(hit.start, hit.end) for hit in found.hits if hit.end - hit.start >= 2]
    return ScopeContext(
        text,
        spans,
        [span.start for span in spans],
        cues,
        Subjects(text, spans, found.persons, cues.get("reporting", []), language),
        covered,
        [reach for reach in _REACHES if reach.kind in cues],
    )


def judge(hit: Hit, tag: Tag, context: ScopeContext, negatives: Sequence[Hit]) -> ScopeVerdict:
    """Return the verdict on one trigger under the policy of its tag."""
    noticed = _notice(hit, context, negatives)
    status = Status.HOLDS
    decisive: list[Finding] = []
    for finding in noticed:
        verdict = _verdict(finding.reason, tag.scope)
        if verdict is Verdict.HOLD:
            continue
        if verdict is Verdict.REJECT:
            status = Status.REJECTED
        elif status is Status.HOLDS:
            status = Status.SUSPECTED
        decisive.append(finding)
    return ScopeVerdict(hit, status, tuple(decisive), tuple(noticed))


def _verdict(reason: Reason, policy: Policy) -> Verdict:
    if reason is Reason.NOT_COUNTED:
        return Verdict.REJECT
    verdict: Verdict = getattr(policy, reason.value)
    return verdict


def _notice(hit: Hit, context: ScopeContext, negatives: Sequence[Hit]) -> list[Finding]:
    here = context.clause_of(hit.start)
    checks = [
        _negated(hit, here, context),
        _past(hit, here, context),
        _whose(hit, here, context),
        _hearsay(hit, here, context),
        _uncertain(hit, here, context),
        _hypothetical(hit, here, context),
        _planned(hit, here, context),
        *[_nearby(hit, here, context, reach) for reach in context.reaches],
        _passive(hit, here, context),
        _exaggerated(hit, context),
    ]
    noticed = [finding for finding in checks if finding is not None]
    for negative in negatives:
        if negative.tag == hit.tag and _is_beside(negative, hit, here, context) and not (hit.start <= negative.start and negative.end <= hit.end):
            noticed.insert(0, Finding(Reason.NOT_COUNTED, negative.start, negative.end))
            break
    return noticed


def _is_beside(negative: Hit, hit: Hit, here: int, context: ScopeContext) -> bool:
    """Say whether a context that does not count lies in the trigger's clause or directly at it."""
    return context.clause_of(negative.start) == here or -2 <= negative.start - hit.end <= 2 or -2 <= hit.start - negative.end <= 2


def _negations(cues: Mapping[str, Sequence[Cue]]) -> list[Cue]:
    """Longest negation words, without those inside a word that only looks like one (不小心) or a double negation (没有不)."""
    masks = cues.get("not_negation", [])
    kept: list[Cue] = []
    for cue in cues.get("negation", []):
        if any(mask.start <= cue.start and cue.end <= mask.end for mask in masks):
            continue
        if kept and cue.start < kept[-1].end:
            continue
        kept.append(cue)
    return kept


def _negated_before(text: str, cue: Cue) -> bool:
    return text[max(0, cue.start - 2) : cue.start].endswith(("没", "未", "没有", "不", "无", "没给"))


def _is_adverbial(text: str, cue: Cue) -> bool:
    """「之前戒了」 says when, 「吃饭之前」 and 「原来是弟弟」 do not."""
    word = text[cue.start : cue.end]
    if word in ("原来", "本来", "以前", "之前", "先前", "原先") and _NOT_PAST_AFTER.match(text, cue.end):
        return False
    if text[max(0, cue.start - 2) : cue.start].endswith(("还是", "仍是", "还在", "仍在")):
        return False
    if word not in _PREPOSITIONAL or cue.start == 0:
        return True
    before = text[cue.start - 1]
    return before in _ADVERB_BEFORE or not before.isalpha()


def _negated(hit: Hit, here: int, context: ScopeContext) -> Finding | None:
    clause = context.clauses[here]
    nearest: list[Cue] = []
    for cue in context.cues["negation"]:
        if cue.end > hit.start:
            break
        if cue.start >= clause.start and not _is_covered(cue, hit, context):
            nearest.append(cue)
    if nearest and _reaches(nearest[-1], hit, context.text):
        cue = nearest[-1]
        is_double = len(nearest) > 1 and cue.start - nearest[-2].end <= 1
        if not is_double:
            return Finding(Reason.NEGATED, cue.start, cue.end)
    tail_end = context.clauses[min(here + 1, len(context.clauses) - 1)].end if not _sentence_ends(context, here) else clause.end
    match = _AFTER_NEGATION.match(context.text, hit.end, min(tail_end, hit.end + 16))
    if match and match.end() > hit.end:
        return Finding(Reason.NEGATED, match.start(), match.end())
    return None


def _sentence_ends(context: ScopeContext, here: int) -> bool:
    return here + 1 >= len(context.clauses) or context.clauses[here + 1].sentence != context.clauses[here].sentence


def _is_covered(cue: Cue, hit: Hit, context: ScopeContext) -> bool:
    """A negation that is part of another trigger (没钱, 没来报到) denies that word, not the ones after it."""
    return any(start <= cue.start and cue.end < end < hit.end for start, end in context.covered)


def _reaches(cue: Cue, hit: Hit, text: str) -> bool:
    between = text[cue.end : hit.start]
    if len(between) > _NEGATION_FAR:
        return False
    if _LIGHT.fullmatch(between):
        return True
    if len(between) > _NEGATION_REACH and "、" not in between:
        return False
    return _BREAK.search(between, 1) is None


def _past(hit: Hit, here: int, context: ScopeContext) -> Finding | None:
    background = _SENTENCED.match(context.text, hit.end, hit.end + 16)
    if background:
        return Finding(Reason.PAST, background.start(), background.end())
    sentence = context.clauses[here].sentence
    latest: Cue | None = None
    for cue in context.cues["past"]:
        if cue.start >= hit.end:
            break
        at = context.clause_of(cue.start)
        if context.clauses[at].sentence == sentence and here - at <= 2:
            latest = cue
    if latest is None or hit.start - latest.end > 28:
        return None
    for kind in ("now", "again"):
        if any(latest.end <= cue.start and cue.end <= hit.end for cue in context.cues.get(kind, [])):
            return None
    return Finding(Reason.PAST, latest.start, latest.end)


def _passive(hit: Hit, here: int, context: ScopeContext) -> Finding | None:
    """Notice that the thing was done to somebody: 「被他班长打了」; only some tags care (their `passive` policy)."""
    match = _PASSIVE.search(context.text, max(context.clauses[here].start, hit.start - 10), hit.start)
    return Finding(Reason.PASSIVE, match.start(), match.end()) if match else None


def _whose(hit: Hit, here: int, context: ScopeContext) -> Finding | None:
    clause_end = context.clauses[min(here + 2, len(context.clauses) - 1)].end
    match = _NOT_HIM.search(context.text, hit.end, min(clause_end, hit.end + 40))
    if match:
        return Finding(Reason.OTHER, match.start(), match.end())
    match = _ATTRIBUTED.search(context.text, hit.end, min(clause_end, hit.end + 30))
    if match:
        kind = context.subjects.kind_between(match.start(), match.end())
        if kind in (Subject.FAMILY, Subject.OTHER):
            return Finding(Reason.OTHER if kind is Subject.OTHER else Reason.FAMILY, match.start(), match.end())
    subject = context.subjects.of(here, hit.start)
    if subject.kind is Subject.FAMILY:
        return Finding(Reason.FAMILY, subject.start, subject.end)
    if subject.kind is Subject.OTHER:
        return Finding(Reason.OTHER, subject.start, subject.end)
    return None


def _hearsay(hit: Hit, here: int, context: ScopeContext) -> Finding | None:
    sentence = context.clauses[here].sentence
    for cue in reversed(context.cues.get("hearsay", [])):
        if cue.start >= hit.end:
            continue
        at = context.clause_of(cue.start)
        if context.clauses[at].sentence != sentence or here - at > 3:
            return None
        if _OBSERVED.search(context.text, cue.end, max(cue.end, hit.start)):
            return None
        return Finding(Reason.HEARSAY, cue.start, cue.end)
    teller = context.subjects.teller(here, hit.start)
    return Finding(Reason.HEARSAY, teller.start, teller.end) if teller is not None and teller.kind is Subject.OTHER else None


def _uncertain(hit: Hit, here: int, context: ScopeContext) -> Finding | None:
    clause = context.clauses[here]
    after_end = clause.end if _sentence_ends(context, here) else context.clauses[here + 1].end
    for cue in context.cues.get("uncertain", []):
        if clause.start <= cue.start and cue.end <= hit.start and hit.start - cue.end <= 12:
            return Finding(Reason.UNCERTAIN, cue.start, cue.end)
        if hit.end <= cue.start < after_end:
            return Finding(Reason.UNCERTAIN, cue.start, cue.end)
    return None


def _hypothetical(hit: Hit, here: int, context: ScopeContext) -> Finding | None:
    sentence = context.clauses[here].sentence
    for cue in context.cues.get("hypothetical", []):
        if cue.start >= hit.end:
            word = context.text[cue.start : cue.end]
            if word == "的话" and context.clause_of(cue.start) == here:
                return Finding(Reason.HYPOTHETICAL, cue.start, cue.end)
            continue
        at = context.clause_of(cue.start)
        if context.clauses[at].sentence != sentence or cue.end > hit.start:
            continue
        reach = 16 if at == here else 10
        if here - at <= 1 and hit.start - cue.end <= reach:
            return Finding(Reason.HYPOTHETICAL, cue.start, cue.end)
    return None


def _planned(hit: Hit, here: int, context: ScopeContext) -> Finding | None:
    clause = context.clauses[here]
    for cue in context.cues.get("planned", []):
        if clause.start <= cue.start and cue.end <= hit.start + 2 and cue.start < hit.start + 1 and hit.start - cue.end <= 10:
            return Finding(Reason.PLANNED, cue.start, cue.end)
    return None


@dataclass(frozen=True, slots=True)
class _Reach:
    """How many clauses before and after a trigger cues of a kind speak about it."""

    kind: str
    reason: Reason
    before: int
    after: int
    in_sentence: bool = False


_REACHES = (
    _Reach("approved", Reason.APPROVED, before=2, after=3),
    _Reach("device", Reason.DEVICE, before=2, after=3),
    _Reach("education", Reason.EDUCATION, before=1, after=1),
    _Reach("fiction", Reason.FICTION, before=1, after=1),
    _Reach("handled", Reason.HANDLED, before=0, after=4, in_sentence=True),
    _Reach("retracted", Reason.RETRACTED, before=1, after=6),
    _Reach("turned", Reason.TURNED, before=1, after=4),
)


def _nearby(hit: Hit, here: int, context: ScopeContext, reach: _Reach) -> Finding | None:
    sentence = context.clauses[here].sentence
    for cue in context.cues[reach.kind]:
        at = context.clause_of(cue.start)
        if reach.in_sentence and at > here + 1 and context.clauses[at].sentence != sentence:
            continue
        if here - reach.before <= at <= here + reach.after and not (hit.start <= cue.start and cue.end <= hit.end):
            return Finding(reach.reason, cue.start, cue.end)
    return None


def _exaggerated(hit: Hit, context: ScopeContext) -> Finding | None:
    for cue in context.cues.get("exaggeration", []):
        if cue.start < hit.end + 1 and hit.start - 1 < cue.end:
            return Finding(Reason.EXAGGERATION, cue.start, cue.end)
    return None
