"""Tag short reports: confirmed, suspected and (on request) rejected tags with spans, reasons, probabilities and a level."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from corpora.schema import Report
from nlp_service.tagging.classifier import Classifier, RuleClassifier, Score
from nlp_service.tagging.concepts import Concepts, default_concepts
from nlp_service.tagging.language import Language, default_language
from nlp_service.tagging.levels import report_level
from nlp_service.tagging.loading import open_classifier
from nlp_service.tagging.rules import Analysis, RuleReader
from nlp_service.tagging.schemes import HINT, Level, Scheme
from nlp_service.tagging.scope import ScopeVerdict, Status

MAX_REPORT_CHARS = 5000
_MAX_SPANS = 6
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_MIN_CHINESE = 2


class TagStatus(StrEnum):
    CONFIRMED = "confirmed"
    SUSPECTED = "suspected"
    REJECTED = "rejected"


class Source(StrEnum):
    RULE = "rule"
    MODEL = "model"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class TagResult:
    """One tag of a report; `spans` are [start, end) in the original text, `score` the probability compared with `threshold`."""

    tag: str
    status: TagStatus
    score: float
    threshold: float
    spans: tuple[tuple[int, int], ...]
    source: Source
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tagged:
    """The answer for one report; `error` is set, and nothing else, where the report could not be read."""

    report_id: str
    tags: tuple[TagResult, ...] = ()
    level: Level = Level.L0
    abstained: bool = False
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Tagger:
    """One scheme, ready to tag; immutable, so that a new version is swapped in by replacing the object."""

    scheme: Scheme
    classifier: Classifier
    versions: Mapping[str, str]
    _reader: RuleReader = field(repr=False)

    @classmethod
    def open(cls, scheme: Scheme, artefact: Path | None = None, *, language: Language | None = None, concepts: Concepts | None = None) -> Tagger:
        """Build from a checked scheme and, if given, a model folder. Raises ArtefactError for a damaged one."""
        language = language or default_language()
        reader = RuleReader(scheme, language)
        classifier: Classifier = RuleClassifier()
        versions = {"scheme": scheme.version, "language": language.version}
        if artefact is not None:
            concepts = concepts or default_concepts()
            classifier = open_classifier(artefact, scheme, concepts)
            versions["concepts"] = concepts.version
        versions["model"] = classifier.version
        return cls(scheme, classifier, versions, reader)

    def tag(self, reports: Sequence[Report | tuple[str, str]], *, explain: bool = False, min_k: int = 0, max_k: int | None = None) -> list[Tagged]:
        """Tag reports in the given order; one bad report never stops the others.

        `min_k` fills up with the likeliest further tags as suspected (never with rejected ones), `max_k` keeps the strongest.
        Raises ValueError for a negative min_k or a max_k below min_k.
        """
        if min_k < 0 or (max_k is not None and max_k < min_k):
            raise ValueError(f"min_k {min_k}, max_k {max_k}: expected 0 <= min_k <= max_k")
        return [self._tag_one(report, explain, min_k, max_k) for report in reports]

    def _tag_one(self, report: Report | tuple[str, str], explain: bool, min_k: int, max_k: int | None) -> Tagged:
        report_id, text = (report.report_id, report.text) if isinstance(report, Report) else report
        problem = _problem(text)
        if problem:
            return Tagged(report_id, error=problem)
        if len(_CHINESE.findall(text)) < _MIN_CHINESE:
            return Tagged(report_id, abstained=True)
        analysis = self._reader.read(text)
        scores = self.classifier.score(analysis)
        found: list[TagResult] = []
        spare: list[tuple[float, int]] = []
        rejected: list[TagResult] = []
        for index, score in scores.items():
            status = _status(score)
            if status is not None:
                found.append(self._result(analysis, index, score, status, explain))
            elif _is_rejected(analysis, index):
                if explain:
                    rejected.append(self._result(analysis, index, score, TagStatus.REJECTED, explain))
            else:
                spare.append((score.p_any, index))
        for _, index in sorted(spare, reverse=True)[: max(0, min_k - len(found))]:
            found.append(self._result(analysis, index, scores[index], TagStatus.SUSPECTED, explain))
        found.sort(key=lambda result: (result.status is not TagStatus.CONFIRMED, -result.score, result.tag))
        found = found[:max_k] if max_k is not None else found
        level = report_level(
            self.scheme,
            (result.tag for result in found if result.status is TagStatus.CONFIRMED),
            (result.tag for result in found if result.status is TagStatus.SUSPECTED),
        )
        return Tagged(report_id, (*found, *sorted(rejected, key=lambda result: result.tag)), level)

    def _result(self, analysis: Analysis, index: int, score: Score, status: TagStatus, explain: bool) -> TagResult:
        evidence = analysis.evidence.get(index)
        verdicts = evidence.verdicts if evidence is not None else ()
        wanted = [v for v in verdicts if (v.status is Status.REJECTED) == (status is TagStatus.REJECTED)] or list(verdicts)
        strong = [v for v in wanted if v.hit.weight >= HINT] or wanted
        spans = {analysis.folded.to_original(v.hit.start, v.hit.end) for v in strong}
        if not spans and (place := self.classifier.support(analysis, index)) is not None:
            spans = {analysis.folded.to_original(*place)}
        is_confirmed = status is TagStatus.CONFIRMED
        return TagResult(
            tag=self.scheme.tags[index].code,
            status=status,
            score=round(score.p_holds if is_confirmed else score.p_any, 4),
            threshold=round(score.confirm_at if is_confirmed else score.suspect_at, 4),
            spans=tuple(_merged(sorted(spans))[:_MAX_SPANS]),
            source=Source.BOTH if score.from_rules and score.from_model else Source.MODEL if score.from_model else Source.RULE,
            reasons=_reasons(analysis, verdicts) if explain else (),
        )


def _problem(text: object) -> str | None:
    if not isinstance(text, str):
        return f"text 的类型是 {type(text).__name__}，应为文字"
    if not text.strip():
        return "text 为空；请填写报告内容"
    if len(text) > MAX_REPORT_CHARS:
        return f"text 有 {len(text)} 字，上限 {MAX_REPORT_CHARS} 字；请分成几条报告"
    return None


def _status(score: Score) -> TagStatus | None:
    if score.p_holds >= score.confirm_at:
        return TagStatus.CONFIRMED
    return TagStatus.SUSPECTED if score.p_any >= score.suspect_at else None


def _is_rejected(analysis: Analysis, index: int) -> bool:
    evidence = analysis.evidence.get(index)
    return evidence is not None and any(v.status is Status.REJECTED and v.hit.weight >= HINT for v in evidence.verdicts)


def _reasons(analysis: Analysis, verdicts: Sequence[ScopeVerdict]) -> tuple[str, ...]:
    """Name each finding once, with the words that gave it."""
    text = analysis.folded.text
    named = (f"{finding.reason}「{text[finding.start : finding.end]}」" for verdict in verdicts for finding in verdict.findings)
    return tuple(dict.fromkeys(named))


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join overlapping spans."""
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
