"""Files of retrieval experiments: queries, qrels, pools, TREC runs. A bad line is named with file and number."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Run = dict[str, list[str]]
Qrels = dict[str, dict[str, int]]


class DataError(ValueError):
    """A data file is not what it should be."""


def read_queries(path: Path) -> list[dict[str, Any]]:
    """Read queries, one JSON object a line with query_id and text."""
    queries = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            queries.append({**record, "query_id": str(record["query_id"]), "text": str(record["text"])})
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path.name}:{number}: expected an object with query_id and text ({error})") from None
    return queries


def read_qrels(path: Path) -> Qrels:
    """Read TREC qrels (`qid 0 case_id grade`), a three-column TSV, or the `rel` objects of a query file (.jsonl)."""
    if path.suffix == ".jsonl":
        return {query["query_id"]: {str(case): int(grade) for case, grade in query.get("rel", {}).items()} for query in read_queries(path)}
    qrels: Qrels = {}
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        parts = line.split()
        if not parts or (number == 1 and not parts[-1].lstrip("-").isdigit()):
            continue  # an empty line or a header
        if len(parts) not in (3, 4) or not parts[-1].lstrip("-").isdigit():
            raise DataError(f"{path.name}:{number}: expected `query case grade` or `query 0 case grade`")
        qrels.setdefault(parts[0], {})[parts[-2]] = int(parts[-1])
    return qrels


def read_pools(path: Path) -> dict[str, list[str]]:
    """Read {query_id: [case_id…]}."""
    return {str(query): [str(case) for case in cases] for query, cases in json.loads(path.read_text(encoding="utf-8")).items()}


def read_run(path: Path) -> Run:
    """Read a TREC run (`qid Q0 case_id rank score name`), cases by rank."""
    rows: dict[str, list[tuple[int, str]]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        parts = line.split()
        if len(parts) != 6 or not parts[3].isdigit():
            raise DataError(f"{path.name}:{number}: expected `qid Q0 case_id rank score name`")
        rows.setdefault(parts[0], []).append((int(parts[3]), parts[2]))
    return {query: [case for _, case in sorted(found)] for query, found in rows.items()}


def write_run(path: Path, scored: Mapping[str, list[tuple[str, float]]], name: str) -> None:
    """Write a TREC run, best first."""
    lines = [f"{query} Q0 {case} {rank} {score:.6f} {name}" for query, found in scored.items() for rank, (case, score) in enumerate(found, 1)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
