"""One suite over every encoder: the fitted one, and sentence-transformers on a tiny model made here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from corpora.schema import Case
from corpora.store import CaseStore
from indexes.analyzer import Analyzer
from indexes.build import BuildSpec, build
from indexes.encoders import Encoder, fit_static, load_encoder
from indexes.errors import EncoderError
from indexes.library import Library
from indexes.query import Query
from indexes.terms import CountBuilder

TEXTS = ["水果店占道经营，逾期未改正", "钢结构厂房未办规划许可证", "烧烤店油烟净化器未开启", "打井取水未办许可证", "夜间施工噪声扰民", "超市经营过期牛奶"]


def static(folder: Path) -> Encoder:
    analyzer = Analyzer()
    builder = CountBuilder()
    for text in TEXTS * 2:
        builder.add(analyzer.terms(text))
    return fit_static(analyzer, builder.matrix(), list(builder.vocabulary), dimension=8)


def make_tiny_model(folder: Path) -> Path:
    """Write a two-layer BERT of width 32 with a character vocabulary, random weights, prompts and a maximum length of 48 tokens."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules
    from transformers import BertConfig, BertModel, BertTokenizerFast

    base = folder / "base"
    base.mkdir(parents=True)
    characters = sorted({char for text in TEXTS for char in text})
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]
    (base / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64, max_position_embeddings=64
    )
    BertModel(config).save_pretrained(base)
    BertTokenizerFast(vocab=str(base / "vocab.txt")).save_pretrained(base)
    word = modules.Transformer(str(base), max_seq_length=48)
    model = SentenceTransformer(modules=[word, modules.Pooling(32)], prompts={"query": "水", "document": "油"}, device="cpu")
    model.save(str(folder / "model"))
    return folder / "model"


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(params=["static", "sentence-transformers"])
def encoder(request: pytest.FixtureRequest, tmp_path: Path) -> Encoder:
    if request.param == "static":
        return static(tmp_path)
    from indexes.encoders.transformer import TransformerEncoder

    return TransformerEncoder(request.getfixturevalue("tiny_model"))


def test_rows_are_unit_vectors_of_the_stated_dimension(encoder: Encoder) -> None:
    for encode in (encoder.encode_queries, encoder.encode_passages):
        vectors = encode(TEXTS)
        assert vectors.shape == (len(TEXTS), encoder.dimension)
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1).tolist() == pytest.approx([1.0] * len(TEXTS), abs=1e-5)


def test_a_text_does_not_depend_on_its_neighbours(encoder: Encoder) -> None:
    together = encoder.encode_passages(TEXTS)
    alone = np.concatenate([encoder.encode_passages([text]) for text in TEXTS])
    assert np.allclose(together, alone, atol=1e-4)


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    assert encoder.encode_queries([]).shape == (0, encoder.dimension)


def test_a_text_is_nearest_to_itself(encoder: Encoder) -> None:
    vectors = encoder.encode_passages(TEXTS)
    assert np.argmax(vectors @ vectors.T, axis=1).tolist() == list(range(len(TEXTS)))


def test_saved_and_loaded_it_encodes_the_same(encoder: Encoder, tmp_path: Path) -> None:
    encoder.save(tmp_path / "saved")
    loaded = load_encoder(tmp_path / "saved", Analyzer())
    assert loaded.fingerprint.split("-")[0] == encoder.fingerprint.split("-")[0]
    assert np.allclose(loaded.encode_queries(TEXTS), encoder.encode_queries(TEXTS), atol=1e-5)


def test_a_library_is_built_searched_and_extended_with_it(
    encoder: Encoder, store: CaseStore, tmp_path: Path, case_factory: Callable[..., Case], request: pytest.FixtureRequest
) -> None:
    store.put_many([case_factory(number, facts=text * 3) for number, text in enumerate(TEXTS)])
    given = None if encoder.name == "static" else encoder
    build(store, tmp_path / "library", BuildSpec(encoder=given))
    library = Library.open(tmp_path / "library", store)
    try:
        assert library.search(Query(TEXTS[2]), 3).hits[0].case_id == "C-00002"
        store.put_many([case_factory(77, facts="江边垂钓电鱼，地笼网具")])
        library.refresh()
        assert library.search(Query("江边电鱼地笼"), 3).hits[0].case_id == "C-00077"
    finally:
        library.close()


def test_prompts_and_the_maximum_length_are_respected(tiny_model: Path) -> None:
    from indexes.encoders.transformer import TransformerEncoder

    encoder = TransformerEncoder(tiny_model)
    assert encoder.passage_chars == 46
    query, passage = encoder.encode_queries(TEXTS[:1]), encoder.encode_passages(TEXTS[:1])
    assert not np.allclose(query, passage, atol=1e-3), "the query prompt and the document prompt differ"


def test_long_cases_become_several_passages(tiny_model: Path, store: CaseStore, tmp_path: Path, case_factory: Callable[..., Case]) -> None:
    from indexes.encoders.transformer import TransformerEncoder

    long = "。".join(TEXTS * 4) + "。"
    store.put_many([case_factory(0, facts=long), case_factory(1, facts="短文")])
    build(store, tmp_path / "library", BuildSpec(encoder=TransformerEncoder(tiny_model)))
    library = Library.open(tmp_path / "library", store)
    try:
        assert (library.view.dense.rows == 0).sum() >= len(long) // 46
        assert library.view.dense.spans[:, 1].max() == len(long)
        assert library.search(Query(long), 2).read.passages > 1
    finally:
        library.close()


def test_another_directory_is_a_clear_error(tmp_path: Path) -> None:
    from indexes.encoders.transformer import TransformerEncoder

    with pytest.raises(EncoderError, match="not a sentence-transformers"):
        TransformerEncoder(tmp_path)
    with pytest.raises(EncoderError, match="missing"):
        load_encoder(tmp_path, Analyzer())
