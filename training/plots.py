"""Plots as inline SVG, to be read without colour and without a script: every mark has its number beside it or in a tooltip, below zero is hatched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from zlib import crc32

from .metrics.bootstrap import Interval

_INK, _BLUE, _LINE = "#1d2433", "#1a57a3", "#cbd2dc"
_LABEL, _PLOT, _NUMBER, _ROW = 150, 420, 170, 26
_WIDE, _HIGH = 760, 220
_SIDE = 260


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a reliability diagram: stated probability, share that was right, how many."""

    stated: float
    right: float
    n: int


def bars(rows: Sequence[tuple[str, Interval]], *, label: str) -> str:
    """Return one horizontal bar from 0 to 1 a row, with its 95 % interval as a whisker and both as text."""
    parts = []
    for place, (name, value) in enumerate(rows):
        y = place * _ROW
        low, mean, high = (_LABEL + _PLOT * min(max(x, 0.0), 1.0) for x in (value.low, value.mean, value.high))
        middle = y + _ROW / 2
        parts.append(
            f"<text x={_LABEL - 8} y={middle + 4:.1f} text-anchor=end>{escape(name)}</text>"
            f"<rect x={_LABEL} y={y + 5} width={mean - _LABEL:.1f} height={_ROW - 10} fill='{_BLUE}' fill-opacity=.35 stroke='{_BLUE}'/>"
            f"<path d='M{low:.1f} {middle:.1f}H{high:.1f}M{low:.1f} {middle - 5:.1f}v10M{high:.1f} {middle - 5:.1f}v10' stroke='{_INK}' stroke-width=1.5 fill=none />"
            f"<text x={_LABEL + _PLOT + 10} y={middle + 4:.1f}>{value.mean:.3f} [{value.low:.3f}, {value.high:.3f}]</text>"
        )
    height = len(rows) * _ROW
    axis = "".join(
        f"<line x1={_LABEL + _PLOT * tick / 4:.1f} y1=0 x2={_LABEL + _PLOT * tick / 4:.1f} y2={height} stroke='{_LINE}'/>"
        f"<text x={_LABEL + _PLOT * tick / 4:.1f} y={height + 14} text-anchor=middle>{tick / 4:g}</text>"
        for tick in range(5)
    )
    return _svg(axis + "".join(parts), (0, -4, _LABEL + _PLOT + _NUMBER, height + 24), label)


def differences(values: Sequence[tuple[str, float]], *, label: str) -> str:
    """Return one thin bar an item, best first: above the line it is better, below (hatched) worse. The scale reaches to the largest of them."""
    ordered = sorted(values, key=lambda item: (-item[1], item[0]))
    most = max((abs(value) for _, value in ordered), default=0.0) or 1.0
    step = _WIDE / max(len(ordered), 1)
    middle = _HIGH / 2
    hatched = f"worse-{crc32(label.encode()):x}"  # ids are of the whole page
    parts = []
    for place, (name, value) in enumerate(ordered):
        size = abs(value) / most * middle
        top = middle - size if value > 0 else middle
        look = f"fill='{_BLUE}'" if value > 0 else f"fill='url(#{hatched})' stroke='{_INK}' stroke-width=.5"
        parts.append(
            f"<rect x={place * step:.2f} y={top:.1f} width={max(step * 0.85, 0.6):.2f} height={max(size, 0.5):.1f} {look}>"
            f"<title>{escape(name)}：{value:+.3f}</title></rect>"
        )
    hatch = f"<pattern id={hatched} width=4 height=4 patternUnits=userSpaceOnUse patternTransform='rotate(45)'><rect width=2 height=4 fill='{_INK}'/></pattern>"
    scale = (
        f"<text x=-8 y=10 text-anchor=end>{most:+.2f}</text><text x=-8 y={middle + 4:.1f} text-anchor=end>0</text>"
        f"<text x=-8 y={_HIGH} text-anchor=end>{-most:+.2f}</text><line x1=0 y1={middle} x2={_WIDE} y2={middle} stroke='{_INK}'/>"
    )
    return _svg(f"<defs>{hatch}</defs>{''.join(parts)}{scale}", (-50, -8, _WIDE + 60, _HIGH + 16), label)


def reliability_diagram(points: Sequence[Point], *, label: str) -> str:
    """Return stated probability (x) against the share that was right (y); on the dashed line both agree, the area of a point follows its number."""
    most = max((point.n for point in points), default=1)
    marks = "".join(
        f"<circle cx={point.stated * _SIDE:.1f} cy={(1 - point.right) * _SIDE:.1f} r={3 + 9 * (point.n / most) ** 0.5:.1f} fill='{_BLUE}' fill-opacity=.6 "
        f"stroke='{_INK}'><title>所述 {point.stated:.2f}，实际 {point.right:.2f}，{point.n} 例</title></circle>"
        for point in points
    )
    frame = (
        f"<rect width={_SIDE} height={_SIDE} fill=none stroke='{_LINE}'/>"
        f"<line x1=0 y1={_SIDE} x2={_SIDE} y2=0 stroke='{_INK}' stroke-dasharray=4 />"
        f"<text x=0 y={_SIDE + 16}>0</text><text x={_SIDE} y={_SIDE + 16} text-anchor=end>1</text>"
        f"<text x={_SIDE / 2} y={_SIDE + 16} text-anchor=middle>所述概率</text><text x=-6 y=8 text-anchor=end>1</text>"
        f"<text x=-6 y={_SIDE} text-anchor=end>0</text><text x=-6 y={_SIDE / 2} text-anchor=end>实际</text>"
    )
    return _svg(frame + marks, (-50, -14, _SIDE + 70, _SIDE + 40), label)


def _svg(body: str, box: tuple[float, float, float, float], label: str) -> str:
    return f"<svg viewBox='{' '.join(f'{x:g}' for x in box)}' width={box[2]:g} role=img aria-label='{escape(label, quote=True)}'>{body}</svg>"
