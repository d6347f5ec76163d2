"""How heavy the plan is in money beside peers of the same order of magnitude, and beside a decision corrected as too severe.

Levels order kinds of penalty; within 罚款 and 没收 they say little: confiscating three bottles is level 3 with a fine of 2,000 or of
50,000 yuan. Here every disposal is a sum: 0 where nothing is imposed but a warning or an order, the fine where there is one,
more than any sum where a licence, a business or liberty is at stake (domain §2: 复合处置取最重类加金额向量, 分别比较).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpora.outcomes import OutcomeGroup

from ..drafts import Planned
from .deviation import NOTICE_N_EFF, Signal, nearest_agree
from .distribution import MIN_BAR_N, Amounts, Tail, amounts, effective_size, tail_of, weighted_quantile
from .neighbours import Neighbour

MONEY = frozenset({2, 3})  # levels of the general order that differ by a sum of money only
MONEY_LEVEL = 3  # in the general order 0–3 are sums of money, 4 and more are not
SPREAD = 0.6  # of log10(base): a base ten times as large weighs a quarter, thirty times as large a twentieth
UNKNOWN_BASE = 0.5
COMPARABLE = 0.2  # least kernel with which a peer counts
TAIL_SHARE, TAIL_UPPER, TIMES = 0.25, 0.5, 2.0
SAME_FINE = 2.0  # a corrected fine within half and twice the planned one is the same order
_TOO_SEVERE = re.compile(r"明显不当|畸重|过重|过罚|罚过|减轻|从轻|不予处罚|比例原则|机械适用|裁量不当")


@dataclass(frozen=True, slots=True)
class Burden:
    """The plan among comparable peers in yuan. `share` is the part of them at least as heavy (or as light) as the plan."""

    n: int
    n_eff: float
    lighter: int
    equal: int
    heavier: int
    median: float
    tail: Tail
    nearest: tuple[float, ...]
    is_heavier: bool
    is_near_base: bool


def weight_in_money(kinds: Sequence[str], level: int | None, fine: float | None) -> float | None:
    """Return the sum a disposal comes to, infinity beyond money, None where a fine is imposed but not stated."""
    if level is None:
        return None
    if level > MONEY_LEVEL:
        return math.inf
    if fine:
        return fine
    return None if "罚款" in kinds else 0.0


def kernel(ours: float | None, theirs: float | None) -> float:
    """Return how far two bases are of one order of magnitude, 1 for equal ones; 1 as well where the draft names none."""
    if not ours:
        return 1.0
    if not theirs:
        return UNKNOWN_BASE
    return math.exp(-0.5 * (math.log10(theirs / ours) / SPREAD) ** 2)


def comparable(items: Sequence[Neighbour], base: float | None) -> list[tuple[Neighbour, float, float]]:
    """Return (peer, its sum, its weight) of the eligible peers whose base is of the draft's order of magnitude."""
    found = []
    for item in items:
        money = weight_in_money(item.case.kinds, item.level, float(item.case.fine_yuan) if item.case.fine_yuan else None)
        near = kernel(base, float(item.case.base_amount_yuan) if item.case.base_amount_yuan else None)
        if item.is_eligible and money is not None and near >= COMPARABLE:
            found.append((item, money, item.weight * near))
    return found


def burden(items: Sequence[Neighbour], planned: Planned | None, level: int | None, base: float | None) -> Burden | None:
    """Place the plan among comparable peers; None without a plan in money, or without peers."""
    if planned is None or level is None or level > MONEY_LEVEL:
        return None
    ours = weight_in_money(planned.kinds, level, float(planned.fine_yuan) if planned.fine_yuan is not None else None)
    peers = comparable(items, base)
    if ours is None or not peers:
        return None
    sums, weights = [money for _, money, _ in peers], [weight for _, _, weight in peers]
    middle = weighted_quantile(sums, weights, 0.5)
    is_heavier = ours >= middle
    part = sum(weight for money, weight in zip(sums, weights, strict=True) if (money >= ours if is_heavier else money <= ours)) / sum(weights)
    return Burden(
        n=len(sums),
        n_eff=effective_size(weights),
        lighter=sum(money < ours for money in sums),
        equal=sum(money == ours for money in sums),
        heavier=sum(money > ours for money in sums),
        median=middle,
        tail=tail_of(part, effective_size(weights)),
        nearest=tuple(money for _, money, _ in sorted(peers, key=lambda peer: -peer[2])),
        is_heavier=is_heavier,
        is_near_base=bool(base),
    )


