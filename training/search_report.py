"""One HTML page on how well search finds, nothing outside it needed: systems, differences, ablations, reliability, the worst queries. Everything is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from .evaluate_search import MAIN, Difference, Evaluation, Figures, Within, compare
from .pages import write_page
from .plots import Point, bars, differences, reliability_diagram
from .search_systems import BM25, FUSED
from .search_trust import Trust
from .worst_queries import Asked, Shown

NAMES: Mapping[str, str] = {
    FUSED: "融合（现用）",
    BM25: "普通 BM25",
    "lexical": "词面",
    "dense": "向量",
    "causes": "案由",
    "reasoning": "说理",
    "statutes": "法条",
    "equal weights": "各通道等权",
    "reciprocal ranks": "倒数排名融合",
    "no emphasis": "去掉长文加重词面",
    "no pivots": "去掉关键情节",
    "no salience": "去掉词的显著性",
    "no speech": "去掉口语模型",
}


_KINDS: Mapping[str, str] = {
    "in": "库中有相似案例的查询（不该如此回答）",
    "stay": "缺了别的案由的库（不该如此回答）",
    "out": "缺了本案由的库（应当如此回答）",
    "outside": "与执法无关的文字（应当如此回答）",
}


def write_search_report(path: Path, found: Evaluation) -> None:
    """Write the page."""
    parts = [
        f"<h1>{escape(found.name)}：{found.n_queries} 个有判断的查询，{'给定候选' if found.in_pools else '全库'}</h1>",
        f"<p>{'，'.join(f'{escape(name)} {escape(version)}' for name, version in found.versions.items())}。方括号内为按查询自助抽样的 95% 区间。</p>",
        "<h2>各系统</h2>",
        bars([(name_of(name), system.interval(MAIN)) for name, system in found.by_system.items()], label=f"各系统 {MAIN} 及区间"),
        _systems(found.by_system),
        "<h2>每个查询的差别</h2>",
        *_differences(found),
        *(_within(found.within) if found.within else ()),
        *(_ablations(found.fused, found.ablations) if found.ablations else ()),
        *_trust(found.trust),
        f"<h2>最差的 {len(found.worst)} 个查询</h2>",
        *(_asked(one) for one in found.worst),
    ]
    write_page(path, f"{found.name} 的检索效果", parts)


def name_of(system: str) -> str:
    """Return the Chinese name of a system or an ablation."""
    if system in NAMES:
        return NAMES[system]
    return f"去掉{NAMES.get(system[3:], system[3:])}通道" if system.startswith("no ") else system


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of escaped cells; the first column is a name, the others are numbers."""
    body = "".join(
        f"<tr>{''.join(f'<td class=n>{escape(cell)}</td>' if place else f'<td>{escape(cell)}</td>' for place, cell in enumerate(row))}</tr>" for row in rows
    )
    return f"<div class=wide><table><tr>{''.join(f'<th>{escape(cell)}</th>' for cell in head)}</tr>{body}</table></div>"


def _systems(by_system: Mapping[str, Figures]) -> str:
    metrics = list(by_system[FUSED].values)
    return _table(["系统", *metrics], [[name_of(name), *(f"{system.interval(metric).mean:.3f}" for metric in metrics)] for name, system in by_system.items()])


def _differences(found: Evaluation) -> list[str]:
    parts = []
    for name in (BM25, found.best_single):
        parts.append(_difference(f"融合 − {name_of(name)}", MAIN, compare(found.fused, found.by_system[name])))
    parts += [_difference(f"融合 − 先前结果 {found.against_name}", metric, difference) for metric, difference in found.against.items()]
    return parts


def _difference(title: str, metric: str, difference: Difference) -> str:
    values = list(difference.by_query.items())
    better, worse = sum(value > 0 for _, value in values), sum(value < 0 for _, value in values)
    mean = difference.mean
    return (
        f"<h3>{escape(title)}，{escape(metric)}</h3><p>平均 {mean.mean:+.3f} [{mean.low:+.3f}, {mean.high:+.3f}]；"
        f"{better} 个更好，{len(values) - better - worse} 个相同，{worse} 个更差（斜线）。</p>" + differences(values, label=f"{title} {metric}，由好到差")
    )


