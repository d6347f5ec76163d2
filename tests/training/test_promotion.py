"""Promotion: worse is refused, a broken must-hold text is refused, better goes live under load without a failed or mixed answer, and back."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from nlp_service.api.app import create_app
from nlp_service.registry import Action, Registry
from nlp_service.settings import Settings
from nlp_service.tagging.tagger import Tagger
from training.__main__ import main
from training.datasets import DatasetError, Example
from training.fit_tagger import fit_tagger
from training.label_schemes import find_scheme
from training.promotion import RefusedError, compare, promote_tagger, read_cases

Make = Callable[..., list[Example]]
N_CLIENTS, RATE = 5, 50.0
# Fixed, so that the models' confidence in them can be told apart.
REPORT = {"report_id": "1", "text": "南桥甲乙丙丁戊己庚，酒气冲天，已记录"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, Path]:
    """Fit once: a fair model (wrong labels in every seventh text), a better one, and one that learned from mostly wrong labels."""
    helper = next(plugin for plugin in request.config.pluginmanager.get_plugins() if getattr(plugin, "make_recipe", None))
    make, folder = helper.make_examples, tmp_path_factory.mktemp("models")
    kinds = {"fair": make(120, noise=7), "better": make(240, start=300), "worse": make(120, start=600, noise=2)}
    return {name: fit_tagger(helper.make_recipe(folder, train=train, name=name), folder / name).folder for name, train in kinds.items()}


@pytest.fixture
def models(made: dict[str, Path], tmp_path: Path) -> dict[str, Path]:
    """Return copies this test may damage."""
    return {name: Path(shutil.copytree(folder, tmp_path / name)) for name, folder in made.items()}


def test_a_worse_model_is_refused_unless_somebody_says_why(settings: Settings, models: dict[str, Path], make_examples: Make) -> None:
    test = make_examples(150, start=4000)
    registry = Registry(settings.models)
    fair, _ = promote_tagger(settings, models["fair"], test, by="甲")
    with pytest.raises(RefusedError, match="micro-F1 confirmed is worse than"):
        promote_tagger(settings, models["worse"], test, by="甲")
    assert registry.serving("street") == fair
    refused = registry.history("street")[-1]
    assert refused.action is Action.REFUSE
    assert refused.evidence is not None
    assert refused.evidence["differences"]["micro-F1 confirmed"][2] < 0
    version, _ = promote_tagger(settings, models["worse"], test, by="甲", reason="演练：确认回滚流程可用")
    assert registry.serving("street") == version
    assert registry.history("street")[-1].reason == "演练：确认回滚流程可用"
    assert registry.rollback("street", by="甲") == fair


def test_texts_a_model_was_fitted_on_are_left_out_of_the_comparison(settings: Settings, models: dict[str, Path], make_examples: Make) -> None:
    _, found = promote_tagger(settings, models["fair"], [*make_examples(20), *make_examples(40, start=4000)], by="甲")
    assert (found.n, found.n_left_out) == (40, 20)
    with pytest.raises(RefusedError, match="only 0 test texts"):
        promote_tagger(settings, models["better"], make_examples(50, start=300), by="甲")


def test_a_must_hold_text_that_fails_refuses(settings: Settings, models: dict[str, Path], make_examples: Make, write_lines: Callable[..., Path]) -> None:
    code = {tag.name: tag.code for tag in Tagger.open(find_scheme(str(models["fair"] / "scheme.yaml")), models["fair"]).scheme.tags}
    cases = write_lines("cases.jsonl", [{"text": "东街甲乙，家中整洁，无事", "must": [code["噪声"]], "why": "演示"}])
    with pytest.raises(RefusedError, match=f"{code['噪声']} missing \\(演示\\)"):
        promote_tagger(settings, models["fair"], make_examples(60, start=4000), by="甲", regression=[cases])
    bad = write_lines("bad.jsonl", [{"text": "x", "must": ["Z9"]}])
    with pytest.raises(DatasetError, match=r"bad\.jsonl:1: tag 'Z9'"):
        read_cases([bad], find_scheme(str(models["fair"] / "scheme.yaml")))


def test_equal_models_do_not_differ(models: dict[str, Path], make_examples: Make) -> None:
    scheme = find_scheme(str(models["fair"] / "scheme.yaml"))
    codes = {tag.name: tag.code for tag in scheme.tags}
    examples = [Example(e.example_id, e.text, tuple(codes[tag] for tag in e.tags)) for e in make_examples(50, start=4000)]
    found = compare(Tagger.open(scheme, models["fair"]), Tagger.open(scheme, models["fair"]), examples)
    assert {(item.mean, item.low, item.high) for item in found.differences.values()} == {(0.0, 0.0, 0.0)}
    assert found.reasons == []


@pytest.fixture
def client(settings: Settings, models: dict[str, Path], make_examples: Make) -> Iterator[TestClient]:
    promote_tagger(settings, models["fair"], make_examples(60, start=4000), by="甲")
    with TestClient(create_app(settings), base_url="http://127.0.0.1", raise_server_exceptions=False) as opened:
        yield opened


def ask(client: TestClient) -> dict[str, Any]:
    response = client.post("/v1/tags", json={"scheme": "street", "reports": [REPORT] * 3, "min_k": 1})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def test_a_better_model_goes_live_under_load_without_a_failed_or_mixed_answer(
    client: TestClient, settings: Settings, models: dict[str, Path], make_examples: Make
) -> None:
    fair = ask(client)
    answers: list[tuple[int, str, frozenset[float]]] = []
    promoted, stop = threading.Event(), threading.Event()

    def load() -> None:
        following = time.monotonic()
        while not stop.wait(max(0.0, following - time.monotonic())):
            following += N_CLIENTS / RATE
            response = client.post("/v1/tags", json={"scheme": "street", "reports": [REPORT] * 3, "min_k": 1})
            body = response.json() if response.status_code == 200 else {"versions": {"model": ""}, "results": []}
            answers.append((response.status_code, body["versions"]["model"], frozenset(item["tags"][0]["score"] for item in body["results"])))
            if promoted.is_set() and len([1 for _, version, _ in answers if version == new]) >= 20:
                return

    threads = [threading.Thread(target=load) for _ in range(N_CLIENTS)]
    for thread in threads:
        thread.start()
    new, found = promote_tagger(settings, models["better"], make_examples(150, start=4000), by="甲")
    # One request opens the new model; those that come meanwhile are answered by the old one.
    after = next(body for body in (ask(client) for _ in range(2000)) if body["versions"]["model"] == new)
    promoted.set()
    for thread in threads:
        thread.join(60)
    stop.set()
    assert found.differences["micro-F1 confirmed"].mean >= 0
    old = fair["versions"]["model"]
    assert {status for status, _, _ in answers} == {200}
    assert {version for _, version, _ in answers} == {old, new}
    # All three reports are the same text: an answer by two models would hold two scores, or the scores of the other model.
    score = {old: fair["results"][0]["tags"][0]["score"], new: after["results"][0]["tags"][0]["score"]}
    assert score[old] != score[new]
    assert all(scores == {score[version]} for _, version, scores in answers)


def test_rollback_is_in_the_next_answer(client: TestClient, settings: Settings, models: dict[str, Path], make_examples: Make) -> None:
    before = ask(client)["versions"]["model"]
    promote_tagger(settings, models["better"], make_examples(60, start=4000), by="甲")
    assert ask(client)["versions"]["model"] != before
    assert main(["rollback", "street", "--home", str(settings.home), "--by", "甲"]) == 0
    assert ask(client)["versions"]["model"] == before


def test_a_promoted_model_that_breaks_on_disk_leaves_the_old_one_serving(client: TestClient, settings: Settings, models: dict[str, Path]) -> None:
    before = ask(client)["versions"]["model"]
    registry = Registry(settings.models)
    version = registry.add("street", models["better"], by="甲")
    registry.promote("street", version, by="甲")
    (registry.path("street", version) / "weights.safetensors").write_bytes(b"x")
    assert ask(client)["versions"]["model"] == before


def test_a_shadow_is_scored_and_only_counts_are_kept(client: TestClient, settings: Settings, models: dict[str, Path]) -> None:
    before = ask(client)
    registry = Registry(settings.models)
    version = registry.add("street", models["better"], by="甲")
    assert main(["shadow", "street", str(models["better"]), "--home", str(settings.home), "--by", "甲"]) == 0
    assert [ask(client)["results"] for _ in range(4)] == [before["results"]] * 4
    runtime: Any = client.app.state.runtime  # type: ignore[attr-defined]
    runtime.tags.close()
    text = (settings.models / "street" / f"shadow-{version}.json").read_text(encoding="utf-8")
    counts = json.loads(text)
    assert (counts["n_reports"], counts["shadow"], counts["serving"]) == (12, version, before["versions"]["model"])
    assert sum(counts["levels"].values()) == 12
    assert "酒气" not in text
    assert '"1"' not in text


def test_commands_from_promote_to_history(
    settings: Settings, models: dict[str, Path], make_examples: Make, write_lines: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    test = write_lines("t.jsonl", make_examples(80, start=4000))
    home = ["--home", str(settings.home), "--by", "乙"]
    assert main(["promote", str(models["better"]), "--test", str(test), *home]) == 0
    assert "serves" in capsys.readouterr().out
    assert main(["promote", str(models["worse"]), "--test", str(test), *home]) == 1
    assert capsys.readouterr().err.startswith("refused: micro-F1")
    assert main(["compare", str(models["fair"]), "--scheme", str(models["fair"] / "scheme.yaml"), "--test", str(test), "--home", str(settings.home)]) in (0, 1)
    assert "on 80 texts" in capsys.readouterr().out
    assert main(["history", "street", "--home", str(settings.home)]) == 0
    assert "promote" in capsys.readouterr().out
    assert main(["rollback", "street", *home]) == 0
    assert "what ships with the product serves" in capsys.readouterr().out
