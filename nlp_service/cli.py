"""The command line: `nlp-service [--home DIR] COMMAND …`. Errors are one line on stderr and exit code 2; nothing else is printed for them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from .commands import COMMANDS, CommandError
from .settings import Settings


def parser() -> argparse.ArgumentParser:
    """Return the parser with every command."""
    top = argparse.ArgumentParser(prog="nlp-service", description="类案检索、偏离预警与报告标签服务")
    top.add_argument("--home", type=Path, default=None, help="数据目录（默认 NLP_HOME 或 var/）")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        sub = commands.add_parser(name, help=command.HELP, description=command.HELP)
        command.arguments(sub)
        sub.set_defaults(run=command.run)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0, 1 (done, but something was rejected or found wrong) or 2 (could not be done)."""
    arguments = parser().parse_args(argv)
    try:
        settings = Settings(**({"home": arguments.home} if arguments.home else {}))
    except ValidationError as error:
        first = error.errors()[0]
        print(f"错误：设置 NLP_{'_'.join(map(str, first['loc'])).upper()}：{first['msg']}", file=sys.stderr)  # noqa: T201
        return 2
    try:
        return int(arguments.run(arguments, settings))
    except CommandError as error:
        print(f"错误：{error}", file=sys.stderr)  # noqa: T201
        return 2
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        print("已中断；已写入的内容保留", file=sys.stderr)  # noqa: T201
        return 130


if __name__ == "__main__":
    sys.exit(main())
