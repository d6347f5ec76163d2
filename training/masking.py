"""Labelled texts without personal data: masked when read as the service masks what it keeps, places kept, so that no model, split or page holds a name."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from corpora.personal import MASK
from corpora.privacy import MaskingError, find, mask
from corpora.samples import FOLDER as SAMPLES

from .datasets import Example
from .labelled_reports import LabelledReport

Item = TypeVar("Item", Example, LabelledReport)


def tell(line: str) -> None:
    """Say a line beside the output."""
    print(line, file=sys.stderr)  # noqa: T201


def masked(items: Sequence[Item], path: Path, say: Callable[[str], None] = tell) -> list[Item]:
    """Return the texts of a file masked, the values of further keys too, and say how many values that were.

    A text that cannot be masked clean is left out, and that is said too. The bundled corpora are invented throughout and stay as they are.
    """
    if path.resolve().parent == SAMPLES.resolve():
        return list(items)
    kinds: Counter[str] = Counter()
    n_texts = 0
    kept: list[Item] = []
    for item in items:
        found = Counter(str(finding.kind) for part in _parts(item) for finding in find(part))
        try:
            kept.append(_clean(item) if found else item)
        except MaskingError:
            continue
        kinds += found
        n_texts += bool(found)
    if kinds:
        say(f"{path.name}: {kinds.total()} values in {n_texts} texts masked ({', '.join(f'{kind} {n}' for kind, n in kinds.most_common())})")
    if len(kept) < len(items):
        say(f"{path.name}: {len(items) - len(kept)} texts left out, they could not be masked clean; look at them by hand")
    return kept


def unnamed(examples: Sequence[Example]) -> list[Example]:
    """Return every example fit to be shown; a text that cannot be masked clean is blacked out."""
    return [replace(example, text=_shown(example.text)) for example in examples]


def _shown(text: str) -> str:
    try:
        return mask(text)
    except MaskingError:
        return MASK * len(text)


def _parts(item: Example | LabelledReport) -> list[str]:
    further = item.extra.values() if isinstance(item, Example) else ()
    return [item.text, *(value for value in further if isinstance(value, str))]


def _clean(item: Item) -> Item:
    if isinstance(item, Example):
        extra = {key: mask(value) if isinstance(value, str) else value for key, value in item.extra.items()}
        return replace(item, text=mask(item.text), extra=extra)
    return replace(item, text=mask(item.text))
