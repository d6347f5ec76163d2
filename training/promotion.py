"""Compare a new tagger with the serving one, and let it serve only if it is not worse and every must-hold text holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexes.snapshot import write_atomically
from nlp_service.artefacts import Artefact, open_artefact
from nlp_service.registry import Registry
from nlp_service.settings import Settings
from nlp_service.tagging.schemes import Scheme, load_scheme
from nlp_service.tagging.service import BUNDLED_MODELS
from nlp_service.tagging.tagger import Tagger, TagStatus

from .datasets import DatasetError, Example
from .evaluate_tagger import Answers, answer, gold_tags
from .label_schemes import coded, find_scheme
from .lineage import n_seen, text_key
from .metrics.bootstrap import Interval
from .metrics.resampled import count_rows, macro, micro, resample, spread

REGRESSION = Path(__file__).parent / "regression"
MIN_TEXTS = 30
# A model is worse when the whole interval of one of these lies below zero.
DECIDING = ("micro-F1 confirmed", "micro-F1 confirmed or suspected")


class RefusedError(Exception):
    """The new model must not serve; `reasons` say why, and what to do about it."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True)
class RegressionCase:
    """A text that must come out so: `must` at least suspected, `confirmed` confirmed, `must_not` not even suspected, `not_confirmed` not confirmed."""

    text: str
    must: frozenset[str] = frozenset()
    confirmed: frozenset[str] = frozenset()
    must_not: frozenset[str] = frozenset()
    not_confirmed: frozenset[str] = frozenset()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """New against old on the same texts; `differences` are new − old with paired bootstrap intervals."""

    new: str
    old: str
    n: int
    n_left_out: int
    differences: Mapping[str, Interval]
    broken: tuple[str, ...]

    @property
    def reasons(self) -> list[str]:
        """Why the new one should not serve; empty when it may."""
        lines = []
        for name in DECIDING:
            found = self.differences.get(name)
            if found is not None and found.high < 0:
                lines.append(f"{name} is worse than {self.old} by {-found.mean:.3f} [{-found.high:.3f}, {-found.low:.3f}] on {self.n} texts")
        if self.n < MIN_TEXTS:
            lines.append(f"only {self.n} test texts are left that neither model was fitted on; bring at least {MIN_TEXTS}")
        return lines + [f"must-hold text fails: {line}" for line in self.broken[:10]]

    def as_json(self) -> dict[str, Any]:
        """Return the evidence as the history keeps it (no texts)."""
        differences = {name: [round(value, 4) for value in (found.mean, found.low, found.high)] for name, found in self.differences.items()}
        return {"new": self.new, "old": self.old, "n": self.n, "n_left_out": self.n_left_out, "differences": differences, "n_broken": len(self.broken)}


def compare(
    new: Tagger, old: Tagger, examples: Sequence[Example], cases: Sequence[RegressionCase] = (), *, cluster: str = "", n_left_out: int = 0
) -> Comparison:
    """Let both read the same texts and the must-hold texts."""
    differences: dict[str, Interval] = {}
    if examples:
        clusters = [getattr(example, cluster) or example.example_id for example in examples] if cluster else None
        differences = paired_differences(answer(new, examples), answer(old, examples), examples, clusters)
    return Comparison(new.versions["model"], old.versions["model"], len(examples), n_left_out, differences, tuple(broken(new, cases)))


def paired_differences(new: Answers, old: Answers, examples: Sequence[Example], clusters: Sequence[str] | None = None) -> dict[str, Interval]:
    """Return new − old with intervals from the same resampled examples for both."""
    gold, either = gold_tags(examples)
    found: dict[str, Interval] = {}
    for name, wanted, given in (("confirmed", gold, (new.confirmed, old.confirmed)), ("confirmed or suspected", either, (new.either, old.either))):
        tags = sorted({tag for items in (*wanted, *given[0], *given[1]) for tag in items})
        rows = [count_rows(wanted, items, tags) for items in given]
        drawn = [resample(counts, clusters) for counts in rows]
        for title, f1 in (("micro-F1", micro), ("macro-F1", macro)):
            value = float(f1(rows[0].sum(axis=0))) - float(f1(rows[1].sum(axis=0)))
            found[f"{title} {name}"] = spread(value, f1(drawn[0]) - f1(drawn[1]))
    return found


def read_cases(paths: Sequence[Path], scheme: Scheme) -> list[RegressionCase]:
    """Read must-hold texts (JSONL: text, must, confirmed, must_not, not_confirmed, why). Raises DatasetError naming file:line."""
    codes = {tag.code for tag in scheme.tags}
    cases = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
                sets = {name: frozenset(record.get(name, [])) for name in ("must", "confirmed", "must_not", "not_confirmed")}
                case = RegressionCase(record["text"], **sets, why=record.get("why", ""))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise DatasetError(f"{path.name}:{number}: expected an object with text and must or must_not ({type(error).__name__}: {error})") from None
            if unknown := sorted(frozenset().union(*sets.values()) - codes):
                raise DatasetError(f"{path.name}:{number}: tag {unknown[0]!r} is not in scheme {scheme.name}; correct or remove the line")
            cases.append(case)
    return cases


