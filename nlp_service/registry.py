"""Versions of models in a home, which one serves, and the record of every change; the service reads it, `training` writes it.

<models>/<name>/<version>/      a model folder, verified when it came in and again when it is opened (nlp_service.artefacts)
<models>/<name>/serving         the version that answers; no file: what ships with the product
<models>/<name>/shadow          a version that is scored beside it and never shown
<models>/<name>/history.jsonl   append-only: one line per add, promote, rollback, shadow; a change counts once its line is on disk

`name` is the name of a scheme for taggers, `encoder` for encoders.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from nlp_service.artefacts import ArtefactError, fsync, open_artefact

ENCODER = "encoder"
ENCODER_KIND = "encoder-1"
ENCODER_MODEL = "model"  # where the sentence-transformers directory lies in an encoder's artefact
SERVING, SHADOW, HISTORY = "serving", "shadow", "history.jsonl"
MIN_REASON_CHARS = 10
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class RegistryError(ValueError):
    """A version is unknown, or a change is not possible; the message says what to do."""


class Action(StrEnum):
    ADD = "add"
    PROMOTE = "promote"
    REFUSE = "refuse"
    ROLLBACK = "rollback"
    SHADOW = "shadow"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history; `version` None stands for what ships with the product (or, for `shadow`, for none)."""

    action: Action
    version: str | None
    by: str
    at: str
    reason: str | None = None
    evidence: Mapping[str, Any] | None = None


