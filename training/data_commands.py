"""`data validate | split | convert | agreement | judgements | corrected` on the command line."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from .datasets import (
    DatasetError,
    Example,
    agreement,
    label_set,
    label_studio_config,
    split,
    validate,
    write_beir,
    write_csv,
    write_doccano,
    write_jsonl,
    write_label_studio,
)
from .datasets.corrections import corrected
from .labelled_reports import read_labelled
from .recipe import Data, read_masked

_WRITERS: dict[str, Callable[[Sequence[Example], Path], None]] = {
    "jsonl": write_jsonl,
    "csv": write_csv,
    "doccano": write_doccano,
    "label-studio": write_label_studio,
}


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands."""
    data = commands.add_parser("data", help="look at, split and convert data sets")
    what = data.add_subparsers(dest="what", required=True)
    validating = what.add_parser("validate", help="counts, near-duplicates, leaks, conflicts, lengths; 1 when something must be mended")
    splitting = what.add_parser("split", help="stratified, grouped or by date, without leaks; writes NAME.jsonl for each part")
    splitting.add_argument("--shares", default="train=0.8,test=0.2")
    splitting.add_argument("--by", nargs="*", default=[], choices=["author", "document", "person", "incident"], help="what must not be torn apart")
    splitting.add_argument("--by-date", action="store_true", help="the newest into the last part")
    splitting.add_argument("--seed", type=int, default=0)
    converting = what.add_parser("convert", help="from any known format to another")
    converting.add_argument("--to", required=True, choices=sorted(_WRITERS))
    agreeing = what.add_parser("agreement", help="Cohen's κ of two annotators: two files, or one file with two annotators")
    judging = what.add_parser("judgements", help="the service's judgements as a BEIR folder")
    judging.add_argument("--home", type=Path, required=True)
    growing = what.add_parser("curve", help="learning curve of a plain linear model: what further labelled reports are worth")
    growing.add_argument("reports", type=Path, nargs="+", help="labelled reports (JSONL) to fit on")
    growing.add_argument("--judged", type=Path, nargs="+", required=True, help="labelled reports by other authors")
    growing.add_argument("--sizes", type=int, nargs="+", default=[500, 1000, 2000, 4000, 8000])
    growing.set_defaults(run=run_curve)
    mending = what.add_parser("corrected", help="reports with the tags that a person corrected: rulings of a home, or a file of corrections")
    mending.add_argument("--corrections", type=Path, default=None, help="JSONL: report_id, tags, suspected, rejected, by; with the files of the reports")
    mending.add_argument("--home", type=Path, default=None, help="home of the service: the rulings of POST /v1/tags/corrections")
    mending.add_argument("--scheme", default=None, help="only the reports of this scheme")
    for command in (validating, splitting, converting, agreeing, mending):
        command.add_argument("files", type=Path, nargs="*" if command is mending else "+")
        command.add_argument("--format", default="auto", choices=["auto", *sorted(_WRITERS)])
        command.add_argument("--text", default="text", help="CSV: column with the text")
        command.add_argument("--tags", default="tags", help="CSV: column with the tags")
        command.add_argument("--id", default="report_id", help="CSV: column with the id")
        command.add_argument("--column", nargs="*", default=[], metavar="OURS=THEIRS", help="CSV: further columns, such as author=网格员")
    for command in (splitting, converting, judging, mending):
        command.add_argument("--out", type=Path, required=True)
    validating.add_argument("--json", type=Path, default=None)
    validating.set_defaults(run=run_validate)
    splitting.set_defaults(run=run_split)
    converting.set_defaults(run=run_convert)
    agreeing.set_defaults(run=run_agreement)
    judging.set_defaults(run=run_judgements)
    mending.set_defaults(run=run_corrected)


def run_curve(arguments: argparse.Namespace) -> int:
    """Print one line per size."""
    from .learning_curve import learning_curve

    for point in learning_curve(read_labelled(arguments.reports), read_labelled(arguments.judged), arguments.sizes):
        _say(f"{point.n_reports:6d} reports by {point.n_authors} authors: micro-F1 {point.micro_f1:.3f} at threshold {point.threshold:+.1f}")
    return 0


def _read(arguments: argparse.Namespace) -> list[Example]:
    columns = dict(item.split("=", 1) for item in arguments.column if "=" in item)
    data = Data(train=["-"], format=arguments.format, text=arguments.text, tags=arguments.tags, report_id=arguments.id, columns=columns)
    return [example for path in arguments.files for example in read_masked(path, data)]


