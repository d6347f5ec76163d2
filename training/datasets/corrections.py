"""Corrected tags as a data set: a report with the tags that a person put in the place of the service's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .examples import DatasetError, Example, example_from_json
from .files import read_text


def corrected(examples: Sequence[Example], corrections: Path) -> list[Example]:
    """Return the reports that have a correction (JSONL: report_id, tags, suspected, rejected, by), with its tags; the last one of a report counts.

    Reports nobody looked at are left out: the service's own tags are no labels. Raises DatasetError for a correction of an unknown report.
    """
    known = {example.example_id: example for example in examples}
    found: dict[str, Example] = {}
    for number, line in enumerate(read_text(corrections).split("\n"), 1):
        if not line.strip():
            continue
        place = f"{corrections.name}:{number}"
        try:
            record = json.loads(line)
            report = known[str(record["report_id"])]
        except KeyError as error:
            raise DatasetError(f"{place}: no report {error}; give the file with the reports as well") from None
        except (ValueError, TypeError) as error:
            raise DatasetError(f"{place}: expected an object with report_id and tags ({error})") from None
        said = example_from_json({**record, "text": report.text}, place, number)
        if not said.is_labelled:
            raise DatasetError(f"{place}: no tags; write an empty list where the report has none")
        who = str(record.get("by") or "")
        found[report.example_id] = replace(
            report, tags=said.tags, suspected=said.suspected, rejected=said.rejected, annotator=who or report.annotator, is_labelled=True
        )
    return list(found.values())
