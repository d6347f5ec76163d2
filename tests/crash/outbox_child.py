"""The process that is killed: takes in a report that alerts, sends the event into a file, and dies (kill -9) at the place it is told."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import sys
from pathlib import Path

from nlp_service.audit import AuditLog
from nlp_service.persons import outbox
from nlp_service.persons.courier import Courier
from nlp_service.persons.intake import Incoming
from nlp_service.persons.measures import load_measures
from nlp_service.persons.references import ReferenceKey
from nlp_service.persons.rules import load_alert_rules
from nlp_service.persons.service import PersonService
from nlp_service.persons.store import PersonStore
from nlp_service.tagging.schemes import Level, load_scheme
from nlp_service.tagging.tagger import Source, Tagged, TagResult, TagStatus

SCHEME = load_scheme("name: correction\ntags: [{code: C02, name: 轻生, definition: 言语提示轻生, level: L4, triggers: [不想活]}]")


def die() -> None:
    """End as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(home: Path, place: str) -> None:
    """Run to the place and die there."""
    store = PersonStore.open(home / "persons.db")
    rules, measures = load_alert_rules(), load_measures()
    service = PersonService(
        store,
        ReferenceKey(home / "persons.key"),
        AuditLog(home / "audit.db"),
        rules=lambda: rules,
        measures=lambda: measures,
        schemes=lambda name: SCHEME,
        tells=True,
    )
    if place == "before-commit":
        enqueue = outbox.enqueue

        def last(*arguments: object) -> str:
            event_id = enqueue(*arguments)  # type: ignore[arg-type]
            die()
            return event_id

        outbox.enqueue = last
    tag = TagResult("C02", TagStatus.CONFIRMED, 0.9, 0.5, ((0, 3),), Source.RULE)
    service.take(SCHEME, [Incoming("R-1", "不想活了", "DX-1", None, None, Tagged("R-1", (tag,), Level.L4))], {}, "k")
    if place == "after-commit":
        die()

    def send(event_id: str, body: str, now: dt.datetime) -> None:
        if place == "before-send":
            die()
        with (home / "arrived.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps([event_id, body]) + "\n")
            file.flush()
            os.fsync(file.fileno())
        if place == "after-send":
            die()

    Courier(store, send, lambda: None).deliver()
    die()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