def _within(within: Within) -> list[str]:
    n = len(within.by_system[FUSED].queries)
    return [
        "<h2>同案由内</h2>",
        f"<p>候选只取查询自身案由（被判为相似的案例的案由）的案例，{n} 个查询；任意排列的期望为 {within.any_order.mean:.3f}。</p>",
        bars(
            [*((name_of(name), system.interval(MAIN)) for name, system in within.by_system.items()), ("任意排列", within.any_order)], label="同案由内 NDCG@10"
        ),
    ]


def _ablations(fused: Figures, without: Mapping[str, Figures]) -> list[str]:
    rows = [_ablation(name, system, fused) for name, system in without.items()]
    everything = [name_of(FUSED), f"{fused.interval(MAIN).mean:.3f}", "", f"{fused.interval('MAP').mean:.3f}"]
    return [
        "<h2>去掉一部分</h2>",
        bars([(name_of(FUSED), fused.interval(MAIN)), *((name_of(name), system.interval(MAIN)) for name, system in without.items())], label="消融 NDCG@10"),
        _table(["做法", MAIN, "与现用之差", "MAP"], [everything, *rows]),
    ]


def _ablation(name: str, system: Figures, fused: Figures) -> list[str]:
    change = compare(system, fused).mean
    return [
        name_of(name),
        f"{system.interval(MAIN).mean:.3f}",
        f"{change.mean:+.3f} [{change.low:+.3f}, {change.high:+.3f}]",
        f"{system.interval('MAP').mean:.3f}",
    ]


def _trust(trust: Trust) -> list[str]:
    points = [Point(item.predicted, item.observed, item.n) for item in trust.bins]
    refused = [[_KINDS[kind], f"{share:.1%}", str(n)] for kind, (share, n) in trust.refused.items()]
    return [
        "<h2>相似概率是否可信</h2>",
        f"<p>校准 {escape(trust.version)}：期望校准误差 ECE {trust.ece:.3f}（每个查询的前 20 件，未判断的按不相似计；只看判断过的为 {trust.ece_judged:.3f}），"
        f"Brier {trust.brier:.3f}。</p>",
        reliability_diagram(points, label="可靠性图：所述概率与实际比例"),
        _table(["所述概率", "实际比例", "件数"], [[f"{point.stated:.2f}", f"{point.right:.2f}", str(point.n)] for point in points]),
        f"<h3>答“没有足够相似的案例”的比例</h3><p>界限：最高概率低于 {trust.threshold:.3f}。</p>",
        _table(["问的是什么", "如此回答", "次数"], refused),
    ]


def _asked(one: Asked) -> str:
    return (
        f"<details><summary>{escape(one.query_id)}：{MAIN} {one.figure:.3f}　{escape(one.text[:60])}</summary><p>{escape(one.text)}</p>"
        f"<h4>排在前面的</h4>{_cases(one.hits)}<h4>应当找到的</h4>{_cases(one.wanted)}</details>"
    )


def _cases(cases: Sequence[Shown]) -> str:
    rows = "".join(
        f"<tr><td class=n>{case.rank or '未进前 100'}</td><td class=n>{'未判断' if case.grade is None else case.grade}</td>"
        f"<td class=n>{'—' if case.relevance is None else f'{case.relevance:.0%}'}</td>"
        f"<td>{escape(case.case_id)}</td><td>{escape(case.cause)}</td><td>{escape(case.title)}</td></tr>"
        for case in cases
    )
    return f"<div class=wide><table><tr><th>名次</th><th>判断</th><th>相似概率</th><th>编号</th><th>案由</th><th>标题</th></tr>{rows}</table></div>"
