"""One library as one thing: the serving snapshot, kept equal to the store; searches run on immutable views that are swapped whole."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import numpy as np

from corpora.schema import Case

from .analyzer import Analyzer
from .calibration import Calibration
from .causes import CauseClassifier
from .columns import Columns
from .dense import DenseIndex, limit_threads
from .encoders import Vectors, load_encoder
from .errors import EncoderError, SnapshotError
from .fusion import Fusion
from .lexical import LexicalIndex, LexicalWriter, field_terms
from .passages import dense_text, passage_spans
from .query import Filters, Query, SearchResult
from .reasoning import ReasoningIndex
from .salience import Salience
from .snapshot import Manifest, current_name, read_manifest, verify
from .speech import Speech
from .statutes import StatuteIndex
from .view import View

BATCH = 1000


class Change(Protocol):
    """One change of the store; `case` is None for a deleted case."""

    @property
    def seq(self) -> int: ...
    @property
    def case_id(self) -> str: ...
    @property
    def case(self) -> Case | None: ...


class ChangeSource(Protocol):
    """What catching up needs of the store (see corpora.store)."""

    def changes_since(self, seq: int, limit: int = ...) -> Sequence[Change]: ...


class Library:
    """Open with `Library.open`; `view` is what searches use, `refresh` brings it to the store's state, `reload` takes a newer snapshot."""

    def __init__(self, folder: Path, store: ChangeSource, view: View, manifest: Manifest) -> None:
        self.folder = folder
        self.manifest = manifest
        self._store = store
        self._view = view
        self._writer: LexicalWriter | None = None
        self._live: Path | None = None
        self._changing = threading.Lock()
        self._executor = ThreadPoolExecutor(max_workers=4, thread_name_prefix="dense")

    @classmethod
    def open(cls, folder: Path, store: ChangeSource) -> Library:
        """Open the current snapshot, verify every file, and catch up with the store. Raises SnapshotError or EncoderError."""
        remove_stale_live(folder)
        limit_threads(1)
        view, manifest = _load(folder)
        library = cls(folder, store, view, manifest)
        library.refresh()
        return library

    @property
    def view(self) -> View:
        """The state that answers now; hold on to it for a whole request."""
        return self._view

    def search(self, query: Query, k: int = 10, *, filters: Filters | None = None, pool: Sequence[str] | None = None) -> SearchResult:
        """Search the view that serves now; see View.search."""
        return self._view.search(query, k, filters=filters, pool=pool, executor=self._executor)

    @property
    def executor(self) -> ThreadPoolExecutor:
        """Threads for the dense part of searches."""
        return self._executor

    def refresh(self) -> int:
        """Apply what changed in the store since the view's last sequence number; return how many changes."""
        applied = 0
        with self._changing:
            while changes := self._store.changes_since(self._view.last_seq, limit=BATCH):
                self._apply(changes)
                applied += len(changes)
        return applied

    def reload(self) -> bool:
        """Serve the snapshot that `current` names, when it is another one; the old view answers until the new one has caught up."""
        if current_name(self.folder) == self._view.name:
            return False
        view, manifest = _load(self.folder)
        with self._changing:
            old_view, old_writer, old_live = self._view, self._writer, self._live
            fresh = Library(self.folder, self._store, view, manifest)
            fresh.refresh()
            fresh._executor.shutdown(wait=False)
            self._view, self._writer, self._live, self.manifest = fresh._view, fresh._writer, fresh._live, manifest
        del old_view
        _discard(old_writer, old_live)
        return True

    def close(self) -> None:
        """Stop the threads and drop the live copy; the store and the snapshot hold everything."""
        with self._changing:
            self._executor.shutdown(wait=True)
            _discard(self._writer, self._live)
            self._writer = self._live = None

    def _apply(self, changes: Sequence[Change]) -> None:
        view = self._view
        latest = {change.case_id: change.case for change in changes}
        cases = [case for case in latest.values() if case is not None and not case.withdrawn]
        gone = [case_id for case_id, case in latest.items() if case is None or case.withdrawn]
        writer = self._open_writer(view)
        start = len(view.columns.ids)
        for case_id in latest:
            writer.remove(case_id)
        facts = [view.analyzer.terms(dense_text(case)) for case in cases]
        for row, (case, terms) in enumerate(zip(cases, facts, strict=True), start):
            writer.add(case, row, field_terms(view.analyzer, case, terms, view.analyzer.terms(case.reasoning)))
        writer.commit()
        self._view = View(
            name=view.name,
            last_seq=changes[-1].seq,
            analyzer=view.analyzer,
            encoder=view.encoder,
            columns=view.columns.extended(cases, gone=gone),
            lexical=LexicalIndex(writer.index),
            dense=_extend_dense(view, cases, start),
            causes=view.causes,
            cause_roots=np.concatenate([view.cause_roots, view.causes.distribution_rows(facts)]) if cases else view.cause_roots,
            speech=view.speech,
            taught=view.taught,
            reasoning=view.reasoning.extended(_encode_reasoning(view, cases)) if cases else view.reasoning,
            salience=view.salience,
            statutes=view.statutes.extended(cases),
            fusion=view.fusion,
            calibration=view.calibration,
        )

    def _open_writer(self, view: View) -> LexicalWriter:
        """Return the writer of a copy of the snapshot's lexical index (hard links: its segment files never change)."""
        if self._writer is None:
            self._live = self.folder / "live" / f"{os.getpid()}-{id(self)}"
            shutil.copytree(self.folder / "snapshots" / view.name / "lexical", self._live, copy_function=_link_or_copy)
            self._writer = LexicalWriter(self._live)
        return self._writer


