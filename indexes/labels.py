"""The label under which cases of one cause meet, whatever the spelling."""

from __future__ import annotations

import re

from corpora.schema import Case

_TAIL = re.compile(r"(?:一案|案|罪)$")
_NOISE = re.compile(r"[\s、，,。．.;；:：（）()《》“”\"']+")


def cause_label(name: str) -> str:
    """Return the normal form of a cause: without punctuation and a final 罪 or 案."""
    return _TAIL.sub("", _NOISE.sub("", name))


def cause_labels(case: Case) -> list[str]:
    """Return the labels of a case: its code where it has one, else its causes in normal form."""
    if case.cause_code:
        return [case.cause_code]
    return list(dict.fromkeys(label for name in case.causes if (label := cause_label(name))))
