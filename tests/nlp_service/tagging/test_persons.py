"""Whom a clause is about: the person, a relative, somebody else; objects and tellers are not the one who acts."""

from __future__ import annotations

import pytest

from nlp_service.tagging.clauses import clauses
from nlp_service.tagging.language import default_language
from nlp_service.tagging.matcher import Matcher
from nlp_service.tagging.persons import Subject, Subjects
from nlp_service.tagging.schemes import load_scheme

MATCHER = Matcher(load_scheme("name: s\ntags: [{code: X, name: 酒, definition: 喝酒, level: L1, triggers: [喝酒]}]"), default_language())


def _subject(text: str, at: str = "喝酒") -> Subject:
    language = default_language()
    found = MATCHER.find(text)
    spans = clauses(text)
    subjects = Subjects(text, spans, found.persons, [cue for cue in found.cues if cue.kind == "reporting"], language)
    place = text.index(at)
    clause = max(index for index, span in enumerate(spans) if span.start <= place)
    return subjects.of(clause, place).kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("天天喝酒", Subject.PERSON),
        ("王某又喝酒", Subject.PERSON),
        ("老李弟弟喝酒", Subject.FAMILY),
        ("邻居在门口喝酒", Subject.OTHER),
        ("跟邻居喝酒", Subject.PERSON),
        ("他妈说他又喝酒", Subject.PERSON),
        ("老婆反映天天喝酒", Subject.PERSON),
        ("弟弟来了，在桌上喝酒", Subject.FAMILY),
        ("邻居来了。在家喝酒", Subject.PERSON),
        ("弟弟的朋友喝酒", Subject.OTHER),
    ],
)
def test_who_acts(text: str, expected: Subject) -> None:
    assert _subject(text) is expected
