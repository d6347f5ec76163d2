"""Fit and write a snapshot of a store: one pass for the dictionary, one for the terms, then encoder, dense index and causes."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import scipy.sparse as sp

from corpora.schema import Case

from .analyzer import Analyzer
from .calibration import Calibration
from .causes import CauseClassifier, fit_causes
from .columns import Columns
from .dense import DenseIndex
from .encoders import Encoder, StaticEncoder, Vectors, contrast, fit_static, unit_rows
from .errors import BuildError
from .fusion import Fusion
from .labels import cause_labels
from .lexical import LexicalWriter, field_terms
from .passages import dense_text, passage_spans
from .reasoning import ReasoningIndex
from .salience import Salience
from .snapshot import Manifest, build_lock, publish, remove_leftovers
from .speech import Speech, SpeechBuilder
from .statutes import StatuteIndex
from .terms import CountBuilder, count_rows

CHUNK = 512
Progress = Callable[[str, float], None]


class Store(Protocol):
    """What building and refreshing need of the store (see corpora.store)."""

    def iter_cases(self, batch: int = 1000, include_withdrawn: bool = False) -> Iterator[tuple[int, Case]]: ...
    def last_seq(self) -> int: ...
    def count(self, include_withdrawn: bool = False) -> int: ...


@dataclass(frozen=True, slots=True)
class BuildSpec:
    """How to build: `encoder` None fits the static encoder on the library itself; `domain_words` come from the taxonomy,
    `teaching` are (cause label, text) pairs that say in plain words what a cause is about; they count when the library has cases of such causes;
    `calibration` None takes the default.
    """

    encoder: Encoder | None = None
    domain_words: tuple[str, ...] = ()
    teaching: tuple[tuple[str, str], ...] = ()
    dimension: int = 256
    fusion: Fusion = field(default_factory=Fusion)
    calibration: Calibration | None = None
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
    read = _read(store, work, analyzer, n_cases, SpeechBuilder(label for label, _ in spec.teaching), tell)
    columns, counts, vocabulary = read.columns, read.facts, read.vocabulary
    tell("编码", 0.0)
    encoder: Encoder
    if spec.encoder is None:
        encoder, vectors, reasons = _fit_encoder(read, analyzer, spec)
        rows = np.arange(len(read.lengths), dtype=np.int32)
        spans = np.stack([np.zeros_like(rows), np.array(read.lengths, np.int32)], axis=1)
        reasoning = ReasoningIndex.fit(vectors, reasons)
    else:
        encoder = spec.encoder
        vectors, rows, spans, facts, reasons = _encode(store, encoder, columns, tell)
        reasoning = ReasoningIndex.fit(facts, reasons)
    dense = DenseIndex.build(vectors, rows, spans, flat_limit=spec.flat_limit, seed=spec.seed)
    causes, speech = _fit_causes(read, analyzer, spec, tell)
    encoder.save(work / "encoder")
    dense.save(work)
    columns.save(work)
    causes.save(work)
    speech.save(work)
    read.speech.fit_taught().save(work, "taught")
    np.save(work / "cause_roots.npy", causes.distributions(counts, vocabulary))
    reasoning.save(work)
    salience = Salience.fit(counts, read.reasoning, vocabulary)
    salience.save(work)
    read.statutes.save(work)
    spec.fusion.save(work / "fusion.json")
    calibration = spec.calibration or Calibration.load()
    calibration.save(work / "calibration.json")
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
            "reasoning": reasoning.is_fitted,
            "salience": len(salience.weights),
            "speech": len(speech.index),
            "fusion": spec.fusion.version,
            "calibration": calibration.version,
            "seed": spec.seed,
            "seconds": round(time.perf_counter() - started, 1),
        },
    )
    tell("发布", 1.0)
    return publish(library, work, manifest)


def _fit_causes(read: _Read, analyzer: Analyzer, spec: BuildSpec, tell: Progress) -> tuple[CauseClassifier, Speech]:
    """Fit what reads the causes of a draft, on the cases and on the teaching texts.

    Once the library holds a case of any taught cause all of them are taught, those without a case too: a draft about one of these is then known to be about
    something that the library has no case of. A library of another kind (criminal judgments) is taught nothing.
    """
    taught = [(label, text, analyzer.terms(text)) for label, text in spec.teaching] if read.speech.has_cases else []
    vocabulary = {term: column for column, term in enumerate(read.vocabulary)}
    counts = sp.vstack([read.facts, count_rows([terms for _, _, terms in taught], vocabulary)], format="csr") if taught else read.facts
    labels = [*read.labels, *([label] for label, _, _ in taught)]
    causes = fit_causes(counts, read.vocabulary, labels, seed=spec.seed, progress=lambda share: tell("案由", share))
    for label, text, terms in taught:
        read.speech.add_teaching(label, terms, text)
    return causes, read.speech.fit(causes.labels)


def _library_words(store: Store, n_cases: int, tell: Progress) -> set[str]:
    """Return the library's own causes as dictionary words."""
    words: set[str] = set()
    for done, (_, case) in enumerate(store.iter_cases()):
        words.update(cause for cause in case.causes if 1 < len(cause) <= 20)
        if done % CHUNK == 0:
            tell("词典", done / n_cases)
    return words


