"""`keys add|list|revoke`: bearer keys, stored hashed; a new key is shown once."""

from __future__ import annotations

import argparse

from rich.table import Table

from ..keys import KeyRing, KeyRingError, Role
from ..settings import Settings
from .base import CommandError, out

HELP = "管理访问密钥（角色：officer、platform、researcher、auditor、admin）"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    actions = parser.add_subparsers(dest="action", required=True)
    add = actions.add_parser("add", help="新建密钥，只显示一次")
    add.add_argument("name", help="持有人或系统的名称")
    add.add_argument("--role", choices=[role.value for role in Role], required=True)
    actions.add_parser("list", help="列出密钥（不含密钥本身）")
    revoke = actions.add_parser("revoke", help="停用密钥")
    revoke.add_argument("key_id")


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Add, list or revoke."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        ring = KeyRing(settings.keys)
        if arguments.action == "add":
            out.print(ring.add(arguments.name, Role(arguments.role)), highlight=False, soft_wrap=True)
        elif arguments.action == "revoke":
            ring.revoke(arguments.key_id)
            out.print(f"已停用 {arguments.key_id}", highlight=False)
        else:
            table = Table("编号", "名称", "角色", "建立时间")
            for key in ring.all():
                table.add_row(key.key_id, key.name, key.role, key.created_at)
            out.print(table)
    except (KeyRingError, OSError) as error:
        raise CommandError(str(error)) from None
    return 0
