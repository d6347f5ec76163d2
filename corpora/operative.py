"""Tell words that decide something from words that propose, warn, deny or recall it; knows no kinds and no amounts."""

from __future__ import annotations

import re
from enum import StrEnum


class Force(StrEnum):
    """What a mention at a place in the text does."""

    DECIDED = "decided"
    PROPOSED = "proposed"
    CONDITIONAL = "conditional"
    NEGATED = "negated"
    RECALLED = "recalled"


_HARD_STOPS = "。；;！？!?\n"
MAX_CLAUSE_CHARS = 400
# 逾期不改正、期满仍不拆、如不服: what follows happens only if. 逾期未改正 without 的 tells what has happened, so it needs 的 or 将.
_CONDITION = re.compile(
    r"(?:^|[，,、：:])\s*(?:"
    r"(?:逾期|期满|到期|届期)(?!(?:后)?(?:仍|再)?(?:未|没))(?:后)?(?:仍|再)?|"
    r"(?:逾期|期满|到期|届期)(?:后)?(?:仍)?(?:未|没有)[^，,]{0,24}(?:的[，,]|[，,]?\s*(?:本[机局]关?|我局)?(?:依法)?(?:将|可|每日|申请|加处))|"
    r"(?:如果|如(?!下|上|实|期|此)|若|倘若|假如)|"
    r"(?:拒不|拒绝|情节(?:较重|严重|恶劣)|造成|构成犯罪|再次|再犯|不按期|不履行|未按期|经责令)[^，,]{0,24}的[，,]"
    r")"
)
_PROPOSAL = re.compile(
    r"(?<![模虚])拟(?:对|作出?|给予|处|罚|没收|责令|吊销|暂扣|决定|予|按|以|依|将|减轻|从|不予|限期|要求|拘留|行政|警告)"
    r"|建议(?!书)|移送|(?:告知|通知)[^，,。；;]{0,24}(?:将|可能)"
    r"|(?:将|可能)(?:会)?(?:被|面临|依法|受到)?(?=处|吊销|没收|责令|予以|给予|罚|关闭|拘留|强制|申请)"
    r"|(?<![许认])可(?:以)?(?:并)?(?=处|没收|吊销|暂扣|责令|予|给|拘留|拆除)"
)
_DECIDES = re.compile(r"决定(?!书|前|的|机关)|作出如下|判决|变更为|改为")
_RECALL = re.compile(
    r"(?:曾|此前|前次|上次|以前|先前)[^，,。；;]{0,24}$|[被已](?:被|于|经|先行|依法)?(?:处以?|给予|责令|作出)?\s*$"
    r"|撤销[^，,。；;]{0,40}$|(?:请求|愿意?)[^，,。；;]{0,20}$"
)
_NEGATION = re.compile(
    r"(?:不予|免予|免于|免除|不再|不应|不宜|无需|无须|暂不|未予|未|没有|不|不得)(?:再|另)?(?:行)?(?:作出|给予|予以|并处|处以|处|以|追加|适用)?(?:行政)?(?:处罚)?(?:[:：])?\s*$"
)


def clause_start(text: str, at: int) -> int:
    """Return where the clause holding `at` begins: after the last full stop, semicolon or line break."""
    earliest = max(0, at - MAX_CLAUSE_CHARS)
    return max([earliest, *(text.rfind(stop, earliest, at) + 1 for stop in _HARD_STOPS)])


def force_at(text: str, at: int) -> Force:
    """Judge the mention that begins at `at` by the words before it in its clause."""
    start = clause_start(text, at)
    before = text[start:at]
    if _NEGATION.search(before[-12:]):
        return Force.NEGATED
    decides = max((match.end() for match in _DECIDES.finditer(before)), default=0)
    before = before[decides:]
    if _CONDITION.search(before):
        return Force.CONDITIONAL
    # 拟, 将 and 可 stand right before the mention, so the pattern must see its first characters.
    proposal = _PROPOSAL.search(text, start + decides, at + 3)
    if proposal and proposal.start() < at:
        return Force.PROPOSED
    if _RECALL.search(before):
        return Force.RECALLED
    return Force.DECIDED
