"""`persons purge`: delete what is too old of persons under correction, with a receipt in the audit chain."""

from __future__ import annotations

import argparse
import datetime as dt

from corpora.schema import RecordError, parse_date
from corpora.store import StoreError

from ..audit import AuditError, AuditLog
from ..persons.opening import open_persons
from ..persons.watched import RulesError
from ..settings import Settings
from ..tagging.service import TagService
from .base import CommandError, out

HELP = "矫正对象数据：purge 清除超过保存期限的报告和告警（给回执）"
CLASSES = ("reports", "alerts")
_NAMES = {"reports": "报告", "findings": "标签", "corrections": "人工核实", "sanctions": "处分登记", "alerts": "已办结告警", "events": "已发事件"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    actions = parser.add_subparsers(dest="action", required=True)
    purge = actions.add_parser("purge", help="清除；不写 --before 则按 NLP_KEEP_REPORTS_DAYS、NLP_KEEP_ALERTS_DAYS")
    purge.add_argument("--before", default=None, metavar="YYYY-MM-DD", help="清除这一天之前收到的")
    purge.add_argument("--only", choices=CLASSES, default=None, help="只清除报告(含标签、核实)，或者只清除已办结告警、处分登记和已发事件")
    purge.add_argument("--dry-run", action="store_true", help="只数不删")


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Purge and print the receipt."""
    if not settings.persons.is_file():
        raise CommandError(f"{settings.persons}：没有矫正对象数据")
    if arguments.before is None and settings.keep_reports_days is None and settings.keep_alerts_days is None:
        raise CommandError("未设保存期限：请写 --before YYYY-MM-DD，或者设置 NLP_KEEP_REPORTS_DAYS、NLP_KEEP_ALERTS_DAYS")
    try:
        day = parse_date("--before", arguments.before)
        persons = open_persons(settings, AuditLog(settings.audit), TagService(settings.schemes, settings.models))
        try:
            receipt = persons.service.purge(day, None if arguments.only is None else (arguments.only,), actor="cli", is_trial=arguments.dry_run)
        finally:
            persons.store.close()
    except (RecordError, RulesError, StoreError, AuditError) as error:
        raise CommandError(str(error)) from None
    counts = "，".join(f"{_NAMES[name]} {count}" for name, count in receipt.counts.items())
    days = "，".join(f"{_NAMES[name]} {dt.datetime.fromisoformat(at):%Y-%m-%d %H:%M} UTC" for name, at in receipt.before.items())
    out.print(f"界限（早于）：{days}", highlight=False, soft_wrap=True)
    out.print(f"{'将清除' if arguments.dry_run else '已清除'}：{counts}", highlight=False, soft_wrap=True)
    if receipt.receipt_id:
        place = f"留痕第 {receipt.audit_seq} 条，哈希 {receipt.audit_hash}" if receipt.audit_seq else "留痕暂未写入，服务下次巡查时补记"
        out.print(f"回执 {receipt.receipt_id}，{place}", highlight=False, soft_wrap=True)
    return 0
