"""`fit-tagger`, `evaluate tagger` and `compare` on the command line."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from nlp_service.settings import Settings
from nlp_service.tagging.linear import save_model
from nlp_service.tagging.tagger import Tagger

from .datasets import Example
from .error_browser import write_error_browser
from .evaluate_tagger import Answers, Evaluation, answer, evaluate, mistakes
from .label_schemes import coded, find_scheme
from .labelled_reports import read_labelled
from .masking import masked, unnamed
from .promotion import compare, read_cases, regression_files, serving_tagger
from .recipe import RecipeError, bundled_recipes, find_recipe, read_any

DANGEROUS = ("A01", "A04", "B07", "C02", "D02")
_Subparsers = argparse._SubParsersAction  # argparse has no public name for it


def register(commands: _Subparsers[argparse.ArgumentParser], what: _Subparsers[argparse.ArgumentParser]) -> None:
    """Declare the commands."""
    fitting = commands.add_parser("fit-tagger", help=f"fit a tagger by a recipe (a file, or {', '.join(bundled_recipes())})")
    fitting.add_argument("recipe", nargs="?", default=None)
    fitting.add_argument("--out", type=Path, required=True, help="folder of the artefact; must not exist")
    fitting.add_argument("--home", type=Path, default=None, help="home of the service, for schemes replaced there")
    fitting.add_argument("--resume", action="store_true", help="go on with a neural fit that was interrupted")
    fitting.add_argument("--scheme", help="without a recipe: name of a bundled scheme, or a YAML file")
    fitting.add_argument("--reports", type=Path, nargs="+", help="without a recipe: labelled reports (JSONL)")
    fitting.add_argument("--seed", type=int, default=0)
    fitting.set_defaults(run=run_fit)
    tagging = what.add_parser("tagger", help="a tagger on labelled reports")
    tagging.add_argument("--scheme", required=True)
    tagging.add_argument("--model", type=Path, default=None, help="artefact; without it the rules alone")
    tagging.add_argument("--reports", type=Path, nargs="+", required=True)
    tagging.add_argument("--home", type=Path, default=None)
    tagging.add_argument("--group-by", nargs="*", default=["author"], choices=["author", "document", "person", "incident", "annotator"])
    tagging.add_argument("--cluster", default="", choices=["", "author", "document", "person", "incident"], help="resample whole groups for the intervals")
    tagging.add_argument("--html", type=Path, default=None, help="write a page with the worst confident mistakes")
    tagging.add_argument("--json", type=Path, default=None, help="write all figures")
    tagging.set_defaults(run=run_evaluate)
    comparing = commands.add_parser("compare", help="a tagger against the serving one, paired, on the same texts")
    comparing.add_argument("model", type=Path)
    comparing.add_argument("--scheme", required=True)
    comparing.add_argument("--home", type=Path, required=True)
    comparing.add_argument("--test", type=Path, nargs="+", required=True)
    comparing.add_argument("--against", type=Path, default=None, help="another artefact instead of the serving one")
    comparing.add_argument("--cluster", default="", choices=["", "author", "document", "person", "incident"])
    comparing.set_defaults(run=run_compare)


def run_fit(arguments: argparse.Namespace) -> int:
    """Fit by recipe, or on all given reports as earlier versions did, and save the artefact."""
    from nlp_service.commands.base import progress_bar

    from .fit_tagger import fit_tagger  # scikit-learn takes seconds to import; other commands need none of it
    from .fit_tagger_linear import fit

    started = time.perf_counter()
    if arguments.recipe is None:
        if not arguments.scheme or not arguments.reports:
            raise RecipeError(f"give a recipe ({', '.join(bundled_recipes())}, or a file), or --scheme and --reports")
        reports = [report for path in arguments.reports for report in masked(read_labelled([path]), path)]
        with progress_bar() as tell:
            model = fit(reports, find_scheme(arguments.scheme, arguments.home), arguments.seed, tell=tell)
        save_model(model, arguments.out)
        _say(f"{len(reports)} reports → {arguments.out} ({model.about['version']}) in {time.perf_counter() - started:.1f} s")
        return 0
    with progress_bar() as tell:
        fitted = fit_tagger(find_recipe(arguments.recipe), arguments.out, home=arguments.home, resume=arguments.resume, tell=tell)
    if fitted.version:
        _say(f"{fitted.n_train} texts → {fitted.folder} ({fitted.version}) in {time.perf_counter() - started:.1f} s")
        for name, found in (fitted.evaluation.figures if fitted.evaluation else {}).items():
            _say(f"{name}: {found.mean:.3f} [{found.low:.3f}, {found.high:.3f}]")
    return 0


def _say(line: str) -> None:
    print(line)  # noqa: T201


def _read(paths: Sequence[Path]) -> list[Example]:
    return [example for path in paths for example in read_any(path) if example.is_labelled]


def run_evaluate(arguments: argparse.Namespace) -> int:
    """Print F1 with intervals, traps, recall of dangerous tags; write page and figures where asked."""
    scheme = find_scheme(arguments.scheme, arguments.home)
    examples = coded(_read(arguments.reports), scheme)
    answers = answer(Tagger.open(scheme, arguments.model), examples)
    evaluation = evaluate(answers, examples, groups=arguments.group_by, cluster=arguments.cluster)
    table = Table("measure", "value", title=f"{len(examples)} reports, {answers.version}")
    for name, value in _rows(evaluation, answers, examples):
        table.add_row(name, value)
    Console().print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps(evaluation.as_json(), ensure_ascii=False, indent=1), encoding="utf-8")
    if arguments.html:
        write_error_browser(arguments.html, evaluation, mistakes(answers, unnamed(examples)), {tag.code: tag.name for tag in scheme.tags})
    return 0


def _rows(evaluation: Evaluation, answers: Answers, examples: Sequence[Example]) -> list[tuple[str, str]]:
    rows = [(name, f"{found.mean:.3f} [{found.low:.3f}, {found.high:.3f}]") for name, found in evaluation.figures.items()]
    rows += [("traps that come out confirmed", f"{evaluation.trap_rate:.3f}"), ("ECE", f"{evaluation.ece:.3f}")]
    for name, values in evaluation.by_group.items():
        rows += [(f"micro-F1 {name} {value}", f"{f1:.3f} ({n})") for value, (n, f1) in values.items()] if len(values) > 1 else []
    for tag in DANGEROUS:
        wanted = [tag in example.tags or tag in example.suspected for example in examples]
        if any(wanted):
            found = sum(tag in given for given, is_wanted in zip(answers.either, wanted, strict=True) if is_wanted)
            rows.append((f"recall {tag}", f"{found} of {sum(wanted)}"))
    return rows


def run_compare(arguments: argparse.Namespace) -> int:
    """Print the paired differences and the must-hold texts that fail; 1 when the model would be refused."""
    settings = Settings(home=arguments.home)
    scheme = find_scheme(arguments.scheme, arguments.home)
    old = Tagger.open(scheme, arguments.against) if arguments.against else serving_tagger(settings, scheme)
    cases = read_cases(regression_files(settings, scheme.name), scheme)
    found = compare(Tagger.open(scheme, arguments.model), old, coded(_read(arguments.test), scheme), cases, cluster=arguments.cluster)
    _say(f"{found.new} − {found.old} on {found.n} texts")
    for name, item in found.differences.items():
        _say(f"{name}: {item.mean:+.3f} [{item.low:+.3f}, {item.high:+.3f}]")
    for line in found.reasons:
        _say(f"would be refused: {line}")
    return 1 if found.reasons else 0
