"""Read a decision: what it imposes, its number and dates, what became of it, and what a case leaves out (design §4)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from corpora.amounts import Amount, AmountKind, Ratio, find_amounts, find_multiples, find_percentages, find_unit_prices, plain
from corpora.citations import find_citations
from corpora.documents import read_act_dates, read_dates, read_decided_on, read_doc_no, read_party_type
from corpora.kinds import find_kinds
from corpora.numerals import NUMBER, read_number
from corpora.operative import Force, clause_start, force_at
from corpora.reviews import read_review
from corpora.schema import Case, with_derived

__all__ = ["Disposition", "derive", "read_base_amount", "read_dates", "read_disposition", "read_doc_no", "read_review"]

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Disposition:
    """What a decision imposes. `rate` is a fraction (5% is 0.05); `conflict` asks a person to look at the amounts."""

    kinds: tuple[str, ...] = ()
    fine_yuan: Decimal | None = None
    confiscated_yuan: Decimal | None = None
    detention_days: int | None = None
    deadline_days: int | None = None
    deadline_text: str | None = None
    rate: Decimal | None = None
    multiple: Decimal | None = None
    conflict: bool = False


def read_disposition(text: str, *, include_proposed: bool = False) -> Disposition:
    """Read kinds, amounts and deadlines from the operative part of a decision.

    Several fines: a stated total (合计, 合并执行) counts; else the separate punishments are added up, and 各/分别 counts once per
    person named before it. Nothing is added for a sum that only repeats another. Without a stated amount, base × rate (or multiple,
    or price × quantity) is worked out when both stand in one clause. `conflict` is set where capitals contradict figures, or a
    stated fine differs by more than one yuan from base × rate.
    """
    kinds = tuple(dict.fromkeys(mention.kind for mention in find_kinds(text, include_proposed=include_proposed)))
    amounts = find_amounts(text)
    proposed = [amount for amount in amounts if amount.kind is AmountKind.PROPOSED] if include_proposed else []
    fines = [amount for amount in amounts if amount.kind is AmountKind.FINE or (amount in proposed and not amount.is_forfeit)]
    rate, multiple = _factor(text, "percent"), _factor(text, "multiple")
    computed = _computed(text, amounts)
    confiscated = [amount for amount in amounts if amount.kind is AmountKind.CONFISCATION or (amount in proposed and amount.is_forfeit)]
    fine = _total(text, fines, confiscated) if fines else computed
    deadline_days, deadline_text = _deadline(text)
    return Disposition(
        kinds=kinds if fine is None or "罚款" in kinds else (*kinds, "罚款"),
        fine_yuan=fine,
        confiscated_yuan=_total(text, confiscated),
        detention_days=_detention_days(text) if "行政拘留" in kinds else None,
        deadline_days=deadline_days,
        deadline_text=deadline_text,
        rate=rate,
        multiple=multiple,
        conflict=any(amount.conflict for amount in amounts) or _contradicts(fines, fine, computed),
    )


_EACH = re.compile(r"对(?P<who>[^，。；;]{1,80}?)(?:分别|各)(?:处以?|并处|给予|予以)?(?:行政)?(?:罚款)?(?:人民币)?\s*$")


def _total(text: str, amounts: Sequence[Amount], others: Sequence[Amount] = ()) -> Decimal | None:
    """Return the stated total, else the sum; a total that takes in what is confiscated (两项合计) is not the fine's."""
    if not amounts:
        return None
    totals = [amount for amount in amounts if amount.is_total]
    parts = [amount for amount in amounts if not amount.is_total]
    total = plain(sum((amount.yuan * _persons(text, amount) for amount in _without_repeats(text, parts)), Decimal(0)))
    if totals and not (parts and others and totals[-1].yuan == total + sum((other.yuan for other in others), Decimal(0))):
        return totals[-1].yuan
    return total


