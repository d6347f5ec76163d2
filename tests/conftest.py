"""Cases and libraries that several tests share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from corpora.schema import Case
from corpora.store import CaseStore

THEMES = (
    ("占道经营", "水果店 越门 摆放 人行道 摊位 城管 劝离 逾期 未改正"),
    ("违法建设", "钢结构 厂房 规划许可证 超建 测绘 复函 改正 造价"),
    ("无证取水", "打井 取水 许可证 水泵 流量 地下水 水利 计量"),
    ("油烟超标", "烧烤店 油烟 净化器 居民 投诉 监测 排放 清洗"),
)


def make_case(number: int, *, theme: int | None = None, **values: object) -> Case:
    """Return a small case; its theme decides words and cause, its number makes it unlike others."""
    cause, words = THEMES[(number if theme is None else theme) % len(THEMES)]
    parts = words.split()
    shift = number % len(parts)
    text = "，".join([*parts[shift:], *parts[:shift]])
    defaults: dict[str, object] = {
        "title": f"某单位{cause}案",
        "causes": (cause,),
        "facts": f"{2019 + number % 4}年，第{number}号检查发现{text}。",
        "reasoning": f"本机关认为，{parts[0]}属实，{cause}成立，编号{number}。",
        "region": "330111" if number % 2 else "330483",
    }
    return Case(case_id=f"C-{number:05d}", **{**defaults, **values})  # type: ignore[arg-type]


@pytest.fixture
def case_factory() -> Callable[..., Case]:
    """Return `make_case`."""
    return make_case


@pytest.fixture
def store(tmp_path: Path):
    """Return an empty store in a temporary folder."""
    with CaseStore.open(tmp_path / "cases.db") as opened:
        yield opened
