"""Fit the linear tagger of a scheme: report classifier, pair model over scope evidence, calibration and thresholds, all by unseen authors."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, KFold

from nlp_service.tagging.calibration import Calibration, fit_calibration
from nlp_service.tagging.classifier import CANDIDATE_LOGIT
from nlp_service.tagging.concepts import Concepts, default_concepts
from nlp_service.tagging.features import Said, pair_features, report_features, window_spans
from nlp_service.tagging.language import default_language
from nlp_service.tagging.linear import N_REPORT_MODELS, LinearModel, digest_of
from nlp_service.tagging.rules import Analysis, RuleReader
from nlp_service.tagging.schemes import Goal, Scheme
from nlp_service.tagging.scope import Status
from nlp_service.tagging.vectorizer import TEXT_BLOCKS, Features, Floats, Ints, Vectorizer, text_names
from training.labelled_reports import LabelledReport
from training.progress import Progress, silent
from training.tag_regressions import Windows, fit_reports, fit_windows

PAIR_C = 0.3  # chosen by leave-author-out F1 on the bundled reports; the curve is flat within a factor of three
_MIN_FEATURE_REPORTS = 2
_MIN_GRAM_REPORTS = 3
# Report features no tag gives a weight of this size are left out of the artefact (most of its size).
_LEAST_WEIGHT = 0.2
_MAX_FOLDS = 5
_REPORTS_TOGETHER = 256
# Nothing is called confirmed that is likelier false than true, nothing suspected that is not nearly as likely. The bundled reports are harder than daily ones
# (half of them hold traps), so that the thresholds best for them would be far lower and raise twice the false alarms on ordinary reports.
_GRID = np.round(np.arange(0.50, 0.66, 0.02), 2)
_SUSPECT_GRID = np.round(np.arange(0.40, 0.62, 0.02), 2)
# Factors on the odds of the base thresholds. Recall-first lowers only the bar for "suspected": a cry for help must be seen,
# but a false "confirmed" is no help to anybody; precision-first raises the bar for "confirmed".
_CONFIRM_SHIFT = {Goal.RECALL: 1.0, Goal.BALANCED: 1.0, Goal.PRECISION: 1.35}
_SUSPECT_SHIFT = {Goal.RECALL: 0.4, Goal.BALANCED: 1.0, Goal.PRECISION: 1.0}


@dataclass(frozen=True, slots=True)
class _Rows:
    """The reports read by rules, their features and labels (reports × tags; holds, then holds or suspected)."""

    analyses: list[Analysis]
    features: list[Features]
    labels: tuple[Ints, Ints]
    traps: Ints
    drills: NDArray[np.bool_]
    folds: list[tuple[Ints, Ints]]


def fit(reports: Sequence[LabelledReport], scheme: Scheme, seed: int, *, concepts: Concepts | None = None, tell: Progress | None = None) -> LinearModel:
    """Fit on labelled reports; folds keep the reports of one author together; `tell` hears (stage, share 0…1). Raises ValueError for fewer than 20 reports."""
    if len(reports) < 20:
        raise ValueError(f"{len(reports)} labelled reports: at least 20 are needed to fit and calibrate")
    concepts = concepts or default_concepts()
    rows = _read(reports, scheme, seed, concepts)
    # Which features there are says nothing of the labels: one vocabulary serves every fold.
    vocabulary, idf = _vocabulary(rows)
    x, windows = _matrices(rows, vocabulary, idf)
    held_out, mean_weights = _held_out(x, windows, rows, vocabulary, seed, tell or silent)
    vocabulary, idf = _lean(vocabulary, idf, mean_weights)
    x, windows = _matrices(rows, vocabulary, idf)
    weights, bias = _fit_heads(x, vocabulary, rows.labels, seed)
    n_tags = len(scheme.tags)
    window_weights, window_bias = fit_windows(windows, rows.labels[0], weights[:, :n_tags], bias[:n_tags], seed)
    pairs, places = _pairs(rows, scheme, held_out)
    pair_vocabulary, pair_weights, pair_bias, calibrations, thresholds = _fit_pairs(pairs, places, rows, scheme, seed)
    model = LinearModel(
        tags=tuple(tag.code for tag in scheme.tags),
        report_vocabulary=vocabulary,
        report_idf=idf,
        report_weights=weights.astype(np.float32),
        report_bias=bias.astype(np.float32),
        window_weights=window_weights.astype(np.float32),
        window_bias=window_bias.astype(np.float32),
        pair_vocabulary=pair_vocabulary,
        pair_weights=pair_weights,
        pair_bias=pair_bias,
        calibrations=calibrations,
        thresholds=thresholds,
        about=_about(reports, scheme, concepts, seed),
    )
    return replace(model, about={**model.about, "version": f"linear-{digest_of(model)[:8]}"})


@dataclass(frozen=True, slots=True)
class _Logits:
    """What models that have not seen a report say of it, (reports, tags): see `Said`."""

    report: Floats
    text: Floats
    either: Floats
    window: Floats


def _held_out(x: sp.csr_matrix, windows: Windows, rows: _Rows, vocabulary: dict[str, int], seed: int, tell: Progress) -> tuple[_Logits, Floats]:
    """Return logits of every report by models of the other authors, and the mean of their weights (features, 3·tags)."""
    n_tags = rows.labels[0].shape[1]
    logits = np.zeros((N_REPORT_MODELS, len(rows.features), n_tags))
    window = np.zeros((len(rows.features), n_tags))
    mean_weights = np.zeros((x.shape[1], N_REPORT_MODELS * n_tags))
    for number, (train, test) in enumerate(rows.folds):
        tell("authors left out in turn", number / len(rows.folds))
        weights, bias = _fit_heads(x[train], vocabulary, (rows.labels[0][train], rows.labels[1][train]), seed)
        logits[:, test] = np.stack(np.split(x[test] @ weights + bias, N_REPORT_MODELS, axis=1))
        window[test] = windows.of(test).best(*fit_windows(windows.of(train), rows.labels[0][train], weights[:, :n_tags], bias[:n_tags], seed))
        mean_weights += weights / len(rows.folds)
    return _Logits(logits[0], logits[1], logits[2], window), mean_weights


def _read(reports: Sequence[LabelledReport], scheme: Scheme, seed: int, concepts: Concepts) -> _Rows:
    reader = RuleReader(scheme, default_language())
    analyses = [reader.read(report.text) for report in reports]
    features = [report_features(analysis, scheme, concepts) for analysis in analyses]
    column = {tag.code: index for index, tag in enumerate(scheme.tags)}
    holds, either, traps = (np.zeros((len(reports), len(column)), dtype=np.int64) for _ in range(3))
    for row, report in enumerate(reports):
        for code in report.tags:
            holds[row, column[code]] = either[row, column[code]] = 1
        for code in report.suspected:
            either[row, column[code]] = 1
        for code in report.rejected:
            traps[row, column[code]] = 1
    drills = np.array([report.is_drill for report in reports])
    return _Rows(analyses, features, (holds, either), traps, drills, list(_folds(reports, seed)))


def _folds(reports: Sequence[LabelledReport], seed: int) -> Iterator[tuple[Ints, Ints]]:
    """Split so that no author stands on both sides; by report where there is only one author."""
    authors = [report.author for report in reports]
    n_authors = len(set(authors))
    if n_authors < 2:
        yield from KFold(5, shuffle=True, random_state=seed).split(authors)
        return
    yield from GroupKFold(min(_MAX_FOLDS, n_authors)).split(authors, groups=authors)


def _vocabulary(rows: _Rows) -> tuple[dict[str, int], NDArray[np.float32]]:
    counts = Counter(name for item in rows.features for name in item)
    for analysis in rows.analyses:
        counts.update(text_names(analysis.folded.text))
    kept = sorted(name for name, count in counts.items() if count >= (_MIN_GRAM_REPORTS if name[0] == "c" else _MIN_FEATURE_REPORTS))
    idf = [1.0 if name[0] == "r" else float(np.log((len(rows.features) + 1) / (counts[name] + 1))) + 1.0 for name in kept]
    return {name: index for index, name in enumerate(kept)}, np.asarray(idf, dtype=np.float32)


def _matrices(rows: _Rows, vocabulary: dict[str, int], idf: NDArray[np.float32]) -> tuple[sp.csr_matrix, Windows]:
    """Return the reports and their windows as rows of weighted features."""
    vectorizer = Vectorizer(vocabulary, idf)
    spans = [window_spans(analysis) for analysis in rows.analyses]
    reports, windows = [], []
    for first in range(0, len(spans), _REPORTS_TOGETHER):
        together = slice(first, first + _REPORTS_TOGETHER)
        found = vectorizer.find([analysis.folded.text for analysis in rows.analyses[together]])
        reports.append(vectorizer.reports(rows.features[together], found))
        windows.append(vectorizer.windows(found, spans[together]))
    owners = np.repeat(np.arange(len(spans)), [len(own) for own in spans])
    return _stacked(reports), Windows(_stacked(windows), owners, len(spans))


def _stacked(parts: Sequence[sp.csr_matrix]) -> sp.csr_matrix:
    x = sp.vstack(parts, format="csr")
    x.sort_indices()  # now: processes that fit get it read-only
    return x


def _lean(vocabulary: dict[str, int], idf: NDArray[np.float32], weights: Floats) -> tuple[dict[str, int], NDArray[np.float32]]:
    """Drop the features no tag gives weight to; the rest is fitted again."""
    heavy = np.abs(weights).max(axis=1) >= _LEAST_WEIGHT
    kept = [name for name, row in vocabulary.items() if name[0] == "r" or heavy[row]]
    return {name: index for index, name in enumerate(kept)}, idf[[vocabulary[name] for name in kept]]


def _fit_heads(x: sp.csr_matrix, vocabulary: dict[str, int], labels: tuple[Ints, Ints], seed: int) -> tuple[Floats, Floats]:
    """Fit what holds by all features and by the words alone, and what holds or is worth checking: weights (features, 3·tags) and bias."""
    fitted = [fit_reports(x, labels[0], seed), *(_fit_text(x, vocabulary, own, seed) for own in labels)]
    return np.concatenate([weights for weights, _ in fitted], axis=1), np.concatenate([bias for _, bias in fitted])


def _fit_text(x: sp.csr_matrix, vocabulary: dict[str, int], labels: Ints, seed: int) -> tuple[Floats, Floats]:
    """Fit by words and n-grams alone; every other feature has weight 0."""
    columns = np.flatnonzero([name[0] in TEXT_BLOCKS for name in vocabulary])
    found, bias = fit_reports(x[:, columns], labels, seed)
    weights = np.zeros((x.shape[1], labels.shape[1]))
    weights[columns] = found
    return weights, bias


def _pairs(rows: _Rows, scheme: Scheme, logits: _Logits) -> tuple[list[Features], Ints]:
    """Return features of every candidate pair and its (report, tag) place."""
    is_likely = np.maximum(np.maximum(logits.report, logits.text), logits.either) >= CANDIDATE_LOGIT
    pairs: list[Features] = []
    places: list[tuple[int, int]] = []
    for row, analysis in enumerate(rows.analyses):
        n_strong = sum(1 for evidence in analysis.evidence.values() if evidence.status is Status.HOLDS)
        for tag in range(len(scheme.tags)):
            evidence = analysis.evidence.get(tag)
            if evidence is None and not is_likely[row, tag]:
                continue
            features = pair_features(
                evidence,
                scheme,
                tag,
                Said(
                    float(logits.report[row, tag]),
                    float(logits.text[row, tag]),
                    float(logits.either[row, tag]),
                    float(logits.window[row, tag]),
                    int((logits.report[row] > logits.report[row, tag]).sum()),
                ),
                n_strong=n_strong,
                text_chars=len(analysis.context.text),
            )
            pairs.append(features)
            places.append((row, tag))
    return pairs, np.asarray(places, dtype=np.int64)


def _fit_pairs(
    pairs: list[Features], places: Ints, rows: _Rows, scheme: Scheme, seed: int
) -> tuple[dict[str, int], NDArray[np.float32], NDArray[np.float32], tuple[Calibration, Calibration], NDArray[np.float32]]:
    counts = Counter(name for features in pairs for name in features)
    kept = {name: index for index, name in enumerate(sorted(name for name, count in counts.items() if count >= _MIN_FEATURE_REPORTS))}
    x = _pair_matrix(pairs, kept)
    weights, bias = np.zeros((len(kept), 2), dtype=np.float32), np.zeros(2, dtype=np.float32)
    calibrations: list[Calibration] = []
    held_out: list[Floats] = []
    for head in range(2):
        labels = rows.labels[head][places[:, 0], places[:, 1]]
        for train in (np.isin(places[:, 0], test, invert=True) for _, test in rows.folds):
            if len(set(labels[train].tolist())) < 2:
                raise ValueError(
                    "all reports but those of one author find every likely tag right, or none: add reports in which a trigger is denied, or more authors"
                )
        logits = np.zeros(len(pairs))
        for _train, test in rows.folds:
            in_test = np.isin(places[:, 0], test)
            model = LogisticRegression(C=PAIR_C, solver="liblinear", random_state=seed).fit(x[~in_test], labels[~in_test])
            logits[in_test] = model.decision_function(x[in_test])
        model = LogisticRegression(C=PAIR_C, solver="liblinear", random_state=seed).fit(x, labels)
        weights[:, head], bias[head] = model.coef_[0], model.intercept_[0]
        calibration = fit_calibration(logits, places[:, 1], labels, len(scheme.tags))
        calibrations.append(calibration)
        held_out.append(calibration.apply(logits, places[:, 1]))
    thresholds = _thresholds(held_out, places, rows, scheme)
    return kept, weights, bias, (calibrations[0], calibrations[1]), thresholds


def _pair_matrix(pairs: Sequence[Features], vocabulary: dict[str, int]) -> sp.csr_matrix:
    pointers, columns, values = [0], [], []
    for features in pairs:
        for name, value in features.items():
            index = vocabulary.get(name)
            if index is not None:
                columns.append(index)
                values.append(value)
        pointers.append(len(columns))
    return sp.csr_matrix((values, columns, pointers), shape=(len(pairs), len(vocabulary)))


def _thresholds(held_out: Sequence[Floats], places: Ints, rows: _Rows, scheme: Scheme) -> NDArray[np.float32]:
    """Choose one base threshold per head on unseen authors, drills left out; the goal of a tag shifts its odds. Returns (2, tags)."""
    confirm_shift = np.asarray([_CONFIRM_SHIFT[tag.goal] for tag in scheme.tags])
    suspect_shift = np.asarray([_SUSPECT_SHIFT[tag.goal] for tag in scheme.tags])
    tags = places[:, 1]
    is_trap = rows.traps[places[:, 0], tags] == 1
    counted = np.ones(len(rows.drills), bool) if rows.drills.all() else ~rows.drills
    in_count = counted[places[:, 0]]

    def best(head: int, shift: Floats, grid: Floats, trap_cost: float) -> Floats:
        labels = rows.labels[head][places[:, 0], tags] == 1
        n_wanted = int(rows.labels[head][counted].sum())

        def value(base: float) -> float:
            given = in_count & (held_out[head] >= _shifted(base, shift)[tags])
            tp = float((given & labels).sum())
            return float((2 * tp - trap_cost * float((given & is_trap).sum())) / (float(given.sum()) + n_wanted))

        return _shifted(max((float(base) for base in grid), key=value), shift)

    return np.stack([best(0, confirm_shift, _GRID, scheme.trap_cost), best(1, suspect_shift, _SUSPECT_GRID, 0.0)]).astype(np.float32)


def _shifted(base: float, shift: Floats) -> Floats:
    odds = base / (1 - base) * shift
    result: Floats = odds / (1 + odds)
    return result


def _about(reports: Sequence[LabelledReport], scheme: Scheme, concepts: Concepts, seed: int) -> dict[str, str]:
    content = json.dumps([[r.report_id, r.text, sorted(r.tags), sorted(r.suspected), sorted(r.rejected)] for r in reports], ensure_ascii=False)
    data = hashlib.sha256(content.encode()).hexdigest()[:12]
    return {
        "scheme": scheme.name,
        "scheme_version": scheme.version,
        "language_version": default_language().version,
        "concepts_version": concepts.version,
        "data": data,
        "n_reports": str(len(reports)),
        "n_authors": str(len({report.author for report in reports})),
        "seed": str(seed),
    }
