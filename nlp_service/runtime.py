"""The running service: store and library opened once, kept equal in the background, closed in order."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import structlog

from corpora.statements import prepare
from corpora.statutes import all_statute_names
from corpora.store import CaseStore, StoreError
from corpora.violations import check_patterns, domain_words, load_violations, teaching_texts
from indexes.build import BuildSpec, build
from indexes.calibration import Calibration
from indexes.encoders.base import Encoder
from indexes.errors import LibraryError
from indexes.fusion import Fusion
from indexes.library import Library

from .artefacts import open_artefact
from .assessments import AssessmentBook
from .audit import AuditLog
from .decision.assess import assess
from .drafts import read_draft
from .persons.opening import open_persons
from .registry import ENCODER, ENCODER_MODEL, Registry
from .settings import Settings
from .tagging.service import TagService
from .warming import Step, WarmUp

log = structlog.get_logger("nlp_service.runtime")


class NotReadyError(RuntimeError):
    """The library cannot answer yet; the message says why and what to do."""


class Runtime:
    """Owns store, library and the thread that keeps them equal. `library` raises NotReadyError until a snapshot is served."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = CaseStore.open(settings.store)
        self.audit = AuditLog(settings.audit)
        self.assessments = AssessmentBook(self.audit)
        self.tags = TagService(settings.schemes, settings.models)
        self.persons = open_persons(settings, self.audit, self.tags)
        self.started_at = time.time()
        self._library: Library | None = None
        self._reason = "案例库尚未建立索引：请先运行 nlp-service build"
        self._said = ""
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._warming: WarmUp | None = None

    @property
    def library(self) -> Library:
        """The library that serves. Raises NotReadyError."""
        if self._library is None:
            raise NotReadyError(self._reason)
        return self._library

    @property
    def is_ready(self) -> bool:
        """Whether searches can be answered."""
        return self._library is not None

    def start(self) -> None:
        """Open the library (a damaged snapshot leaves the service up but not ready) and start following changes."""
        load_violations()  # before the first request, which would wait for it; their patterns are compiled when first needed
        self._try(self._open)
        self._thread = threading.Thread(target=self._follow, name="follow-store", daemon=True)
        self._thread.start()
        self.persons.start()

    def warm_up(self) -> None:
        """Do in the background what the first requests would wait for: one search, the taggers of all schemes, the patterns of all violations."""
        self._warming = WarmUp(self._warm_steps())
        self._warming.start()

    @property
    def is_warm(self) -> bool:
        """Whether nothing is being warmed up (any more)."""
        return self._warming is None or self._warming.is_done

    def _warm_steps(self) -> Iterator[Step]:
        yield "search", self._search_once
        for name in self.tags.names():
            yield f"scheme {name}", partial(self.tags.warm, name)
        for violation in load_violations().values():
            yield f"violation {violation.code}", partial(prepare, violation.patterns)
        yield "garbage collection", gc.freeze  # what is loaded by now stays: looking through it again and again takes a seventh of the time of tagging

    def _search_once(self) -> None:
        """Search and assess by one of the library's own cases; nothing of it is kept."""
        if self._library is None:
            return
        case_id = next(iter(self._library.view.columns.row_of), None)
        case = self.store.get(case_id) if case_id else None
        if case is not None:
            assess(self.store, self._library, read_draft(case.facts or case.text))

    def changed(self) -> None:
        """Say that the store has changed, so that the library follows at once."""
        self._wake.set()

    def close(self) -> None:
        """Stop following and close library and store."""
        self._stop.set()
        self._wake.set()
        if self._warming:
            self._warming.stop()
        self.persons.close()
        if self._thread:
            self._thread.join()
        if self._library:
            self._library.close()
        self.tags.close()
        self.store.close()

    def _open(self) -> None:
        try:
            self._library = Library.open(self.settings.library, self.store)
        except LibraryError as error:
            self._reason = str(error)
            raise

    def _follow(self) -> None:
        while True:
            self._wake.wait(self.settings.refresh_s)
            self._wake.clear()
            if self._stop.is_set():
                return
            # A newer snapshot that cannot be loaded must not keep new cases out of the one that serves.
            for step in [self._open] if self._library is None else [self._library.reload, self._library.refresh]:
                self._try(step)

    def _try(self, step: Callable[[], object]) -> None:
        """Run a step; say what is wrong once, not every half second."""
        try:
            step()
        except (LibraryError, StoreError) as error:
            self._say(str(error))
        except Exception as error:  # the thread's outer edge: it must go on following
            if self._said != repr(error):
                self._said = repr(error)
                log.exception("library_not_followed")

    def _say(self, reason: str) -> None:
        if self._said != reason:
            self._said = reason
            log.error("library_not_followed", reason=reason)


def open_encoder(settings: Settings) -> Encoder | None:
    """Return the configured encoder, else the promoted one, or None for the fitted one. Raises RegistryError or ArtefactError."""
    folder = settings.encoder_dir
    if folder is None:
        registry = Registry(settings.models)
        version = registry.serving(ENCODER)
        if version is None:
            return None
        folder = open_artefact(registry.path(ENCODER, version)).folder / ENCODER_MODEL
    from indexes.encoders.transformer import TransformerEncoder  # brings torch

    return TransformerEncoder(folder)


def build_library(settings: Settings, store: CaseStore, *, progress: Callable[[str, float], None] | None = None) -> Path:
    """Build and publish a snapshot of the store with the taxonomy's words, and with weights and calibration fitted for this home. Raises LibraryError, TaxonomyError."""
    violations = load_violations().values()
    check_patterns(violations)
    words = tuple(sorted(word for word in {*domain_words(violations), *all_statute_names()} if len(word) <= 20))
    spec = BuildSpec(
        encoder=open_encoder(settings),
        domain_words=words,
        teaching=tuple(teaching_texts(violations)),
        fusion=Fusion.load(settings.fusion) if settings.fusion.is_file() else Fusion(),
        calibration=Calibration.load(settings.calibration) if settings.calibration.is_file() else None,
    )
    return build(store, settings.library, spec, progress=progress)