def _without_repeats(text: str, amounts: Sequence[Amount]) -> list[Amount]:
    """Leave out a sum that the text only takes up again: 上述罚款5000元, 即5000元 after the same amount."""
    kept: list[Amount] = []
    for amount in amounts:
        before = text[max(0, amount.start - 16) : amount.start]
        repeats = re.search(r"(?:上述|前述|该|以上|全部|即|将|计)[^，,。；;]{0,10}$", before) is not None
        if not (repeats and any(other.yuan == amount.yuan for other in kept)):
            kept.append(amount)
    return kept


def _persons(text: str, amount: Amount) -> int:
    each = _EACH.search(text[clause_start(text, amount.start) : amount.start])
    if each is None or re.match(r"[^，,。；;]{0,4}[、和]\s*[\d一二三四五六七八九十百千万]", text[amount.end : amount.end + 8]):
        return 1  # 分别处罚款500元、300元 names every sum itself
    return 1 + len(re.findall(r"[、和及与]", each["who"]))


def _contradicts(fines: Sequence[Amount], fine: Decimal | None, computed: Decimal | None) -> bool:
    return len(fines) == 1 and fine is not None and computed is not None and abs(fine - computed) > 1


_CLAUSE_END = re.compile(r"[。；;\n]")


def _factor(text: str, what: str) -> Decimal | None:
    """Return the first decided percentage or multiple that sets a fine; 加处罚款 for late payment is none."""
    for ratio in find_percentages(text) if what == "percent" else find_multiples(text):
        before = text[clause_start(text, ratio.start) : ratio.start]
        is_set = re.search(r"处|罚款|按|以", before) and not re.search(r"加处|每日|滞纳", before) and _sets_fine(text, before, ratio.end)
        if is_set and force_at(text, ratio.start) in (Force.DECIDED, Force.PROPOSED):
            return ratio.value
    return None


def _sets_fine(text: str, before: str, at: int) -> bool:
    stop = _CLAUSE_END.search(text, at)
    after = text[at : stop.start() if stop else len(text)]
    return "罚款" in before or "罚款" in after[:24]


def _computed(text: str, amounts: Sequence[Amount]) -> Decimal | None:
    """Work out base × rate, base × multiple or price × quantity where one clause names both."""
    for ratio, base in _measured(text, amounts):
        return plain((base.yuan * ratio.value).quantize(CENT, ROUND_HALF_UP))
    for price in find_unit_prices(text):
        clause = text[clause_start(text, price.start) : price.end]
        if price.total_yuan is not None and "罚" in clause and "加处" not in clause and force_at(text, price.start) is Force.DECIDED:
            return price.total_yuan
    return None


def _measured(text: str, amounts: Sequence[Amount]) -> Iterator[tuple[Ratio, Amount]]:
    """Yield each rate or multiple of a fine with the base that stands right before it: 造价428600元百分之五的罚款."""
    for ratio in (*find_percentages(text), *find_multiples(text)):
        begin = clause_start(text, ratio.start)
        bases = [a for a in amounts if a.kind is AmountKind.BASE and begin <= a.start < ratio.start and ratio.start - a.end <= 12]
        if bases and _sets_fine(text, text[begin : ratio.start], ratio.end) and not re.search(r"加处|每日", text[begin : ratio.start]):
            yield ratio, bases[-1]


_DETENTION = re.compile(rf"(?:(?P<merged>合并执行|执行)(?:行政)?拘留|(?<!刑事)(?<!司法)(?:行政|治安)?拘留)\s*(?P<days>{NUMBER})\s*[日天]")


def _detention_days(text: str) -> int | None:
    """Return the days of detention: 合并执行 where stated, else the longest (days of several people do not add up)."""
    found = []
    for match in _DETENTION.finditer(text):
        days = read_number(match["days"])
        if days is None or "折抵" in text[max(0, match.start() - 3) : match.start()]:
            continue
        if match["merged"] == "合并执行":
            return int(days)
        found.append(int(days))
    return max(found, default=None)


