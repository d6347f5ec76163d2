"""Fitting by recipe: artefact, figures, card, bit-identical refit, clear refusals, and the way to the running service."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nlp_service.artefacts import open_artefact
from nlp_service.settings import Settings
from nlp_service.tagging.service import TagService
from training.__main__ import main
from training.datasets import DatasetError, Example
from training.fit_tagger import fit_tagger
from training.promotion import promote_tagger
from training.recipe import RECIPES, RecipeError, bundled_recipes, read_encoder_recipe, read_tagger_recipe

Recipe = Callable[..., Path]
Make = Callable[..., list[Example]]


def test_a_fit_is_an_artefact_with_everything_in_it(recipe: Recipe, tmp_path: Path) -> None:
    fitted = fit_tagger(recipe(), tmp_path / "m")
    artefact = open_artefact(tmp_path / "m")
    assert artefact.version == fitted.version
    assert fitted.version.startswith("ngrams-")
    assert set(artefact.manifest["sha256"]) == {
        "weights.safetensors",
        "vocabulary.json",
        "blend.json",
        "scheme.yaml",
        "recipe.toml",
        "lineage.json",
        "metrics.json",
        "card.md",
    }
    assert fitted.evaluation is not None
    assert fitted.evaluation.figures["micro-F1 confirmed"].mean > 0.95
    lineage = json.loads((tmp_path / "m" / "lineage.json").read_bytes())
    assert (lineage["data"]["train"]["n"], lineage["data"]["test"]["n"], lineage["seed"]) == (240, 80, 3)
    assert len(lineage["seen"]) == 240
    card = (tmp_path / "m" / "card.md").read_text(encoding="utf-8")
    assert fitted.version in card
    assert "尚待核实" in card


def test_one_seed_gives_the_same_bytes_twice(recipe: Recipe, tmp_path: Path) -> None:
    path = recipe()
    versions = [fit_tagger(path, tmp_path / name).version for name in ("a", "b")]
    assert versions[0] == versions[1]
    for file in sorted((tmp_path / "a").iterdir()):
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name


def test_the_linear_model_of_a_scheme_is_bit_identical_too(write_lines: Callable[..., Path], tmp_path: Path, make_examples: Make) -> None:
    codes = {"饮酒": "B01", "噪声": "B04", "垃圾": "A01"}
    rows = [replace(item, tags=tuple(codes[tag] for tag in item.tags)) for item in make_examples(90)]
    tags = "\n".join(f"- {{code: {code}, name: {name}, definition: {name}, level: L1, triggers: [{name}]}}" for name, code in codes.items())
    (tmp_path / "s.yaml").write_text(f"name: s\ntags:\n{tags}\n", encoding="utf-8")
    write_lines("r.jsonl", rows)
    (tmp_path / "r.toml").write_text('scheme = "s.yaml"\nmodel = "linear"\n[data]\ntrain = ["r.jsonl"]\nheld_out = 0.3\n', encoding="utf-8")
    for name in ("a", "b"):
        fit_tagger(tmp_path / "r.toml", tmp_path / name)
    for file in sorted((tmp_path / "a").iterdir()):
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name


def test_a_promoted_label_set_answers_through_the_service(recipe: Recipe, tmp_path: Path, make_examples: Make) -> None:
    fitted = fit_tagger(recipe(), tmp_path / "m")
    settings = Settings(home=tmp_path / "home")
    promote_tagger(settings, fitted.folder, make_examples(40, start=2000), by="测试")
    service = TagService(settings.schemes, settings.models)
    answer = service.answer("street", [{"report_id": "1", "text": "南桥边，酒气冲天，天气晴好"}, {"report_id": "2", "text": "家中整洁，已记录"}])
    names = {tag.code: tag.name for tag in service.tagger("street").scheme.tags}
    assert [[names[tag.tag] for tag in item.tags] for item in answer.items] == [["饮酒"], []]
    assert answer.versions["model"] == fitted.version
    start, end = answer.items[0].tags[0].spans[0]
    assert "南桥边，酒气冲天，天气晴好"[start:end].strip("，") == "酒气冲天"


@pytest.mark.parametrize("name", bundled_recipes())
def test_every_bundled_recipe_can_be_read(name: str) -> None:
    path = RECIPES / f"{name}.toml"
    is_encoder = "scheme" not in tomllib.loads(path.read_text(encoding="utf-8"))
    (read_encoder_recipe if is_encoder else read_tagger_recipe)(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('scheme = "none"\n[data]\ntrain = ["x"]', "name is missing"),
        ('scheme = "none"\nname = "a"\nmodel = "linear"\n[data]\ntrain = ["x"]', "reads the triggers"),
        ('name = "a"\nmodel = "neural"\n[data]\ntrain = ["x"]', "needs \\[neural\\]"),
        ('name = "a"\nspeed = 1\n[data]\ntrain = ["x"]', "speed"),
        ('name = "a"\n[data]\ntrain = []', "data.train"),
        ("name = ", "not TOML"),
    ],
)
def test_a_wrong_recipe_is_named(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError, match=said):
        read_tagger_recipe(tmp_path / "r.toml")


def test_a_test_text_in_the_training_data_is_a_leak(recipe: Recipe, tmp_path: Path, examples: list[Example]) -> None:
    with pytest.raises(DatasetError, match="leak"):
        fit_tagger(recipe(train=examples, test=examples[:1]), tmp_path / "m")


def test_the_command_says_what_was_fitted_and_errors_are_one_line(recipe: Recipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit-tagger", str(recipe()), "--out", str(tmp_path / "m")]) == 0
    said = capsys.readouterr().out
    assert "240 texts" in said
    assert "micro-F1 confirmed: 1.000" in said
    assert main(["fit-tagger", "nowhere.toml", "--out", str(tmp_path / "n")]) == 2
    assert capsys.readouterr().err.startswith("error: nowhere.toml: cannot be read")
    assert main(["fit-tagger", str(recipe()), "--out", str(tmp_path / "m")]) == 2
    assert "already exists" in capsys.readouterr().err
