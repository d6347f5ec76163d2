"""A checked YAML file that may be replaced while the service runs: a broken one never takes the place of a working one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import structlog
import yaml
from pydantic import BaseModel, ValidationError

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
log = structlog.get_logger("nlp_service.persons")


class RulesError(ValueError):
    """A rule file cannot be used; one line per problem: file, place, what is wrong."""


def load_checked(path: Path, model: type[M]) -> M:
    """Read a YAML file into a model. Raises RulesError with every problem and its place."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError(f"{path}: cannot be read ({error}); save it as UTF-8 and check the path") from error
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        raise RulesError(f"{path}{f':{mark.line + 1}' if mark else ''}: not readable as YAML; check indentation, colons and quotes") from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = [f"{path}: {'.'.join(str(part) for part in item['loc']) or 'file'}: {item['msg']}" for item in error.errors()]
        raise RulesError("\n".join(faults)) from error


class Watched(Generic[T]):
    """What a file says; the first of `paths` that exists is read, and read again when it changes."""

    def __init__(self, paths: tuple[Path, ...], load: Callable[[Path], T]) -> None:
        """Read once. Raises RulesError: at the start a broken file must be seen, later the last good one serves on."""
        self._paths = paths
        self._load = load
        self._lock = threading.Lock()
        path = self._path()
        self._stamp = _stamp(path)
        self._value = load(path)

    @property
    def value(self) -> T:
        """The newest version that could be read."""
        with self._lock:
            try:
                path = self._path()
                if (stamp := _stamp(path)) != self._stamp:
                    self._stamp = stamp
                    self._value = self._load(path)
            except (RulesError, OSError) as error:  # OSError: the file went away after it was seen
                log.error("rules_not_replaced", reason=str(error))
            return self._value

    def _path(self) -> Path:
        return next((path for path in self._paths if path.is_file()), self._paths[-1])


def _stamp(path: Path) -> tuple[str, int]:
    return str(path), path.stat().st_mtime_ns
