"""`fit-encoder` on the command line."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from .recipe import find_recipe


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    fitting = commands.add_parser("fit-encoder", help="fine-tune an encoder for similar cases by a recipe")
    fitting.add_argument("recipe")
    fitting.add_argument("--out", type=Path, required=True, help="folder of the artefact; must not exist")
    fitting.add_argument("--resume", action="store_true", help="go on with a fit that was interrupted")
    fitting.set_defaults(run=run_fit)


def run_fit(arguments: argparse.Namespace) -> int:
    """Fit and seal."""
    from nlp_service.commands.base import progress_bar

    from .fit_encoder import fit_encoder  # brings torch

    started = time.perf_counter()
    with progress_bar() as tell:
        version, metrics = fit_encoder(find_recipe(arguments.recipe), arguments.out, resume=arguments.resume, tell=tell)
    if version:
        print(f"{metrics['n_pairs']} pairs → {arguments.out} ({version}) in {time.perf_counter() - started:.1f} s")  # noqa: T201
        for name, value in metrics.items():
            if isinstance(value, list):
                print(f"{name}: {value[0]:.3f} [{value[1]:.3f}, {value[2]:.3f}]")  # noqa: T201
    return 0
