"""`evaluate new-tag` on the command line."""

from __future__ import annotations

import argparse
import json
import statistics
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from corpora.samples import FOLDER as SAMPLES

from .datasets import DatasetError
from .evaluate_new_tag import WANTED_RECALL, evaluate_new_tags
from .label_schemes import coded, find_scheme
from .recipe import read_any


def register(what: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    measuring = what.add_parser("new-tag", help="every tag of a scheme by its triggers alone, as on the day it is written")
    measuring.add_argument("--scheme", required=True)
    measuring.add_argument("--reports", type=Path, nargs="+", default=None, help="labelled reports; default: the bundled ones of the scheme")
    measuring.add_argument("--drills", action="store_true", help="count drills (many ways to say one tag) as well")
    measuring.add_argument("--home", type=Path, default=None)
    measuring.add_argument("--json", type=Path, default=None, help="write all figures")
    measuring.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print recall and precision per tag, their means, and the tags that fall below what is wanted."""
    scheme = find_scheme(arguments.scheme, arguments.home)
    paths = arguments.reports or [SAMPLES / f"reports_{scheme.name}.jsonl"]
    examples = [example for path in paths for example in read_any(path) if example.is_labelled and (arguments.drills or example.extra.get("drill") is not True)]
    found = evaluate_new_tags(scheme, coded(examples, scheme))
    if not found:
        raise DatasetError(f"{', '.join(path.name for path in paths)}: no tag of scheme {scheme.name} holds in any report")
    table = Table("tag", "name", "reports", "recall", "… confirmed", "precision", title=f"{len(examples)} reports, scheme {scheme.name}, triggers alone")
    for item in found:
        table.add_row(item.code, item.name, str(item.n), f"{item.recall:.3f}", f"{item.recall_confirmed:.3f}", f"{item.precision:.3f}")
    means = [statistics.fmean(getattr(item, name) for item in found) for name in ("recall", "recall_confirmed", "precision")]
    table.add_row("mean", "", str(sum(item.n for item in found)), *(f"{mean:.3f}" for mean in means), style="bold")
    console = Console()
    console.print(table)
    below = [item for item in found if not item.is_enough]
    said = "、".join(f"{item.code} {item.name} {item.recall:.2f}" for item in below) or "none"
    console.print(f"recall below {WANTED_RECALL:g}: {len(below)} of {len(found)} tags: {said}", highlight=False)
    if unseen := len(scheme.tags) - len(found):
        known = {item.code for item in found}
        console.print(f"in no report: {unseen} tags: {'、'.join(tag.code for tag in scheme.tags if tag.code not in known)}", highlight=False)
    if arguments.json:
        record = {"mean": dict(zip(("recall", "recall_confirmed", "precision"), means, strict=True)), "tags": [asdict(item) for item in found]}
        arguments.json.write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0
