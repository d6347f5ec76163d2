"""JSON logs on stderr: who asked for what, how long it took; never a text, a name or a query."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from typing import Any, TextIO

import structlog


def _where(error: BaseException) -> list[str]:
    """Return the chain of an error as types and places. Messages stay out: they may quote what was sent."""
    lines: list[str] = []
    current: BaseException | None = error
    while current is not None and len(lines) < 100:
        lines.append(f"{type(current).__module__}.{type(current).__qualname__}")
        lines += [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(current.__traceback__)]
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return lines


def _exception_places(logger: object, method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given else None
    if error is not None:
        event["exception"] = _where(error)
    return event


class _JsonFormatter(logging.Formatter):
    """What libraries log, as one JSON line without their messages' arguments spilling over lines."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {"event": record.getMessage(), "logger": record.name, "level": record.levelname.lower()}
        if record.exc_info and record.exc_info[1]:
            line["exception"] = _where(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def configure_logs(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send structlog and the standard library's warnings to stderr (or `stream`) as JSON lines."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    processors: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _exception_places,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_JsonFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
