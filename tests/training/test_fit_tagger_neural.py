"""A tiny transformer made here goes the whole way: fine-tune, artefact, service, answer; with LoRA, after an interruption, and by two processes."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nlp_service.artefacts import ArtefactError, open_artefact
from nlp_service.settings import Settings
from nlp_service.tagging.service import TagService
from nlp_service.tagging.tagger import TagStatus
from training.datasets import Example
from training.fit_tagger import fit_tagger
from training.promotion import promote_tagger
from training.recipe import RecipeError

Recipe = Callable[..., Path]
Make = Callable[..., list[Example]]
QUICK = "epochs = 2\nbatch_size = 16\nmax_tokens = 48\nlearning_rate = 3e-3"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    plugins = [plugin for plugin in request.config.pluginmanager.get_plugins() if getattr(plugin, "make_tiny_bert", None)]
    made: Path = plugins[0].make_tiny_bert(tmp_path_factory.mktemp("base") / "bert", [item.text for item in plugins[0].make_examples(240)])
    return made


def test_fit_artefact_serve_answer(recipe: Recipe, base: Path, tmp_path: Path, make_examples: Make) -> None:
    path = recipe(
        "neural", more=f'[neural]\nbase = "{base}"\n{QUICK.replace("epochs = 2", "epochs = 24").replace("batch_size = 16", "batch_size = 8")}\npatience = 6'
    )
    fitted = fit_tagger(path, tmp_path / "m")
    assert open_artefact(tmp_path / "m").kind == "tagger-neural-1"
    assert fitted.evaluation is not None
    assert fitted.evaluation.figures["micro-F1 confirmed"].mean > 0.9
    settings = Settings(home=tmp_path / "home")
    promote_tagger(settings, fitted.folder, make_examples(60, start=3000), by="测试")
    service = TagService(settings.schemes, settings.models)
    asked = make_examples(20, start=3000)
    answer = service.answer("street", [{"report_id": item.example_id, "text": item.text} for item in asked])
    names = {tag.code: tag.name for tag in service.tagger("street").scheme.tags}
    given = [{names[tag.tag] for tag in item.tags if tag.status is TagStatus.CONFIRMED} for item in answer.items]
    assert sum(got == set(item.tags) for got, item in zip(given, asked, strict=True)) >= 15
    assert answer.versions["model"] == fitted.version
    singly = [service.answer("street", [{"report_id": item.example_id, "text": item.text}]).items[0] for item in asked]
    assert singly == answer.items, "a batch answers as one after the other"
    with (tmp_path / "m" / "curves.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    losses = [float(row["value"]) for row in rows if row["name"] == "eval_loss"]
    assert min(losses) < losses[0]
    assert not (tmp_path / ".m.checkpoints").exists()


def test_one_seed_gives_the_same_weights_twice_also_with_lora(recipe: Recipe, base: Path, tmp_path: Path) -> None:
    path = recipe("neural", more=f'[neural]\nbase = "{base}"\n{QUICK}\nlora_rank = 4')
    first, second = (fit_tagger(path, tmp_path / name) for name in ("a", "b"))
    assert first.version == second.version
    assert (tmp_path / "a" / "model" / "model.safetensors").read_bytes() == (tmp_path / "b" / "model" / "model.safetensors").read_bytes()
    assert not list((tmp_path / "a" / "model").glob("adapter*"))


def test_an_interrupted_fit_goes_on_from_its_checkpoint(recipe: Recipe, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import training.fit_tagger_neural as neural

    path = recipe("neural", more=f'[neural]\nbase = "{base}"\n{QUICK}')
    whole = fit_tagger(path, tmp_path / "whole")

    class Interrupted(Exception):
        pass

    def stop(*_: object, **__: object) -> None:
        raise Interrupted

    steps: list[int] = []
    on_log = neural.Curves.on_log

    def log(self: neural.Curves, args: object, state: object, control: object, logs: dict[str, float] | None = None, **more: object) -> None:
        steps.append(state.global_step)  # type: ignore[attr-defined]
        on_log(self, args, state, control, logs, **more)

    monkeypatch.setattr(neural.Curves, "on_log", log)
    monkeypatch.setattr(
        neural.Curves, "on_epoch_begin", lambda self, args, state, control, **_: stop() if state.epoch and state.epoch >= 1 else None, raising=False
    )
    with pytest.raises(Interrupted):
        fit_tagger(path, tmp_path / "m")
    monkeypatch.delattr(neural.Curves, "on_epoch_begin")
    done = max(steps)
    steps.clear()
    resumed = fit_tagger(path, tmp_path / "m", resume=True)
    assert min(steps) > done
    assert resumed.version == whole.version


def test_two_processes_of_torchrun_make_one_artefact(recipe: Recipe, base: Path, tmp_path: Path) -> None:
    path = recipe("neural", more=f'[neural]\nbase = "{base}"\n{QUICK}')
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "-m", "training", "fit-tagger"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run([*command, str(path), "--out", str(tmp_path / "m")], env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("240 texts") == 1
    assert open_artefact(tmp_path / "m").version.startswith("neural-")


def test_a_base_that_is_not_there_and_a_damaged_artefact_are_named(recipe: Recipe, base: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no local model directory"):
        fit_tagger(recipe("neural", more='[neural]\nbase = "bert-base-chinese"'), tmp_path / "m")
    fitted = fit_tagger(recipe("neural", more=f'[neural]\nbase = "{base}"\nepochs = 1\nmax_tokens = 48'), tmp_path / "n")
    (fitted.folder / "model" / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ArtefactError, match="does not match its hash"):
        open_artefact(fitted.folder)
