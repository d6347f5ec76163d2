"""`search`: one query as a table, or a file of queries as a TREC run."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from indexes.errors import LibraryError
from indexes.library import Library
from indexes.query import Hit

from ..drafts import Draft, DraftError
from ..plans import draft_from_record
from ..search import Answer, search
from ..settings import Settings
from .base import CommandError, open_store, out, progress_bar, read_json_lines

HELP = "检索类案：一句话，或用 --queries 批量"
RUN_NAME = "nlp-service"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("text", nargs="?", metavar="TEXT", help="案情或一句话")
    parser.add_argument("--queries", type=Path, help="批量查询，每行 {query_id, text, planned, cause, pivots}")
    parser.add_argument("--pools", type=Path, help="JSON：每个 query_id 的候选 case_id 列表")
    parser.add_argument("--top", type=int, default=None, help="返回件数（默认单条 10，批量 100）")
    parser.add_argument("--run", type=Path, dest="run_file", metavar="OUT.trec", help="批量结果（TREC 格式）")


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Search once or in a batch."""
    if bool(arguments.text) == bool(arguments.queries):
        raise CommandError("请给出 TEXT，或用 --queries 给出查询文件（二者择一）")
    if arguments.queries and not arguments.run_file:
        raise CommandError("批量检索请用 --run 指定结果文件")
    if arguments.top is not None and arguments.top < 1:
        raise CommandError(f"--top {arguments.top}：应为 1 或更大")
    with open_store(settings, create=False) as store:
        try:
            library = Library.open(settings.library, store)
        except LibraryError as error:
            raise CommandError(str(error)) from None
        try:
            if arguments.text:
                try:
                    draft = draft_from_record({"text": arguments.text}, settings.max_draft_chars)
                except DraftError as error:
                    raise CommandError(str(error)) from None
                _print(search(store, library, draft, arguments.top or 10, with_passages=False))
                return 0
            return _batch(arguments, settings, store, library)
        finally:
            library.close()


def _batch(arguments: argparse.Namespace, settings: Settings, store: Any, library: Library) -> int:
    pools = _pools(arguments.pools) if arguments.pools else None
    queries: dict[str, Draft] = {}
    for number, record in read_json_lines(arguments.queries):
        query_id = str(record.get("query_id") or "")
        if not query_id or query_id in queries or len(query_id.split()) > 1:
            problem = "重复" if query_id in queries else "含空白" if query_id else None
            raise CommandError(
                f"{arguments.queries}:{number}：" + (f"query_id {query_id[:40]!r} {problem}，结果文件将无法区分" if problem else "缺少 query_id")
            )
        try:
            queries[query_id] = draft_from_record(record, settings.max_draft_chars)
        except DraftError as error:
            raise CommandError(f"{arguments.queries}:{number}：{error}") from None
    lines: list[str] = []
    with progress_bar() as tell:
        for done, (query_id, draft) in enumerate(queries.items(), 1):
            pool = None
            if pools is not None:
                if query_id not in pools:
                    raise CommandError(f"{arguments.pools}：没有查询 {query_id} 的候选")
                pool = pools[query_id]
            answer = search(store, library, draft, arguments.top or 100, pool=pool, with_passages=False)
            lines += run_lines(query_id, [found.hit for found in answer.found])
            tell("检索", done / len(queries))
    try:
        arguments.run_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{arguments.run_file}：不能写入（{error.strerror}）") from None
    out.print(f"{len(queries)} 个查询，{len(lines)} 条结果 → {arguments.run_file}", highlight=False, soft_wrap=True)
    return 0


def run_lines(query_id: str, hits: Sequence[Hit]) -> list[str]:
    """Return the lines of one query. Evaluation programs order by score and ignore the rank, so the scores written fall with it.

    A case found by its number, or lifted by its pivots, stands before one with a higher score.
    """
    lines: list[str] = []
    least = float("inf")
    for rank, hit in enumerate(hits, 1):
        least = min(hit.score, least - 1e-6)
        lines.append(f"{query_id} Q0 {hit.case_id} {rank} {least:.6f} {RUN_NAME}")
    return lines


def _pools(path: Path) -> dict[str, list[str]]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if any(not isinstance(pool, list) for pool in data.values()):
            raise TypeError("候选应为列表")
        return {str(query): [str(case_id) for case_id in pool] for query, pool in data.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise CommandError(f"{path}：应为 JSON 对象 {{query_id: [case_id…]}}（{error}）") from None


def _print(answer: Answer) -> None:
    if answer.notice:
        out.print(answer.notice)
    if not answer.found:
        return
    table = Table(title=f"{'' if answer.result.is_match else '仅供参考 '}{len(answer.found)} 件（读取 {answer.result.read.characters} 字）")
    for name in ("#", "案例", "处置", "决定日期", "复议诉讼", "得分", "相似概率"):
        is_text = name in ("案例", "处置", "复议诉讼")
        # On 80 columns texts go on in the next line: a case number cut short cannot be looked up.
        table.add_column(name, justify="left" if is_text else "right", no_wrap=not is_text, overflow="fold", min_width=16 if name == "案例" else None)
    for found in answer.found:
        case = found.case
        table.add_row(
            str(found.hit.rank),
            "\n".join(filter(None, (case.case_id, case.title[:36], case.causes[0][:20] if case.causes else ""))),
            "\n".join((*case.kinds, *([f"{case.fine_yuan:,}元"] if case.fine_yuan is not None else []))) or "—",
            str(case.decided_on or "—"),
            case.review.result if case.review else "未受审查",
            f"{found.hit.score:.3f}",
            f"{found.hit.relevance:.0%}" if found.hit.relevance is not None else "—",
        )
    out.print(table)
