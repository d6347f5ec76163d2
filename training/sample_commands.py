"""`sample next | errors | drift` on the command line."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlp_service.artefacts import open_artefact
from nlp_service.settings import Settings
from nlp_service.tagging.schemes import Scheme
from nlp_service.tagging.tagger import BATCH, Tagger

from .datasets import Example, stack_labels, write_jsonl
from .drift import drift
from .label_schemes import coded, find_scheme
from .promotion import scheme_for
from .recipe import read_any, read_masked

# The classifier leaves out what is less likely than this.
_UNLIKELY = 0.01


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands."""
    sampling = commands.add_parser("sample", help="what to label next, which labels to look at again, whether the texts have moved")
    what = sampling.add_subparsers(dest="what", required=True)
    following = what.add_parser("next", help="the texts a model is least sure of, no two alike")
    following.add_argument("pool", type=Path, help="texts that nobody has labelled")
    following.add_argument("--labelled", type=Path, nargs="*", default=[], help="what is labelled already: rare tags come first, and nothing like it twice")
    following.add_argument("-n", type=int, default=50)
    following.add_argument("--out", type=Path, required=True)
    following.set_defaults(run=run_next)
    errors = what.add_parser("errors", help="labels that a model which never saw the text doubts")
    errors.add_argument("labelled", type=Path, nargs="+")
    errors.add_argument("--scheme", required=True)
    errors.add_argument("--home", type=Path, default=None)
    errors.add_argument("--by", nargs="*", default=[], choices=["author", "document", "person", "incident"])
    errors.add_argument("--out", type=Path, default=None)
    errors.set_defaults(run=run_errors)
    moving = what.add_parser("drift", help="new texts against those of a reference time")
    moving.add_argument("before", type=Path)
    moving.add_argument("now", type=Path)
    moving.add_argument("--json", type=Path, default=None)
    moving.set_defaults(run=run_drift)
    for command in (following, moving):
        command.add_argument("--model", type=Path, required=True, help="folder of the artefact")
        command.add_argument("--home", type=Path, default=None)


def _say(line: str) -> None:
    print(line)  # noqa: T201


def _open(arguments: argparse.Namespace) -> tuple[Tagger, Scheme]:
    scheme, _ = scheme_for(Settings(home=arguments.home or Path("var")), open_artefact(arguments.model))
    return Tagger.open(scheme, arguments.model), scheme


def all_probabilities(tagger: Tagger, texts: Sequence[str]) -> NDArray[np.float64]:
    """Return (texts, tags) probabilities that a tag holds or is worth checking."""
    p = np.full((len(texts), len(tagger.scheme.tags)), _UNLIKELY)
    for start in range(0, len(texts), BATCH):
        for row, judged in enumerate(tagger.judge([(str(row), text) for row, text in enumerate(texts[start : start + BATCH])]), start):
            for index, score in judged.scores.items():
                p[row, index] = score.p_any
    return p


def run_next(arguments: argparse.Namespace) -> int:
    """Write the texts to label, best first."""
    from .sampling import choose, text_vectors, uncertainty  # scikit-learn takes seconds to import

    tagger, scheme = _open(arguments)
    pool = read_masked(arguments.pool)
    labelled = coded([example for path in arguments.labelled for example in read_masked(path) if example.is_labelled], scheme)
    vectors = text_vectors([*(example.text for example in pool), *(example.text for example in labelled)])
    counts = stack_labels(labelled, [tag.code for tag in scheme.tags], fields=("tags", "suspected")).sum(axis=0)
    scores = uncertainty(all_probabilities(tagger, [example.text for example in pool]), counts)
    rows = choose(scores, vectors[: len(pool)], arguments.n, known=vectors[len(pool) :])
    chosen: list[Example] = [pool[row] for row in rows]
    write_jsonl(chosen, arguments.out)
    _say(f"{len(chosen)} of {len(pool)} texts → {arguments.out}")
    return 0


def run_errors(arguments: argparse.Namespace) -> int:
    """Print (and write) the doubtful labels."""
    from .label_errors import suspects

    scheme = find_scheme(arguments.scheme, arguments.home)
    examples = coded([example for path in arguments.labelled for example in read_masked(path) if example.is_labelled], scheme)
    found = suspects(examples, scheme, group_by=arguments.by)
    for item in found[:20]:
        _say(f"{item.example.example_id}  {item.tag} {'given' if item.is_given else 'missing'}, p {item.p:.2f}  {item.example.text[:50]}")
    _say(f"{len(found)} labels to look at again in {len(examples)} texts")
    if arguments.out:
        lines = [{"report_id": s.example.example_id, "tag": s.tag, "given": s.is_given, "p": round(s.p, 4), "text": s.example.text} for s in found]
        arguments.out.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return 0


def run_drift(arguments: argparse.Namespace) -> int:
    """Print the report."""
    tagger, scheme = _open(arguments)
    before, now = ([example.text for example in read_any(path)] for path in (arguments.before, arguments.now))
    tags = [tag.code for tag in scheme.tags]
    found = drift(before, now, all_probabilities(tagger, before), all_probabilities(tagger, now), tags)
    _say(f"{found.verdict}: PSI {found.psi:.3f}, words not known {found.unseen_before:.1%} → {found.unseen_now:.1%}")
    for tag, (old, new) in sorted(found.shift.items(), key=lambda item: -abs(item[1][1] - item[1][0]))[:8]:
        _say(f"  {tag}: {old:.1%} → {new:.1%}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found.as_json(), ensure_ascii=False, indent=1), encoding="utf-8")
    return 0
