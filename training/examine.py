"""What search knows of every candidate of a query, kept so that weights and calibrations can be tried without searching again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from corpora.store import CaseStore
from indexes.calibration import Evidence
from indexes.fusion import Fusion
from indexes.library import Library
from indexes.query import Channel
from indexes.view import View
from nlp_service.drafts import Draft, DraftError, violation_of
from nlp_service.plans import draft_from_record
from nlp_service.search import RERANKED, PivotMatch, exact_ids, match_pivots, query_of

from .runs import DataError

MAX_CHARS = 1_000_000
DEPTH = 120
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Examined:
    """The candidates of one query: scores per channel, what the pivots add (in thirds of the best score), and the evidence of each.

    `text` is the draft as searched (masked); the cases in `exact` are named in it by id or document number and come first.
    """

    query_id: str
    ids: tuple[str, ...]
    channels: Mapping[Channel, Floats]
    boosts: Floats
    evidence: tuple[Evidence, ...]
    text: str = ""
    exact: frozenset[str] = frozenset()
    emphasis: Mapping[Channel, float] = field(default_factory=dict)

    def fused(self, fusion: Fusion) -> Floats:
        """Return the fused score of each candidate under these weights."""
        return fusion.fuse(self.channels, self.emphasis)

    def order(self, fusion: Fusion) -> list[int]:
        """Return the candidates as search ranks them under these weights."""
        return self.order_by(self.fused(fusion))

    def order_by(self, fused: Floats) -> list[int]:
        """Return the candidates by a fused score, the head of them reordered by their pivots."""
        first = sorted(range(len(self.ids)), key=lambda i: (self.ids[i] not in self.exact, -fused[i], self.ids[i]))
        head, tail = first[:RERANKED], first[RERANKED:]
        top = max((float(fused[i]) for i in head), default=0.0)
        lifted = {i: float("inf") if self.ids[i] in self.exact else fused[i] + self.boosts[i] * top / 3 for i in head}
        return sorted(head, key=lambda i: -lifted[i]) + tail

    def ranking(self, fusion: Fusion, k: int = DEPTH) -> list[str]:
        """Return the ids of the k best."""
        return [self.ids[i] for i in self.order(fusion)[:k]]


def examine(
    store: CaseStore,
    library: Library,
    record: Mapping[str, Any],
    *,
    pool: Sequence[str] | None = None,
    without_self: bool = False,
    view: View | None = None,
) -> Examined:
    """Examine one query, in the view that serves unless another is given; `without_self` leaves out the cases that hold the draft verbatim. Raises DataError."""
    view = view or library.view
    draft = _draft(record)
    pinned = exact_ids(store, view, draft)
    rows = [row for case_id in pinned if (row := view.columns.row_of.get(case_id)) is not None]
    reading, scored = view.score(query_of(draft), DEPTH, pool=pool, pinned=rows)
    ids = [view.columns.ids[row] for row in scored.rows.tolist()]
    cases = store.get_many(ids)
    kept = [i for i, case_id in enumerate(ids) if case_id in cases and not (without_self and is_self(draft.text, cases[case_id].facts))]
    violation = violation_of(draft, reading.labels)
    pivots = draft.pivots(violation) if violation else {}
    matches = [match_pivots(violation, pivots, cases[ids[i]]) if violation and pivots else PivotMatch() for i in kept]
    certainty = reading.certainty
    evidence = [replace(scored.evidence(i, reading, certainty), **asdict(match)) for i, match in zip(kept, matches, strict=True)]
    return Examined(
        query_id=str(record["query_id"]),
        ids=tuple(ids[i] for i in kept),
        channels={channel: values[kept] for channel, values in scored.channels.items()},
        boosts=np.array([match.score for match in matches], np.float64),
        evidence=tuple(evidence),
        text=draft.text,
        exact=frozenset(pinned),
        emphasis=reading.emphasis,
    )


def _draft(record: Mapping[str, Any]) -> Draft:
    try:
        return draft_from_record(record, MAX_CHARS)
    except DraftError as error:
        raise DataError(f"query {record['query_id']}: {error}") from None


def is_self(text: str, facts: str) -> bool:
    """Whether a draft occurs verbatim in a case: that is finding itself, not finding a similar one."""
    core = "".join(text.split())[:120]
    return len(core) >= 40 and core in "".join(facts.split())
