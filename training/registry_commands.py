"""`promote`, `rollback`, `shadow`, `history` on the command line."""

from __future__ import annotations

import argparse
import getpass
import json
from pathlib import Path

from nlp_service.artefacts import open_artefact
from nlp_service.registry import ENCODER, ENCODER_KIND, Registry
from nlp_service.settings import Settings

from .datasets import DatasetError
from .promotion import promote_tagger
from .recipe import read_any


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands."""
    promoting = commands.add_parser("promote", help="let a model serve, if it is not worse than the serving one")
    promoting.add_argument("model", type=Path, help="folder of the artefact, a tagger or an encoder")
    promoting.add_argument("--test", type=Path, nargs="*", default=[], help="labelled texts neither model was fitted on; for an encoder a BEIR folder")
    promoting.add_argument("--regression", type=Path, nargs="*", default=[], help="further must-hold texts")
    promoting.add_argument("--cluster", default="", choices=["", "author", "document", "person", "incident"])
    promoting.add_argument("--reason", default=None, help="promote although it is refused; kept in the history")
    promoting.set_defaults(run=run_promote)
    back = commands.add_parser("rollback", help="let serve what served before")
    back.add_argument("name", help="name of a scheme, or encoder")
    back.add_argument("--reason", default=None)
    back.set_defaults(run=run_rollback)
    shadowing = commands.add_parser("shadow", help="score a model on live traffic without showing it; without a model: print the counts so far")
    shadowing.add_argument("name", help="name of a scheme")
    shadowing.add_argument("model", type=Path, nargs="?", default=None, help="folder of the artefact")
    shadowing.add_argument("--off", action="store_true")
    shadowing.set_defaults(run=run_shadow)
    history = commands.add_parser("history", help="versions and every change, oldest first")
    history.add_argument("name", help="name of a scheme, or encoder")
    history.set_defaults(run=run_history)
    for command in (promoting, back, shadowing, history):
        command.add_argument("--home", type=Path, required=True, help="home of the service")
    for command in (promoting, back, shadowing):
        command.add_argument("--by", default=None, help="who does it (default: the user of this machine)")


def _by(arguments: argparse.Namespace) -> str:
    return arguments.by or getpass.getuser()


def _say(line: str) -> None:
    print(line)  # noqa: T201


def run_promote(arguments: argparse.Namespace) -> int:
    """Compare and promote."""
    settings = Settings(home=arguments.home)
    if open_artefact(arguments.model).kind == ENCODER_KIND:
        from .encoder_promotion import promote_encoder  # the whole library stands behind it

        if len(arguments.test) > 1:
            raise DatasetError("give one BEIR folder as --test for an encoder")
        encoder = promote_encoder(settings, arguments.model, arguments.test[0] if arguments.test else None, by=_by(arguments), reason=arguments.reason)
        _say(f"{ENCODER} {encoder} serves, with its own snapshot")
        return 0
    examples = [example for path in arguments.test for example in read_any(path) if example.is_labelled]
    version, found = promote_tagger(
        settings, arguments.model, examples, by=_by(arguments), reason=arguments.reason, regression=arguments.regression, cluster=arguments.cluster
    )
    for name, item in found.differences.items():
        _say(f"{name}: {item.mean:+.3f} [{item.low:+.3f}, {item.high:+.3f}] against {found.old} on {found.n} texts")
    _say(f"{version} serves")
    return 0


def run_rollback(arguments: argparse.Namespace) -> int:
    """Go back one promotion."""
    settings = Settings(home=arguments.home)
    if arguments.name == ENCODER:
        from .encoder_promotion import rollback_encoder

        version = rollback_encoder(settings, by=_by(arguments), reason=arguments.reason)
    else:
        version = Registry(settings.models).rollback(arguments.name, by=_by(arguments), reason=arguments.reason)
    _say(f"{version or 'what ships with the product'} serves")
    return 0


def run_shadow(arguments: argparse.Namespace) -> int:
    """Begin, end, or look at shadow scoring."""
    registry = Registry(Settings(home=arguments.home).models)
    if arguments.off:
        registry.set_shadow(arguments.name, None, by=_by(arguments))
        _say("shadow off")
    elif arguments.model is not None:
        version = registry.add(arguments.name, arguments.model, by=_by(arguments))
        registry.set_shadow(arguments.name, version, by=_by(arguments))
        _say(f"{version} is scored beside the serving model")
    else:
        for path in sorted((registry.models / arguments.name).glob("shadow-*.json")):
            counts = json.loads(path.read_bytes())
            _say(f"{counts['shadow']} beside {counts['serving']}: {counts['n_reports']} reports, {counts['n_equal']} with equal tags")
            for tag, by in counts["tags"].items():
                changed = {change: n for change, n in by.items() if len(set(change.split(">"))) > 1}
                if changed:
                    _say(f"  {tag}: " + ", ".join(f"{change.replace('>', ' → ')} {n}" for change, n in changed.items()))
    return 0


def run_history(arguments: argparse.Namespace) -> int:
    """Print versions and changes."""
    registry = Registry(Settings(home=arguments.home).models)
    serving = registry.serving(arguments.name)
    for version in registry.versions(arguments.name):
        _say(f"{version}{'  ← serves' if version == serving else ''}")
    for event in registry.history(arguments.name):
        _say(f"{event.at}  {event.action}  {event.version or '-'}  {event.by}{f'  ({event.reason})' if event.reason else ''}")
    return 0
