"""What every command shares: the contract, the error shown to the person, opening the store, progress on a terminal."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from corpora.store import CaseStore, StoreError

from ..settings import Settings

out = Console()
err = Console(stderr=True)


class CommandError(Exception):
    """Shown to the person as one line."""


class Command(Protocol):
    """A module that is a command."""

    HELP: str

    def arguments(self, parser: argparse.ArgumentParser) -> None: ...
    def run(self, arguments: argparse.Namespace, settings: Settings) -> int: ...


@contextmanager
def open_store(settings: Settings, *, create: bool = True) -> Iterator[CaseStore]:
    """Open the store of the home. Raises CommandError."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        store = CaseStore.open(settings.store, create=create)
    except OSError as error:
        raise CommandError(f"{settings.home}：不能建立数据目录（{error.strerror}）；请改用可写的 --home") from None
    except StoreError as error:
        raise CommandError(str(error)) from None
    with store:
        yield store


@contextmanager
def progress_bar() -> Iterator[Callable[[str, float], None]]:
    """Yield tell(stage, share 0…1): a bar per stage on a terminal, nothing in a pipe."""
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn(), console=err, disable=not err.is_terminal
    ) as bar:
        tasks: dict[str, Any] = {}

        def tell(stage: str, share: float) -> None:
            if stage not in tasks:
                for task in tasks.values():
                    bar.update(task, completed=1.0)
                tasks[stage] = bar.add_task(stage, total=1.0)
            bar.update(tasks[stage], completed=share)

        yield tell


def read_json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line number and object of a JSONL file. Raises CommandError naming file:line."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise CommandError(f"{path}：没有这个文件") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path}：不是 UTF-8 编码，请另存为 UTF-8") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise CommandError(f"{path}:{number}：不是有效的 JSON（{error}）") from None
        if not isinstance(record, dict):
            raise CommandError(f"{path}:{number}：每行应为一个 JSON 对象")
        yield number, record
