"""`import FILE…`: cases into the store; what was rejected is named with file:line, the rest goes in."""

from __future__ import annotations

import argparse
from pathlib import Path

from corpora.importing import import_files
from corpora.store import StoreError

from ..settings import Settings
from .base import CommandError, err, open_store, out, progress_bar

HELP = "导入案例（jsonl、csv、xlsx、txt/docx 决定书；可带 .gz、.xz）"
SHOWN = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Import and report; 1 when records were rejected."""
    for path in arguments.files:
        if not path.is_file():
            raise CommandError(f"{path}：没有这个文件")
    with open_store(settings) as store, progress_bar() as tell:
        try:
            summary = import_files(store, arguments.files, on_progress=lambda done: tell(f"导入 {done} 条", 0.0) if err.is_terminal else None)
        except StoreError as error:
            raise CommandError(str(error)) from None
    out.print(f"接受 {summary.accepted}（新增 {summary.added}，变更 {summary.changed}，未变 {summary.unchanged}），拒绝 {summary.n_rejected}", highlight=False)
    for rejection in summary.rejected[:SHOWN]:
        err.print(f"拒绝 {rejection.place}: {rejection.reason}", highlight=False, markup=False, soft_wrap=True)
    for warning in summary.warnings[:SHOWN]:
        err.print(f"提醒 {warning}", highlight=False, markup=False, soft_wrap=True)
    hidden = max(0, summary.n_rejected - SHOWN) + max(0, len(summary.warnings) - SHOWN)
    if hidden:
        err.print(f"……另有 {hidden} 条未列出", highlight=False)
    return 1 if summary.n_rejected else 0