def broken(tagger: Tagger, cases: Sequence[RegressionCase]) -> list[str]:
    """Return one line per must-hold text that does not hold."""
    lines = []
    for case, item in zip(cases, tagger.tag([(str(number), case.text) for number, case in enumerate(cases, 1)]), strict=True):
        confirmed = {tag.tag for tag in item.tags if tag.status is TagStatus.CONFIRMED}
        either = {tag.tag for tag in item.tags if tag.status is not TagStatus.REJECTED}
        faults = [f"{tag} missing" for tag in sorted(case.must - either)] + [f"{tag} not confirmed" for tag in sorted(case.confirmed - confirmed)]
        faults += [f"{tag} given" for tag in sorted(case.must_not & either)] + [f"{tag} confirmed" for tag in sorted(case.not_confirmed & confirmed)]
        if faults:
            lines.append(f"{case.text[:40]}{'…' if len(case.text) > 40 else ''}: {', '.join(faults)}{f' ({case.why})' if case.why else ''}")
    return lines


def regression_files(settings: Settings, name: str) -> list[Path]:
    """Return the must-hold texts that ship for a scheme, and those of the home."""
    return [path for path in (REGRESSION / f"{name}.jsonl", settings.home / "regression" / f"{name}.jsonl") if path.is_file()]


def serving_tagger(settings: Settings, scheme: Scheme) -> Tagger:
    """Return what answers now: the promoted model, the bundled one, or the rules."""
    registry = Registry(settings.models)
    version = registry.serving(scheme.name)
    folder = registry.path(scheme.name, version) if version else BUNDLED_MODELS / scheme.name
    return Tagger.open(scheme, folder if (folder / "manifest.json").is_file() else None)


def scheme_for(settings: Settings, artefact: Artefact) -> tuple[Scheme, str | None]:
    """Return the scheme of an artefact: the home's or bundled one of this name, else the one it brings (with its YAML, to be installed)."""
    name = str(artefact.about.get("scheme") or "")
    brought = artefact.folder / "scheme.yaml"
    if brought.is_file() and not (settings.schemes / f"{name}.yaml").is_file():
        return load_scheme(brought), brought.read_text(encoding="utf-8")
    return find_scheme(name, settings.home), None


def promote_tagger(
    settings: Settings,
    folder: Path,
    examples: Sequence[Example],
    *,
    by: str,
    reason: str | None = None,
    regression: Sequence[Path] = (),
    cluster: str = "",
) -> tuple[str, Comparison]:
    """Compare an artefact with what serves and promote it; return its version. Raises RefusedError unless a `reason` overrides.

    Texts that either model was fitted on are left out: they would flatter it.
    """
    artefact = open_artefact(folder)
    scheme, brought = scheme_for(settings, artefact)
    registry = Registry(settings.models)
    old = serving_tagger(settings, scheme)
    new = Tagger.open(scheme, folder)
    fair = unseen(coded(examples, scheme), [folder, *_serving_folder(settings, scheme.name)])
    cases = read_cases([*regression_files(settings, scheme.name), *regression], scheme)
    found = compare(new, old, fair, cases, cluster=cluster, n_left_out=len(examples) - len(fair))
    version = registry.add(scheme.name, folder, by=by)
    if found.reasons and reason is None:
        registry.refuse(scheme.name, version, by=by, evidence=found.as_json())
        raise RefusedError(found.reasons)
    # The model before the scheme: a scheme without its model would answer by rules alone, that is, not at all.
    registry.promote(scheme.name, version, by=by, evidence=found.as_json(), reason=reason)
    if brought is not None:
        settings.schemes.mkdir(parents=True, exist_ok=True)
        write_atomically(settings.schemes / f"{scheme.name}.yaml", brought)
    return version, found


def _serving_folder(settings: Settings, name: str) -> list[Path]:
    registry = Registry(settings.models)
    version = registry.serving(name)
    return [registry.path(name, version)] if version else [BUNDLED_MODELS / name]


def unseen(examples: Sequence[Example], folders: Sequence[Path]) -> list[Example]:
    """Return the examples whose text none of the models was fitted on (as far as their lineage says)."""
    left = list(examples)
    for folder in folders:
        if (folder / "lineage.json").is_file():
            told = json.loads((folder / "lineage.json").read_bytes())
            if n_seen(left, told):
                seen = set(told["seen"])
                left = [example for example in left if text_key(example.text) not in seen]
    return left
