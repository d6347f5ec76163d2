"""A snapshot on disk: a folder that describes itself, written beside, fsynced, renamed into place, and verified when opened.

<library>/snapshots/<name>/manifest.json    format, name, created_at, last_seq, analyzer, encoder, dense, counts, files {path: sha-256}
<library>/current                           the name of the snapshot that serves
<library>/build.lock                        held (flock) by the one process that builds
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .errors import BuildError, SnapshotError

FORMAT = 3
MANIFEST = "manifest.json"
CURRENT = "current"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot is made of. `last_seq` is the last change of the store that it contains; `details` are the measured facts of its parts."""

    name: str
    created_at: str
    last_seq: int
    n_cases: int
    analyzer: str
    encoder: Mapping[str, Any]
    domain_words: tuple[str, ...]
    details: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def fsync_path(path: Path) -> None:
    """Force a file or a folder entry to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomically(path: Path, text: str) -> None:
    """Replace a small text file: written beside, fsynced, renamed."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8")
    fsync_path(beside)
    beside.replace(path)
    fsync_path(path.parent)


@contextmanager
def build_lock(library: Path) -> Iterator[None]:
    """Hold the library's build lock. Raises BuildError when another process builds or the folder is read-only."""
    try:
        library.mkdir(parents=True, exist_ok=True)
        file = (library / "build.lock").open("a")
    except OSError as error:
        raise BuildError(f"{library}: cannot be written ({error.strerror}); make it writable or choose another --home") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BuildError(f"{library}: another build is running; wait for it to end") from None
        yield


def publish(library: Path, work: Path, manifest: Manifest) -> Path:
    """Seal `work` (hashes, manifest, fsync), rename it under its name and point `current` at it; return the snapshot's folder."""
    files = {}
    for path in sorted(item for item in work.rglob("*") if item.is_file()):
        if path.suffix == ".lock":
            path.unlink()  # tantivy's own lock files, empty and re-made on every open
            continue
        files[path.relative_to(work).as_posix()] = hash_file(path)
        fsync_path(path)
    record = {**asdict(manifest), "files": files}
    (work / MANIFEST).write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
    fsync_path(work / MANIFEST)
    fsync_path(work)
    target = library / "snapshots" / manifest.name
    work.rename(target)
    fsync_path(target.parent)
    write_atomically(library / CURRENT, manifest.name)
    return target


def current_name(library: Path) -> str | None:
    """Return the name of the serving snapshot, None when none was ever published."""
    try:
        return (library / CURRENT).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def read_manifest(folder: Path) -> Manifest:
    """Read a manifest. Raises SnapshotError when it is missing, damaged or of another format."""
    path = folder / MANIFEST
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SnapshotError(f"{path}: missing; run `nlp-service build`") from None
    except ValueError as error:
        raise SnapshotError(f"{path}: damaged ({error}); run `nlp-service build`") from None
    found = record.get("format") if isinstance(record, dict) else None
    if found != FORMAT:
        whose = "an older version" if isinstance(found, int) and found < FORMAT else "another version"
        raise SnapshotError(f"{path}: format {found!r} of {whose} of this program, expected {FORMAT}; run `nlp-service build`")
    try:
        return Manifest(**{**record, "domain_words": tuple(record["domain_words"])})
    except (KeyError, TypeError) as error:
        raise SnapshotError(f"{path}: written by another version of this program ({error}); run `nlp-service build`") from None


def verify(folder: Path, manifest: Manifest) -> None:
    """Compare every file with its hash. Raises SnapshotError naming the first that differs."""
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise SnapshotError(f"{path}: missing from the snapshot; run `nlp-service build`")
        if hash_file(path) != expected:
            raise SnapshotError(f"{path}: damaged (its SHA-256 differs from the manifest); run `nlp-service build`")


def remove_leftovers(library: Path, *, keep: int = 2) -> None:
    """Delete half-written builds and all but the newest `keep` snapshots (never the current one); call under the build lock."""
    for path in library.glob(".building-*"):
        shutil.rmtree(path, ignore_errors=True)
    serving = current_name(library)
    snapshots = sorted((path for path in (library / "snapshots").glob("*") if path.is_dir()), key=lambda path: path.name)
    for path in snapshots[:-keep] if len(snapshots) > keep else []:
        if path.name != serving:
            shutil.rmtree(path, ignore_errors=True)
