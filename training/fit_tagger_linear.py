"""Fit the linear tagger of a scheme: report classifier, pair model over scope evidence, calibration and thresholds, all by unseen authors."""

from __future__ import annotations

import hashlib
import json
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, KFold

from nlp_service.tagging.calibration import Calibration, fit_calibration
from nlp_service.tagging.classifier import CANDIDATE_P
from nlp_service.tagging.concepts import Concepts, default_concepts
from nlp_service.tagging.features import TEXT_BLOCKS, Features, pair_features, report_features, window_features
from nlp_service.tagging.language import default_language
from nlp_service.tagging.linear import LinearModel, block_lengths, report_vector
from nlp_service.tagging.rules import Analysis, RuleReader
from nlp_service.tagging.schemes import Goal, Scheme
from nlp_service.tagging.scope import Status
from training.labelled_reports import LabelledReport

# Chosen by leave-author-out F1 on the bundled reports; both curves are flat within a factor of three.
REPORT_C, PAIR_C = 5.0, 0.3
_MIN_FEATURE_REPORTS = 2
_MIN_GRAM_REPORTS = 3
# Report features no tag gives a weight of this size are left out of the artefact (most of its size).
_LEAST_WEIGHT = 0.2
_WINDOW_ROUNDS, _MAX_OTHER_WINDOWS = 2, 6000
_MAX_FOLDS = 6
_EPS = 1e-4
# Nothing is called confirmed that is likelier false than true, nothing suspected that is not nearly as likely. The bundled reports are harder than daily ones
# (half of them hold traps), so that the thresholds best for them would be far lower and raise twice the false alarms on ordinary reports.
_GRID = np.round(np.arange(0.50, 0.66, 0.02), 2)
_SUSPECT_GRID = np.round(np.arange(0.40, 0.62, 0.02), 2)
# Factors on the odds of the base thresholds. Recall-first lowers only the bar for "suspected": a cry for help must be seen,
# but a false "confirmed" is no help to anybody; precision-first raises the bar for "confirmed".
_CONFIRM_SHIFT = {Goal.RECALL: 1.0, Goal.BALANCED: 1.0, Goal.PRECISION: 1.35}
_SUSPECT_SHIFT = {Goal.RECALL: 0.4, Goal.BALANCED: 1.0, Goal.PRECISION: 1.0}

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The reports read by rules, their features and labels (reports × tags; holds, then holds or suspected)."""

    analyses: list[Analysis]
    features: list[Features]
    labels: tuple[Ints, Ints]
    traps: Ints
    drills: NDArray[np.bool_]
    folds: list[tuple[Ints, Ints]]


def fit(reports: Sequence[LabelledReport], scheme: Scheme, seed: int, *, concepts: Concepts | None = None) -> LinearModel:
    """Fit on labelled reports; folds keep the reports of one author together. Raises ValueError for fewer than 20 reports."""
    if len(reports) < 20:
        raise ValueError(f"{len(reports)} labelled reports: at least 20 are needed to fit and calibrate")
    concepts = concepts or default_concepts()
    rows = _read(reports, scheme, seed, concepts)
    # Which features there are says nothing of the labels: one vocabulary serves every fold.
    vocabulary, idf = _vocabulary(rows.features)
    x, windows = _matrix(rows.features, vocabulary, idf), _windows(rows.analyses, vocabulary, idf)
    held_out, held_out_text, held_out_windows = (np.zeros(rows.labels[0].shape) for _ in range(3))
    for train, test in rows.folds:
        weights, bias = _fit_report(x[train], rows.labels[0][train], seed)
        held_out[test] = x[test] @ weights + bias
        text_weights, text_bias = _fit_text(x[train], vocabulary, rows.labels[0][train], seed)
        held_out_text[test] = x[test] @ text_weights + text_bias
        held_out_windows[test] = windows.of(test).best(*_fit_windows(windows.of(train), rows.labels[0][train], weights, bias, seed))
    vocabulary, idf = _lean(vocabulary, idf, _fit_heads(x, vocabulary, rows, seed)[0])
    x, windows = _matrix(rows.features, vocabulary, idf), _windows(rows.analyses, vocabulary, idf)
    weights, bias = _fit_heads(x, vocabulary, rows, seed)
    n_tags = len(scheme.tags)
    window_weights, window_bias = _fit_windows(windows, rows.labels[0], weights[:, :n_tags], bias[:n_tags], seed)
    pairs, places = _pairs(rows, scheme, (held_out, held_out_text), held_out_windows)
    pair_vocabulary, pair_weights, pair_bias, calibrations, thresholds = _fit_pairs(pairs, places, rows, scheme, seed)
    about = _about(reports, scheme, concepts, seed)
    return LinearModel(
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
        about=about,
    )


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


def _vocabulary(features: Sequence[Features]) -> tuple[dict[str, int], NDArray[np.float32]]:
    counts = Counter(name for item in features for name in item)
    kept = sorted(name for name, count in counts.items() if count >= (_MIN_GRAM_REPORTS if name[0] == "c" else _MIN_FEATURE_REPORTS))
    idf = [1.0 if name[0] == "r" else float(np.log((len(features) + 1) / (counts[name] + 1))) + 1.0 for name in kept]
    return {name: index for index, name in enumerate(kept)}, np.asarray(idf, dtype=np.float32)


def _matrix(features: Iterable[Features], vocabulary: dict[str, int], idf: NDArray[np.float32]) -> sp.csr_matrix:
    columns, values, ends = array("i"), array("f"), [0]
    blocks = block_lengths(vocabulary)
    for item in features:
        indices, weighted = report_vector(item, vocabulary, idf, blocks)
        columns.extend(indices.tolist())
        values.extend(weighted.tolist())
        ends.append(len(columns))
    return sp.csr_matrix((np.asarray(values, np.float32), np.asarray(columns, np.int32), np.asarray(ends)), shape=(len(ends) - 1, len(vocabulary)))


@dataclass(frozen=True, slots=True)
class _Windows:
    """One row of `x` per window; `owners` says which report (0 … n_reports - 1) each belongs to."""

    x: sp.csr_matrix
    owners: Ints
    n_reports: int

    def of(self, reports: Ints) -> _Windows:
        """Return the windows of some reports, renumbered in their order."""
        place = np.full(self.n_reports, -1)
        place[reports] = np.arange(len(reports))
        chosen = np.flatnonzero(place[self.owners] >= 0)
        return _Windows(self.x[chosen], place[self.owners[chosen]], len(reports))

    def best(self, weights: Floats, bias: Floats) -> Floats:
        """Return the highest logit of the windows of each report, (reports, tags)."""
        highest = np.full((self.n_reports, len(bias)), -np.inf)
        np.maximum.at(highest, self.owners, self.x @ weights + bias)
        return highest

    def best_rows(self, logits: Floats) -> Ints:
        """Return the row of the highest of these logits for each report."""
        order = np.argsort(logits, kind="stable")
        rows = np.zeros(self.n_reports, np.int64)
        rows[self.owners[order]] = order
        return rows


def _windows(analyses: Sequence[Analysis], vocabulary: dict[str, int], idf: NDArray[np.float32]) -> _Windows:
    counts: list[int] = []

    def each() -> Iterator[Features]:
        for analysis in analyses:
            found = window_features(analysis)
            counts.append(len(found))
            yield from found

    x = _matrix(each(), vocabulary, idf)
    return _Windows(x, np.repeat(np.arange(len(analyses)), counts), len(analyses))


def _fit_windows(windows: _Windows, labels: Ints, weights: Floats, bias: Floats, seed: int) -> tuple[Floats, Floats]:
    """Learn what a window must say for a tag, though only whole reports are labelled (multiple-instance learning, MI-SVM, Andrews et al. 2003):
    a report that has the tag is taught by its best window, every other by its best window and by some of the rest; twice over."""
    rng = np.random.default_rng(seed)
    fitted, offsets = np.zeros((windows.x.shape[1], labels.shape[1])), np.full(labels.shape[1], np.log(_EPS))
    logits = windows.x @ weights + bias
    for tag in range(labels.shape[1]):
        holds = labels[:, tag] == 1
        if not 2 <= holds.sum() < len(holds):
            continue
        scores = logits[:, tag]
        others = np.flatnonzero(~holds[windows.owners])
        for _ in range(_WINDOW_ROUNDS):
            best = windows.best_rows(scores)
            rest = rng.choice(others, min(_MAX_OTHER_WINDOWS, len(others)), replace=False)
            rows = np.concatenate([best, rest])
            target = np.concatenate([holds, np.zeros(len(rest), bool)])
            model = LogisticRegression(C=REPORT_C, solver="liblinear", intercept_scaling=4.0, random_state=seed).fit(windows.x[rows], target)
            scores = model.decision_function(windows.x)
        fitted[:, tag], offsets[tag] = model.coef_[0], model.intercept_[0]
    return fitted, offsets


def _lean(vocabulary: dict[str, int], idf: NDArray[np.float32], weights: Floats) -> tuple[dict[str, int], NDArray[np.float32]]:
    """Drop the features no tag gives weight to; the rest is fitted again."""
    heavy = np.abs(weights).max(axis=1) >= _LEAST_WEIGHT
    kept = [name for name, row in vocabulary.items() if name[0] == "r" or heavy[row]]
    return {name: index for index, name in enumerate(kept)}, idf[[vocabulary[name] for name in kept]]


def _fit_heads(x: sp.csr_matrix, vocabulary: dict[str, int], rows: _Rows, seed: int) -> tuple[Floats, Floats]:
    """Fit on all reports, by all features and by the words alone: weights (features, 2·tags) and bias."""
    fitted = [_fit_report(x, rows.labels[0], seed), _fit_text(x, vocabulary, rows.labels[0], seed)]
    return np.concatenate([weights for weights, _ in fitted], axis=1), np.concatenate([bias for _, bias in fitted])


def _fit_text(x: sp.csr_matrix, vocabulary: dict[str, int], labels: Ints, seed: int) -> tuple[Floats, Floats]:
    """Fit by words and n-grams alone; every other feature has weight 0."""
    columns = np.flatnonzero([name[0] in TEXT_BLOCKS for name in vocabulary])
    found, bias = _fit_report(x[:, columns], labels, seed)
    weights = np.zeros((x.shape[1], labels.shape[1]))
    weights[columns] = found
    return weights, bias


def _fit_report(x: sp.csr_matrix, labels: Ints, seed: int) -> tuple[Floats, Floats]:
    """Fit one logistic regression per tag; a tag with fewer than two examples keeps a constant, small probability."""
    weights = np.zeros((x.shape[1], labels.shape[1]))
    bias = np.full(labels.shape[1], np.log(_EPS))
    for tag in range(labels.shape[1]):
        if 2 <= labels[:, tag].sum() < len(labels):
            model = LogisticRegression(C=REPORT_C, solver="liblinear", intercept_scaling=4.0, random_state=seed).fit(x, labels[:, tag])
            weights[:, tag], bias[tag] = model.coef_[0], model.intercept_[0]
    return weights, bias


def _pairs(rows: _Rows, scheme: Scheme, heads: tuple[Floats, Floats], windows: Floats) -> tuple[list[Features], Ints]:
    """Return features of every candidate pair and its (report, tag) place."""
    cut = float(np.log(CANDIDATE_P / (1 - CANDIDATE_P)))
    logits, text = heads
    either = np.maximum(logits, text)
    pairs: list[Features] = []
    places: list[tuple[int, int]] = []
    for row, analysis in enumerate(rows.analyses):
        n_strong = sum(1 for evidence in analysis.evidence.values() if evidence.status is Status.HOLDS)
        for tag in range(len(scheme.tags)):
            evidence = analysis.evidence.get(tag)
            if evidence is None and either[row, tag] < cut:
                continue
            n_above = int((logits[row] > logits[row, tag]).sum())
            text_chars = len(analysis.context.text)
            pairs.append(
                pair_features(
                    evidence,
                    scheme,
                    tag,
                    n_strong=n_strong,
                    text_chars=text_chars,
                    logit=float(logits[row, tag]),
                    text=float(text[row, tag]),
                    n_above=n_above,
                    window=float(windows[row, tag]),
                )
            )
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
        "version": f"linear-{hashlib.sha256(f'{data}{scheme.version}{concepts.version}{seed}'.encode()).hexdigest()[:8]}",
        "scheme": scheme.name,
        "scheme_version": scheme.version,
        "language_version": default_language().version,
        "concepts_version": concepts.version,
        "data": data,
        "n_reports": str(len(reports)),
        "n_authors": str(len({report.author for report in reports})),
        "seed": str(seed),
    }
