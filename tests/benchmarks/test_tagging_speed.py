"""Benchmarks (`make bench`): tagging in batch and over HTTP on one core, beside a plain scikit-learn pipeline and a plain transformers pipeline in the same run.

Both baselines only classify: no triggers, no scope, no spans, no reasons, no levels. The transformers one is a BERT of base size with random weights, since
speed does not depend on what the weights say.
"""

from __future__ import annotations

import gc
import json
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from corpora.samples import FOLDER
from nlp_service.tagging.schemes import bundled_scheme
from nlp_service.tagging.service import BUNDLED_MODELS
from nlp_service.tagging.tagger import Tagger
from tests.serving import COMMAND, served, wait_until_warm

pytestmark = pytest.mark.benchmark
N_REPORTS, N_SINGLE, N_TRANSFORMER = 1000, 300, 64


@pytest.fixture(scope="module")
def rows() -> list[dict[str, object]]:
    lines = (FOLDER / "reports_correction.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    return [row for row in found if 60 <= len(row["text"]) <= 100][:N_REPORTS]


@pytest.fixture(scope="module", autouse=True)
def one_core() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def per_second(call: Callable[[list[str]], object], texts: list[str]) -> float:
    started = time.perf_counter()
    call(texts)
    return len(texts) / (time.perf_counter() - started)


def sklearn_pipeline(rows: list[dict[str, object]]) -> Callable[[list[str]], object]:
    """Character n-grams, one logistic regression per tag: what a researcher would write first."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MultiLabelBinarizer

    labels = MultiLabelBinarizer().fit_transform([row["tags"] for row in rows])
    pipeline = make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(1, 4), min_df=2), OneVsRestClassifier(LogisticRegression(solver="liblinear")))
    pipeline.fit([str(row["text"]) for row in rows], labels)
    return pipeline.predict_proba  # type: ignore[no-any-return]


def transformers_pipeline(folder: Path, texts: list[str], n_tags: int) -> Callable[[list[str]], object]:
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast, pipeline

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted({char for text in texts for char in text})]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    model = BertForSequenceClassification(BertConfig(vocab_size=len(words), num_labels=n_tags, problem_type="multi_label_classification"))
    classify = pipeline(
        "text-classification", model=model, tokenizer=BertTokenizerFast(vocab=str(folder / "vocab.txt")), top_k=None, function_to_apply="sigmoid"
    )
    return lambda batch: classify(batch, batch_size=32)


def test_tagging_in_batch(rows: list[dict[str, object]], tmp_path: Path) -> None:
    texts = [str(row["text"]) for row in rows]
    tagger = Tagger.open(bundled_scheme("correction"), BUNDLED_MODELS / "correction")
    tagger.tag([("0", texts[0])])
    gc.freeze()  # as the commands do
    ours = per_second(lambda batch: tagger.tag([(str(i), text) for i, text in enumerate(batch)]), texts)
    plain = per_second(sklearn_pipeline(rows), texts)
    bert = per_second(transformers_pipeline(tmp_path, texts, 45), texts[:N_TRANSFORMER])
    table = Table("reports of 60–100 characters, one core", "a second", "ratio to ours")
    for name, value in [
        ("tagger (rules, scope, two models, spans)", ours),
        ("plain scikit-learn pipeline", plain),
        ("plain transformers pipeline, BERT base", bert),
    ]:
        table.add_row(name, f"{value:,.0f}", f"{value / ours:.2f}")
    Console().print(table)
    Console().print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")
    assert len(tagger.tag([("1", texts[0])])) == 1


def test_single_reports_over_http(rows: list[dict[str, object]], tmp_path: Path) -> None:
    texts = [str(row["text"]) for row in rows[:N_SINGLE]]
    tagger = Tagger.open(bundled_scheme("correction"), BUNDLED_MODELS / "correction")
    tagger.tag([("0", texts[0])])
    gc.freeze()  # as the service does once it is warm
    found = {"tagger alone": [], "over HTTP": []}
    subprocess.run([*COMMAND, "--home", str(tmp_path), "prepare"], check=True, stdout=subprocess.DEVNULL)
    with (
        served(tmp_path) as address,
        closing(HTTPConnection(address.removeprefix("http://"))) as client,
    ):  # the client's own time is measured with it: the leanest there is
        wait_until_warm(address)
        for text in [*texts[:20], *texts]:  # in turn, so that whatever else the machine does slows both alike
            started = time.perf_counter()
            tagger.tag([("1", text)])
            middle = time.perf_counter()
            body = json.dumps({"scheme": "correction", "reports": [{"report_id": "1", "text": text}]}, ensure_ascii=False).encode()
            client.request("POST", "/v1/tags", body, {"Content-Type": "application/json"})
            answer = client.getresponse()
            answer.read()
            found["over HTTP"].append((time.perf_counter() - middle) * 1000)
            found["tagger alone"].append((middle - started) * 1000)
            assert answer.status == 200
    for name, laps in found.items():
        ordered = sorted(laps[20:])
        Console().print(f"single report, {name}: p50 {statistics.median(ordered):.1f} ms, p99 {ordered[int(0.99 * len(ordered))]:.1f} ms")
