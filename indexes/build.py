"""Fit and write a snapshot of a store: one pass for the dictionary, one for the terms, then encoder, dense index and causes."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import scipy.sparse as sp

from corpora.schema import Case

from .analyzer import Analyzer
from .causes import fit_causes
from .columns import Columns
from .dense import DenseIndex
from .encoders import Encoder, Vectors, fit_static
from .errors import BuildError
from .fusion import Fusion
from .labels import cause_labels
from .lexical import LexicalWriter, field_terms
from .passages import dense_text, passage_spans
from .snapshot import Manifest, build_lock, publish, remove_leftovers
from .terms import CountBuilder

CHUNK = 512
Progress = Callable[[str, float], None]


class Store(Protocol):
    """What building and refreshing need of the store (see corpora.store)."""

    def iter_cases(self, batch: int = 1000, include_withdrawn: bool = False) -> Iterator[tuple[int, Case]]: ...
    def last_seq(self) -> int: ...
    def count(self, include_withdrawn: bool = False) -> int: ...


@dataclass(frozen=True, slots=True)
class BuildSpec:
    """How to build: `encoder` None fits the static encoder on the library itself; `domain_words` come from the taxonomy."""

    encoder: Encoder | None = None
    domain_words: tuple[str, ...] = ()
    dimension: int = 256
    fusion: Fusion = Fusion()
    seed: int = 0
    flat_limit: int = 200_000


def build(store: Store, library: Path, spec: BuildSpec, *, progress: Progress | None = None) -> Path:
    """Build a snapshot beside the serving one and publish it; return its folder. Raises BuildError.

    Memory grows with the number of distinct terms per case (about 8 bytes each), not with the length of the texts.
    """
    tell = progress or (lambda stage, share: None)
    with build_lock(library):
        remove_leftovers(library)
        n_cases = store.count()
        if n_cases == 0:
            raise BuildError("the store holds no case: import some first (`nlp-service import FILE…`)")
        (library / "snapshots").mkdir(exist_ok=True)
        created = dt.datetime.now(dt.UTC)
        name = created.strftime("%Y%m%dT%H%M%S.%f")
        work = library / f".building-{name}"
        work.mkdir()
        try:
            return _build(store, library, work, spec, tell, n_cases, name, created.isoformat(timespec="seconds"))
        except OSError as error:
            raise BuildError(f"{work}: {error.strerror or error}; free space or choose another --home; the serving snapshot is untouched") from error
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _build(store: Store, library: Path, work: Path, spec: BuildSpec, tell: Progress, n_cases: int, name: str, created_at: str) -> Path:
    started = time.perf_counter()
    seq_before = store.last_seq()  # a change after this line is caught up later, whether or not the pass below saw it
    words = _library_words(store, n_cases, tell)
    analyzer = Analyzer((*spec.domain_words, *words))
    columns, counts, vocabulary, labels, lengths = _read(store, work, analyzer, n_cases, tell)
    tell("编码", 0.0)
    encoder: Encoder
    if spec.encoder is None:
        encoder = static = fit_static(analyzer, counts, vocabulary, dimension=spec.dimension, seed=spec.seed)
        vectors, rows = static.encode_counts(counts, vocabulary), np.arange(len(lengths), dtype=np.int32)
        spans = np.stack([np.zeros_like(rows), np.array(lengths, np.int32)], axis=1)
    else:
        encoder = spec.encoder
        vectors, rows, spans = _encode(store, encoder, columns, tell)
    dense = DenseIndex.build(vectors, rows, spans, flat_limit=spec.flat_limit, seed=spec.seed)
    causes = fit_causes(counts, vocabulary, labels, seed=spec.seed, progress=lambda share: tell("案由", share))
    encoder.save(work / "encoder")
    dense.save(work)
    columns.save(work)
    causes.save(work)
    spec.fusion.save(work / "fusion.json")
    manifest = Manifest(
        name=name,
        created_at=created_at,
        last_seq=seq_before,
        n_cases=len(columns.ids),
        analyzer=analyzer.version,
        encoder={"name": encoder.name, "fingerprint": encoder.fingerprint, "dimension": encoder.dimension},
        domain_words=analyzer.domain_words,
        details={
            "dense": dense.kind,
            "dense_recall_at_10": round(dense.recall_at_10(vectors, seed=spec.seed), 4),
            "passages": len(rows),
            "vocabulary": len(vocabulary),
            "cause_labels": len(causes.labels),
            "fusion": spec.fusion.version,
            "seed": spec.seed,
            "seconds": round(time.perf_counter() - started, 1),
        },
    )
    tell("发布", 1.0)
    return publish(library, work, manifest)


def _library_words(store: Store, n_cases: int, tell: Progress) -> set[str]:
    """Return the library's own causes as dictionary words."""
    words: set[str] = set()
    for done, (_, case) in enumerate(store.iter_cases()):
        words.update(cause for cause in case.causes if 1 < len(cause) <= 20)
        if done % CHUNK == 0:
            tell("词典", done / n_cases)
    return words


def _read(store: Store, work: Path, analyzer: Analyzer, n_cases: int, tell: Progress) -> tuple[Columns, sp.csr_matrix, list[str], list[list[str]], list[int]]:
    """Cut every case once: write the lexical index, count the terms of the facts, note labels, attributes and lengths."""
    writer = LexicalWriter(work / "lexical", create=True)
    counter = CountBuilder()
    labels: list[list[str]] = []
    lengths: list[int] = []
    columns = Columns.empty()
    for chunk in _chunks(case for _, case in store.iter_cases()):
        start = len(labels)
        for row, case in enumerate(chunk, start):
            text = dense_text(case)
            facts = analyzer.terms(text)
            writer.add(case, row, field_terms(analyzer, case, facts))
            lengths.append(len(text))
            counter.add(facts)
            labels.append(cause_labels(case))
        columns = columns.extended(chunk)
        tell("分词", len(labels) / n_cases)
    writer.close()
    return columns, counter.matrix(), list(counter.vocabulary), labels, lengths


def _encode(store: Store, encoder: Encoder, columns: Columns, tell: Progress) -> tuple[Vectors, np.ndarray, np.ndarray]:
    """Encode the passages of every case: (vectors, row of each, span of each)."""
    vectors: list[Vectors] = []
    rows: list[int] = []
    found: list[tuple[int, int]] = []
    for chunk in _chunks(case for _, case in store.iter_cases()):
        texts: list[str] = []
        for case in chunk:
            row = columns.row_of.get(case.case_id)
            if row is None:
                continue  # added since the first pass: the catch-up brings it
            text = dense_text(case)
            for start, end in passage_spans(text, encoder.passage_chars):
                texts.append(text[start:end])
                rows.append(row)
                found.append((start, end))
        vectors.append(encoder.encode_passages(texts))
        tell("编码", (rows[-1] + 1) / len(columns.ids) if rows else 1.0)
    return np.concatenate(vectors), np.array(rows, np.int32), np.array(found, np.int32).reshape(-1, 2)


def _chunks(cases: Iterable[Case], size: int = CHUNK) -> Iterator[list[Case]]:
    chunk: list[Case] = []
    for case in cases:
        chunk.append(case)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