def _fit_encoder(read: _Read, analyzer: Analyzer, spec: BuildSpec) -> tuple[StaticEncoder, Vectors, Vectors]:
    """Fit the static encoder, then bring facts nearer to the reasoning that followed and to other cases of the cause; return it with facts and reasoning encoded."""

    def encoded(encoder: StaticEncoder) -> tuple[StaticEncoder, Vectors, Vectors]:
        return encoder, encoder.encode_counts(read.facts, read.vocabulary), encoder.encode_counts(read.reasoning, read.vocabulary)

    fitted = encoded(fit_static(analyzer, read.facts, read.vocabulary, dimension=spec.dimension, seed=spec.seed))
    static, facts, reasoning = fitted
    mapping = contrast(facts, reasoning, read.labels, seed=spec.seed)
    return fitted if mapping is None else encoded(static.mapped(mapping))  # encoded again: as queries will be, by the stored half-precision projection


@dataclass(frozen=True, slots=True)
class _Read:
    """What one pass over the store leaves: counts over one vocabulary, attributes, labels, length of each dense text."""

    columns: Columns
    facts: sp.csr_matrix
    reasoning: sp.csr_matrix
    vocabulary: list[str]
    labels: list[list[str]]
    lengths: list[int]
    speech: SpeechBuilder
    statutes: StatuteIndex


def _read(store: Store, work: Path, analyzer: Analyzer, n_cases: int, speech: SpeechBuilder, tell: Progress) -> _Read:
    """Cut every case once: write the lexical index, count the terms, note labels, attributes and lengths."""
    writer = LexicalWriter(work / "lexical", create=True)
    facts = CountBuilder()
    reasoning = CountBuilder(facts.vocabulary)
    labels: list[list[str]] = []
    lengths: list[int] = []
    columns, statutes = Columns.empty(), StatuteIndex.empty()
    for chunk in _chunks(case for _, case in store.iter_cases()):
        start = len(labels)
        for row, case in enumerate(chunk, start):
            text = dense_text(case)
            text_terms, reasoning_terms = analyzer.terms(text), analyzer.terms(case.reasoning)
            writer.add(case, row, field_terms(analyzer, case, text_terms, reasoning_terms))
            facts.add(text_terms)
            reasoning.add(reasoning_terms)
            labels.append(cause_labels(case))
            speech.add_case(labels[-1], text_terms, text)
            lengths.append(len(text))
        columns = columns.extended(chunk)
        statutes = statutes.extended(chunk)
        tell("分词", len(labels) / n_cases)
    writer.close()
    return _Read(columns, facts.matrix(), reasoning.matrix(), list(facts.vocabulary), labels, lengths, speech, statutes)


def _encode(store: Store, encoder: Encoder, columns: Columns, tell: Progress) -> tuple[Vectors, np.ndarray, np.ndarray, Vectors, Vectors]:
    """Encode every case: (passages, row of each, span of each), and per row the mean passage and the reasoning."""
    vectors: list[Vectors] = []
    rows: list[int] = []
    found: list[tuple[int, int]] = []
    facts = np.zeros((len(columns.ids), encoder.dimension), np.float32)
    reasons = np.zeros_like(facts)
    for chunk in _chunks(case for _, case in store.iter_cases()):
        known = [(row, case) for case in chunk if (row := columns.row_of.get(case.case_id)) is not None]  # later ones come with the catch-up
        texts = [(row, dense_text(case), span) for row, case in known for span in passage_spans(dense_text(case), encoder.passage_chars)]
        encoded = encoder.encode_passages([text[start:end] for _, text, (start, end) in texts])
        reasoned = [(row, case.reasoning[: encoder.passage_chars]) for row, case in known if case.reasoning]
        reasons[[row for row, _ in reasoned]] = encoder.encode_passages([text for _, text in reasoned])
        np.add.at(facts, [row for row, _, _ in texts], encoded)
        vectors.append(encoded)
        rows += [row for row, _, _ in texts]
        found += [span for _, _, span in texts]
        tell("编码", (rows[-1] + 1) / len(columns.ids) if rows else 1.0)
    return np.concatenate(vectors), np.array(rows, np.int32), np.array(found, np.int32).reshape(-1, 2), unit_rows(facts), reasons


def _chunks(cases: Iterable[Case], size: int = CHUNK) -> Iterator[list[Case]]:
    chunk: list[Case] = []
    for case in cases:
        chunk.append(case)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
