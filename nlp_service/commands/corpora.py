"""`corpora describe|verify`: what is bundled, and whether it is sound."""

from __future__ import annotations

import argparse

from rich.table import Table

from corpora.samples import describe, verify
from corpora.violations import TaxonomyError, check_patterns, load_violations

from ..settings import Settings
from .base import err, out

HELP = "随附语料：describe 说明，verify 核验"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=["describe", "verify"])


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Describe or verify; 1 when something is wrong."""
    if arguments.action == "describe":
        table = Table("语料", "数量", "SHA-256", "二元字比（字数）")
        for file in describe():
            table.add_row(file.name, str(file.n_records), file.sha256[:16], f"{file.distinct_bigrams:.3f}（{file.n_sampled:,}）")
        out.print(table)
        return 0
    problems = [*verify(), *_broken_patterns()]
    for problem in problems[:50]:
        err.print(problem, highlight=False, markup=False, soft_wrap=True)
    out.print("随附语料核验通过" if not problems else f"发现 {len(problems)} 处问题", highlight=False)
    return 1 if problems else 0


def _broken_patterns() -> list[str]:
    try:
        check_patterns(load_violations().values())
    except TaxonomyError as error:
        return [str(error)]
    return []