class Registry:
    """The models folder of a home. Reading takes no lock; changes hold one per name, across processes."""

    def __init__(self, models: Path) -> None:
        self.models = models

    def names(self) -> list[str]:
        """Return the names that have a history."""
        return sorted(path.parent.name for path in self.models.glob(f"*/{HISTORY}"))

    def versions(self, name: str) -> list[str]:
        """Return the versions there are, in the order they came in."""
        added = [event.version for event in self.history(name) if event.action is Action.ADD]
        return [version for version in dict.fromkeys(added) if version is not None and (self._home(name) / version).is_dir()]

    def path(self, name: str, version: str) -> Path:
        """Return the folder of a version. Raises RegistryError for an unknown one."""
        folder = self._home(name) / version
        if not _VERSION.fullmatch(version) or not (folder / "manifest.json").is_file():
            raise RegistryError(f"{name} {version}: no such version; there are {', '.join(self.versions(name)) or 'none'}")
        return folder

    def serving(self, name: str) -> str | None:
        """Return the version that serves, None for what ships with the product."""
        return self._alias(name, SERVING)

    def shadow(self, name: str) -> str | None:
        """Return the version that is scored beside it, or None."""
        return self._alias(name, SHADOW)

    def stamp(self, name: str) -> tuple[int, int]:
        """Return what changes whenever an alias changes; two calls of stat, for every request."""
        return _stamp(self.models / name / SERVING), _stamp(self.models / name / SHADOW)

    def add(self, name: str, folder: Path, *, by: str) -> str:
        """Verify a model folder and copy it in; return its version. The same content twice is one version. Raises ArtefactError or RegistryError."""
        artefact = open_artefact(folder)
        if not _VERSION.fullmatch(artefact.version):
            raise RegistryError(f"{folder.name}: version {artefact.version!r} cannot be a folder name; fit the model again")
        with self._changing(name):
            target = self._home(name) / artefact.version
            if target.exists():
                if open_artefact(target).content != artefact.content:
                    raise RegistryError(f"{name} {artefact.version}: another model of this version is already here; fit again, versions are never replaced")
                return artefact.version
            work = Path(tempfile.mkdtemp(prefix=f".{artefact.version}-", dir=self._home(name)))
            try:
                shutil.copytree(folder, work, dirs_exist_ok=True)
                for path in (*work.rglob("*"), work):
                    fsync(path)
                work.chmod(0o755)
                work.rename(target)
            finally:
                shutil.rmtree(work, ignore_errors=True)
            fsync(target.parent)
            self._append(name, Action.ADD, artefact.version, by)
        return artefact.version

    def promote(self, name: str, version: str, *, by: str, evidence: Mapping[str, Any] | None = None, reason: str | None = None) -> None:
        """Let a version serve. The caller has compared it (training.promotion); a `reason` overrides a refusal and is kept. Raises RegistryError."""
        if reason is not None and len(reason.strip()) < MIN_REASON_CHARS:
            raise RegistryError(f"the reason has {len(reason.strip())} characters; write at least {MIN_REASON_CHARS}, it is kept in the history")
        with self._changing(name):
            open_artefact(self.path(name, version))
            self._append(name, Action.PROMOTE, version, by, reason=reason, evidence=evidence)
            self._write_alias(name, SERVING, version)

    def refuse(self, name: str, version: str, *, by: str, evidence: Mapping[str, Any]) -> None:
        """Record that a version was compared and not promoted."""
        with self._changing(name):
            self._append(name, Action.REFUSE, version, by, evidence=evidence)

    def rollback(self, name: str, *, by: str, reason: str | None = None) -> str | None:
        """Let serve what served before; return it (None: what ships with the product). Raises RegistryError where nothing was promoted."""
        with self._changing(name):
            before = self.previous(name)
            if before is not None:
                open_artefact(self.path(name, before))
            self._append(name, Action.ROLLBACK, before, by, reason=reason)
            self._write_alias(name, SERVING, before)
        return before

    def previous(self, name: str) -> str | None:
        """Return what a rollback would bring back. Raises RegistryError where nothing was promoted."""
        stack = _served(self.history(name))
        if not stack:
            raise RegistryError(f"{name}: nothing was promoted, so there is nothing to roll back")
        return stack[-2] if len(stack) > 1 else None

    def set_shadow(self, name: str, version: str | None, *, by: str) -> None:
        """Score a version on live traffic without showing it; None ends that. Raises RegistryError or ArtefactError."""
        with self._changing(name):
            if version is not None:
                open_artefact(self.path(name, version))
            self._append(name, Action.SHADOW, version, by)
            self._write_alias(name, SHADOW, version)

    def history(self, name: str) -> list[Event]:
        """Return all changes, oldest first; half a line at the end (a killed process) never counted and is left out."""
        try:
            text = (self._home(name) / HISTORY).read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        events = []
        for number, line in enumerate(text.split("\n")[:-1], 1):
            try:
                record = json.loads(line)
                events.append(Event(Action(record["action"]), record["version"], record["by"], record["at"], record.get("reason"), record.get("evidence")))
            except (ValueError, KeyError, TypeError) as error:
                raise RegistryError(f"{name}/{HISTORY}:{number}: damaged ({error}); restore the file from a backup") from None
        return events

    def _home(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise RegistryError(f"{name[:40]!r}: expected small letters, digits, - and _, at most 32, as in the name of a scheme")
        return self.models / name

    def _alias(self, name: str, alias: str) -> str | None:
        try:
            return (self._home(name) / alias).read_text(encoding="utf-8").strip() or None
        except FileNotFoundError:
            return None

    def _write_alias(self, name: str, alias: str, version: str | None) -> None:
        """Replace an alias; none is an empty file, so that its stamp changes too."""
        path = self._home(name) / alias
        beside = path.with_name(f".{alias}.{os.getpid()}")
        beside.write_text(version or "", encoding="utf-8")
        fsync(beside)
        beside.replace(path)
        fsync(path.parent)

    def _append(self, name: str, action: Action, version: str | None, by: str, *, reason: str | None = None, evidence: Mapping[str, Any] | None = None) -> None:
        record: dict[str, Any] = {"action": action.value, "version": version, "by": by, "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds")}
        record |= {key: value for key, value in (("reason", reason), ("evidence", evidence)) if value is not None}
        with (self._home(name) / HISTORY).open("ab") as file:
            file.write((json.dumps(record, ensure_ascii=False) + "\n").encode())
            file.flush()
            os.fsync(file.fileno())

    @contextmanager
    def _changing(self, name: str) -> Iterator[None]:
        home = self._home(name)
        home.mkdir(parents=True, exist_ok=True)
        with (home / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._mend(name)
            yield

    def _mend(self, name: str) -> None:
        """Finish what a killed process began: cut half a line off the history, and bring the aliases to what the history says."""
        path = self._home(name) / HISTORY
        content = path.read_bytes() if path.exists() else b""
        if content and not content.endswith(b"\n"):
            with path.open("r+b") as file:
                file.truncate(content.rfind(b"\n") + 1)
                os.fsync(file.fileno())
        events = self.history(name)
        served = _served(events)
        shadows = [event.version for event in events if event.action is Action.SHADOW]
        for alias, wanted in ((SERVING, served[-1] if served else None), (SHADOW, shadows[-1] if shadows else None)):
            if self._alias(name, alias) != wanted:
                self._write_alias(name, alias, wanted)


def _served(events: list[Event]) -> list[str]:
    """Return the versions promoted and not rolled back, the serving one last."""
    stack: list[str] = []
    for event in events:
        if event.action is Action.PROMOTE and event.version is not None:
            stack.append(event.version)
        elif event.action is Action.ROLLBACK and stack:
            stack.pop()
    return stack


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


__all__ = ["ENCODER", "ENCODER_KIND", "ENCODER_MODEL", "Action", "ArtefactError", "Event", "Registry", "RegistryError"]
