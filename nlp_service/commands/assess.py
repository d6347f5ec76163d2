"""`assess`: deviation per draft, one JSON line each (design §8)."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from corpora.schema import RecordError, parse_date
from indexes.errors import LibraryError
from indexes.library import Library

from ..decision.assess import Assessment, assess
from ..decision.shape import assessment_json
from ..drafts import DraftError
from ..plans import draft_from_record
from ..settings import Settings
from .base import CommandError, open_store, out, progress_bar, read_json_lines

HELP = "偏离预警：对每份草拟案情比较类案与法定幅度"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--drafts", type=Path, required=True, help="每行 {query_id, text, planned, cause, pivots}")
    parser.add_argument("--out", type=Path, required=True, dest="out_file", metavar="OUT.jsonl")
    parser.add_argument("--today", default=None, help="计算案件新旧的基准日（默认今天），便于复现")


def to_json(query_id: str, found: Assessment) -> dict[str, Any]:
    """Return the line of one assessment."""
    violation, guidance = found.answer.violation, found.guidance
    return {
        "query_id": query_id,
        **assessment_json(found),
        "violation": violation.code if violation else None,
        "pivots": dict(found.answer.pivots),
        "missing_evidence": list(guidance.missing) if guidance else [],
        "snapshot": found.answer.result.snapshot,
    }


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Assess every draft; a bad line is named and stops nothing else."""
    try:
        today = parse_date("--today", arguments.today)
    except RecordError as error:
        raise CommandError(str(error)) from None
    records = list(read_json_lines(arguments.drafts))
    lines: list[str] = []
    failed = 0
    with open_store(settings, create=False) as store, progress_bar() as tell:
        try:
            library = Library.open(settings.library, store)
        except LibraryError as error:
            raise CommandError(str(error)) from None
        for done, (number, record) in enumerate(records, 1):
            query_id = str(record.get("query_id", number))
            try:
                found = assess(store, library, draft_from_record(record, settings.max_draft_chars), today=today)
                lines.append(json.dumps(to_json(query_id, found), ensure_ascii=False))
            except DraftError as error:
                failed += 1
                lines.append(json.dumps({"query_id": query_id, "error": f"{arguments.drafts.name}:{number}：{error}"}, ensure_ascii=False))
            tell("比较", done / len(records))
        library.close()
    try:
        arguments.out_file.write_text("\n".join(lines) + "\n" if lines else "", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{arguments.out_file}：不能写入（{error.strerror}）") from None
    out.print(f"{len(records)} 份草拟案情 → {arguments.out_file}" + (f"，{failed} 份有误" if failed else ""), highlight=False, soft_wrap=True)
    return 1 if failed else 0
