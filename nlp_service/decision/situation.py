"""What the rules need to know of a draft beyond its plan: when, who, where, and the sum that a fine is measured by."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from corpora import regions
from corpora.amounts import Amount, AmountKind, find_amounts, find_unit_prices
from corpora.documents import read_act_dates, read_dates, read_party_type
from corpora.schema import PartyType, PivotValue
from corpora.violations import Violation

from ..drafts import Draft, Planned
from ..plan_words import told_before

_FOUND = re.compile(r"发现|检查|巡查|查获|查到|投诉|举报|立案|核查|线索|抽检")
_ENDED = re.compile(r"建成|完工|竣工|建好|搭建|建设|施工|投入使用|停止|终了|结束|售出|卖出|发布|倾倒|占用|开工|投产")
# A base of the catalogue and the words that name it in a draft.
_BASE_WORDS = {
    "造价": ("造价",),
    "货值": ("货值", "价值", "售价", "值"),
    "违法所得": ("所得", "收入", "获利", "盈利"),
    "合同": ("合同", "工程款"),
    "投资": ("投资",),
    "广告费": ("广告费",),
    "处置费": ("处置费",),
    "恢复": ("恢复费",),
    "价值": ("价值",),
    "开垦费": ("开垦费",),
    "运输费": ("运输费", "运费"),
    "经营额": ("经营额", "销售额", "营业额"),
}
_FILLING = r"(?:金额|总额|总价|费用?|合计|共计|总计|经?(?:鉴定|评估|认定|审核|核算|咨询)(?:价|金额)?|[约为计是达仅共合有]|人民币|[¥￥:：，,（(\s]){0,8}$"


@dataclass(frozen=True, slots=True)
class Base:
    """The sum a fine is measured by; `is_named` when the draft calls it what the statute calls it, else it only gives the order of magnitude."""

    yuan: float
    is_named: bool


@dataclass(frozen=True, slots=True)
class Situation:
    """A draft as the rules see it. Dates are those the draft names."""

    text: str
    planned: Planned | None
    pivots: Mapping[str, PivotValue]
    party: PartyType | None
    region: str | None
    ended_on: dt.date | None
    found_on: dt.date | None
    latest_on: dt.date | None
    today: dt.date
    base: Base | None

    @property
    def act_on(self) -> dt.date | None:
        """The day whose law applies: the act's end, else when it was found, else the last day named; None where the draft names none."""
        return self.ended_on or self.found_on or self.latest_on

    @property
    def law_on(self) -> dt.date:
        """The day whose grounds for no or a lighter penalty apply: the act's, else that of the handling."""
        return self.act_on or self.handled_on

    @property
    def handled_on(self) -> dt.date:
        """The day whose procedure applies: the last one named, else today."""
        return self.latest_on or self.today

    @property
    def is_unit(self) -> bool:
        """Whether the party is an organisation."""
        return self.party is PartyType.ORGANISATION


def read_situation(
    draft: Draft,
    violation: Violation,
    pivots: Mapping[str, PivotValue],
    *,
    today: dt.date,
    act_on: dt.date | None = None,
    party: PartyType | None = None,
    region: str | None = None,
) -> Situation:
    """Read a draft; what is given wins over what the text says."""
    dates = [(day, start, end) for day, start, end in read_dates(draft.text) if day <= today]
    ended = act_on or read_act_dates(draft.text)[1] or _day_near(draft.text, dates, _ENDED) or (None if dates else _month(draft.text, today))
    found = _day_near(draft.text, dates, _FOUND)
    latest = max((day for day, _, _ in dates), default=None)
    return Situation(
        text=draft.text,
        planned=draft.planned,
        pivots=pivots,
        party=party or read_party_type("", draft.text) or _party_of_opening(draft.text),
        region=region or regions.find_region(draft.text),
        ended_on=ended,
        found_on=found,
        latest_on=latest,
        today=today,
        base=read_base(draft.text, violation, draft.planned, pivots),
    )


_FIRM = re.compile(r"^[^，。；：]{0,24}?(?:公司|合作社|集团)(?=$|[，。；：、（(]|[^员职门口旁楼附院内外老的里工司]|老板以|的(?:行为|厂))")


def _party_of_opening(text: str) -> PartyType | None:
    """Return ORGANISATION where the first clause has a firm for its subject: 某超市有限公司销售…, not 某公司员工打人."""
    return PartyType.ORGANISATION if _FIRM.search(text) else None


_MONTH = re.compile(r"(?P<year>(?:19|20)\d{2})年(?P<month>1[0-2]|0?[1-9])月(?!\s*\d)")


def _month(text: str, today: dt.date) -> dt.date | None:
    """Return the last day of the first month named, for a draft that names no day: enough to tell whose law applies."""
    match = _MONTH.search(text)
    if match is None:
        return None
    year, month = int(match["year"]), int(match["month"])
    day = dt.date(year, month, calendar.monthrange(year, month)[1])
    return day if day <= today else None


def _day_near(text: str, dates: list[tuple[dt.date, int, int]], word: re.Pattern[str]) -> dt.date | None:
    """Return the first date whose clause, up to the next date, holds the word."""
    for index, (day, _, end) in enumerate(dates):
        stop = dates[index + 1][1] if index + 1 < len(dates) else len(text)
        clause = re.split(r"[。；;\n]", text[end : min(stop, end + 40)])[0]
        if word.search(clause):
            return day
    return None


def read_base(text: str, violation: Violation, planned: Planned | None, pivots: Mapping[str, PivotValue]) -> Base | None:
    """Return the base of the fine: given with the plan, a pivot in yuan, named in the text, or a bare total before the plan."""
    if planned and planned.base_amount_yuan:
        return Base(float(planned.base_amount_yuan), True)
    names = [rule.fine.base for rule in violation.disposals if rule.fine and rule.fine.base]
    for pivot in violation.pivots:
        value = pivots.get(pivot.name)
        if pivot.type == "number" and pivot.unit == "元" and isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0:
            return Base(float(value), pivot.name in names)
    words = [word for name in names for key, synonyms in _BASE_WORDS.items() if key in name for word in synonyms]
    told = len(told_before(text))
    sums = [amount for amount in find_amounts(text) if amount.yuan > 0]
    bases = [amount for amount in sums if amount.kind is AmountKind.BASE and _stands_by_its_cue(text, amount)]
    named = [amount for amount in bases if any(word in amount.cue for word in words)]
    others = [amount for amount in sums if amount.kind is AmountKind.OTHER and not amount.cue and amount.start < told]
    totals = [amount for amount in others if amount.is_total]
    if named or totals or bases:
        chosen = next(found[-1] for found in (named, totals, bases) if found)
        # 过期饼干2包共26元: the total of the goods is what the statute calls 货值.
        return Base(float(chosen.yuan), bool(named) or (bool(totals) and "货值" in words))
    if "货值" in words and (goods := _goods(text)):
        return Base(goods, True)
    return Base(float(others[0].yuan), False) if len(others) == 1 else None


def _goods(text: str) -> float | None:
    """Return what goods are worth that are told by the piece: 4瓶，售价6.5元一瓶."""
    worth = [price.total_yuan for price in find_unit_prices(text) if price.total_yuan is not None and "罚" not in text[max(0, price.start - 8) : price.start]]
    return float(sum(worth)) if worth else None


def _stands_by_its_cue(text: str, amount: Amount) -> bool:
    """Whether nothing but filling words stand between 货值 and the sum: 货值不足一万元的起点就是五万元 names no base."""
    before = text[max(0, amount.start - 24) : amount.start]
    return re.search(re.escape(amount.cue) + _FILLING, before) is not None
