"""Files of retrieval experiments: queries, qrels, pools, TREC runs. A bad line is named with file and number."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Run = dict[str, list[str]]
Qrels = dict[str, dict[str, int]]


class DataError(ValueError):
    """A data file is not what it should be."""


def read_queries(path: Path) -> list[dict[str, Any]]:
    """Read queries, one JSON object a line with query_id and text."""
    queries: list[dict[str, Any]] = []
    seen: set[str] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            queries.append({**record, "query_id": str(record["query_id"]), "text": str(record["text"])})
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path.name}:{number}: expected an object with query_id and text ({error})") from None
        if queries[-1]["query_id"] in seen:
            raise DataError(f"{path.name}:{number}: query {queries[-1]['query_id']} occurs twice: give every query an id of its own")
        seen.add(queries[-1]["query_id"])
    return queries


def read_qrels(path: Path) -> Qrels:
    """Read TREC qrels (`qid 0 case_id grade`), a three-column TSV, or the `rel` objects of a query file (.jsonl)."""
    if path.suffix == ".jsonl":
        return {query["query_id"]: _grades(path, query) for query in read_queries(path)}
    qrels: Qrels = {}
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        parts = line.split()
        if not parts or (number == 1 and not parts[-1].lstrip("-").isdigit()):
            continue  # an empty line or a header
        if len(parts) not in (3, 4) or not parts[-1].lstrip("-").isdigit():
            raise DataError(f"{path.name}:{number}: expected `query case grade` or `query 0 case grade`")
        qrels.setdefault(parts[0], {})[parts[-2]] = int(parts[-1])
    return qrels


def _grades(path: Path, query: Mapping[str, Any]) -> dict[str, int]:
    try:
        return {str(case): int(grade) for case, grade in (query.get("rel") or {}).items()}
    except (ValueError, TypeError, AttributeError):
        raise DataError(f"{path.name}: query {query['query_id']}: expected `rel` to be an object {{case_id: grade}}") from None


def read_pools(path: Path, queries: Sequence[Mapping[str, Any]] = ()) -> dict[str, list[str]]:
    """Read {query_id: [case_id…]}; every one of `queries` must have a pool."""
    try:
        pools = {str(query): [str(case) for case in cases] for query, cases in json.loads(path.read_text(encoding="utf-8")).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise DataError(f"{path.name}: expected an object {{query_id: [case_id…]}} ({error})") from None
    if missing := [str(query["query_id"]) for query in queries if query["query_id"] not in pools]:
        raise DataError(f"{path.name}: no pool for {len(missing)} of {len(queries)} queries, the first is {missing[0]}: add them or leave --pools out")
    return pools


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
    """Write a TREC run, best first. Evaluation programs order by score and ignore the rank: what stands lower gets a lower score, though its pivots have put it there."""
    lines = []
    for query, found in scored.items():
        least = float("inf")
        for rank, (case, score) in enumerate(found, 1):
            least = min(score, least - 1e-6)
            lines.append(f"{query} Q0 {case} {rank} {least:.6f} {name}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
