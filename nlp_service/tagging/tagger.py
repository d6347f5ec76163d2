"""Tag short reports: confirmed, suspected and (on request) rejected tags with spans, reasons, probabilities and a level."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from corpora.schema import Report
from nlp_service.tagging.batching import score_all
from nlp_service.tagging.classifier import Classifier, RuleClassifier, Score
from nlp_service.tagging.concepts import Concepts, default_concepts
from nlp_service.tagging.language import Language, default_language
from nlp_service.tagging.levels import report_level
from nlp_service.tagging.loading import open_classifier
from nlp_service.tagging.rules import Analysis, RuleReader
from nlp_service.tagging.schemes import HINT, Level, Scheme
from nlp_service.tagging.scope import ScopeVerdict, Status

MAX_REPORT_CHARS = 5000
BATCH = 256
_MAX_SPANS = 6
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_MIN_CHINESE = 2
_HALF_PAIR = re.compile("[\ud800-\udfff]")


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
class Judged:
    """A report as the rules read it and with the score of every tag worth naming; `places` keeps spans already looked for."""

    report_id: str
    error: str | None
    analysis: Analysis | None
    scores: Mapping[int, Score]
    places: dict[tuple[int, TagStatus], tuple[tuple[int, int], ...]] = field(default_factory=dict, repr=False, compare=False)

    def verdicts(self, index: int) -> tuple[ScopeVerdict, ...]:
        """Return what scope said of each trigger of a tag."""
        evidence = self.analysis.evidence.get(index) if self.analysis else None
        return evidence.verdicts if evidence is not None else ()


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
        _check(min_k, max_k)
        tagged: list[Tagged] = []
        for start in range(0, len(reports), BATCH):  # what a report was read as is large: no more of it at once than a batch
            tagged += [self.shape(judged, explain=explain, min_k=min_k, max_k=max_k) for judged in self.judge(reports[start : start + BATCH])]
        return tagged

    def judge(self, reports: Sequence[Report | tuple[str, str]]) -> list[Judged]:
        """Read and score reports in the given order: all the work there is; `shape` makes answers of it, as many as are wanted."""
        named = [(report.report_id, report.text) if isinstance(report, Report) else report for report in reports]
        problems = [_problem(text) for _, text in named]
        analyses = [
            None if problem or len(_CHINESE.findall(text)) < _MIN_CHINESE else self._reader.read(text)
            for (_, text), problem in zip(named, problems, strict=True)
        ]
        scores = iter(score_all(self.classifier, [analysis for analysis in analyses if analysis is not None]))
        return [
            Judged(report_id, problem, analysis, {} if analysis is None else next(scores))
            for (report_id, _), problem, analysis in zip(named, problems, analyses, strict=True)
        ]

    def shape(self, judged: Judged, *, explain: bool = False, min_k: int = 0, max_k: int | None = None) -> Tagged:
        """Return the answer for a judged report; options as for `tag`. The level is that of all its tags, whatever is shown."""
        _check(min_k, max_k)
        if judged.analysis is None:
            return Tagged(judged.report_id, error=judged.error) if judged.error else Tagged(judged.report_id, abstained=True)
        analysis, scores = judged.analysis, judged.scores
        statuses = {index: status for index, score in scores.items() if (status := _status(score)) is not None}
        rejected = [index for index in scores if index not in statuses and (scores[index].is_denied or _is_rejected(analysis, index))]
        found = [self._result(judged, index, status, explain) for index, status in statuses.items()]
        level = report_level(
            self.scheme,
            (result.tag for result in found if result.status is TagStatus.CONFIRMED),
            (result.tag for result in found if result.status is TagStatus.SUSPECTED),
        )
        spare = sorted(((scores[index].p_any, index) for index in scores.keys() - statuses.keys() - set(rejected)), reverse=True)
        found += [self._result(judged, index, TagStatus.SUSPECTED, explain) for _, index in spare[: max(0, min_k - len(found))]]
        found.sort(key=lambda result: (result.status is not TagStatus.CONFIRMED, -result.score, result.tag))
        found = found[:max_k] if max_k is not None else found
        excluded = [self._result(judged, index, TagStatus.REJECTED, explain) for index in rejected] if explain else []
        return Tagged(judged.report_id, (*found, *sorted(excluded, key=lambda result: result.tag)), level)

    def _result(self, judged: Judged, index: int, status: TagStatus, explain: bool) -> TagResult:
        score, places = judged.scores[index], judged.places
        verdicts = judged.verdicts(index)
        if (index, status) not in places:
            places[index, status] = tuple(_merged(sorted(self._spans(judged, index, verdicts, status)))[:_MAX_SPANS])
        is_confirmed = status is TagStatus.CONFIRMED
        return TagResult(
            tag=self.scheme.tags[index].code,
            status=status,
            score=round(score.p_holds if is_confirmed else score.p_any, 4),
            threshold=round(score.confirm_at if is_confirmed else score.suspect_at, 4),
            spans=places[index, status],
            source=Source.BOTH if score.from_rules and score.from_model else Source.MODEL if score.from_model else Source.RULE,
            reasons=_reasons(judged, verdicts) if explain else (),
        )

    def _spans(self, judged: Judged, index: int, verdicts: Sequence[ScopeVerdict], status: TagStatus) -> set[tuple[int, int]]:
        analysis = judged.analysis
        if analysis is None:
            return set()
        wanted = [v for v in verdicts if (v.status is Status.REJECTED) == (status is TagStatus.REJECTED)] or list(verdicts)
        strong = [v for v in wanted if v.hit.weight >= HINT] or wanted
        if strong:
            return {analysis.folded.to_original(v.hit.start, v.hit.end) for v in strong}
        place = judged.scores[index].place or self.classifier.support(analysis, index)
        return set() if place is None else {analysis.folded.to_original(*place)}


def _check(min_k: int, max_k: int | None) -> None:
    if min_k < 0 or (max_k is not None and max_k < min_k):
        raise ValueError(f"min_k {min_k}, max_k {max_k}: expected 0 <= min_k <= max_k")


def _problem(text: object) -> str | None:
    if not isinstance(text, str):
        return f"text 的类型是 {type(text).__name__}，应为文字"
    if not text.strip():
        return "text 为空；请填写报告内容"
    if len(text) > MAX_REPORT_CHARS:
        return f"text 有 {len(text)} 字，上限 {MAX_REPORT_CHARS} 字；请分成几条报告"
    if _HALF_PAIR.search(text):
        return "text 含有残缺的字符（半个代理对）；请以 UTF-8 保存后重发"
    return None


def _status(score: Score) -> TagStatus | None:
    if score.is_confirmed:
        return TagStatus.CONFIRMED
    return TagStatus.SUSPECTED if score.is_named else None


def _is_rejected(analysis: Analysis, index: int) -> bool:
    evidence = analysis.evidence.get(index)
    return evidence is not None and any(v.status is Status.REJECTED and v.hit.weight >= HINT for v in evidence.verdicts)


def _reasons(judged: Judged, verdicts: Sequence[ScopeVerdict]) -> tuple[str, ...]:
    """Name each finding once, with the words that gave it."""
    text = judged.analysis.folded.text if judged.analysis else ""
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
