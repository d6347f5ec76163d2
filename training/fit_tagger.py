"""`fit-tagger RECIPE`: read data, fit the model the recipe names, judge it on held-out texts, and seal all of it as one artefact."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nlp_service.artefacts import MANIFEST, content_hash, hash_of, writing
from nlp_service.tagging.linear import FORMAT as LINEAR
from nlp_service.tagging.linear import save_model
from nlp_service.tagging.ngrams import KIND as NGRAMS
from nlp_service.tagging.schemes import Scheme
from nlp_service.tagging.tagger import Tagger

from .datasets import DatasetError, Example, label_set, split, validate
from .evaluate_tagger import Evaluation, answer, evaluate
from .fit_blend import read_texts
from .fit_tagger_linear import fit as fit_linear
from .fit_tagger_ngrams import fit_ngrams
from .label_schemes import coded, find_scheme, scheme_of_labels
from .lineage import lineage
from .model_card import tagger_card
from .progress import Progress, silent
from .recipe import Kind, RecipeError, TaggerRecipe, read_examples, read_tagger_recipe

NEURAL = "tagger-neural-1"
_PREFIX = {LINEAR: "linear", NGRAMS: "ngrams", NEURAL: "neural"}


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a fit came to: the artefact, its version, and its figures on held-out texts (None without such texts)."""

    folder: Path
    version: str
    evaluation: Evaluation | None
    n_train: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A recipe with its data read, coded and split."""

    path: Path
    recipe: TaggerRecipe
    scheme: Scheme
    scheme_text: str | None
    train: list[Example]
    test: list[Example]


def prepare(path: Path, *, home: Path | None = None) -> Prepared:
    """Read a recipe and its data; unlabelled texts are left out. Raises RecipeError, DatasetError or SchemeError."""
    recipe = read_tagger_recipe(path)
    train, test = ([example for example in read_examples(recipe.data, names, path) if example.is_labelled] for names in (recipe.data.train, recipe.data.test))
    if recipe.scheme == "none":
        scheme, text = scheme_of_labels(recipe.name or "labels", label_set([*train, *test]))
    else:
        named = recipe.scheme if not recipe.scheme.endswith((".yaml", ".yml")) else str(path.parent / recipe.scheme)
        scheme, text = find_scheme(named, home), None
    train, test = coded(train, scheme), coded(test, scheme)
    if faults := validate([*_marked(train, "train"), *_marked(test, "test")]).faults if test else []:
        raise DatasetError(f"{path.name}: {faults[0]}; `python -m training data split` makes splits without leaks")
    if not test and recipe.data.held_out > 0:
        share = recipe.data.held_out
        parts = split(train, {"train": 1 - share, "test": share}, seed=recipe.seed, by=recipe.data.group_by)
        train, test = ([example for example in parts if example.split == name] for name in ("train", "test"))
    return Prepared(path, recipe, scheme, text, train, test)


def _marked(examples: Sequence[Example], name: str) -> list[Example]:
    return [replace(example, split=name) for example in examples]


def fit_tagger(path: Path, out: Path, *, home: Path | None = None, resume: bool = False, tell: Progress | None = None) -> Fitted:
    """Fit and seal. With `refit` the figures are of a model fitted on the training part, the sealed one is fitted on everything."""
    tell = tell or silent
    ready = prepare(path, home=home)
    if ready.recipe.model is Kind.NEURAL:
        return _fit_neural(ready, out, resume=resume, tell=tell)
    evaluation: Evaluation | None = None
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch) / "measured"
        kind, about = _write(ready, ready.train, work, tell)
        if ready.test:
            evaluation = _judge(ready, work, kind, about, Path(scratch))
            if ready.recipe.refit:
                work = Path(scratch) / "refitted"
                kind, about = _write(ready, [*ready.train, *ready.test], work, tell)
        return seal(ready, work, out, kind, about, evaluation)


def _write(ready: Prepared, train: Sequence[Example], work: Path, tell: Progress) -> tuple[str, dict[str, Any]]:
    """Fit on `train` and write the model files; return the format and what the manifest says beside the hashes."""
    recipe = ready.recipe
    if recipe.model is Kind.LINEAR:
        try:
            model = fit_linear([example.to_report() for example in train], ready.scheme, recipe.seed, tell=tell)
        except ValueError as error:
            raise RecipeError(f"{ready.path.name}: {error}") from None
        save_model(model, work)
        written = json.loads((work / MANIFEST).read_bytes())
        (work / MANIFEST).unlink()
        return LINEAR, {key: value for key, value in written.items() if key not in ("format", "sha256")}
    if len(train) < 20:
        raise RecipeError(f"{ready.path.name}: {len(train)} labelled texts; at least 20 are needed to fit and calibrate")
    work.mkdir()
    texts = read_texts(train, ready.scheme)
    fit = fit_ngrams(train, texts, recipe.ngrams, seed=recipe.seed, group_by=recipe.data.group_by, tell=tell)
    fit.model.save(work)
    fit.blend.save(work)
    return NGRAMS, {"tags": list(texts.tags), "about": {"scheme": ready.scheme.name, "scheme_version": ready.scheme.version, "strength": fit.chosen}}


def _judge(ready: Prepared, work: Path, kind: str, extra: Mapping[str, Any], scratch: Path) -> Evaluation:
    """Open the files as the service would and judge them on the held-out texts."""
    with writing(scratch / "judged", kind, extra["about"], extra={key: value for key, value in extra.items() if key != "about"}) as folder:
        shutil.copytree(work, folder, dirs_exist_ok=True)
    tagger = Tagger.open(ready.scheme, scratch / "judged")
    groups = ["author", *(name for name in ready.recipe.data.group_by if name != "author")]
    return evaluate(answer(tagger, ready.test), ready.test, groups=groups, cluster=next(iter(ready.recipe.data.group_by), ""))


def seal(ready: Prepared, work: Path, out: Path, kind: str, extra: Mapping[str, Any], evaluation: Evaluation | None, *, curves: Path | None = None) -> Fitted:
    """Add recipe, lineage, metrics and card to the model files and rename them into place; the version is a hash of what decides answers."""
    about: dict[str, Any] = dict(extra["about"])
    told = lineage(ready.train, ready.test, seed=ready.recipe.seed, refit=ready.recipe.refit)
    with writing(out, kind, about, extra={key: value for key, value in extra.items() if key != "about"}) as folder:
        shutil.copytree(work, folder, dirs_exist_ok=True)
        if ready.scheme_text is not None:
            (folder / "scheme.yaml").write_text(ready.scheme_text, encoding="utf-8")
        deciding = {path.relative_to(folder).as_posix(): hash_of(path) for path in folder.rglob("*") if path.is_file()}
        about["version"] = f"{_PREFIX[kind]}-{content_hash(deciding)[:8]}"
        shutil.copyfile(ready.path, folder / "recipe.toml")
        if curves is not None:
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(curves, folder / "curves.csv")
        (folder / "lineage.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
        metrics = evaluation.as_json() if evaluation else {}
        (folder / "metrics.json").write_text(json.dumps(metrics, ensure_ascii=False, indent=1), encoding="utf-8")
        (folder / "card.md").write_text(tagger_card(about["version"], ready.scheme, ready.recipe, told, evaluation), encoding="utf-8")
    return Fitted(out, str(about["version"]), evaluation, len(ready.train) + (len(ready.test) if ready.recipe.refit else 0))


def _fit_neural(ready: Prepared, out: Path, *, resume: bool, tell: Progress) -> Fitted:
    from .fit_tagger_neural import fit_neural  # brings torch

    checkpoints = out.with_name(f".{out.name}.checkpoints")
    work = fit_neural(ready.train, ready.scheme, ready.recipe, base=ready.path.parent / _neural(ready).base, work=checkpoints, resume=resume, tell=tell)
    if work is None:  # another process of torchrun writes
        return Fitted(out, "", None, len(ready.train))
    extra = {"tags": [tag.code for tag in ready.scheme.tags], "about": {"scheme": ready.scheme.name, "scheme_version": ready.scheme.version}}
    evaluation: Evaluation | None = None
    with tempfile.TemporaryDirectory() as scratch:
        if ready.test:
            evaluation = _judge(ready, work, NEURAL, extra, Path(scratch))
    fitted = seal(ready, work, out, NEURAL, extra, evaluation, curves=checkpoints / "curves.csv")
    shutil.rmtree(checkpoints)
    return fitted


def _neural(ready: Prepared) -> Any:
    return ready.recipe.neural