def _say(line: str) -> None:
    print(line)  # noqa: T201


def run_validate(arguments: argparse.Namespace) -> int:
    """Print the report; 1 when something must be mended."""
    report = validate(_read(arguments))
    _say(f"{report.n_examples} texts, {report.n_unlabelled} not labelled, {report.n_without_tag} without a tag, characters {dict(report.chars)}")
    for tag, counts in report.labels.items():
        _say(f"  {tag}: " + ", ".join(f"{n} {name}" for name, n in counts.items()))
    for name, groups in (("near-duplicates", report.duplicates), ("near-duplicates with different tags", report.conflicts)):
        if groups:
            _say(f"{len(groups)} groups of {name}, such as {', '.join(groups[0][:6])}")
    if report.rare:
        _say(f"tags with fewer than 10 examples: {', '.join(report.rare)}")
    for line in report.faults:
        _say(f"fault: {line}")
    if arguments.json:
        arguments.json.write_text(json.dumps(report.as_json(), ensure_ascii=False, indent=1), encoding="utf-8")
    return 1 if report.faults else 0


def run_split(arguments: argparse.Namespace) -> int:
    """Write one file per part."""
    try:
        shares = {name: float(share) for name, share in (item.split("=") for item in arguments.shares.split(","))}
    except ValueError:
        raise DatasetError(f"--shares {arguments.shares}: expected for example train=0.8,test=0.2") from None
    examples = split(_read(arguments), shares, seed=arguments.seed, by=arguments.by, by_date=arguments.by_date)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in shares:
        part = [example for example in examples if example.split == name]
        write_jsonl(part, arguments.out / f"{name}.jsonl")
        _say(f"{name}: {len(part)} texts → {arguments.out / f'{name}.jsonl'}")
    return 0


def run_convert(arguments: argparse.Namespace) -> int:
    """Write in another format; for Label Studio the labelling configuration beside it."""
    examples = _read(arguments)
    _WRITERS[arguments.to](examples, arguments.out)
    if arguments.to == "label-studio":
        arguments.out.with_suffix(".config.xml").write_text(label_studio_config(label_set(examples)), encoding="utf-8")
    _say(f"{len(examples)} texts → {arguments.out}")
    return 0


def run_agreement(arguments: argparse.Namespace) -> int:
    """Print κ over all tags and per tag."""
    examples = _read(arguments)
    annotators = sorted({example.annotator for example in examples if example.annotator})
    if len(arguments.files) == 2:
        first, second = (_read(argparse.Namespace(**{**vars(arguments), "files": [path]})) for path in arguments.files)
    elif len(annotators) == 2:
        first, second = ([example for example in examples if example.annotator == name] for name in annotators)
    else:
        raise DatasetError(f"{len(arguments.files)} file(s) with {len(annotators)} annotators: give two files, or one with the annotations of two people")
    found = agreement(first, second)
    _say(f"{found.n_texts} texts: κ {_kappa(found.kappa)}, micro-F1 {found.micro_f1:.3f}")
    for item in found.tags:
        _say(f"  {item.tag}: κ {_kappa(item.kappa)} ({item.n_first} and {item.n_second}, {item.n_both} by both)")
    return 0


def _kappa(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.3f}"


def run_judgements(arguments: argparse.Namespace) -> int:
    """Write the judgements of a home as a BEIR folder."""
    from corpora.store import CaseStore  # the whole service stands behind these: other commands need none of it
    from nlp_service.assessments import AssessmentBook
    from nlp_service.audit import AuditLog
    from nlp_service.settings import Settings

    from .datasets.judgements import judged

    settings = Settings(home=arguments.home)
    with CaseStore.open(settings.store, create=False) as store:
        data, unknown = judged(store, AssessmentBook(AuditLog(settings.audit)))
    write_beir(data, arguments.out)
    _say(f"{len(data.queries)} queries, {len(data.corpus)} cases → {arguments.out}" + (f"; {len(unknown)} queries whose text is gone" if unknown else ""))
    return 0


def run_corrected(arguments: argparse.Namespace) -> int:
    """Write the reports that were corrected."""
    if arguments.home is not None:
        from .datasets.rulings import ruled

        examples = ruled(arguments.home, arguments.scheme)
    elif arguments.corrections is not None:
        examples = corrected(_read(arguments), arguments.corrections)
    else:
        raise DatasetError("give --home, or --corrections and the files of the reports")
    write_jsonl(examples, arguments.out)
    _say(f"{len(examples)} corrected reports → {arguments.out}")
    return 0
