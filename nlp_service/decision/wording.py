"""The words an officer reads: only what may be said (domain §6). Counts always, percentages only where the sample allows them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from corpora.violations import Violation

from .distribution import MIN_AMOUNT_N, MIN_BAR_N, Amounts, Distribution, Reviewed
from .figures import percent_words, without_signs, yuan
from .findings import Finding
from .mixture import Relation
from .neighbours import Neighbour
from .places import MIN_CELL, Place
from .rules import Ruling

LEVEL_NAMES = {
    "planning": {0: "不予处罚", 1: "责令改正", 2: "责令限期改正并处罚款", 3: "没收", 4: "限期拆除"},
    "general": {
        0: "不予处罚",
        1: "警告或责令改正",
        2: "罚款",
        3: "没收",
        4: "暂扣证件或降低资质",
        5: "停产停业或限制经营",
        6: "限期拆除或恢复原状",
        7: "吊销证照或责令关闭",
        8: "行政拘留",
    },
}
FORBIDDEN = (
    *("必败", "必输", "必胜", "胜诉率", "败诉率", "败诉概率", "胜诉概率", "应当改为", "应改为", "建议改为", "必须改为", "系统判定", "系统认定", "系统建议"),
    *("大概率", "极可能", "很可能被", "会起诉", "会被撤销", "将被撤销", "必然", "再犯率", "再犯风险", "违法的决定", "拟处置违法", "决定违法，", "属于违法决定"),
)
DISCLAIMER = "本提示由类案检索统计生成，不构成法律意见；采纳与否请填写理由，最终由办案机关决定。"
HEADLINES = {
    "warning": "与相似案例处置差异较大（供核对）",
    "notice": "与相似案例处置有差异（供核对）",
    "none": "未见与相似案例的明显差异",
    "insufficient": "样本不足，仅列案例",
}
OF_STATUTE = frozenset({"scale", "fine_above", "fine_below"})  # signals that come from the statute alone
MIXED_HEADLINE = "案情写到不止一种违法行为，请分别比较"
UNSURE_HEADLINE = "案情可能属于不同的违法行为，请先确认"
STATUTE_HEADLINES = {"warning": "拟罚款与法定幅度不符（供核对）", "notice": "拟罚款请对照法定幅度与情节（供核对）"}
DIRECTIONS = {"heavier": "偏重", "lighter": "偏轻", "other": "不同"}


def headline(level: str, sources: Collection[str], *, is_mixed: bool = False, is_unsure: bool = False) -> str:
    """Return the headline; peers are named only where they are a reason, and what the draft is about comes before how many peers there are."""
    if is_mixed:
        return MIXED_HEADLINE
    if is_unsure and level == "insufficient":
        return UNSURE_HEADLINE
    if sources and OF_STATUTE.issuperset(sources):
        return STATUTE_HEADLINES.get(level, HEADLINES[level])
    return HEADLINES[level]


def level_name(family: str, level: int) -> str:
    """Return the name of an ordinal level in its family."""
    return LEVEL_NAMES[family][level]


def describe_distribution(family: str, found: Distribution, years: str) -> str:
    """Return one sentence on how peers were disposed of."""
    if found.n == 0:
        return "未检索到可供比较的相似案例。"
    head = f"检索到{found.n}件可比的相似案例{years}"
    if found.has_percentages:
        parts = [
            f"约{share * 100:.0f}%{level_name(family, level)}" for level, share in sorted(found.shares.items(), key=lambda item: -item[1]) if share >= 0.005
        ]
        return f"{head}（有效样本{found.n_eff:.1f}），按相似度加权：" + "，".join(parts) + "。"
    parts = [f"{level_name(family, level)}{count}件" for level, count in found.counts.items()]
    return f"{head}（有效样本{found.n_eff:.1f}，不足以给出比例）：" + "，".join(parts) + "。"


def describe_amounts(found: Amounts | None) -> str:
    """Return one sentence on the fines of peers, empty when there are too few."""
    if found is None or not found.has_interval:
        return ""
    low, middle, high = (percent_words(value) if found.is_rate else yuan(value) for value in (found.q10, found.q50, found.q90))
    return f"同类{found.n}件的罚款{'为基数的' if found.is_rate else '在'}{low}至{high}{'' if found.is_rate else '之间'}，中位{middle}。"


def describe_reviewed(found: Reviewed, *, has_percentages: bool = True) -> str:
    """Return one sentence on reviewed peers: a count, and a rate only from eight on and where percentages may be shown at all."""
    total = found.corrected + found.upheld
    if total == 0:
        return ""
    text = f"受审查的{total}件中{found.corrected}件被纠正"
    rate = found.rate if has_percentages else None
    if rate is None:
        return text + "，样本不足以估计比率。"
    return text + f"（估计{rate[0] * 100:.0f}%，90%区间{rate[1] * 100:.0f}%至{rate[2] * 100:.0f}%；未受审查的不等于正确）。"


def describe_counter_examples(items: Sequence[Neighbour]) -> str:
    """Return one sentence on corrected peers, as counter-examples: those whose facts are the draft's first, and how many are the other way round."""
    if not items:
        return ""
    near = sorted(items, key=lambda item: bool(item.conflicts))
    shown = [
        f"{item.case.review.type}{quoted(item.case.review.result)}（{quoted(item.case.review.reason) or '理由未载'}）" for item in near[:3] if item.case.review
    ]
    opposite = sum(bool(item.conflicts) for item in items)
    return f"反面案例{len(items)}件，不作参照{f'（其中{opposite}件关键事实与本案相反）' if opposite else ''}：" + "；".join(shown) + "。"


