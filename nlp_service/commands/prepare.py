"""`prepare`: the bundled library into the home, unless there is a library already; an index of another version is built again."""

from __future__ import annotations

import argparse

from corpora.importing import import_files
from corpora.samples import CASES
from indexes.errors import LibraryError, SnapshotError
from indexes.library import Library
from indexes.snapshot import current_name

from ..runtime import build_library
from ..settings import Settings
from .base import CommandError, open_store, out, progress_bar

HELP = "首次使用：导入随附的合成案例并建立索引（已有案例库则不动）"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments (none)."""


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Import the bundled cases into an empty store and build where no snapshot is that this program can open."""
    with open_store(settings) as store, progress_bar() as tell:
        if current_name(settings.library) is not None:
            try:
                Library.open(settings.library, store).close()
                return 0
            except SnapshotError as error:
                out.print(f"现有索引不能使用，重新建立：{error}", highlight=False, markup=False)
        if store.count(include_withdrawn=True) == 0:
            summary = import_files(store, [CASES])
            out.print(f"已导入随附合成案例 {summary.accepted} 件", highlight=False)
        try:
            build_library(settings, store, progress=tell)
        except LibraryError as error:
            raise CommandError(str(error)) from None
    out.print(f"案例库就绪：{settings.home}", highlight=False)
    return 0
