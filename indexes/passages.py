"""How a case's text is cut for an encoder."""

from __future__ import annotations

from corpora.schema import Case
from corpora.text import passages


def dense_text(case: Case) -> str:
    """Return what dense search and the cause classifier read: the facts, or what there is in their place."""
    return case.facts or "\n".join(part for part in (case.title, case.reasoning, case.disposition) if part)


def passage_spans(text: str, limit: int | None) -> list[tuple[int, int]]:
    """Return (start, end) of passages of at most `limit` characters; the whole text when an encoder has no limit."""
    if limit is None or len(text) <= limit:
        return [(0, len(text))]
    return passages(text, max_chars=limit)
