"""`build`: fit and publish a snapshot of the store beside the one that serves."""

from __future__ import annotations

import argparse

from corpora.store import StoreError
from indexes.errors import LibraryError
from indexes.snapshot import read_manifest

from ..runtime import build_library
from ..settings import Settings
from .base import CommandError, open_store, out, progress_bar

HELP = "为案例库建立索引并发布快照"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments (none)."""


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Build and name the snapshot."""
    with open_store(settings) as store, progress_bar() as tell:
        try:
            folder = build_library(settings, store, progress=tell)
        except (LibraryError, StoreError) as error:
            raise CommandError(str(error)) from None
    manifest = read_manifest(folder)
    out.print(
        f"已发布快照 {manifest.name}：{manifest.n_cases} 件，词汇 {manifest.details['vocabulary']}，用时 {manifest.details['seconds']} 秒", highlight=False
    )
    return 0
