"""Cases by the thousand: a violation, a place, a story of its keywords and elements, a disposal within its range."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from decimal import Decimal

from corpora.schema import Case, PartyType, Provenance, Review, ReviewType
from corpora.violations import DisposalRule, Violation, load_violations

_PLACES = (
    ("330111", "杭州市富阳区", ("春江", "东洲", "场口", "新登", "大源", "鹿山", "银湖", "灵桥")),
    ("330122", "桐庐县", ("分水", "横村", "江南", "瑶琳", "凤川", "富春江")),
    ("330483", "桐乡市", ("乌镇", "濮院", "崇福", "洲泉", "石门", "梧桐")),
    ("330402", "嘉兴市南湖区", ("凤桥", "余新", "新丰", "七星")),
    ("330106", "杭州市西湖区", ("留下", "蒋村", "三墩", "转塘")),
)
_TRADES = ("机械", "纺织", "塑胶", "食品", "五金", "建材", "餐饮", "物流", "家具", "包装", "电器", "水产")
_MARKS = "恒锦启磐瑞昌盛达丰隆泰源润德鑫佳顺诚宏远"
_SURNAMES = "王李张陈徐吴章孙周朱沈叶郑潘许蒋何方"
_FOUND = ("日常巡查", "群众举报", "12345热线转办", "卫片比对", "部门移送", "网格员上报", "专项检查", "视频巡查")
_STANCE = ("如实陈述并当场整改", "称不了解规定", "拒绝签字但未再继续", "主动提交整改方案", "称系前任经营者留下", "先否认后承认", "申请延期整改")
_PRONE = ("情节轻微", "情节一般", "曾因同类行为被查处", "及时消除影响", "社会影响较小", "经责令后仍未停止")


def generate_cases(n: int, *, seed: int = 0, characters: int = 500) -> Iterator[Case]:
    """Yield n cases of about `characters` characters of facts; the same seed gives the same cases."""
    generator = random.Random(seed)
    violations = list(load_violations().values())
    for number in range(n):
        yield _case(number, generator, violations[generator.randrange(len(violations))], characters)


def _case(number: int, generator: random.Random, violation: Violation, characters: int) -> Case:
    region, county, towns = generator.choice(_PLACES)
    act = dt.date(2019, 1, 1) + dt.timedelta(days=generator.randrange(1300))
    party_type, party = _party(generator)
    rule = _rule(generator, violation, act)
    base = generator.randrange(5, 9000) * 100
    fine = _fine(generator, rule, base)
    town = generator.choice(towns)
    facts = _facts(generator, violation, f"{county}{town}", party, act, base, characters)
    kinds = rule.kinds
    disposition = f"责令{party}按规定改正；" + "、".join(kinds) + (f"，罚款{fine}元" if fine else "") + "。"
    return Case(
        case_id=f"G-{number:07d}",
        title=f"{party}{violation.name}案",
        causes=(violation.name,),
        cause_code=violation.code,
        facts=facts,
        reasoning=f"{party}的行为属{violation.name}，{generator.choice(_PRONE)}，{rule.title}。",
        disposition=disposition,
        basis=tuple(dated.cite for dated in violation.penalty[:2]),
        agency=f"{county}{violation.agency}",
        region=region,
        decided_on=act + dt.timedelta(days=generator.randrange(20, 88)),
        act_from=act,
        party_type=party_type,
        kinds=kinds,
        fine_yuan=Decimal(fine) if fine else None,
        base_amount_yuan=Decimal(base),
        review=_review(generator),
        provenance=Provenance.SYNTHETIC,
        pivots={pivot.name: generator.random() < 0.5 for pivot in violation.pivots[:4] if pivot.type == "bool"},
    )


def _party(generator: random.Random) -> tuple[PartyType, str]:
    roll = generator.random()
    if roll < 0.4:
        return PartyType.PERSON, f"{generator.choice(_SURNAMES)}某"
    mark, trade = generator.choice(_MARKS), generator.choice(_TRADES)
    return (PartyType.SOLE_TRADER, f"{mark}某{trade}店") if roll < 0.6 else (PartyType.ORGANISATION, f"{mark}某{trade}有限公司")


def _rule(generator: random.Random, violation: Violation, day: dt.date) -> DisposalRule:
    rules = [rule for rule in violation.disposals if rule.in_force(day)]
    return generator.choice(rules or list(violation.disposals))


def _fine(generator: random.Random, rule: DisposalRule, base: int) -> int | None:
    if rule.fine is None or "罚款" not in rule.kinds:
        return None
    low, high = rule.fine.min, rule.fine.max
    if rule.fine.kind != "fixed":
        low, high = low * base, high * base
    return max(1, round(low + (high - low) * generator.random()))


def _facts(generator: random.Random, violation: Violation, place: str, party: str, act: dt.date, base: int, characters: int) -> str:
    words = [*violation.keywords, *violation.elements, *(point.item for point in violation.evidence), *(f.name for f in violation.mitigating)]
    parts = [
        f"{act.year}年{act.month}月{act.day}日，执法人员经{generator.choice(_FOUND)}发现{party}在{place}{violation.name}",
        f"涉案面积{generator.randrange(5, 3000)}.{generator.randrange(10)}平方米，涉案金额{base}元",
    ]
    length = sum(map(len, parts))
    while length < characters:
        chosen = "、".join(generator.sample(words, min(3, len(words))))
        part = f"现场查见{chosen}，编号{generator.randrange(10**6)}，当事人{generator.choice(_STANCE)}"
        parts.append(part)
        length += len(part) + 1
    return "。".join(parts) + "。"


def _review(generator: random.Random) -> Review | None:
    if generator.random() > 0.12:
        return None
    result = generator.choice(("维持", "维持", "撤销", "变更", "确认违法"))
    return Review(type=generator.choice((ReviewType.RECONSIDERATION, ReviewType.LITIGATION)), result=result, reason="主要证据不足" if result == "撤销" else "")
