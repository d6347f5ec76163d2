"""The process that is killed: reads jobs on stdin, runs each in a fork of itself that kills itself (kill -9) at the n-th event.

An event is a call or a return of any function, Python's or C's: right before and right after every write, fsync, rename and
commit there is one. The same seed therefore dies at the same point every time, which a kill after some milliseconds would not.
Forking saves the second that importing everything takes.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import corpora.importing
from corpora.importing import import_files
from corpora.schema import Case, case_from_json
from corpora.store import CaseStore
from indexes import snapshot
from indexes.build import BuildSpec, build
from indexes.library import Library

NEVER = 10**12


class Fuse:
    """Counts events and kills the process at number `at`; `lit` False waits for `light()`."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.n = 0

    def light(self) -> None:
        """Start counting."""
        sys.setprofile(self._event)

    def put_out(self) -> None:
        """Stop counting."""
        sys.setprofile(None)

    def _event(self, frame: FrameType, event: str, argument: object) -> None:
        self.n += 1
        if self.n >= self.at:
            os.kill(os.getpid(), signal.SIGKILL)


class Acknowledged:
    """A file of what was said to be done, written in one call each so that a kill cannot tear it or hold it back."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def __call__(self, **what: object) -> None:
        """Note one thing that is done."""
        os.write(self._file, (json.dumps(what) + "\n").encode())


def import_some(home: Path, job: dict[str, Any], fuse: Fuse, done: Acknowledged) -> None:
    """Import a file in batches of 20."""
    corpora.importing.BATCH = 20
    fuse.light()
    with CaseStore.open(home / "cases.db") as store:
        import_files(store, [Path(job["file"])], on_progress=lambda count: done(imported=count))


def build_once(home: Path, job: dict[str, Any], fuse: Fuse, done: Acknowledged) -> None:
    """Build and publish a snapshot."""
    fuse.light()
    with CaseStore.open(home / "cases.db") as store:
        done(built=build(store, home / "library", BuildSpec(dimension=16)).name)


def publish_once(home: Path, job: dict[str, Any], fuse: Fuse, done: Acknowledged) -> None:
    """Build, but count events only from sealing the snapshot on."""
    seal: Callable[..., Path] = snapshot.publish

    def lit(*arguments: Any) -> Path:
        fuse.light()
        return seal(*arguments)

    import indexes.build

    indexes.build.publish = lit
    with CaseStore.open(home / "cases.db") as store:
        done(built=build(store, home / "library", BuildSpec(dimension=16)).name)


def follow(home: Path, job: dict[str, Any], fuse: Fuse, done: Acknowledged) -> None:
    """Put, change, withdraw and delete cases while the library follows."""
    fuse.light()
    with CaseStore.open(home / "cases.db") as store:
        library = Library.open(home / "library", store)
        for step in job["steps"]:
            _apply(store, step)
            done(step=step["number"])
            library.refresh()
        library.close()


def _apply(store: CaseStore, step: dict[str, Any]) -> None:
    match step["do"]:
        case "put":
            cases: list[Case] = [case_from_json(record) for record in step["records"]]
            store.put_many(cases)
        case "withdraw":
            store.withdraw(step["case_id"])
        case "delete":
            store.delete(step["case_id"])


JOBS = {"import": import_some, "build": build_once, "publish": publish_once, "follow": follow}


def main() -> None:
    """Serve jobs until stdin ends; answer with the signal that ended each (0: it came through) and the events counted."""
    for line in sys.stdin:
        job = json.loads(line)
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            fuse = Fuse(job.get("at", NEVER))
            JOBS[job["job"]](Path(job["home"]), job, fuse, Acknowledged(Path(job["acknowledged"])))
            fuse.put_out()
            os.write(writing, str(fuse.n).encode())
            os._exit(0)
        os.close(writing)
        _, status = os.waitpid(pid, 0)
        events = os.read(reading, 32).decode()
        os.close(reading)
        answer = {
            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
            "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
            "events": int(events or 0),
        }
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
