"""What the classifier sees: features of a report (concepts, words, rule evidence) and of a (report, tag) pair (scope verdicts)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nlp_service.tagging.concepts import Concepts
from nlp_service.tagging.rules import Analysis, TagEvidence
from nlp_service.tagging.schemes import HINT, WEAK, Scheme
from nlp_service.tagging.vectorizer import Features

_NEGATION_GAP = 4
WINDOW_CLAUSES, MAX_WINDOWS = 2, 24


def report_features(analysis: Analysis, scheme: Scheme, concepts: Concepts) -> Features:
    """Return what was found in a report beside its words. The first letter is the block: k concept, p pair in a clause, q pair across two clauses, r rule.

    The vectorizer adds w words and c character n-grams (unseen authors: F1 +.015 beside words).
    """
    features: Features = {}
    _concept_features(analysis, concepts, features)
    for index, evidence in analysis.evidence.items():
        code = scheme.tags[index].code
        features[f"r{code}h"] = 2.0 * evidence.p_holds
        features[f"r{code}a"] = 2.0 * evidence.p_any
        features[f"r{code}{evidence.status}"] = 1.0
    return features


def window_spans(analysis: Analysis, n_clauses: int = WINDOW_CLAUSES) -> list[tuple[int, int]]:
    """Return (start, end) of every `n_clauses` clauses in a row, in the folded text; one span for a shorter report."""
    clauses = analysis.context.clauses
    n_windows = max(1, len(clauses) - n_clauses + 1)
    return [(clauses[at].start, clauses[min(at + n_clauses, len(clauses)) - 1].end) for at in range(min(n_windows, MAX_WINDOWS))]


def _concept_features(analysis: Analysis, concepts: Concepts, features: Features) -> None:
    context = analysis.context
    negations = [(cue.start, cue.end) for cue in context.cues["negation"]]
    by_clause: dict[int, dict[str, None]] = {}
    for mention in concepts.find(context.text):
        is_negated = any(end <= mention.start <= end + _NEGATION_GAP for _, end in negations)
        name = f"!{mention.concept}" if is_negated else mention.concept
        by_clause.setdefault(context.clause_of(mention.start), {})[name] = None
    for clause, names in by_clause.items():
        ordered = sorted(names)
        for position, name in enumerate(ordered):
            features[f"k{name}"] = 1.0
            for other in ordered[position + 1 :]:
                features[f"p{name}|{other}"] = 1.0
        for name in names:
            for other in by_clause.get(clause + 1, ()):
                features[f"q{name}>{other}"] = 1.0


@dataclass(frozen=True, slots=True)
class Said:
    """What the report classifier says of one tag: logits that it holds by all features, by the words alone and by the best window; that it holds or is worth
    checking, by the words alone; and how many tags have a higher first one."""

    logit: float
    text: float
    either: float
    window: float
    n_above: int


def pair_features(evidence: TagEvidence | None, scheme: Scheme, index: int, said: Said, *, n_strong: int, text_chars: int) -> Features:
    """Return features of one tag for one report: rule evidence, every scope finding, and what the report classifier said.

    `n_strong` is the number of tags the rules would confirm.
    """
    code = scheme.tags[index].code
    z, plain, either = _bounded(said.logit), _bounded(said.text), _bounded(said.either)
    features: Features = {
        f"tag:{code}": 1.0,
        "logit": 0.5 * z,
        "text": 0.5 * plain,
        "either": 0.5 * either,
        "window": 0.5 * _bounded(said.window),
        "above": -math.log1p(said.n_above),
    }
    if evidence is None:
        features["none"] = 1.0
        return features
    features["logit_with_evidence"] = 0.5 * z
    features["text_with_evidence"] = 0.5 * plain
    features["either_with_evidence"] = 0.5 * either
    features["holds"] = 0.5 * _log_odds(evidence.p_holds)
    features["any"] = 0.5 * _log_odds(evidence.p_any)
    features[f"status:{evidence.status}"] = 1.0
    features[f"tag:{code}:{evidence.status}"] = 1.0
    features["strong"] = math.log1p(n_strong)
    features["chars"] = math.log1p(text_chars) - 4.5
    counts: dict[str, int] = {}
    for verdict in evidence.verdicts:
        kind = _strength(verdict.hit.weight)
        name = f"n:{kind}:{verdict.status}"
        counts[name] = counts.get(name, 0) + 1
        # Triggers are named by their text, so that inserting one in the YAML does not shift the others.
        features[f"trigger:{code}:{scheme.tags[index].all_triggers[verdict.hit.trigger].text}:{verdict.status}"] = 1.0
        if not verdict.noticed:
            features[f"clean:{kind}"] = 1.0
        for finding in verdict.noticed:
            features[f"scope:{finding.reason}:{kind}"] = 1.0
            features[f"scope:{code}:{finding.reason}"] = 0.6
    for name, count in counts.items():
        features[name] = math.log1p(count)
    return features


def _bounded(logit: float) -> float:
    return max(-8.0, min(8.0, logit))


def _strength(weight: float) -> str:
    if weight > HINT:
        return "strong"
    return "hint" if weight > WEAK else "weak"


def _log_odds(p: float) -> float:
    return math.log((p + 0.02) / (1.02 - p))
