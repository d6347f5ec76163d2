"""Fine-tune an encoder for similar cases: what belongs together is drawn together, the rest of the batch is pushed away; full or LoRA.

Pairs: judged (query, case) pairs of a BEIR folder or of the service, and for a home the facts of a case with its reasoning.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.sentence_transformer import losses
from transformers import EarlyStoppingCallback, PrinterCallback, set_seed

from corpora.store import CaseStore
from indexes.encoders.transformer import TransformerEncoder
from nlp_service.artefacts import writing
from nlp_service.assessments import AssessmentBook
from nlp_service.audit import AuditLog
from nlp_service.registry import ENCODER_KIND, ENCODER_MODEL
from nlp_service.settings import Settings

from .datasets import Example, Retrieval, read_beir
from .datasets.judgements import judged
from .encoder_promotion import ndcg_of
from .fit_tagger_neural import CURVES, Curves, _last_checkpoint, be_quiet, training_arguments, with_lora
from .lineage import lineage
from .metrics.bootstrap import interval
from .progress import Progress, silent
from .recipe import EncoderRecipe, RecipeError, read_encoder_recipe

MIN_PAIRS = 8
ENCODER_PREFIX = "encoder"


@dataclass(frozen=True, slots=True)
class Pairs:
    """Texts that belong together, and a collection to judge on (or None)."""

    anchors: tuple[str, ...]
    positives: tuple[str, ...]
    dev: tuple[Retrieval, str] | None


def read_pairs(recipe: EncoderRecipe, path: Path) -> Pairs:
    """Read the pairs of a recipe. Raises RecipeError for too few, DatasetError or StoreError."""
    if recipe.beir is not None:
        data = read_beir(path.parent / recipe.beir)
        if recipe.split not in data.qrels:
            raise RecipeError(f"{path.name}: split {recipe.split!r} is not in qrels ({', '.join(data.qrels)})")
        found = _judged_pairs(data, recipe.split, recipe.min_score)
        dev = (data, recipe.dev_split) if recipe.dev_split else None
    else:
        found, dev = _home_pairs(path.parent / str(recipe.home), recipe.min_score), None
    if len(found) < MIN_PAIRS:
        raise RecipeError(f"{path.name}: {len(found)} pairs that belong together; at least {MIN_PAIRS} are needed")
    return Pairs(tuple(a for a, _ in found), tuple(p for _, p in found), dev)


def _judged_pairs(data: Retrieval, split: str, least: int) -> list[tuple[str, str]]:
    return [
        (data.queries[query].text, f"{data.corpus[document].title}\n{data.corpus[document].text}".strip())
        for query, found in data.qrels[split].items()
        for document, score in found.items()
        if score >= least
    ]


def _home_pairs(home: Path, least: int) -> list[tuple[str, str]]:
    settings = Settings(home=home)
    with CaseStore.open(settings.store, create=False) as store:
        pairs = [(case.facts, case.reasoning) for _, case in store.iter_cases() if case.facts and case.reasoning]
        data, _ = judged(store, AssessmentBook(AuditLog(settings.audit)))
    return pairs + _judged_pairs(data, "judged", max(least, 2))


def fit_encoder(path: Path, out: Path, *, resume: bool = False, tell: Progress | None = None) -> tuple[str, Mapping[str, Any]]:
    """Fine-tune by a recipe and seal the artefact; return version and metrics. Raises RecipeError or ArtefactError."""
    recipe = read_encoder_recipe(path)
    pairs = read_pairs(recipe, path)
    base = path.parent / recipe.neural.base
    if not any((base / name).is_file() for name in ("modules.json", "config.json")):
        raise RecipeError(f"{base}: no local model directory (modules.json or config.json); nothing is downloaded")
    work = out.with_name(f".{out.name}.checkpoints")
    if work.exists() and not resume:
        shutil.rmtree(work)
    be_quiet()
    set_seed(recipe.seed)
    trainer, model = _trainer(recipe, base, pairs, work, tell or silent)
    checkpoint = _last_checkpoint(work) if resume else None
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    if not trainer.is_world_process_zero():
        return "", {}
    if recipe.neural.lora_rank:
        model[0].model = model[0].model.merge_and_unload()
    folder = work / "fitted"
    shutil.rmtree(folder, ignore_errors=True)
    model.to("cpu").save(str(folder), create_model_card=False, safe_serialization=True)
    version, metrics = _seal(path, recipe, pairs, base, folder, out, work / CURVES)
    shutil.rmtree(work)
    return version, metrics


def _trainer(recipe: EncoderRecipe, base: Path, pairs: Pairs, work: Path, tell: Progress) -> tuple[Any, Any]:
    settings = recipe.neural
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = SentenceTransformer(str(base), device=device, local_files_only=True, trust_remote_code=False)
    model.max_seq_length = min(settings.max_tokens, model.max_seq_length or settings.max_tokens)
    if settings.lora_rank:
        model[0].model = with_lora(model[0].model, settings, task="FEATURE_EXTRACTION")
    order = np.random.default_rng(recipe.seed).permutation(len(pairs.anchors))
    n_dev = max(2, int(settings.dev_share * len(order)))
    parts = [
        Dataset.from_dict({"anchor": [pairs.anchors[i] for i in rows], "positive": [pairs.positives[i] for i in rows]})
        for rows in (order[n_dev:], order[:n_dev])
    ]
    trainer = SentenceTransformerTrainer(
        model=model,
        args=training_arguments(settings, work, recipe.seed, SentenceTransformerTrainingArguments),
        train_dataset=parts[0],
        eval_dataset=parts[1],
        loss=losses.MultipleNegativesRankingLoss(model),
        callbacks=[EarlyStoppingCallback(early_stopping_patience=settings.patience), Curves(work / CURVES, tell)],
    )
    trainer.remove_callback(PrinterCallback)
    return trainer, model


def _seal(path: Path, recipe: EncoderRecipe, pairs: Pairs, base: Path, folder: Path, out: Path, curves: Path) -> tuple[str, Mapping[str, Any]]:
    new = TransformerEncoder(folder)
    metrics: dict[str, Any] = {"n_pairs": len(pairs.anchors)}
    if pairs.dev is not None:
        for name, encoder in (("fitted", new), ("base", TransformerEncoder(base))):
            found = interval(ndcg_of(encoder, *pairs.dev))
            metrics[f"NDCG@10 {name}"] = [round(value, 4) for value in (found.mean, found.low, found.high)]
    about: dict[str, Any] = {
        "version": new.fingerprint.replace("sentence-transformers", ENCODER_PREFIX),
        "fingerprint": new.fingerprint,
        "dimension": new.dimension,
    }
    with writing(out, ENCODER_KIND, about) as target:
        shutil.copytree(folder, target / ENCODER_MODEL)
        shutil.copyfile(path, target / "recipe.toml")
        if curves.is_file():
            shutil.copyfile(curves, target / "curves.csv")
        (target / "lineage.json").write_text(json.dumps(_lineage(pairs, recipe), ensure_ascii=False, indent=1), encoding="utf-8")
        (target / "metrics.json").write_text(json.dumps(metrics, ensure_ascii=False, indent=1), encoding="utf-8")
        (target / "card.md").write_text(_card(about, metrics, recipe), encoding="utf-8")
    return str(about["version"]), metrics


def _lineage(pairs: Pairs, recipe: EncoderRecipe) -> dict[str, Any]:
    texts = [f"{anchor}\n{positive}" for anchor, positive in zip(pairs.anchors, pairs.positives, strict=True)]
    return lineage([Example(str(number), text) for number, text in enumerate(texts)], [], seed=recipe.seed, refit=False)


def _card(about: Mapping[str, Any], metrics: Mapping[str, Any], recipe: EncoderRecipe) -> str:
    lines = [
        f"# {about['version']}",
        "",
        f"类案检索的编码器，{about['dimension']} 维；由 {metrics['n_pairs']} 对“应当相近”的文本微调，种子 {recipe.seed}。",
        "",
        "- 用途：把案情写成向量，供类案检索的语义通道使用；更换后须用同一编码器重建索引（promote 一并完成）。",
        "- 界限：只见过训练数据所覆盖的案由与写法；分数不跨模型比较。",
        "",
        "| 指标 | 值 | 95% 区间 |",
        "|---|---|---|",
        *(f"| {name} | {value[0]:.3f} | {value[1]:.3f} – {value[2]:.3f} |" for name, value in metrics.items() if isinstance(value, list)),
        "",
    ]
    return "\n".join(lines)