def quoted(text: str, limit: int = 160) -> str:
    """Return what a record of the library says, as it may stand on the card: without % signs, and not at all where it holds what may not be said."""
    if any(word in text for word in FORBIDDEN):
        return "理由见案例原文"
    clean = without_signs(text).rstrip("。；; ")
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def describe_places(family: str, places: Sequence[Place]) -> str:
    """Return one sentence on county, city and province; levels with fewer than five cases are not told apart."""
    if len(places) < 2:
        return ""
    parts = []
    for place in places:
        shown = [f"{level_name(family, level)}{count}件" for level, count in place.found.counts.items() if count >= MIN_CELL]
        parts.append(
            f"{place.name}{place.found.n}件（{'，'.join(shown) if shown else '各档均不足5件'}{'，其余略' if shown and len(shown) < len(place.found.counts) else ''}）"
        )
    return "分地区：" + "；".join(parts) + "。"


def describe_finding(finding: Finding) -> str:
    """Return a finding as the card lists it, with its citation and whether a lawyer still has to check it."""
    cite = f"（{'、'.join(finding.cite)}）" if finding.cite else ""
    return f"{without_signs(finding.text)}{cite}{'' if finding.status == 'checked' else '【待核】'}"


def describe_opposites(items: Sequence[Neighbour]) -> str:
    """Return one sentence on peers left out because a decisive fact is the other way round."""
    if not items:
        return ""
    facts = "、".join(dict.fromkeys(name for item in items for name in item.conflicts))
    return f"另有{len(items)}件关键事实相反未计入（{facts}）。"


def describe_unknown(names: Sequence[str]) -> str:
    """Say that the violation is not clear, and what it may be."""
    near = f"案情较像：{'；'.join(f'“{name}”' for name in names)}，但都不确定。" if names else ""
    return f"未能确定违法行为，因此不作比较，也不列法定处置。{near}请写明谁、在哪里、做了什么，或指定案由后再比较。\n{DISCLAIMER}"


def _quote(names: Sequence[str]) -> str:
    return "、".join(f"“{name}”" for name in names)


def describe_mixture(name: str, others_by: Mapping[Relation, Sequence[str]], rivals: Sequence[str], *, is_named: bool) -> list[str]:
    """Say which other violations the draft tells of, and what that means for the comparison."""
    said = []
    others = _quote(others_by[Relation.SEPARATE])
    if others and is_named:
        said.append(f"本次只按“{name}”比较；案情还写到{others}，其处置请另行比较，拟作处理中属于它的部分请先去掉。")
    elif others:
        said.append(
            f"案情写到不止一种违法行为：“{name}”和{others}。拟作处理分不清是对哪一种，因此不比较轻重；"
            "请逐一选定后分别比较，或分开录入。下面的案件与法定处置按前一种列出。"
        )
    if same := others_by[Relation.SAME_ACT]:
        said.append(f"同一行为也可能涉及{_quote(same)}，请先确认适用哪一种，避免一事二罚。")
    if aside := others_by[Relation.CIRCUMSTANCE]:
        said.append(f"案情还写到{_quote(aside)}，这里作为本案情节看待；如要另行处罚，请另行比较。")
    if rivals:
        said.append(f"案情不能确定是“{name}”，也可能是{_quote(rivals)}；请确认后再比较。")
    return said


def describe_silence(found: Distribution, *, has_plan: bool, base_name: str | None, few_amounts: int | None) -> list[str]:
    """Say in plain words why something is not compared: no plan, too few peers, no base, too few fines."""
    said = []
    if not has_plan:
        said.append("案情没有写明打算怎么处理，只列同类处置；写上“拟罚款…元”“拟责令…”，或在拟作处理栏填写后即可比较。")
    elif not found.has_bars:
        said.append(
            f"可比的相似案件只有{found.n}件（有效样本{found.n_eff:.1f}），少于比较所需的{MIN_BAR_N}件，因此不比较处置轻重，只列案件；法定处置与程序仍可核对。"
        )
    if base_name:
        said.append(f"案情没有写明计罚基数（{base_name}），罚款是否在法定比例以内无法核对；请补写金额。")
    if few_amounts is not None:
        said.append(f"可比的同类罚款只有{few_amounts}件，少于{MIN_AMOUNT_N}件，不比较罚款数额。")
    return said


def compose(
    violation: Violation,
    level: str,
    *,
    planned: str | None,
    ruling: Ruling,
    found: Distribution,
    fines: Amounts | None,
    reviewed: Reviewed,
    reasons: Sequence[str],
    title: str,
    corrected: Sequence[Neighbour],
    opposite: Sequence[Neighbour],
    years: str,
    places: Sequence[Place] = (),
    statute: str = "",
    notes: Sequence[str] = (),
) -> str:
    """Return the card: headline, peers, reasons, what to check, counter-examples, disclaimer."""
    lines = [title] if planned else []
    lines.append(describe_distribution(violation.family, found, years))
    lines += [describe_places(violation.family, places), describe_amounts(fines)]
    if planned:
        lines.append(f"拟处置：{planned}。" + "".join(f"{without_signs(reason)}。" for reason in reasons))
    lines += [statute, *notes]
    if ruling.pending:
        lines.append("请核对：" + "".join(f"{number}、{question}" for number, question in enumerate(ruling.pending[:6], 1)))
    if ruling.procedure:
        lines.append("程序与依据：" + "；".join(describe_finding(finding) for finding in ruling.procedure[:6]) + "。")
    lines += [
        describe_counter_examples(corrected),
        describe_reviewed(reviewed, has_percentages=found.has_percentages),
        describe_opposites(opposite),
        DISCLAIMER,
    ]
    return "\n".join(line for line in lines if line)