def burden_signal(found: Burden | None, ours: float | None) -> Signal | None:
    """Return a notice where few comparable peers are as heavy (or as light) as the plan, and it is twice (or half) their median."""
    if found is None or ours is None or found.n < MIN_BAR_N or found.n_eff < NOTICE_N_EFF:
        return None
    if found.tail.share > TAIL_SHARE or found.tail.high >= TAIL_UPPER:
        return None
    if nearest_agree("heavier" if found.is_heavier else "lighter", found.nearest, ours):
        return None
    scope = "案值同一量级的" if found.is_near_base else ""
    counts = f"{scope}{found.n}件可比案件中，{found.lighter}件较轻，{found.equal}件相同，{found.heavier}件较重"
    if found.is_heavier and ours > 0 and ours >= TIMES * found.median:
        return Signal("notice", "heavier", "burden", f"{counts}；请核对有无不予、从轻或减轻处罚的依据")
    if not found.is_heavier and found.median > 0 and ours * TIMES <= found.median and not math.isinf(found.median):
        return Signal("notice", "lighter", "burden", f"{counts}；请核对是否漏用从重情节、减轻或不予处罚的依据是否写明")
    return None


def corrected_signal(items: Sequence[Neighbour], planned: Planned | None, level: int | None, base: float | None) -> Signal | None:
    """Return a notice where a peer of this order of magnitude, disposed of like the plan, was corrected as too severe and the rest are mostly lighter."""
    if planned is None or level is None or not planned.fine_yuan:
        return None
    ours = float(planned.fine_yuan)
    alike = [
        item
        for item in items
        if item.reason == "处罚决定已被纠正"
        and item.weight > 0
        and item.group is OutcomeGroup.CORRECTED
        and _alike(item.level, level)
        and _same(item, ours, base)
    ]
    peers = comparable(items, base)
    lighter = sum(weight for _, money, weight in peers if money * TIMES <= ours)
    whole = sum(weight for _, _, weight in peers)
    if not alike or not base or len(peers) < 2 or lighter < 0.6 * whole:
        return None
    review = alike[0].case.review
    result = f"{review.type}{review.result}" if review else "纠正"
    count = sum(money * TIMES <= ours for _, money, _ in peers)
    return Signal("notice", "heavier", "corrected", f"处置与此相同的相近案件曾被{result}（处罚明显不当），案值同一量级的{len(peers)}件可比案件中{count}件较轻")


def _alike(theirs: int | None, ours: int) -> bool:
    """Whether two levels differ in money only: 罚款 beside 没收 and 罚款."""
    return theirs == ours or (theirs in MONEY and ours in MONEY)


def _same(item: Neighbour, ours: float, base: float | None) -> bool:
    review, fine = item.case.review, float(item.case.fine_yuan or 0)
    near = kernel(base, float(item.case.base_amount_yuan) if item.case.base_amount_yuan else None)
    is_ground = review is not None and _TOO_SEVERE.search(f"{review.result}{review.reason}") is not None
    return is_ground and near >= 0.6 and fine > 0 and ours / SAME_FINE <= fine <= ours * SAME_FINE


def near_amounts(items: Sequence[Neighbour], base: float | None, level: int | None) -> Amounts | None:
    """Return the quantiles of the fines in yuan of comparable peers disposed of like the plan or fined."""
    chosen = [
        (money, weight)
        for item, money, weight in comparable(items, base)
        if 0 < money < math.inf and (level is None or item.level == 2 or _alike(item.level, level))
    ]
    return amounts([money for money, _ in chosen], [weight for _, weight in chosen], is_rate=False)