def _link_or_copy(source: str, target: str) -> None:
    """Hard-link segment files; copy what tantivy rewrites in place (its .json files) and what cannot be linked."""
    if source.endswith(".json"):
        shutil.copy2(source, target)
        return
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _encode_reasoning(view: View, cases: Sequence[Case]) -> Vectors:
    vectors = np.zeros((len(cases), view.encoder.dimension), np.float32)
    reasoned = [i for i, case in enumerate(cases) if case.reasoning]
    if reasoned:
        vectors[reasoned] = view.encoder.encode_passages([cases[i].reasoning[: view.encoder.passage_chars] for i in reasoned])
    return vectors


def _extend_dense(view: View, cases: Sequence[Case], start: int) -> DenseIndex:
    texts: list[str] = []
    rows: list[int] = []
    spans: list[tuple[int, int]] = []
    for row, case in enumerate(cases, start):
        text = dense_text(case)
        for begin, end in passage_spans(text, view.encoder.passage_chars):
            texts.append(text[begin:end])
            rows.append(row)
            spans.append((begin, end))
    if not texts:
        return view.dense
    return view.dense.extended(view.encoder.encode_passages(texts), rows, np.array(spans, np.int32))


def _load(folder: Path) -> tuple[View, Manifest]:
    name = current_name(folder)
    if name is None:
        raise SnapshotError(f"{folder}: no snapshot yet; run `nlp-service build`")
    home = folder / "snapshots" / name
    manifest = read_manifest(home)
    verify(home, manifest)
    try:
        return _read_view(home, manifest), manifest
    except FileNotFoundError as error:  # every file of the manifest is there: this program wants one more
        raise SnapshotError(
            f"{error.filename or f'{home} ({error})'}: missing from a snapshot built by an older version of this program; run `nlp-service build`"
        ) from None
    except (KeyError, ValueError, TypeError) as error:  # every file is as it was written: another version wrote it
        raise SnapshotError(f"{home}: built by another version of this program ({type(error).__name__}: {error}); run `nlp-service build`") from None


def _read_view(home: Path, manifest: Manifest) -> View:
    analyzer = Analyzer(manifest.domain_words)
    if analyzer.version != manifest.analyzer:
        raise SnapshotError(f"{home}: built with analyzer {manifest.analyzer}, this program has {analyzer.version}; run `nlp-service build`")
    encoder = load_encoder(home / "encoder", analyzer)
    if encoder.fingerprint != manifest.encoder["fingerprint"]:
        raise EncoderError(f"{home}: built with encoder {manifest.encoder['fingerprint']}, found {encoder.fingerprint}; run `nlp-service build`")
    return View(
        name=manifest.name,
        last_seq=manifest.last_seq,
        analyzer=analyzer,
        encoder=encoder,
        columns=Columns.load(home),
        lexical=LexicalIndex.open(home / "lexical"),
        dense=DenseIndex.load(home),
        causes=CauseClassifier.load(home),
        cause_roots=np.load(home / "cause_roots.npy", allow_pickle=False),
        speech=Speech.load(home),
        taught=Speech.load(home, "taught"),
        reasoning=ReasoningIndex.load(home),
        salience=Salience.load(home),
        statutes=StatuteIndex.load(home),
        fusion=Fusion.load(home / "fusion.json"),
        calibration=Calibration.load(home / "calibration.json"),
    )


def remove_stale_live(folder: Path) -> None:
    """Delete live copies left by processes that are gone."""
    for path in (folder / "live").glob("*-*"):
        pid = path.name.split("-")[0]
        if not pid.isdigit() or not Path(f"/proc/{pid}").exists():
            shutil.rmtree(path, ignore_errors=True)


def _discard(writer: LexicalWriter | None, live: Path | None) -> None:
    if writer is not None:
        writer.close()
    if live is not None:
        shutil.rmtree(live, ignore_errors=True)
