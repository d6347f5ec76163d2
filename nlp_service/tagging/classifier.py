"""Per-tag probabilities for a report: from rules alone, or rules and the fitted linear model together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from nlp_service.tagging.concepts import Concepts
from nlp_service.tagging.features import Said, pair_features, report_features, window_spans
from nlp_service.tagging.linear import LinearModel
from nlp_service.tagging.rules import CONFIRM_AT, SUSPECT_AT, Analysis, TagEvidence
from nlp_service.tagging.schemes import Goal, Scheme
from nlp_service.tagging.scope import Reason, Status
from nlp_service.tagging.vectorizer import Occurrences

# Below this the report classifier alone does not make a tag a candidate (of unseen authors' tags 95 % of the holding and 88 % of the suspected ones lie above
# or have a trigger; for ordinary reports 100 % and 93 %).
CANDIDATE_P = 0.03
CANDIDATE_LOGIT = math.log(CANDIDATE_P / (1 - CANDIDATE_P))
# Where scope rejected every trigger of a tag, the model must be this sure before the tag is named at all: the harm to avoid is
# calling somebody dangerous for a word that was denied, past or somebody else's.
REJECTED_SUSPECT_AT, REJECTED_CONFIRM_AT = 0.5, 0.65
RECALL_SUSPECT_AT = 0.10
# In a report so short whose every trigger is denied, some clause without one must speak for the tag at least so much. In longer ones the model is more often
# right than scope (from 40 characters on it costs F1).
BARE_CHARS, OTHER_CLAUSE_LOGIT = 25, -3.0
DENIALS = frozenset((Reason.NOT_COUNTED, Reason.NEGATED, Reason.FAMILY, Reason.OTHER))
_CHARS_TOGETHER = 20_000


class Score(NamedTuple):
    """Probabilities of one tag: that it holds, that it holds or is worth checking, and the thresholds that apply.

    `place` is the span (folded text) that speaks most for it, where the classifier knows it without looking again; a denied tag is not named, however likely.
    """

    p_holds: float
    p_any: float
    confirm_at: float
    suspect_at: float
    from_rules: bool
    from_model: bool
    place: tuple[int, int] | None = None
    is_denied: bool = False

    @property
    def is_confirmed(self) -> bool:
        return not self.is_denied and self.p_holds >= self.confirm_at

    @property
    def is_named(self) -> bool:
        """Whether the tag is confirmed or suspected."""
        return self.is_confirmed or (not self.is_denied and self.p_any >= self.suspect_at)


class Classifier(Protocol):
    """Gives a score to every tag (by index) worth naming; tags left out are unlikely."""

    version: str

    def score(self, analysis: Analysis) -> Mapping[int, Score]: ...

    def support(self, analysis: Analysis, index: int) -> tuple[int, int] | None:
        """Return the span (folded text) that speaks most for a tag no trigger was found for, or None."""


def _is_without_trigger(evidence: TagEvidence | None) -> bool:
    return evidence is None or all(verdict.status is Status.REJECTED for verdict in evidence.verdicts)


def is_bare_denial(analysis: Analysis, evidence: TagEvidence) -> bool:
    """Say whether a report is short and every trigger in it is denied, said of somebody else, or of the kind the scheme does not count."""
    are_denied = all(any(finding.reason in DENIALS for finding in verdict.findings) for verdict in evidence.verdicts)
    return are_denied and len(analysis.folded.text) <= BARE_CHARS


def other_clauses(analysis: Analysis, evidence: TagEvidence) -> list[tuple[int, int]]:
    """Return the spans of the clauses that hold no trigger of a tag."""
    hits = [verdict.hit for verdict in evidence.verdicts]
    return [(c.start, c.end) for c in analysis.context.clauses if not any(c.start < hit.end and hit.start < c.end for hit in hits)]


class RuleClassifier:
    """Triggers and scope alone; the classifier of a scheme without a fitted model, and of tags younger than the model."""

    version = "rules"

    def score(self, analysis: Analysis) -> dict[int, Score]:
        """Return the rules' probabilities; a tag holds by status, so that hints never add up to a confirmation."""
        return {index: _rule_score(analysis, index) for index in analysis.evidence}

    def support(self, analysis: Analysis, index: int) -> None:
        """Return nothing: every tag the rules name has a trigger."""


