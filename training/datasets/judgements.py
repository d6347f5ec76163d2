"""The service's own relevance judgements as a retrieval collection."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping

from corpora.store import CaseStore
from nlp_service.assessments import AssessmentBook

from .beir import Passage, Retrieval


def judged(store: CaseStore, book: AssessmentBook, *, texts: Mapping[str, str] | None = None) -> tuple[Retrieval, list[str]]:
    """Return the service's judgements as a collection, and the query ids whose text is not known any more.

    A query is an assessment (its masked draft), a case of the store, or an entry of `texts`. Several persons: the lower median of their grades.
    """
    grades: dict[str, dict[str, list[int]]] = {}
    for judgement in store.judgements():
        grades.setdefault(judgement.query_id, {}).setdefault(judgement.case_id, []).append(judgement.relevance)
    known = dict(texts or {}) | _drafts(book, grades)
    known = _cases(store, [query for query in grades if query not in known]) | known
    documents = _cases(store, {case for found in grades.values() for case in found})
    qrels = {
        query: {case: statistics.median_low(values) for case, values in found.items() if case in documents} for query, found in grades.items() if query in known
    }
    corpus = {case: Passage(text) for case, text in documents.items()}
    queries = {query: Passage(known[query]) for query in qrels}
    return Retrieval(corpus, queries, {"judged": qrels}), sorted(set(grades) - set(qrels))


def _drafts(book: AssessmentBook, ids: Iterable[str]) -> dict[str, str]:
    entries = {query: book.get(query) for query in ids}
    return {query: str(entry.payload["draft"]) for query, entry in entries.items() if entry is not None}


def _cases(store: CaseStore, ids: Iterable[str]) -> dict[str, str]:
    return {case_id: case.text for case_id, case in store.get_many(list(ids)).items()}
