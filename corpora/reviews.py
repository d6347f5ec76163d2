"""Read what reconsideration, a court or the review of an enforcement request made of a decision; knows no amounts."""

from __future__ import annotations

import re

from corpora.documents import read_dates, read_doc_no
from corpora.schema import Review, ReviewType
from corpora.text import sentences

_RECONSIDERATION = re.compile(r"复议(?:机关|机构|决定|委员会|申请)|行政复议|(?:市|区|县|省)?(?:人民)?政府[^。；;，,]{0,8}(?:复议|维持|撤销|变更)|申请人")
_COURT = re.compile(r"法院|判决|裁定|原告|一审|二审|再审|上诉")
_ENFORCEMENT = re.compile(r"(?:不准予?|不予准许|不予|准予|准许|同意)(?:强制)?执行|非诉(?:行政)?(?:执行)?(?:审查)?")

# Results by the version in domain §1.6; the first pattern that fits a sentence wins, so narrower ones stand first.
_RESULTS: tuple[tuple[ReviewType, str, str], ...] = (
    (ReviewType.ENFORCEMENT, "不准予执行", r"(?:不准予?|不予准许|裁定不予)(?:强制)?执行"),
    (ReviewType.ENFORCEMENT, "准予执行", r"(?<!不)(?:准予|准许)(?:强制)?执行"),
    (ReviewType.LITIGATION, "驳回诉讼请求", r"驳回(?:原告)?[^，。；;]{0,16}(?:全部)?诉讼请求"),
    (ReviewType.LITIGATION, "驳回起诉", r"驳回(?:原告)?[^，。；;]{0,12}起诉"),
    (ReviewType.LITIGATION, "准予撤诉", r"(?:准予|准许)[^，。；;]{0,12}撤(?:回起)?诉|撤回起诉"),
    (ReviewType.RECONSIDERATION, "驳回请求", r"驳回[^，。；;]{0,16}(?:复议)?(?:请求|申请)"),
    (ReviewType.LITIGATION, "部分撤销", r"部分撤销|撤销[^，。；;]{0,24}(?:中的?|部分|第[一二三四五]项)"),
    (ReviewType.LITIGATION, "撤销", r"撤销(?!权|缓刑|假释)"),
    (ReviewType.LITIGATION, "变更", r"变更(?:为|处罚|罚款|原)|判决[^。；;]{0,20}变更|予以变更"),
    (ReviewType.LITIGATION, "确认无效", r"确认[^，。；;]{0,24}无效"),
    (ReviewType.LITIGATION, "确认违法", r"确认[^，。；;]{0,24}违法"),
    (ReviewType.LITIGATION, "责令履行", r"(?:责令|限期)[^，。；;]{0,16}履行(?:法定)?职责"),
    (ReviewType.RECONSIDERATION, "维持", r"维持"),
    (ReviewType.LITIGATION, "不予受理", r"不予受理|不予立案"),
    (ReviewType.LITIGATION, "调解", r"(?:调解|和解)(?:结案|书|协议)|达成(?:调解|和解)"),
    (ReviewType.RECONSIDERATION, "终止", r"终止(?:行政)?复议"),
)
# Rights that a decision tells the party about, and doings of the party, are no outcome.
_NOT_AN_OUTCOME = re.compile(
    r"如不服|可以?(?:在|于|自|依法|向|申请|提起)|(?:有权|拟|(?<!判决)(?<!决定)(?<!裁定)将|请求|要求|主张|诉请|申请)[^，,。；;]{0,16}(?:撤销|变更|确认)|六十日内|六个月内|[六6]0日内"
)
_DECIDES = re.compile(r"决定|判决|裁定|裁判|准予|不准|驳回|法院(?:审理|审查)?(?:后)?(?:认为|认定)?|复议机关|认为|予以")
_REASON = re.compile(r"(?:认为|以|因|理由[是为：:]|由于)[，,：:]?(?P<reason>[^。；;]{4,200}?)(?:为由|[，,](?:故|遂|决定|判决|裁定|因此|据此)|[。；;]|$)")


def read_review(text: str) -> Review | None:
    """Return the last outcome of a review that the text reports, or None; a notice of the right to appeal is no outcome."""
    found: Review | None = None
    spans = sentences(text)
    for at, (start, end) in enumerate(spans):
        before = text[spans[at - 1][0] : start] if at else ""
        outcome = _upheld(text[start:end], before, found) if _UPHELD.search(text[start:end]) else _outcome(text[start:end])
        if outcome:
            found = _review(outcome, text[start:end], before)
    return found


_UPHELD = re.compile(r"驳回[^，。；;]{0,8}上诉|维持(?:原判|一审|原审)")
_PARTY_APPEALS = re.compile(r"(?:当事人|原告|[某*×])[^。；;]{0,12}(?:上诉|不服)")


def _upheld(sentence: str, before: str, found: Review | None) -> tuple[ReviewType, str] | None:
    """Judge 驳回上诉，维持原判: the judgment below stands. Unreported, it is known only when the party itself appealed and so had lost."""
    if found is not None:
        return None
    return (ReviewType.LITIGATION, "驳回诉讼请求") if _PARTY_APPEALS.search(before + sentence) else None


def _outcome(sentence: str) -> tuple[ReviewType, str] | None:
    is_court, is_reconsidered = bool(_COURT.search(sentence)), bool(_RECONSIDERATION.search(sentence))
    if not (is_court or is_reconsidered or _ENFORCEMENT.search(sentence)) or not _DECIDES.search(sentence) or _NOT_AN_OUTCOME.search(sentence):
        return None
    for kind, result, pattern in _RESULTS:
        match = re.search(pattern, sentence)
        if not match:
            continue
        if kind is ReviewType.ENFORCEMENT:
            return kind, result
        if not (is_court or is_reconsidered):
            return None
        return _body(sentence, match.start(), is_court), result
    return None


def _body(sentence: str, at: int, is_court: bool) -> ReviewType:
    """Tell whose outcome stands at a place: the body named last before it, else the one named at all."""
    court = max((m.start() for m in _COURT.finditer(sentence, 0, at + 8)), default=-1)
    reconsidered = max((m.start() for m in _RECONSIDERATION.finditer(sentence, 0, at + 8)), default=-1)
    if court == reconsidered:
        return ReviewType.LITIGATION if is_court else ReviewType.RECONSIDERATION
    return ReviewType.LITIGATION if court > reconsidered else ReviewType.RECONSIDERATION


def _review(outcome: tuple[ReviewType, str], sentence: str, before: str) -> Review:
    reason = _REASON.search(sentence) or _REASON.search(before)
    dates = read_dates(sentence)
    number = read_doc_no(sentence)
    return Review(
        type=outcome[0],
        result=outcome[1],
        reason=reason["reason"].strip("，, ") if reason else "",
        decided_on=dates[-1][0] if dates else None,
        doc_no=number if number and ("行" in number or "复" in number) else None,
    )
