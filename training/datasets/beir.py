"""Retrieval data in the BEIR layout (Thakur et al. 2021): corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .examples import DatasetError
from .files import read_text

Qrels = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Passage:
    """A document or a query; queries have no title."""

    text: str
    title: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Retrieval:
    """A collection: documents, queries, and graded judgements per split."""

    corpus: Mapping[str, Passage]
    queries: Mapping[str, Passage]
    qrels: Mapping[str, Qrels]


def read_beir(folder: Path) -> Retrieval:
    """Read a BEIR folder. Raises DatasetError naming file:line, and for a judgement on an unknown query or document."""
    corpus, queries = (_passages(folder / name) for name in ("corpus.jsonl", "queries.jsonl"))
    qrels: dict[str, Qrels] = {}
    for path in sorted((folder / "qrels").glob("*.tsv")):
        qrels[path.stem] = _qrels(path, corpus, queries)
    if not qrels:
        raise DatasetError(f"{folder}/qrels: no .tsv file; expected for example qrels/test.tsv")
    return Retrieval(corpus, queries, qrels)


def _passages(path: Path) -> dict[str, Passage]:
    found: dict[str, Passage] = {}
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            key = str(record["_id"])
            passage = Passage(str(record["text"]), str(record.get("title") or ""), record.get("metadata") or {})
        except (ValueError, KeyError, TypeError) as error:
            raise DatasetError(f"{path.name}:{number}: expected an object with _id and text ({type(error).__name__}: {error})") from None
        if key in found:
            raise DatasetError(f"{path.name}:{number}: _id {key[:40]!r} is given twice; ids must be unique")
        found[key] = passage
    return found


def _qrels(path: Path, corpus: Mapping[str, Passage], queries: Mapping[str, Passage]) -> Qrels:
    qrels: Qrels = {}
    for number, line in enumerate(read_text(path).split("\n"), 1):
        parts = line.rstrip("\r").split("\t")
        if not line.strip() or (number == 1 and parts[-1] == "score"):
            continue
        if len(parts) != 3 or not parts[2].lstrip("-").isdigit():
            raise DatasetError(f"qrels/{path.name}:{number}: expected query-id, corpus-id and score separated by tabs")
        query, document, score = parts
        for name, known in ((query, queries), (document, corpus)):
            if name not in known:
                raise DatasetError(f"qrels/{path.name}:{number}: {name[:40]!r} is not in {'queries' if known is queries else 'corpus'}.jsonl")
        qrels.setdefault(query, {})[document] = int(score)
    return qrels


def write_beir(data: Retrieval, folder: Path) -> None:
    """Write the BEIR layout; reading it again gives equal data."""
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    (folder / "corpus.jsonl").write_text("".join(_line(key, item, with_title=True) for key, item in data.corpus.items()), encoding="utf-8")
    (folder / "queries.jsonl").write_text("".join(_line(key, item, with_title=False) for key, item in data.queries.items()), encoding="utf-8")
    for split, qrels in data.qrels.items():
        rows = [f"{query}\t{document}\t{score}\n" for query, found in qrels.items() for document, score in found.items()]
        (folder / "qrels" / f"{split}.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(rows), encoding="utf-8")


def _line(key: str, item: Passage, *, with_title: bool) -> str:
    record: dict[str, Any] = {"_id": key} | ({"title": item.title} if with_title else {}) | {"text": item.text, "metadata": dict(item.metadata)}
    return json.dumps(record, ensure_ascii=False) + "\n"
