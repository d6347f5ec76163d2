"""`python -m training COMMAND`: the researchers' side of the service."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from corpora.store import StoreError
from indexes.errors import LibraryError
from nlp_service.artefacts import ArtefactError
from nlp_service.audit import AuditError
from nlp_service.registry import RegistryError
from nlp_service.tagging.schemes import SchemeError

from . import data_commands, encoder_commands, fusion_commands, new_tag_commands, registry_commands, sample_commands, search_commands, tagger_commands
from .datasets import DatasetError
from .labelled_reports import LabelError
from .promotion import RefusedError
from .recipe import RecipeError
from .runs import DataError

_ERRORS = (
    ArtefactError,
    AuditError,
    DataError,
    DatasetError,
    LabelError,
    LibraryError,
    OSError,
    RecipeError,
    RegistryError,
    SchemeError,
    StoreError,
)


def parser() -> argparse.ArgumentParser:
    """Return the parser; each module declares its own commands and what runs them."""
    top = argparse.ArgumentParser(prog="python -m training", description="evaluate and train the models of the service")
    commands = top.add_subparsers(dest="command", required=True)
    evaluate = commands.add_parser("evaluate", help="measure a model or a library")
    what = evaluate.add_subparsers(dest="what", required=True)
    search_commands.register(what)
    tagger_commands.register(commands, what)
    new_tag_commands.register(what)
    encoder_commands.register(commands)
    fusion_commands.register(commands)
    registry_commands.register(commands)
    sample_commands.register(commands)
    data_commands.register(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; errors are one line, a refused promotion one line for each reason."""
    arguments = parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except RefusedError as error:
        for reason in error.reasons:
            print(f"refused: {reason}", file=sys.stderr)  # noqa: T201
        print("the serving model goes on; --reason 'at least 10 characters' overrides and is kept", file=sys.stderr)  # noqa: T201
        return 1
    except _ERRORS as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 2


if __name__ == "__main__":
    sys.exit(main())
