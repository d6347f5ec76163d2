"""Recipes: one TOML per model says what is fitted on which data and how; checked when read, kept verbatim in the artefact."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpora.samples import FOLDER as SAMPLES

from .datasets import Columns, DatasetError, Example, read_csv, read_doccano, read_jsonl, read_label_studio
from .masking import masked

_Recipe = TypeVar("_Recipe", bound=BaseModel)
RECIPES = Path(__file__).parent / "recipes"
BUNDLED = "bundled:"


class RecipeError(ValueError):
    """A recipe cannot be used; the message names file, key and cure."""


class Kind(StrEnum):
    LINEAR = "linear"
    NGRAMS = "ngrams"
    NEURAL = "neural"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Data(_Strict):
    """Where the examples are: files relative to the recipe, or bundled:NAME; `test` wins over `held_out`."""

    train: Annotated[list[str], Field(min_length=1)]
    test: list[str] = []
    held_out: Annotated[float, Field(ge=0, lt=1)] = 0.0
    group_by: list[Literal["author", "document", "person", "incident"]] = []
    format: Literal["auto", "jsonl", "csv", "doccano", "label-studio"] = "auto"
    text: str = "text"
    tags: str = "tags"
    report_id: str = "report_id"
    columns: dict[str, str] = {}


class Ngrams(_Strict):
    """The linear model over characters and words; several values of `c` are tried by cross-validation, and whether words near each other
    (`skip_pairs`) help, as they do in short sentences, or harm, as in long messages."""

    c: Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=1)] = [0.3, 1.0]
    balance: Annotated[float, Field(ge=0, le=1)] = 0.5
    folds: Annotated[int, Field(ge=2, le=20)] = 5
    min_reports: Annotated[int, Field(ge=1)] = 2
    skip_pairs: bool | Literal["auto"] = "auto"


class Neural(_Strict):
    """Fine-tuning a local model directory; `lora_rank` 0 trains every weight. Early stop after `patience` epochs without gain."""

    base: str
    epochs: Annotated[int, Field(ge=1, le=1000)] = 5
    batch_size: Annotated[int, Field(ge=1)] = 16
    learning_rate: Annotated[float, Field(gt=0)] = 5e-5
    max_tokens: Annotated[int, Field(ge=8, le=8192)] = 256
    patience: Annotated[int, Field(ge=1)] = 2
    dev_share: Annotated[float, Field(gt=0, lt=0.9)] = 0.15
    lora_rank: Annotated[int, Field(ge=0)] = 0
    lora_targets: list[str] = ["query", "key", "value", "dense"]
    balance: Annotated[float, Field(ge=0, le=1)] = 0.5


class TaggerRecipe(_Strict):
    """A tagger: `scheme` is a bundled name, a YAML file, or none (then the tags are those of the data, and `name` is theirs)."""

    scheme: str = "none"
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")] | None = None
    model: Kind = Kind.NGRAMS
    seed: int = 0
    refit: bool = False
    data: Data
    ngrams: Ngrams = Ngrams()
    neural: Neural | None = None


class EncoderRecipe(_Strict):
    """An encoder fitted on a BEIR folder, or on the library of a home (`home`): facts and reasoning of cases, judgements."""

    seed: int = 0
    beir: str | None = None
    home: str | None = None
    split: str = "train"
    dev_split: str | None = None
    min_score: Annotated[int, Field(ge=1)] = 1
    neural: Neural


def read_tagger_recipe(path: Path) -> TaggerRecipe:
    """Read and check a recipe. Raises RecipeError."""
    recipe = _read(path, TaggerRecipe)
    if recipe.scheme == "none" and recipe.name is None:
        raise RecipeError(f"{path.name}: name is missing; a tagger without a scheme needs one (small letters, digits, - and _)")
    if recipe.scheme == "none" and recipe.model is Kind.LINEAR:
        raise RecipeError(f"{path.name}: model linear reads the triggers of a scheme; give a scheme, or model = 'ngrams' or 'neural'")
    if recipe.model is Kind.NEURAL and recipe.neural is None:
        raise RecipeError(f"{path.name}: model neural needs [neural] with base, a local model directory")
    return recipe


def read_encoder_recipe(path: Path) -> EncoderRecipe:
    """Read and check a recipe. Raises RecipeError."""
    recipe = _read(path, EncoderRecipe)
    if (recipe.beir is None) == (recipe.home is None):
        raise RecipeError(f"{path.name}: give either beir (a folder) or home (of the service)")
    return recipe


def _read(path: Path, model: type[_Recipe]) -> _Recipe:
    try:
        with path.open("rb") as file:
            data = tomllib.load(file)
        return model.model_validate(data)
    except OSError as error:
        raise RecipeError(f"{path}: cannot be read ({error.strerror}); bundled recipes are {', '.join(bundled_recipes())}") from None
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{path.name}: not TOML ({error})") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RecipeError(f"{path.name}: {where}: {first['msg']} (got {str(first.get('input'))[:60]!r})") from None


def find_recipe(name: str) -> Path:
    """Return the path of a recipe: a file, or the name of a bundled one."""
    bundled = RECIPES / f"{name}.toml"
    return bundled if bundled.is_file() else Path(name)


def bundled_recipes() -> list[str]:
    """Return the names of the recipes that ship."""
    return sorted(path.stem for path in RECIPES.glob("*.toml"))


def resolve(name: str, recipe: Path) -> Path:
    """Return a path of a recipe: bundled:NAME lies in corpora/samples, others are relative to the recipe."""
    if name.startswith(BUNDLED):
        return SAMPLES / name.removeprefix(BUNDLED)
    return recipe.parent / name


def read_examples(data: Data, names: list[str], recipe: Path) -> list[Example]:
    """Read and join data files; the format follows the ending unless it is given. Raises DatasetError."""
    examples: list[Example] = []
    for name in names:
        path = resolve(name, recipe)
        examples += read_masked(path, data)
    return examples


def read_masked(path: Path, data: Data | None = None) -> list[Example]:
    """Read one file for whatever is kept or written: masked, and saying so. Raises DatasetError."""
    return masked(read_any(path, data), path)


def read_any(path: Path, data: Data | None = None) -> list[Example]:
    """Read one file of any format we know as it is, to be judged as the service would read it and not kept. Raises DatasetError."""
    chosen = data.format if data else "auto"
    if chosen == "auto":
        chosen = {".csv": "csv", ".json": "label-studio", ".jsonl": "jsonl"}.get(path.suffix, "")  # type: ignore[assignment]
    match chosen:
        case "csv":
            return read_csv(path, Columns(data.text, data.tags, data.report_id, data.columns) if data else None)
        case "jsonl":
            return read_jsonl(path)
        case "doccano":
            return read_doccano(path)
        case "label-studio":
            return read_label_studio(path)
    raise DatasetError(f"{path.name}: ending {path.suffix!r} is not known; rename it to .jsonl, .csv or .json, or give the format")
