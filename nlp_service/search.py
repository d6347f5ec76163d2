"""Find the truly similar cases for a draft: the library's channels, then the pivots on which the disposal turns, then explanations."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from corpora.pivots import known_pivots
from corpora.schema import Case, PivotValue
from corpora.store import CaseStore
from corpora.violations import Violation, find_signs
from indexes.library import Library
from indexes.query import Channel, Filters, Hit, Query, SearchResult
from indexes.view import View, is_match

from .drafts import Draft, violation_of
from .explain import Elements, Passage, compare_elements, matching_passages, sentence_words

RERANKED = 60
AGREE = 0.4
CONFLICT = 0.6
MINOR = 0.4
MAX_CUT = 4
NOT_SIMILAR = "没有足够相似的案例；以下不够相似，仅供参考"
NOTHING_FOUND = "没有足够相似的案例"


@dataclass(frozen=True, slots=True)
class Found:
    """One case found: the hit with its case, how its pivots compare, and the passages that match on both sides."""

    hit: Hit
    case: Case
    elements: Elements
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search says: the page asked for, and the whole head of the ranking; `violation` is what the draft is taken to be about."""

    found: tuple[Found, ...]
    ranked: tuple[tuple[Hit, Case], ...]
    violation: Violation | None
    pivots: Mapping[str, PivotValue]
    result: SearchResult
    total: int

    @property
    def notice(self) -> str | None:
        """What a person is told before the cases are shown; None where one of them is similar enough. Command line, page and other programs say the same."""
        if self.result.is_match:
            return None
        return NOT_SIMILAR if self.ranked else NOTHING_FOUND


def search(
    store: CaseStore,
    library: Library,
    draft: Draft,
    k: int = 10,
    *,
    offset: int = 0,
    filters: Filters | None = None,
    pool: Sequence[str] | None = None,
    view: View | None = None,
    depth: int = 0,
    with_passages: bool = True,
) -> Answer:
    """Return k cases from rank `offset` + 1 on. One view answers the whole request; `ranked` holds at least `depth`."""
    view = view or library.view
    pinned = exact_ids(store, view, draft)
    query = query_of(draft)
    wanted = max(RERANKED, offset + k, depth)
    result = view.search(query, wanted, filters=filters, pool=pool, pinned=pinned, executor=library.executor)
    started = time.perf_counter()
    violation = violation_of(draft, result.causes)
    pivots = draft.pivots(violation) if violation else dict(draft.given)
    cases = store.get_many([hit.case_id for hit in result.hits])
    # The view may be half a second behind: what was deleted or withdrawn meanwhile is not shown.
    hits = [hit for hit in result.hits if hit.case_id in cases and not cases[hit.case_id].withdrawn]
    ordered = calibrate(view, rerank(hits, cases, violation, pivots))
    page = ordered[offset : offset + k]
    ours = sentence_words(view.analyzer, draft.text) if with_passages else []
    rarity = {word: view.causes.rarity(word) for _, words in ours for word in words}
    found = tuple(
        Found(
            hit=hit,
            case=cases[hit.case_id],
            elements=compare_elements(draft, violation, pivots, cases[hit.case_id]),
            passages=matching_passages(view.analyzer, rarity, ours, cases[hit.case_id]) if with_passages else (),
        )
        for hit in page
    )
    stages = {**result.stages_ms, "rerank": round((time.perf_counter() - started) * 1000, 3)}
    return Answer(
        found,
        tuple((hit, cases[hit.case_id]) for hit in ordered),
        violation,
        pivots,
        replace(result, stages_ms=stages, is_match=is_match(view.calibration, ordered)),
        len(ordered),
    )


def query_of(draft: Draft) -> Query:
    """Return what the library is asked for a draft."""
    return Query(text=draft.text, causes=(draft.cause,) if draft.cause else (), doc_no=draft.doc_no, signs=frozenset(find_signs(draft.text)))


def exact_ids(store: CaseStore, view: View, draft: Draft) -> list[str]:
    """Return the cases a draft names outright: by id, or by document number."""
    ids = [draft.text] if draft.text in view.columns.row_of else []
    if draft.doc_no:
        # Words before the number (参照、见) may have been read as part of it: the longest end of it that is known counts.
        ids.extend(next((found for cut in range(MAX_CUT + 1) if (found := store.find_doc_no(draft.doc_no[cut:]))), []))
    return ids


def rerank(hits: Sequence[Hit], cases: Mapping[str, Case], violation: Violation | None, pivots: Mapping[str, PivotValue]) -> list[Hit]:
    """Reorder the head of the ranking by the pivots: agreement lifts, conflict lowers, a decisive conflict caps the score."""
    if violation is None or not pivots:
        return list(hits)
    head, tail = list(hits[:RERANKED]), list(hits[RERANKED:])
    top = max((hit.score for hit in head), default=0.0)
    adjusted = []
    for hit in head:
        if Channel.EXACT in hit.channels:
            adjusted.append((float("inf"), hit))
            continue
        match = match_pivots(violation, pivots, cases[hit.case_id])
        evidence = replace(hit.evidence, **asdict(match))
        adjusted.append((hit.score + match.score * top / 3, replace(hit, evidence=evidence)))
    adjusted.sort(key=lambda pair: (-pair[0], pair[1].rank))
    ordered = [replace(hit, score=score if score != float("inf") else hit.score) for score, hit in adjusted] + tail
    return [replace(hit, rank=rank) for rank, hit in enumerate(ordered, 1)]


def case_pivots(violation: Violation, case: Case, wanted: Collection[str]) -> dict[str, PivotValue]:
    """Return a case's pivots: those recorded, and, where one of the `wanted` is not among them, those its facts state."""
    missing = [name for name in wanted if name not in case.pivots]
    return {**known_pivots(violation, case.facts, missing), **case.pivots} if missing else dict(case.pivots)


@dataclass(frozen=True, slots=True)
class PivotMatch:
    """How many pivots of a draft a case of the same violation has the same or the other way round; `minor_` those on which the disposal does not turn."""

    agree: int = 0
    conflict: int = 0
    minor_agree: int = 0
    minor_conflict: int = 0

    @property
    def score(self) -> float:
        """What the pivots add, in thirds of the best fused score of a search."""
        return AGREE * (self.agree + MINOR * self.minor_agree) - CONFLICT * (self.conflict + MINOR * self.minor_conflict)


def match_pivots(violation: Violation, pivots: Mapping[str, PivotValue], case: Case) -> PivotMatch:
    """Compare the yes/no pivots of a draft with those of a case; one of another violation matches nothing."""
    if case.cause_code and case.cause_code != violation.code:
        return PivotMatch()
    theirs = case_pivots(violation, case, pivots)
    decisive = {pivot.name for pivot in violation.pivots if pivot.decisive}
    counts = {"agree": 0, "conflict": 0, "minor_agree": 0, "minor_conflict": 0}
    for name, value in pivots.items():
        other = theirs.get(name)
        if isinstance(value, bool) and isinstance(other, bool):
            counts[("" if name in decisive else "minor_") + ("agree" if other == value else "conflict")] += 1
    return PivotMatch(**counts)


def calibrate(view: View, hits: Sequence[Hit]) -> list[Hit]:
    """Fill in the probability that each hit is similar, now that its pivots are known; a case named by its number is what was asked for."""
    relevance = view.calibration.probabilities([hit.evidence for hit in hits])
    return [replace(hit, relevance=1.0 if Channel.EXACT in hit.channels else float(p)) for hit, p in zip(hits, relevance, strict=True)]