_UNITS = {"日": 1, "天": 1, "个工作日": 1, "工作日": 1, "周": 7, "个月": 30, "月": 30, "年": 365}
_DEADLINE = re.compile(
    rf"(?P<from>自?(?:收到|接到|送达|签收|本决定)[^，,。；;]{{0,16}}?(?:之日)?(?:起|后)?|自即日起|即日起)?\s*(?P<n>{NUMBER})\s*(?P<unit>个工作日|工作日|个月|[日天周年])(?:之|以)?内"
)
_NO_DEADLINE = re.compile(r"[^。；;]{0,16}(?:缴|交至|交到|履行|复议|起诉|诉讼|申辩|听证|不得)")
_BY_DATE = re.compile(r"(?:于|在|限)\s*(?P<date>\d{4}年\d{1,2}月\d{1,2}日)\s*(?:之)?前")


def _deadline(text: str) -> tuple[int | None, str | None]:
    """Return the first deadline for putting things right; deadlines to pay or to appeal are others."""
    for match in _DEADLINE.finditer(text):
        clause = text[clause_start(text, match.start()) : match.start()]
        days = read_number(match["n"])
        if days is None or not re.search(r"责令|限", clause) or _NO_DEADLINE.match(text, match.end()):
            continue
        if re.search(r"缴|罚款", re.split(r"[，,]", clause)[-1]):
            continue
        return int(days * _UNITS[match["unit"]]), match[0].strip()
    by_date = _BY_DATE.search(text)
    return (None, by_date[0]) if by_date and re.search(r"责令|限", text[clause_start(text, by_date.start()) : by_date.end()]) else (None, None)


_BASE_ORDER = (
    *("造价", "货值", "合同", "投资", "处置费", "广告费", "开垦费", "恢复费", "市场价值", "林木价值", "经营额"),
    *("销售", "营业", "运费", "运输", "违法所得", "非法所得", "违法收入", "非法收入", "收入", "获利"),
)


def read_base_amount(text: str) -> Decimal | None:
    """Return the sum that a fine is measured by (工程造价, 货值, 合同价款, 违法所得 …), or None.

    The sum that a rate or multiple is applied to counts first. Else, when several are named, the order is that of `_BASE_ORDER`;
    of one kind a stated total goes before the one named last, because later words correct earlier ones.
    """
    amounts = find_amounts(text)
    measured = [base.yuan for _, base in _measured(text, amounts)]
    if measured:
        return measured[-1]
    bases = [a for a in amounts if a.kind is AmountKind.BASE or (a.kind is AmountKind.CONFISCATION and a.cue.endswith(("所得", "收入")))]
    for name in _BASE_ORDER:
        found = [amount for amount in bases if name in amount.cue]
        if found:
            totals = [amount for amount in found if amount.is_total]
            return (totals or found)[-1].yuan
    return None


def derive(case: Case) -> Case:
    """Return the case with what it leaves out read from its texts; every field filled this way is named in `derived`."""
    disposition = read_disposition(case.disposition)
    operative = "\n".join(part for part in (case.reasoning, case.disposition) if part)
    act_from, act_to = read_act_dates(case.facts)
    if case.act_from or case.act_to:  # one given end is not completed by a guess
        act_from = act_to = None
    values: dict[str, Any] = {
        "kinds": disposition.kinds,
        "fine_yuan": disposition.fine_yuan,
        "base_amount_yuan": read_base_amount(f"{case.facts}\n{case.disposition}"),
        "basis": tuple(dict.fromkeys(str(citation) for citation in find_citations(operative))),
        "doc_no": read_doc_no("\n".join((case.title, case.disposition, case.facts))),
        "decided_on": read_decided_on(case.disposition),
        "act_from": act_from,
        "act_to": act_to,
        "review": read_review("\n".join((case.facts, case.reasoning, case.disposition))),
        "party_type": read_party_type(case.title, case.facts),
    }
    return with_derived(case, {name: value for name, value in values.items() if not _implausible(value)})


def _implausible(value: object) -> bool:
    return isinstance(value, dt.date) and not dt.date(1949, 10, 1) <= value <= dt.date.today() + dt.timedelta(days=366)
