"""Let a new encoder serve: a snapshot is rebuilt with it beside the serving one, and both switch together; going back switches both back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from corpora.store import CaseStore
from indexes.encoders.base import Encoder
from indexes.errors import SnapshotError
from indexes.snapshot import CURRENT, build_lock, current_name, read_manifest, verify, write_atomically
from nlp_service.artefacts import open_artefact
from nlp_service.registry import ENCODER, ENCODER_MODEL, Action, Registry
from nlp_service.runtime import build_library
from nlp_service.settings import Settings

from .datasets import DatasetError, Retrieval, read_beir
from .metrics.bootstrap import Interval, paired
from .metrics.ranking import ndcg
from .promotion import RefusedError

MIN_QUERIES = 10


def promote_encoder(settings: Settings, folder: Path, test: Path | None, *, by: str, reason: str | None = None) -> str:
    """Compare by NDCG@10 on a BEIR folder, rebuild the snapshot with the new encoder, and record it. Raises RefusedError, LibraryError, ArtefactError."""
    artefact = open_artefact(folder)
    registry = Registry(settings.models)
    evidence: dict[str, object] = {}
    reasons = ["no --test: there is nothing to compare on"] if test is None else []
    if test is not None:
        found, n = _difference(settings, folder, read_beir(test))
        evidence = {"NDCG@10": [round(value, 4) for value in (found.mean, found.low, found.high)], "n": n}
        if found.high < 0:
            reasons.append(f"NDCG@10 is worse by {-found.mean:.3f} [{-found.high:.3f}, {-found.low:.3f}] on {n} queries")
        if n < MIN_QUERIES:
            reasons.append(f"only {n} judged queries; bring at least {MIN_QUERIES}")
    version = registry.add(ENCODER, folder, by=by)
    if reasons and reason is None:
        registry.refuse(ENCODER, version, by=by, evidence=evidence)
        raise RefusedError(reasons)
    before = current_name(settings.library)
    snapshot = _build(settings, registry.path(ENCODER, artefact.version) / ENCODER_MODEL)
    registry.promote(ENCODER, version, by=by, evidence={**evidence, "snapshot": snapshot, "snapshot_before": before}, reason=reason)
    return version


def rollback_encoder(settings: Settings, *, by: str, reason: str | None = None) -> str | None:
    """Bring back the encoder before, with its snapshot where that is still there (it catches up with the store), else with a new one."""
    registry = Registry(settings.models)
    version = registry.previous(ENCODER)
    last = [event for event in registry.history(ENCODER) if event.action is Action.PROMOTE][-1]
    before = str((last.evidence or {}).get("snapshot_before") or "")
    is_switched = bool(before) and _switch(settings.library, before)
    registry.rollback(ENCODER, by=by, reason=reason)
    if not is_switched:
        _build(settings, registry.path(ENCODER, version) / ENCODER_MODEL if version else None)
    return version


def _switch(library: Path, name: str) -> bool:
    """Let `current` name an earlier snapshot, if it is still whole."""
    home = library / "snapshots" / name
    try:
        verify(home, read_manifest(home))
    except SnapshotError:
        return False
    with build_lock(library):
        write_atomically(library / CURRENT, name)
    return True


def _build(settings: Settings, encoder: Path | None) -> str:
    with CaseStore.open(settings.store, create=False) as store:
        return build_library(settings.model_copy(update={"encoder_dir": encoder}), store).name


def open_model(folder: Path) -> Encoder:
    """Open a sentence-transformers directory."""
    from indexes.encoders.transformer import TransformerEncoder  # brings torch

    return TransformerEncoder(folder)


def _difference(settings: Settings, folder: Path, data: Retrieval) -> tuple[Interval, int]:
    split = "test" if "test" in data.qrels else next(iter(data.qrels))
    new = ndcg_of(open_model(folder / ENCODER_MODEL), data, split)
    old = ndcg_of(serving_encoder(settings), data, split)
    return paired(new, old), len(new)


def serving_encoder(settings: Settings) -> Encoder:
    """Return the encoder of the serving snapshot. Raises SnapshotError where there is none."""
    from indexes.analyzer import Analyzer
    from indexes.encoders import load_encoder

    name = current_name(settings.library)
    if name is None:
        raise SnapshotError(f"{settings.library}: no snapshot yet; run `nlp-service build`")
    home = settings.library / "snapshots" / name
    return load_encoder(home / "encoder", Analyzer(read_manifest(home).domain_words))


def ndcg_of(encoder: Encoder, data: Retrieval, split: str) -> list[float]:
    """Return NDCG@10 per query of the dense ranking of the whole collection (best passage of a document is its beginning)."""
    if split not in data.qrels:
        raise DatasetError(f"split {split!r} is not in qrels ({', '.join(data.qrels)})")
    documents = list(data.corpus)
    limit = encoder.passage_chars
    vectors = encoder.encode_passages([_cut(f"{data.corpus[key].title}\n{data.corpus[key].text}".strip(), limit) for key in documents])
    queries = [query for query, grades in sorted(data.qrels[split].items()) if any(grade > 0 for grade in grades.values())]
    scores = encoder.encode_queries([_cut(data.queries[query].text, limit) for query in queries]) @ vectors.T
    return [ndcg(_ranked(row, documents), data.qrels[split][query], 10) for query, row in zip(queries, scores, strict=True)]


def _cut(text: str, limit: int | None) -> str:
    return text if limit is None else text[:limit]


def _ranked(scores: np.ndarray[tuple[int], np.dtype[np.float32]], documents: Sequence[str]) -> list[str]:
    return [documents[index] for index in np.argsort(-scores, kind="stable")[:100]]
