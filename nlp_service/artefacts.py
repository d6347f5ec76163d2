"""A model folder that describes itself: a manifest with the hash of every file, written beside, fsynced, renamed, verified when opened."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
# What tells about the fit but decides no answer: it may differ between two artefacts of one version.
ABOUT_FILES = frozenset({"recipe.toml", "lineage.json", "metrics.json", "curves.csv", "card.md", "held_out.jsonl", "regression.jsonl"})


class ArtefactError(ValueError):
    """A model folder is missing, damaged or of another kind; the message names the file and the cure."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """A verified model folder: `kind` decides who can open it, `version` is its name everywhere."""

    folder: Path
    kind: str
    version: str
    manifest: Mapping[str, Any]

    @property
    def about(self) -> Mapping[str, Any]:
        """What the fit said of itself (version, scheme, data, seed …)."""
        about = self.manifest.get("about")
        return about if isinstance(about, Mapping) else {}

    @property
    def content(self) -> str:
        """A hash over the files that decide answers; equal for two fits that are bit-identical."""
        return content_hash(self.manifest["sha256"])


def content_hash(hashes: Mapping[str, str]) -> str:
    """Return one hash over the named hashes of the model files (see ABOUT_FILES), 16 hex digits."""
    lines = sorted(f"{name} {digest}" for name, digest in hashes.items() if name not in ABOUT_FILES)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def read_kind(folder: Path) -> str:
    """Return the format named in a manifest without verifying anything else. Raises ArtefactError."""
    return str(_manifest(folder).get("format", ""))


def open_artefact(folder: Path) -> Artefact:
    """Read a model folder and compare every file with its hash; files the manifest does not know are refused. Raises ArtefactError."""
    manifest = _manifest(folder)
    hashes = manifest.get("sha256")
    if not isinstance(hashes, dict) or not isinstance(manifest.get("format"), str):
        raise ArtefactError(f"{folder.name}/{MANIFEST}: format or sha256 is missing; fit the model again with this version")
    for name, expected in hashes.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise ArtefactError(f"{folder.name}/{MANIFEST}: {name!r} lies outside the folder; do not use this artefact")
        if not path.is_file():
            raise ArtefactError(f"{folder.name}/{name}: missing; copy the artefact again")
        if hash_of(path) != expected:
            raise ArtefactError(f"{folder.name}/{name}: content does not match its hash in {MANIFEST}; copy the artefact again")
    unknown = sorted(set(_files(folder)) - set(hashes) - {MANIFEST})
    if unknown:
        raise ArtefactError(f"{folder.name}/{unknown[0]}: not listed in {MANIFEST}; remove it or copy the artefact again")
    about = manifest.get("about")
    version = str(about.get("version") or "") if isinstance(about, dict) else ""
    return Artefact(folder, manifest["format"], version or f"{manifest['format']}-{content_hash(hashes)[:8]}", manifest)


@contextmanager
def writing(target: Path, kind: str, about: Mapping[str, Any], *, extra: Mapping[str, Any] | None = None) -> Iterator[Path]:
    """Yield a folder beside `target` to write into; on leaving it is hashed, fsynced and renamed. Raises ArtefactError where `target` exists.

    `about` may be filled by the caller until the block ends. `extra` are further keys of the manifest.
    """
    if target.exists():
        raise ArtefactError(f"{target.name}: already exists; choose another folder, artefacts are never overwritten")
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield work
        _seal(work, kind, about, extra or {})
        work.chmod(0o755)
        work.rename(target)
        fsync(target.parent)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _seal(work: Path, kind: str, about: Mapping[str, Any], extra: Mapping[str, Any]) -> None:
    hashes = {name: hash_of(work / name) for name in _files(work) if name != MANIFEST}
    manifest = {**extra, "format": kind, "about": dict(about), "sha256": hashes}
    (work / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
    for name in (*hashes, MANIFEST):
        fsync(work / name)
    fsync(work)


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fsync(path: Path) -> None:
    """Force a file or a folder entry to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
    except OSError as error:
        raise ArtefactError(f"{folder.name}/{MANIFEST}: cannot be read ({error.strerror}); fit or copy the model again") from None
    except ValueError as error:
        raise ArtefactError(f"{folder.name}/{MANIFEST}: damaged ({error}); fit or copy the model again") from None
    if not isinstance(manifest, dict):
        raise ArtefactError(f"{folder.name}/{MANIFEST}: expected an object; fit or copy the model again")
    return manifest
