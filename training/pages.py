"""The frame of an HTML report: one style, nothing from outside, no script."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

_STYLE = """body{font:16px/1.6 system-ui,"Noto Sans CJK SC",sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1d2433}
table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #cbd2dc;padding:.3rem .6rem;text-align:left;vertical-align:top}
th{background:#eef1f5}td.n{text-align:right;font-variant-numeric:tabular-nums}.given{color:#a3341a}.missed{color:#1a57a3}summary{cursor:pointer}
svg{max-width:100%;height:auto}svg text{font-size:11px;fill:#1d2433}.wide{overflow-x:auto}"""


def write_page(path: Path, title: str, body: Iterable[str]) -> None:
    """Write a page; `title` is escaped here, the parts of the body are HTML."""
    head = (
        "<!doctype html><html lang=zh-CN><head><meta charset=utf-8><meta name=viewport content='width=device-width'>",
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
    )
    path.write_text("\n".join((*head, *body, "</body></html>")), encoding="utf-8")
