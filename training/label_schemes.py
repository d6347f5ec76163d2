"""From labels to a scheme and back: a data set without a scheme gets one of its own, and tags may be written by name as well as by code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import yaml

from nlp_service.tagging.schemes import Scheme, bundled_scheme, load_scheme

from .datasets import DatasetError, Example, label_set

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,15}")
_MAX_NAME = 40


def find_scheme(name: str, home: Path | None = None) -> Scheme:
    """Return a scheme: a YAML file, one replaced in the home, or a bundled one. Raises SchemeError."""
    if name.endswith((".yaml", ".yml")):
        return load_scheme(Path(name))
    replaced = home / "schemes" / f"{name}.yaml" if home else None
    return load_scheme(replaced) if replaced is not None and replaced.is_file() else bundled_scheme(name)


def scheme_of_labels(name: str, labels: Sequence[str], title: str = "") -> tuple[Scheme, str]:
    """Return a scheme without triggers whose tags are the labels, and its YAML; labels that are no codes become T001, T002 … Raises DatasetError."""
    if not labels:
        raise DatasetError(f"{name}: no example has a tag; check the name of the column or key with the tags")
    if long := [label for label in labels if len(label) > _MAX_NAME]:
        raise DatasetError(f"tag {long[0][:50]!r}: {len(long[0])} characters, at most {_MAX_NAME}; shorten the name")
    are_codes = all(_CODE.fullmatch(label) for label in labels)
    tags = [
        {"code": label if are_codes else f"T{number:03d}", "name": label, "definition": f"标签“{label}”（由标注数据学得，无触发词）", "level": "L0"}
        for number, label in enumerate(labels, 1)
    ]
    text = yaml.safe_dump({"name": name, "title": title or name, "tags": tags}, allow_unicode=True, sort_keys=False)
    return load_scheme(text, origin=f"{name}.yaml"), text


def coded(examples: Sequence[Example], scheme: Scheme) -> list[Example]:
    """Return the examples with codes for tags written by name. Raises DatasetError for a tag the scheme does not have."""
    codes = {tag.name: tag.code for tag in scheme.tags} | {tag.code: tag.code for tag in scheme.tags}
    if unknown := [label for label in label_set(examples) if label not in codes]:
        known = "、".join(f"{tag.code} {tag.name}" for tag in scheme.tags[:5])
        raise DatasetError(f"tag {unknown[0]!r} is not in scheme {scheme.name} ({known} …); correct it, or add the tag to the scheme")
    return [
        replace(
            example,
            tags=tuple(codes[tag] for tag in example.tags),
            suspected=tuple(codes[tag] for tag in example.suspected),
            rejected=tuple(codes[tag] for tag in example.rejected),
        )
        for example in examples
    ]
