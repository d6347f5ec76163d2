"""How far the patterns read what the bundled cases record: each figure is what was reached, rounded down."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from corpora.pivots import read_pivots
from corpora.samples.catalogue import CASES
from corpora.schema import PivotValue
from corpora.violations import load_violations

STANDING = frozenset({None, "维持", "驳回诉讼请求", "准予执行", "撤诉", "准许撤诉"})


def _outcome(read: PivotValue | None, recorded: PivotValue) -> str:
    if read is None:
        return "unread"
    agrees = read in recorded or recorded in read if isinstance(read, str) and isinstance(recorded, str) else read == recorded
    return "agree" if agrees else "contradict"


@pytest.fixture(scope="module")
def counts() -> tuple[Counter[str], Counter[str]]:
    """Return the outcomes over all recorded pivots of the cases that no review corrected, and over the decisive ones."""
    every: Counter[str] = Counter()
    decisive: Counter[str] = Counter()
    for line in CASES.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if (case["review"] or {}).get("result") not in STANDING:
            continue
        violation = load_violations()[case["cause_code"]]
        read = read_pivots(violation, f"{case['facts']}\n{case['reasoning']}", list(case["pivots"]))
        for pivot in violation.pivots:
            if pivot.name in case["pivots"]:
                found = read.get(pivot.name)
                outcome = _outcome(found.value if found else None, case["pivots"][pivot.name])
                every[outcome] += 1
                decisive[outcome] += pivot.decisive
    return every, decisive


def test_what_is_read_agrees_with_what_is_recorded(counts: tuple[Counter[str], Counter[str]]) -> None:
    every, decisive = counts
    assert every["agree"] / every.total() >= 0.85
    assert decisive["agree"] / decisive.total() >= 0.87
    assert every["contradict"] / every.total() < 0.01
    assert decisive["contradict"] / decisive.total() < 0.01


def test_few_decisive_pivots_stay_unread(counts: tuple[Counter[str], Counter[str]]) -> None:
    _, decisive = counts
    assert decisive["unread"] / decisive.total() < 0.13
