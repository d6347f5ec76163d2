"""`fit-tagger` and `evaluate tagger` on the command line."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from nlp_service.tagging.linear import save_model
from nlp_service.tagging.schemes import Scheme, bundled_scheme, load_scheme
from nlp_service.tagging.tagger import Tagger, TagStatus

from .fit_tagger_linear import fit
from .labelled_reports import LabelledReport, read_labelled
from .metrics.bootstrap import interval
from .metrics.tagging import macro_f1, micro_f1, trap_rate

DANGEROUS = ("A01", "A04", "B07", "C02", "D02")


def _scheme(name: str) -> Scheme:
    return load_scheme(Path(name)) if name.endswith((".yaml", ".yml")) else bundled_scheme(name)


def fit_tagger(arguments: argparse.Namespace) -> int:
    """Fit on all given reports and save the artefact."""
    started = time.perf_counter()
    reports = read_labelled(arguments.reports)
    model = fit(reports, _scheme(arguments.scheme), arguments.seed)
    save_model(model, arguments.out)
    print(f"{len(reports)} reports → {arguments.out} ({model.about['version']}) in {time.perf_counter() - started:.1f} s")  # noqa: T201
    return 0


def evaluate_tagger(arguments: argparse.Namespace) -> int:
    """Print confirmed and confirmed-or-suspected F1, traps, recall of dangerous tags, with intervals over reports."""
    reports = read_labelled([arguments.reports])
    tagger = Tagger.open(_scheme(arguments.scheme), arguments.model)
    answers = tagger.tag([(str(number), report.text) for number, report in enumerate(reports)])
    confirmed = [{tag.tag for tag in answer.tags if tag.status is TagStatus.CONFIRMED} for answer in answers]
    anyhow = [{tag.tag for tag in answer.tags if tag.status is not TagStatus.REJECTED} for answer in answers]
    table = Table(title=f"{len(reports)} reports, {tagger.versions['model']}")
    table.add_column("measure")
    table.add_column("value", justify="right")
    for name, value in _rows(reports, confirmed, anyhow):
        table.add_row(name, value)
    Console().print(table)
    return 0


def _rows(reports: Sequence[LabelledReport], confirmed: list[set[str]], anyhow: list[set[str]]) -> list[tuple[str, str]]:
    gold = [set(report.tags) for report in reports]
    gold_any = [set(report.tags) | set(report.suspected) for report in reports]
    traps = [set(report.rejected) for report in reports]
    per_report = [micro_f1([g], [c]) if g or c else 1.0 for g, c in zip(gold, confirmed, strict=True)]
    spread = interval(per_report)
    rows = [
        ("micro-F1 confirmed", f"{micro_f1(gold, confirmed):.3f}"),
        ("macro-F1 confirmed", f"{macro_f1(gold, confirmed):.3f}"),
        ("mean F1 per report", f"{spread.mean:.3f} [{spread.low:.3f}, {spread.high:.3f}]"),
        ("micro-F1 confirmed or suspected", f"{micro_f1(gold_any, anyhow):.3f}"),
        ("traps that come out confirmed", f"{trap_rate(traps, confirmed):.3f}"),
    ]
    for tag in DANGEROUS:
        wanted = [tag in g for g in gold_any]
        if any(wanted):
            found = sum(tag in a for a, is_wanted in zip(anyhow, wanted, strict=True) if is_wanted)
            rows.append((f"recall {tag}", f"{found} of {sum(wanted)}"))
    return rows
