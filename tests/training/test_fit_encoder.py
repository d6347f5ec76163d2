"""A tiny sentence-transformers model made here goes the whole way: fine-tune, artefact, snapshot rebuilt with it, both switched and rolled back together."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from corpora.schema import Case, Judgement
from corpora.store import CaseStore
from indexes.build import BuildSpec, build
from indexes.snapshot import current_name
from nlp_service.api.app import create_app
from nlp_service.artefacts import open_artefact, writing
from nlp_service.registry import ENCODER, Action, Registry
from nlp_service.settings import Settings
from training.__main__ import main
from training.datasets import Passage, Retrieval, read_beir, write_beir
from training.encoder_promotion import promote_encoder, rollback_encoder, serving_encoder
from training.promotion import RefusedError
from training.recipe import RecipeError

Factory = Callable[..., Case]
N_CASES = 48


@pytest.fixture
def home(tmp_path: Path, case_factory: Factory) -> Path:
    folder = tmp_path / "home"
    with CaseStore.open(folder / "cases.db") as store:
        store.put_many([case_factory(number) for number in range(N_CASES)])
        for number in range(4):
            store.put_judgement(Judgement(f"C-{number:05d}", f"C-{number + 4:05d}", 3, by="甲"))
            store.put_judgement(Judgement(f"C-{number:05d}", f"C-{number + 5:05d}", 0, by="甲"))
        build(store, folder / "library", BuildSpec(dimension=8))
    return folder


@pytest.fixture
def collection(tmp_path: Path, case_factory: Factory) -> Path:
    """Return a BEIR folder: a case of a theme asks for the others of its theme."""
    cases = [case_factory(number) for number in range(100, 132)]
    corpus = {case.case_id: Passage(case.facts, case.title) for case in cases}
    queries = {f"Q{number}": Passage(case_factory(number).facts) for number in range(200, 212)}
    qrels = {f"Q{number}": {case.case_id: 1 for case in cases if int(case.case_id[2:]) % 4 == number % 4} for number in range(200, 212)}
    write_beir(Retrieval(corpus, queries, {"train": qrels, "test": qrels}), tmp_path / "beir")
    return tmp_path / "beir"


@pytest.fixture
def base(tmp_path: Path, case_factory: Factory, request: pytest.FixtureRequest) -> Path:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules

    plugin: Any = next(plugin for plugin in request.config.pluginmanager.get_plugins() if getattr(plugin, "make_tiny_bert", None))
    bert = plugin.make_tiny_bert(tmp_path / "bert", [case_factory(number).text for number in range(N_CASES)])
    word = modules.Transformer(str(bert), max_seq_length=64)
    SentenceTransformer(modules=[word, modules.Pooling(32)], device="cpu").save(str(tmp_path / "base"))
    return tmp_path / "base"


def recipe(folder: Path, source: str, base: Path, more: str = "") -> Path:
    path = folder / "encoder.toml"
    path.write_text(
        f'{source}\nseed = 1\n[neural]\nbase = "{base}"\nepochs = 3\nbatch_size = 8\nmax_tokens = 64\nlearning_rate = 1e-3\n{more}\n', encoding="utf-8"
    )
    return path


def search(client: TestClient) -> dict[str, Any]:
    response = client.post("/v1/cases/search", json={"text": "水果店越门摆放，占用人行道，城管劝离，逾期未改正"})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def test_fit_artefact_snapshot_answer_and_back(home: Path, base: Path, collection: Path, tmp_path: Path) -> None:
    path = recipe(tmp_path, f'home = "{home}"', base)
    assert main(["fit-encoder", str(path), "--out", str(tmp_path / "e")]) == 0
    artefact = open_artefact(tmp_path / "e")
    assert artefact.kind == "encoder-1"
    assert json.loads((tmp_path / "e" / "metrics.json").read_bytes())["n_pairs"] == N_CASES + 4
    settings = Settings(home=home, refresh_s=60)
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        runtime: Any = client.app.state.runtime  # type: ignore[attr-defined]
        before = search(client)["versions"]
        version = promote_encoder(settings, tmp_path / "e", None, by="甲", reason="测试：只看切换是否成对")
        runtime.library.reload()
        after = search(client)["versions"]
        assert (after["encoder"], after["snapshot"]) == (artefact.about["fingerprint"], runtime.library.view.name)
        assert after["snapshot"] != before["snapshot"]
        assert Registry(settings.models).serving(ENCODER) == version
        assert rollback_encoder(settings, by="甲") is None
        runtime.library.reload()
        back = search(client)["versions"]
    assert (back["encoder"], back["snapshot"]) == (before["encoder"], before["snapshot"])
    assert serving_encoder(settings).fingerprint == before["encoder"]


def test_lora_learns_and_nothing_is_promoted_unseen(home: Path, base: Path, collection: Path, tmp_path: Path) -> None:
    assert main(["fit-encoder", str(recipe(tmp_path, f'beir = "{collection}"\ndev_split = "test"', base, "lora_rank = 4")), "--out", str(tmp_path / "e")]) == 0
    metrics = json.loads((tmp_path / "e" / "metrics.json").read_bytes())
    assert metrics["NDCG@10 fitted"][0] >= metrics["NDCG@10 base"][0] - 0.05
    settings = Settings(home=home)
    with pytest.raises(RefusedError, match="nothing to compare on"):
        promote_encoder(settings, tmp_path / "e", None, by="甲")


def test_an_encoder_that_tells_nothing_apart_is_refused(home: Path, base: Path, collection: Path, tmp_path: Path) -> None:
    import torch
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(base), device="cpu")
    with torch.no_grad():
        for name, weights in model.named_parameters():
            weights.fill_(0.0 if "embeddings" in name and "LayerNorm" not in name else 0.1)
    with writing(tmp_path / "flat", "encoder-1", {"version": "encoder-flat"}) as work:
        model.save(str(work / "model"))
    settings = Settings(home=home)
    before = current_name(settings.library)
    with pytest.raises(RefusedError, match=r"NDCG@10 is worse by 0\.\d+ .* on 12 queries"):
        promote_encoder(settings, tmp_path / "flat", collection, by="甲")
    assert current_name(settings.library) == before
    assert Registry(settings.models).history(ENCODER)[-1].action is Action.REFUSE


def test_a_collection_is_written_and_read_equal(collection: Path, tmp_path: Path) -> None:
    data = read_beir(collection)
    write_beir(data, tmp_path / "again")
    assert read_beir(tmp_path / "again") == data


def test_judgements_of_a_home_become_a_collection(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "judgements", "--home", str(home), "--out", str(tmp_path / "j")]) == 0
    data = read_beir(tmp_path / "j")
    assert data.qrels["judged"]["C-00000"] == {"C-00004": 3, "C-00005": 0}
    assert data.queries["C-00000"].text.startswith("某单位占道经营案")
    assert "4 queries, 5 cases" in capsys.readouterr().out


def test_too_few_pairs_are_refused(base: Path, tmp_path: Path) -> None:
    from training.fit_encoder import fit_encoder

    write_beir(Retrieval({"a": Passage("文")}, {"q": Passage("问")}, {"train": {"q": {"a": 1}}}), tmp_path / "b")
    with pytest.raises(RecipeError, match="1 pairs"):
        fit_encoder(recipe(tmp_path, f'beir = "{tmp_path / "b"}"', base), tmp_path / "e")
