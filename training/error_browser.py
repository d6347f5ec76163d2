"""One HTML page, nothing outside it needed: figures, reliability diagram, and the worst confident mistakes to look through. Everything is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from .evaluate_tagger import Evaluation, Mistake
from .pages import write_page
from .plots import Point, reliability_diagram


def write_error_browser(path: Path, evaluation: Evaluation, found: Sequence[Mistake], names: Mapping[str, str]) -> None:
    """Write the page; `names` are the Chinese names of the tags."""
    parts = [
        f"<h1>{escape(evaluation.version)}：{evaluation.n} 份测试文本</h1>",
        _figures(evaluation),
        "<h2>概率是否可信</h2>",
        f"<p>期望校准误差 ECE {evaluation.ece:.3f}；被否定、既往、他人等情形却判为属实的比例 {evaluation.trap_rate:.3f}。</p>",
        reliability_diagram([Point(item.stated, item.right, item.n) for item in evaluation.bins], label="可靠性图：所述概率与实际比例"),
        f"<h2>最有把握的错误（{len(found)}）</h2>",
        _mistakes(found, names),
        "<h2>各标签</h2>",
        _tags(evaluation, names),
        *(_group(name, values) for name, values in evaluation.by_group.items() if values),
    ]
    write_page(path, f"{evaluation.version} 的错误", parts)


def _figures(evaluation: Evaluation) -> str:
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td class=n>{item.mean:.3f}</td><td class=n>{item.low:.3f} – {item.high:.3f}</td></tr>"
        for name, item in evaluation.figures.items()
    )
    return f"<table><tr><th>指标</th><th>值</th><th>95% 区间</th></tr>{rows}</table>"


def _mistakes(found: Sequence[Mistake], names: Mapping[str, str]) -> str:
    rows = []
    for item in found:
        kind, css = ("误标", "given") if item.is_given else ("漏标", "missed")
        example = item.example
        told = "、".join(example.tags) or "（无）"
        rows.append(
            f"<tr><td>{escape(example.example_id)}</td><td class={css}>{kind} {escape(item.tag)} {escape(names.get(item.tag, ''))}</td>"
            f"<td class=n>{item.p:.2f}</td><td>{escape(told)}</td><td>{escape(example.text)}</td></tr>"
        )
    return f"<table><tr><th>编号</th><th>错误</th><th>概率</th><th>标注</th><th>文本</th></tr>{''.join(rows)}</table>"


def _tags(evaluation: Evaluation, names: Mapping[str, str]) -> str:
    rows = "".join(
        f"<tr><td>{escape(tag)} {escape(names.get(tag, ''))}</td><td class=n>{counts.tp + counts.fn}</td><td class=n>{counts.precision:.3f}</td>"
        f"<td class=n>{counts.recall:.3f}</td><td class=n>{item.mean:.3f} [{item.low:.3f}, {item.high:.3f}]</td></tr>"
        for tag, (counts, item) in evaluation.by_tag.items()
    )
    return f"<table><tr><th>标签</th><th>应有</th><th>精确率</th><th>召回率</th><th>F1</th></tr>{rows}</table>"


def _group(name: str, values: Mapping[str, tuple[int, float]]) -> str:
    rows = "".join(f"<tr><td>{escape(value)}</td><td class=n>{n}</td><td class=n>{f1:.3f}</td></tr>" for value, (n, f1) in values.items())
    return f"<h2>按 {escape(name)}</h2><table><tr><th>{escape(name)}</th><th>文本</th><th>micro-F1</th></tr>{rows}</table>"
