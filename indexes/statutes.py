"""Articles of law: which a case rests on, which a draft cites, and which cases of the draft's causes usually rest on.

Only articles the draft itself cites score (`Channel.STATUTES`). Predicted ones are shown to the officer and score nothing: on LeCaRD articles
predicted from the facts add nothing beyond the causes (NDCG@10 .828 → .822), and what follows from the causes adds nothing to them by construction.
"""

from __future__ import annotations

import functools
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpora.citations import find_citations
from corpora.schema import Case

from .labels import cause_labels

MIN_SHARE = 0.05


@functools.lru_cache(maxsize=65536)
def read_articles(text: str) -> tuple[str, ...]:
    """Return the articles a text cites as `law§number`, each once, without paragraph and item."""
    return tuple(dict.fromkeys(f"{found.statute}§{found.article}{f'之{found.sub}' if found.sub else ''}" for found in find_citations(text) if found.article))


def case_articles(case: Case) -> list[str]:
    """Return the articles a case rests on."""
    return list(dict.fromkeys(article for basis in case.basis for article in read_articles(basis)))


def cited_scores(
    articles: Sequence[str], rows: npt.NDArray[np.int64], postings: Mapping[str, npt.NDArray[np.int32]], n_rows: int
) -> npt.NDArray[np.float64] | None:
    """Return Σ idf of the cited articles that each row rests on, over Σ idf of all cited that the library knows; None when it knows none of them."""
    known = [found for article in articles if (found := postings.get(f"article={article}")) is not None and len(found)]
    if not known:
        return None
    scores, total = np.zeros(len(rows)), 0.0
    for having in known:
        weight = math.log1p(n_rows / len(having))
        scores += weight * np.isin(rows, having)
        total += weight
    return scores / total


@dataclass(frozen=True, slots=True)
class StatuteIndex:
    """Per cause label how many cases rest on each article, and how many cite any."""

    counts: Mapping[str, Mapping[str, int]]
    n_cases: Mapping[str, int]

    @classmethod
    def empty(cls) -> StatuteIndex:
        """Return an index without a case."""
        return cls({}, {})

    def extended(self, cases: Iterable[Case]) -> StatuteIndex:
        """Return an index that counts further cases."""
        counts: dict[str, Counter[str]] = {}
        n_cases: Counter[str] = Counter(self.n_cases)
        for case in cases:
            articles = case_articles(case)
            for label in cause_labels(case) if articles else ():
                counts.setdefault(label, Counter(self.counts.get(label, {}))).update(articles)
                n_cases[label] += 1
        return StatuteIndex({**self.counts, **counts}, n_cases)

    def predict(self, causes: Sequence[tuple[str, float]], k: int = 5) -> list[tuple[str, float]]:
        """Return the k likeliest articles: Σ P(cause | draft) · share of the cause's cases that rest on the article."""
        totals: Counter[str] = Counter()
        for label, probability in causes:
            for article, n in self.counts.get(label, {}).items():
                totals[article] += probability * n / self.n_cases[label]  # type: ignore[assignment]
        best = sorted(totals.items(), key=lambda item: (-item[1], item[0]))[:k]
        return [(article, float(share)) for article, share in best if share >= MIN_SHARE]

    def save(self, folder: Path) -> None:
        """Write `statutes.json`."""
        record = {"counts": {label: dict(counts) for label, counts in self.counts.items()}, "n_cases": dict(self.n_cases)}
        (folder / "statutes.json").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> StatuteIndex:
        """Read what `save` wrote."""
        record = json.loads((folder / "statutes.json").read_text(encoding="utf-8"))
        return cls(record["counts"], record["n_cases"])
