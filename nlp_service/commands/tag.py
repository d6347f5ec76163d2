"""`tag`: keyword tags for a file of reports, one JSON line each (design §8)."""

from __future__ import annotations

import argparse
import gc
import json
from pathlib import Path

from ..settings import Settings
from ..tagging.schemes import SchemeError
from ..tagging.service import TagRequestError, TagService, tagged_json
from .base import CommandError, out, progress_bar, read_json_lines

HELP = "给网格报告打关键词标签（提示，尚待核实）"
BATCH = 256


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--scheme", required=True, help="方案名：correction、grid 或自定义")
    parser.add_argument("--in", type=Path, required=True, dest="in_file", metavar="R.jsonl", help="每行 {report_id, text}")
    parser.add_argument("--out", type=Path, required=True, dest="out_file", metavar="T.jsonl")
    parser.add_argument("--model", type=Path, default=None, help="模型目录（默认用随附模型）")
    parser.add_argument("--explain", action="store_true", help="同时给出被排除的标签及原因")


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Tag every report in order; a bad line gets an error and stops nothing else."""
    try:
        service = TagService(settings.schemes, settings.models, model=arguments.model)
        service.tagger(arguments.scheme)
    except (SchemeError, TagRequestError) as error:
        raise CommandError(str(error)) from None
    gc.freeze()  # scheme and model stay as they are: no garbage collection need look through them
    records = list(read_json_lines(arguments.in_file))
    lines: list[str] = []
    failed = 0
    with progress_bar() as tell:
        for start in range(0, len(records), BATCH):
            batch = [record for _, record in records[start : start + BATCH]]
            for item in service.tag(arguments.scheme, batch, explain=arguments.explain):
                failed += item.error is not None
                lines.append(json.dumps(tagged_json(item), ensure_ascii=False))
            tell("打标签", min(1.0, (start + BATCH) / len(records)))
    try:
        arguments.out_file.write_text("\n".join(lines) + ("\n" if lines else ""), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{arguments.out_file}：不能写入（{error.strerror}）") from None
    out.print(f"{len(records)} 份报告 → {arguments.out_file}" + (f"，{failed} 份有误" if failed else ""), highlight=False)
    return 1 if failed else 0