def _rule_score(analysis: Analysis, index: int) -> Score:
    evidence = analysis.evidence[index]
    p_holds = evidence.p_holds if evidence.status is Status.HOLDS else min(evidence.p_holds, CONFIRM_AT - 0.01)
    p_any = evidence.p_any if evidence.status in (Status.HOLDS, Status.SUSPECTED) else min(evidence.p_any, SUSPECT_AT - 0.01)
    return Score(p_holds, max(p_any, p_holds), CONFIRM_AT, SUSPECT_AT, evidence.status is not None, False)


class StackedClassifier:
    """The linear model over rule evidence; tags the model does not know are scored by rules."""

    def __init__(self, model: LinearModel, scheme: Scheme, concepts: Concepts) -> None:
        self._model = model
        self._scheme = scheme
        self._concepts = concepts
        known = {code: position for position, code in enumerate(model.tags)}
        self._positions = {index: known[tag.code] for index, tag in enumerate(scheme.tags) if tag.code in known}
        self._indices = {position: index for index, position in self._positions.items()}
        self._thresholds: list[tuple[float, float]] = [(confirm_at, suspect_at) for confirm_at, suspect_at in model.thresholds.T.tolist()]
        self.version = model.about.get("version", "unknown")

    def score(self, analysis: Analysis) -> dict[int, Score]:
        """Return calibrated probabilities of every candidate tag."""
        return self.score_many([analysis])[0]

    def score_many(self, analyses: Sequence[Analysis]) -> list[dict[int, Score]]:
        """Return the scores of every report in order; they do not depend on the reports beside it."""
        return [scores for together in _portions(analyses) for scores in self._score_together(together)]

    def _score_together(self, analyses: Sequence[Analysis]) -> list[dict[int, Score]]:
        scores: list[dict[int, Score]] = [
            {index: _rule_score(analysis, index) for index in analysis.evidence if index not in self._positions} for analysis in analyses
        ]
        found = self._model.vectorizer.find([analysis.folded.text for analysis in analyses])
        said = self._read(analyses, found)
        rows, positions = np.nonzero(said.is_candidate)
        if not len(rows):
            return scores
        places = [(row, self._indices[position], position) for row, position in zip(rows.tolist(), positions.tolist(), strict=True)]
        n_above = np.count_nonzero(said.report[rows] > said.report[rows, positions][:, None], axis=1)
        logits = (said.report, said.text, said.either, said.window)
        numbers = zip(*(given[rows, positions].tolist() for given in logits), n_above.tolist(), strict=True)
        n_strong = [sum(1 for evidence in analysis.evidence.values() if evidence.status is Status.HOLDS) for analysis in analyses]
        pairs = [
            pair_features(
                analyses[row].evidence.get(index),
                self._scheme,
                index,
                Said(*own),
                n_strong=n_strong[row],
                text_chars=len(analyses[row].context.text),
            )
            for (row, index, _), own in zip(places, numbers, strict=True)
        ]
        p = self._model.probabilities(self._model.pair_logits(pairs), positions.tolist())
        for (row, index, position), (p_holds, p_any) in zip(places, p.tolist(), strict=True):
            scores[row][index] = self._score(analyses[row].evidence.get(index), index, (p_holds, p_any), bool(said.is_likely[row, position]))
        self._look_closer(analyses, found, scores)
        return scores

    def _look_closer(self, analyses: Sequence[Analysis], found: Occurrences, scores: Sequence[dict[int, Score]]) -> None:
        """Ask clause by clause about the tags that would be named without a trigger that holds, of all reports at once.

        Where no trigger was found, the clause that speaks most for the tag is its place. Where every trigger is denied and no other clause speaks
        for the tag, a short report does not name it: a bare 「没有喝酒」 holds the words of drinking and nothing else.
        """
        doubtful = [
            (row, index)
            for row, own in enumerate(scores)
            for index, score in own.items()
            if index in self._positions and score.is_named and _is_without_trigger(analyses[row].evidence.get(index))
        ]
        if not doubtful:
            return
        rows = {row for row, _ in doubtful}
        clauses = [window_spans(analysis, 1) if row in rows else [] for row, analysis in enumerate(analyses)]
        firsts = np.cumsum([0, *map(len, clauses)]).tolist()
        logits = self._model.window_logits(found, clauses)
        for row, index in doubtful:
            said = logits[firsts[row] : firsts[row + 1], self._positions[index]]
            score, evidence = scores[row][index], analyses[row].evidence.get(index)
            if evidence is None:
                scores[row][index] = score._replace(place=clauses[row][int(said.argmax())])
                continue
            others = set(other_clauses(analyses[row], evidence))
            speaks = max((logit for span, logit in zip(clauses[row], said.tolist(), strict=True) if span in others), default=-np.inf)
            if is_bare_denial(analyses[row], evidence) and speaks < OTHER_CLAUSE_LOGIT:
                scores[row][index] = score._replace(is_denied=True)

    def _read(self, analyses: Sequence[Analysis], found: Occurrences) -> _Answers:
        """Ask the report classifier, and name as candidates what it or the rules think of."""
        model = self._model
        report, text, either = model.report_logits([report_features(analysis, self._scheme, self._concepts) for analysis in analyses], found)
        spans = [window_spans(analysis) for analysis in analyses]
        firsts = np.cumsum([0, *map(len, spans[:-1])])
        window = np.maximum.reduceat(model.window_logits(found, spans), firsts, axis=0)
        is_likely = np.maximum(np.maximum(report, text), either) >= CANDIDATE_LOGIT
        is_candidate = np.zeros_like(is_likely)
        known = list(self._positions.values())
        is_candidate[:, known] = is_likely[:, known]
        for row, analysis in enumerate(analyses):
            for index in analysis.evidence:
                if index in self._positions:
                    is_candidate[row, self._positions[index]] = True
        return _Answers(report, text, either, window, is_likely, is_candidate)

    def _score(self, evidence: TagEvidence | None, index: int, p: tuple[float, float], is_likely: bool) -> Score:
        status = evidence.status if evidence is not None else None
        confirm_at, suspect_at = self._thresholds[self._positions[index]]
        return Score(
            p_holds=p[0],
            p_any=p[1],
            confirm_at=max(confirm_at, REJECTED_CONFIRM_AT) if status is Status.REJECTED else confirm_at,
            suspect_at=self._suspect_at(index, suspect_at, status is Status.REJECTED),
            from_rules=status in (Status.HOLDS, Status.SUSPECTED),
            from_model=is_likely,
        )

    def _suspect_at(self, index: int, threshold: float, is_rejected: bool) -> float:
        """Return when a tag is worth a look; where missing it may cost a life (goal recall), sooner than the fit says."""
        if is_rejected:
            return max(threshold, REJECTED_SUSPECT_AT)
        return min(threshold, RECALL_SUSPECT_AT) if self._scheme.tags[index].goal is Goal.RECALL else threshold

    def support(self, analysis: Analysis, index: int) -> tuple[int, int] | None:
        """Return the clause that speaks most for the tag; None for a tag the model does not know."""
        position = self._positions.get(index)
        if position is None:
            return None
        clauses = window_spans(analysis, 1)
        logits = self._model.window_logits(self._model.vectorizer.find([analysis.folded.text]), [clauses])
        return clauses[int(logits[:, position].argmax())]


@dataclass(frozen=True, slots=True)
class _Answers:
    """What the report classifier says of every tag, each (reports, tags): logits as in `Said`, and what follows."""

    report: NDArray[np.float64]
    text: NDArray[np.float64]
    either: NDArray[np.float64]
    window: NDArray[np.float64]
    is_likely: NDArray[np.bool_]
    is_candidate: NDArray[np.bool_]


def _portions(analyses: Sequence[Analysis]) -> Iterator[Sequence[Analysis]]:
    """Cut a batch so that what is worked out together stays small, however long its reports are."""
    first = n_chars = 0
    for place, analysis in enumerate(analyses):
        n_chars += len(analysis.folded.text)
        if n_chars >= _CHARS_TOGETHER:
            yield analyses[first : place + 1]
            first, n_chars = place + 1, 0
    if first < len(analyses):
        yield analyses[first:]
