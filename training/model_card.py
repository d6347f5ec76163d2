"""The model card (Markdown, Chinese): what the model is for and not for, on what it was fitted, how good it is and on whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nlp_service.tagging.schemes import Scheme

from .evaluate_tagger import Evaluation
from .recipe import TaggerRecipe

_WORST_TAGS = 8


def tagger_card(version: str, scheme: Scheme, recipe: TaggerRecipe, told: Mapping[str, Any], evaluation: Evaluation | None) -> str:
    """Return the card of a tagger."""
    data = told["data"]
    lines = [
        f"# {version}",
        "",
        f"方案 **{scheme.name}**（版本 {scheme.version}，{len(scheme.tags)} 个标签）的标签模型，方法 `{recipe.model.value}`，随机种子 {recipe.seed}。",
        "",
        "## 用途与界限",
        "",
        "- 给短文本提示关键词标签；结果是“关键词提示，尚待核实”，不得未经核实作为考核奖惩或处罚依据。",
        "- 只对与训练数据相近的文本有效；换了写法、地区或任务，先用自己的标注数据评测。",
        "- 数据里没有的标签、训练例很少的标签靠规则或不作判断。",
        "",
        "## 数据",
        "",
        f"- 训练 {data['train']['n']} 份（SHA-256 {data['train']['sha256'][:16]}），测试 {data['test']['n']} 份（{data['test']['sha256'][:16]}）。",
        f"- {'指标来自只用训练部分拟合的模型；发布的模型用全部数据重新拟合。' if told['refit_on_all'] else '发布的模型没有见过测试部分。'}",
        f"- 划分时不拆开：{'、'.join(recipe.data.group_by) or '近似重复的文本'}。",
        "",
        *(_figures(evaluation, scheme) if evaluation else ["## 指标", "", "没有测试数据，未评测。", ""]),
        "## 复现",
        "",
        "- 配方见 `recipe.toml`，数据、代码与环境见 `lineage.json`；同一数据、代码、环境与种子得到逐位相同的模型。",
        "",
    ]
    return "\n".join(lines)


def _figures(evaluation: Evaluation, scheme: Scheme) -> list[str]:
    names = {tag.code: tag.name for tag in scheme.tags}
    lines = [f"## 指标（{evaluation.n} 份测试文本，95% 自助区间）", "", "| 指标 | 值 | 区间 |", "|---|---|---|"]
    lines += [f"| {name} | {item.mean:.3f} | {item.low:.3f} – {item.high:.3f} |" for name, item in evaluation.figures.items()]
    lines += ["", f"期望校准误差 {evaluation.ece:.3f}；应排除却判为属实的比例 {evaluation.trap_rate:.3f}。", ""]
    worst = sorted((item.mean, tag, counts) for tag, (counts, item) in evaluation.by_tag.items() if counts.tp + counts.fn >= 3)[:_WORST_TAGS]
    if worst:
        lines += ["最弱的标签：", "", "| 标签 | F1 | 精确率 | 召回率 | 应有 |", "|---|---|---|---|---|"]
        lines += [
            f"| {tag} {names.get(tag, '')} | {f1:.3f} | {counts.precision:.3f} | {counts.recall:.3f} | {counts.tp + counts.fn} |" for f1, tag, counts in worst
        ]
        lines.append("")
    for name, values in evaluation.by_group.items():
        if values:
            lines += [f"按 {name} 的 micro-F1：" + "；".join(f"{value} {f1:.3f}（{n}）" for value, (n, f1) in values.items()), ""]
    return lines
