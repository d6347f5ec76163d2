"""Tagging data for the annotation programs doccano (text classification, JSONL) and Label Studio (choices, JSON), both ways."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from .examples import GROUP_FIELDS, TAG_FIELDS, DatasetError, Example, example_from_json
from .files import read_text

# doccano has one list of labels; what is only suspected, or would be wrong, is marked in front.
_MARKS = {"tags": "", "suspected": "?", "rejected": "!"}
_TASK_FIELDS = tuple(name for name in GROUP_FIELDS if name != "annotator")


def read_doccano(path: Path) -> list[Example]:
    """Read doccano's JSONL export of a text classification project ({id, text, label: […]}). Raises DatasetError naming file:line."""
    examples = []
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        place = f"{path.name}:{number}"
        try:
            record = json.loads(line)
        except ValueError as error:
            raise DatasetError(f"{place}: not JSON ({error}); export the project as JSONL") from None
        if not isinstance(record, dict):
            raise DatasetError(f"{place}: expected an object with text and label")
        labels = record.pop("label", record.pop("labels", None))
        record.pop("Comments", None)
        record.pop("is_labelled", None)
        if labels is not None:
            record |= _unmarked(labels, place)
        if labels == [] and record.pop("unlabelled", False):
            record = {key: value for key, value in record.items() if key not in TAG_FIELDS}
        examples.append(example_from_json(record, place, number))
    return examples


def _unmarked(labels: object, place: str) -> dict[str, list[str]]:
    if not isinstance(labels, list) or any(not isinstance(label, str) for label in labels):
        raise DatasetError(f"{place}: label is not a list of names; spans are not tags of a text, export a text classification project")
    found: dict[str, list[str]] = {name: [] for name in TAG_FIELDS}
    for label in labels:
        kind = next((name for name, mark in _MARKS.items() if mark and label.startswith(mark)), "tags")
        found[kind].append(label.removeprefix(_MARKS[kind]))
    return found


def write_doccano(examples: Sequence[Example], path: Path) -> None:
    """Write doccano's JSONL; suspected tags are marked ?, rejected ones !. Raises DatasetError for a tag that begins with such a mark."""
    lines = []
    for example in examples:
        record = example.to_json()
        labels = [mark + tag for name, mark in _MARKS.items() for tag in record.pop(name, [])]
        if bad := [tag for tag in example.tags if tag[0] in "?!"]:
            raise DatasetError(f"{example.example_id}: tag {bad[0]!r} begins with ? or !, which mark suspected and rejected tags; rename it")
        record = {"id": record.pop("report_id"), "text": record.pop("text"), "label": labels, **record}
        if not example.is_labelled:
            record["unlabelled"] = True
        lines.append(json.dumps(record, ensure_ascii=False) + "\n")
    path.write_text("".join(lines), encoding="utf-8")


def read_label_studio(path: Path) -> list[Example]:
    """Read Label Studio's JSON export: one example per annotation (so that two annotators can be compared). Raises DatasetError."""
    try:
        tasks = json.loads(read_text(path))
    except ValueError as error:
        raise DatasetError(f"{path.name}: not JSON ({error}); export the project as JSON") from None
    if not isinstance(tasks, list):
        raise DatasetError(f"{path.name}: expected a list of tasks; export the project as JSON")
    examples: list[Example] = []
    for number, task in enumerate(tasks, 1):
        place = f"{path.name}: task {number}"
        if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
            raise DatasetError(f"{place}: expected an object with data; export the project as JSON, not as JSON-MIN")
        data: dict[str, Any] = {key: value for key, value in task["data"].items() if key not in TAG_FIELDS}
        data.setdefault("report_id", task.get("id"))
        annotations = [item for item in task.get("annotations") or [] if not item.get("was_cancelled")]
        for annotation in annotations or [None]:
            record = data if annotation is None else data | _choices(annotation, place)
            examples.append(example_from_json(record, place, number))
    return examples


def _choices(annotation: Mapping[str, Any], place: str) -> dict[str, Any]:
    found: dict[str, Any] = {name: [] for name in TAG_FIELDS}
    for result in annotation.get("result") or []:
        name = result.get("from_name")
        if result.get("type") == "choices":
            found[name if name in TAG_FIELDS else "tags"] += result.get("value", {}).get("choices", [])
        elif result.get("type") is not None:
            raise DatasetError(f"{place}: {result['type']} is not a choice; use the configuration that `label-studio-config` writes")
    who = annotation.get("completed_by")
    who = who.get("email") or who.get("id") if isinstance(who, Mapping) else who
    return found | ({"annotator": str(who)} if who not in (None, "") else {})


def write_label_studio(examples: Sequence[Example], path: Path) -> None:
    """Write tasks with their annotations; neighbouring examples of one id and text become one task with several annotations."""
    tasks = []
    for (example_id, text), group in groupby(examples, key=lambda example: (example.example_id, example.text)):
        items = list(group)
        first = items[0]
        data = {"report_id": example_id, "text": text, **{name: getattr(first, name) for name in _TASK_FIELDS if getattr(first, name)}, **dict(first.extra)}
        annotations = [_annotation(item) for item in items if item.is_labelled]
        tasks.append({"data": data, "annotations": annotations})
    path.write_text(json.dumps(tasks, ensure_ascii=False, indent=1), encoding="utf-8")


def _annotation(example: Example) -> dict[str, Any]:
    results = [
        {"from_name": name, "to_name": "text", "type": "choices", "value": {"choices": list(getattr(example, name))}}
        for name in TAG_FIELDS
        if getattr(example, name)
    ]
    return {"result": results} | ({"completed_by": {"email": example.annotator}} if example.annotator else {})


def label_studio_config(tags: Sequence[str]) -> str:
    """Return the labelling configuration (XML) for a set of tags: three groups of choices beside the text."""
    titles = {"tags": "现在属实", "suspected": "疑似，待核实", "rejected": "出现但不算（否定、既往、他人、传闻）"}
    lines = ["<View>", '  <Text name="text" value="$text"/>']
    for name, title in titles.items():
        lines += [f'  <Header value="{title}"/>', f'  <Choices name="{name}" toName="text" choice="multiple">']
        lines += [f"    <Choice value={quoteattr(tag)}/>" for tag in tags]
        lines.append("  </Choices>")
    return "\n".join([*lines, "</View>"]) + "\n"
