"""Lexical search: BM25 over title, facts and reasoning on tantivy; the only file that imports it.

A query gives each distinct term a weight (see View): counting every repetition in full ranks worse what people judged (LeCaRD pools: NDCG@10 .723 against
.774 for each term once).
Filters are part of the query, so k hits come back whenever k exist.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tantivy

from corpora.schema import Case

from .analyzer import Analyzer
from .columns import NO_DAY, attributes, day_number, groups
from .errors import SnapshotError
from .query import Filters

FIELD_WEIGHTS: Mapping[str, float] = {"title": 0.5, "body": 1.0}
WRITER_BYTES = 64_000_000
_TOKENIZER = "spaces"
_DAY_LIMIT = 2**31


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("case_id", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("row", fast=True)
    builder.add_unsigned_field("day", indexed=True, fast=True)
    builder.add_text_field("attribute", tokenizer_name="raw", index_option="basic")
    for name in FIELD_WEIGHTS:
        builder.add_text_field(name, tokenizer_name=_TOKENIZER, index_option="freq")
    return builder.build()


def field_terms(analyzer: Analyzer, case: Case, text: Sequence[str], reasoning: Sequence[str]) -> dict[str, list[str]]:
    """Return the terms of each field: `title` (with the causes) and `body` (title, the cut `text` of the facts, evidence, cut reasoning)."""
    title = analyzer.terms("\n".join((case.title, *case.causes)))
    evidence = analyzer.terms("\n".join(case.evidence)) if case.evidence else []
    return {"title": title, "body": [*title, *text, *evidence, *(reasoning if case.facts else ())]}


class LexicalWriter:
    """Add and remove cases; nothing is visible before `commit`."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        if create:
            folder.mkdir(parents=True)
            self.index = tantivy.Index(_schema(), path=str(folder))
        else:
            self.index = tantivy.Index.open(str(folder))
        _register(self.index)
        self._writer = self.index.writer(WRITER_BYTES, 1)

    def add(self, case: Case, row: int, terms: Mapping[str, Sequence[str]]) -> None:
        """Index one case under its row; the caller removes an older version first."""
        document = tantivy.Document()
        document.add_text("case_id", case.case_id)
        document.add_unsigned("row", row)
        document.add_unsigned("day", day_number(case.decided_on))
        for word in attributes(case):
            document.add_text("attribute", word)
        for name, words in terms.items():
            document.add_text(name, " ".join(words))
        self._writer.add_document(document)

    def remove(self, case_id: str) -> None:
        """Remove every version of a case."""
        self._writer.delete_documents_by_term("case_id", case_id)

    def commit(self) -> None:
        """Make all changes durable and visible to searchers opened from now on."""
        self._writer.commit()

    def close(self) -> None:
        """Commit and wait for merges to end, so that the folder no longer changes."""
        self._writer.commit()
        self._writer.wait_merging_threads()


def _register(index: tantivy.Index) -> None:
    index.register_tokenizer(_TOKENIZER, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())


class LexicalIndex:
    """A fixed view of an index folder: searches see the last commit at the time of opening."""

    def __init__(self, index: tantivy.Index) -> None:
        index.reload()
        self._schema = index.schema
        self._searcher = index.searcher()

    @classmethod
    def open(cls, folder: Path) -> LexicalIndex:
        """Open a folder. Raises SnapshotError when it holds no readable index."""
        try:
            index = tantivy.Index.open(str(folder))
        except ValueError as error:
            raise SnapshotError(f"{folder}: not a readable lexical index ({error}); rebuild the library") from None
        _register(index)
        return cls(index)

    @property
    def n_documents(self) -> int:
        """How many live documents the view holds."""
        return int(self._searcher.num_docs)

    def reach(self, terms: Mapping[str, float]) -> tuple[float, float]:
        """Return Σ weight · idf over the known terms, what a text with each of them once would about score, and its share of that sum over all terms."""
        n = self.n_documents
        known = total = 0.0
        for word, weight in terms.items():
            n_with = int(self._searcher.doc_freq("body", word))
            value = weight * math.log1p(max(n - n_with + 0.5, 0.5) / (n_with + 0.5))
            total += value
            known += value if n_with else 0.0
        return known, known / total if total else 0.0

    def search(
        self, terms: Iterable[str] | Mapping[str, float], k: int, *, filters: Filters | None = None, pool: Sequence[str] | None = None
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Return (rows, BM25 scores), best first, at most k; empty when no term is known. A mapping gives each term a weight, a list 1 each."""
        words = terms if isinstance(terms, Mapping) else dict.fromkeys(terms, 1.0)
        if not words or k < 1:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        should = [
            (tantivy.Occur.Should, tantivy.Query.boost_query(tantivy.Query.term_query(self._schema, name, word), of_field * of_word))
            for name, of_field in FIELD_WEIGHTS.items()
            for word, of_word in words.items()
        ]
        query = tantivy.Query.boolean_query(should)
        must = self._conditions(filters, pool)
        if must:
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), *must])
        found = self._searcher.search(query, limit=k, count=False).hits
        rows = self._searcher.fast_field_values("row", [address for _, address in found])
        return np.array(rows, np.int64), np.array([score for score, _ in found], np.float32)

    def _conditions(self, filters: Filters | None, pool: Sequence[str] | None) -> list[tuple[tantivy.Occur, tantivy.Query]]:
        queries = []
        if pool is not None:
            queries.append(tantivy.Query.term_set_query(self._schema, "case_id", list(pool)))
        if filters:
            queries += [tantivy.Query.term_set_query(self._schema, "attribute", words) for words in groups(filters)]
            if filters.decided_from or filters.decided_to:
                low = day_number(filters.decided_from) if filters.decided_from else NO_DAY + 1
                high = day_number(filters.decided_to) if filters.decided_to else _DAY_LIMIT
                queries.append(tantivy.Query.range_query(self._schema, "day", tantivy.FieldType.Unsigned, low, high))
        return [(tantivy.Occur.Must, tantivy.Query.const_score_query(query, 0.0)) for query in queries]
