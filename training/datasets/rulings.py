"""The rulings of a home (POST /v1/tags/corrections) as a data set: masked reports with the tags that people confirmed or rejected."""

from __future__ import annotations

from pathlib import Path

from nlp_service.audit import AuditLog
from nlp_service.persons.opening import open_persons
from nlp_service.settings import Settings
from nlp_service.tagging.service import TagService

from .examples import DatasetError, Example, example_from_json

PAGE = 500


def ruled(home: Path, scheme: str | None = None) -> list[Example]:
    """Return every ruled report, oldest ruling first. Raises DatasetError where the home has no persons."""
    settings = Settings(home=home)
    if not settings.persons.is_file():
        raise DatasetError(f"{home}: no reports about persons are kept here; check --home")
    persons = open_persons(settings, AuditLog(settings.audit), TagService(settings.schemes, settings.models))
    try:
        examples: list[Example] = []
        after: int | None = 0
        while after is not None:
            rows, after = persons.service.labels(after, PAGE)
            chosen = [row for row in rows if scheme is None or row["scheme"] == scheme]
            examples += [example_from_json(row, f"{home}: {row['report_id']}", 0) for row in chosen]
        return examples
    finally:
        persons.store.close()
