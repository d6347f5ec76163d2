"""`audit verify`: is the chain of records whole?"""

from __future__ import annotations

import argparse

from ..audit import AuditError, AuditLog
from ..settings import Settings
from .base import CommandError, out

HELP = "核验留痕记录的哈希链"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=["verify"])


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Verify; 1 when the chain is broken."""
    if not settings.audit.is_file():
        raise CommandError(f"{settings.audit}：尚无留痕记录")
    try:
        log = AuditLog(settings.audit)
        checked, broken = log.verify()
        seq, value = log.head()
    except AuditError as error:
        raise CommandError(str(error)) from None
    if broken is None:
        out.print(f"核验通过：{checked} 条，末条 {seq}，哈希 {value}", highlight=False, soft_wrap=True)
        return 0
    out.print(f"第 {broken} 条与哈希链不符（此前 {checked} 条完好）", highlight=False)
    return 1
