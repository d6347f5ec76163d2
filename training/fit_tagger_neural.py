"""Fine-tune a local transformers model as tagger: sigmoid per tag and head, weighted for rare tags, early stop, calibration on unseen texts.

Runs on CPU, on a GPU where there is one, and under torchrun (gloo on CPU); an interrupted fit goes on from its last checkpoint.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    EarlyStoppingCallback,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)
from transformers.utils import logging

from nlp_service.tagging.neural import MODEL_DIR, TAGS_FILE, NeuralModel
from nlp_service.tagging.schemes import Scheme

from .curves import append_curve
from .datasets import Example, split
from .fit_blend import Texts, fit_blend, read_texts
from .progress import Progress
from .recipe import Neural, RecipeError, TaggerRecipe

CURVES = "curves.csv"


class Rows(torch.utils.data.Dataset[dict[str, Any]]):  # type: ignore[misc]
    """Tokenised texts with labels (holds of every tag, then any of every tag)."""

    def __init__(self, tokenizer: Any, texts: Texts, max_tokens: int) -> None:
        self._encoded = tokenizer(list(texts.folded), truncation=True, max_length=max_tokens)
        self._labels = np.concatenate(list(texts.labels), axis=1).astype(np.float32)

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {**{key: values[index] for key, values in self._encoded.items()}, "labels": self._labels[index]}


class WeightedTrainer(Trainer):  # type: ignore[misc]
    """Binary cross-entropy in which the positives of a rare tag weigh more."""

    def __init__(self, *args: Any, weights: NDArray[np.float32], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._weights = torch.from_numpy(weights)

    def compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, **_: Any) -> Any:
        """Return the loss (and outputs)."""
        labels = inputs.pop("labels")
        outputs = model(**inputs)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(outputs.logits, labels, pos_weight=self._weights.to(outputs.logits.device))
        return (loss, outputs) if return_outputs else loss


class Curves(TrainerCallback):  # type: ignore[misc]
    """Writes what the trainer logs as CSV and tells the progress."""

    def __init__(self, path: Path, tell: Progress) -> None:
        self._path = path
        self._tell = tell

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **_: Any) -> None:
        """Add a row."""
        if state.is_world_process_zero and logs:
            append_curve(self._path, state.global_step, logs)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Move the bar."""
        self._tell("训练", state.global_step / max(1, state.max_steps))


def fit_neural(examples: Sequence[Example], scheme: Scheme, recipe: TaggerRecipe, *, base: Path, work: Path, resume: bool, tell: Progress) -> Path | None:
    """Fine-tune and write model files into a folder of `work`; return it, or None in every process but the first. Raises RecipeError."""
    settings = recipe.neural
    if settings is None or not (base / "config.json").is_file():
        raise RecipeError(f"{base}: no local model directory (config.json, tokenizer, model.safetensors); nothing is downloaded")
    if work.exists() and not resume and os.environ.get("RANK", "0") == "0":
        shutil.rmtree(work)
    be_quiet()
    set_seed(recipe.seed)
    torch.use_deterministic_algorithms(True, warn_only=True)
    share = settings.dev_share
    parts = split(examples, {"train": 1 - share, "dev": share}, seed=recipe.seed, by=recipe.data.group_by)
    train, dev = (read_texts([example for example in parts if example.split == name], scheme) for name in ("train", "dev"))
    tokenizer = AutoTokenizer.from_pretrained(str(base), local_files_only=True, trust_remote_code=False)
    trainer = _trainer(settings, base, tokenizer, (train, dev), work, recipe.seed, tell)
    checkpoint = _last_checkpoint(work) if resume else None
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    trainer.accelerator.wait_for_everyone()
    if not trainer.is_world_process_zero():
        return None
    folder = work / "fitted"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    model = trainer.accelerator.unwrap_model(trainer.model)
    if settings.lora_rank:
        model = model.merge_and_unload()
    model.to("cpu").float().save_pretrained(folder / MODEL_DIR, safe_serialization=True)
    tokenizer.save_pretrained(folder / MODEL_DIR)
    described = {"tags": [tag.code for tag in scheme.tags], "max_tokens": settings.max_tokens}
    (folder / TAGS_FILE).write_text(json.dumps(described), encoding="utf-8")
    # Calibrated on texts that chose the epoch but no weight.
    fit_blend(NeuralModel(folder).logits(dev.folded), dev, recipe.seed).save(folder)
    return folder


def _trainer(settings: Neural, base: Path, tokenizer: Any, texts: tuple[Texts, Texts], work: Path, seed: int, tell: Progress) -> WeightedTrainer:
    model = AutoModelForSequenceClassification.from_pretrained(
        str(base),
        num_labels=2 * len(texts[0].tags),
        problem_type="multi_label_classification",
        ignore_mismatched_sizes=True,
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
    )
    if settings.lora_rank:
        model = with_lora(model, settings, task="SEQ_CLS")
    trainer = WeightedTrainer(
        model=model,
        args=training_arguments(settings, work, seed, TrainingArguments),
        train_dataset=Rows(tokenizer, texts[0], settings.max_tokens),
        eval_dataset=Rows(tokenizer, texts[1], settings.max_tokens),
        data_collator=DataCollatorWithPadding(tokenizer),
        weights=_weights(texts[0], settings.balance),
        callbacks=[EarlyStoppingCallback(early_stopping_patience=settings.patience), Curves(work / CURVES, tell)],
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def training_arguments(settings: Neural, work: Path, seed: int, kind: Any) -> Any:
    """Return the trainer's arguments: one evaluation and one checkpoint an epoch, the best epoch kept, nothing sent anywhere."""
    return kind(
        output_dir=str(work),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch_size,
        per_device_eval_batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        warmup_steps=0.1,
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="eval_loss",
        greater_is_better=False,
        logging_strategy="epoch",
        report_to=[],
        seed=seed,
        data_seed=seed,
        disable_tqdm=not sys.stderr.isatty(),
        use_cpu=not torch.cuda.is_available(),
        ddp_backend="gloo" if "LOCAL_RANK" in os.environ and not torch.cuda.is_available() else None,
        dataloader_pin_memory=torch.cuda.is_available(),
    )


def with_lora(model: Any, settings: Neural, *, task: str) -> Any:
    """Return the model with small trainable matrices beside its frozen weights (Hu et al. 2021)."""
    from peft import LoraConfig, get_peft_model

    names = {name.rsplit(".", 1)[-1] for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)}
    targets = [name for name in settings.lora_targets if name in names]
    if not targets:
        raise RecipeError(f"lora_targets {settings.lora_targets}: the model has {', '.join(sorted(names))}; name some of these")
    rank = settings.lora_rank
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers under a name of yesterday
        return get_peft_model(model, LoraConfig(task_type=task, r=rank, lora_alpha=2 * rank, lora_dropout=0.05, target_modules=targets))


def be_quiet() -> None:
    """Leave the terminal to our own progress: transformers would report every weight of a new head as missing."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()


def _weights(texts: Texts, balance: float) -> NDArray[np.float32]:
    positive = np.concatenate([labels.sum(axis=0) for labels in texts.labels])
    return np.where(positive > 0, ((len(texts) - positive) / np.maximum(positive, 1)) ** balance, 1.0).astype(np.float32)


def _last_checkpoint(work: Path) -> Path | None:
    """Return the newest checkpoint, None where the fit has not come to one."""
    found = sorted(work.glob("checkpoint-*"), key=lambda path: int(path.name.rsplit("-", 1)[1]))
    return found[-1] if found else None
