"""Words and n-grams: found with their places as named, block scaling by hand, windows as texts of their own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_service.tagging.vectorizer import Vectorizer, text_names

TEXTS = st.text(alphabet="喝酒闹事，0123ab𠮷😀 ", max_size=30)
NAMES = sorted(text_names("喝酒闹事，在12号𠮷😀喝 酒"))


def vectorizer(names: list[str], idf: list[float] | None = None) -> Vectorizer:
    return Vectorizer({name: index for index, name in enumerate(names)}, np.array(idf or [1.0] * len(names), np.float32))


def test_figures_and_latin_words_count_as_one_sign() -> None:
    assert {"w0", "c0", "c0日", "c月0日"} <= text_names("3月12日abc")
    assert not [name for name in text_names("3月12日abc") if name[-1] in "12abc"]


def test_occurrences_stand_where_the_texts_have_them() -> None:
    texts = ["在12号楼喝酒又喝酒", "", "酒又喝"]
    found = vectorizer(["c0号", "c喝酒", "w喝酒", "c酒又喝", "c酒酒"]).find(texts)
    assert found.bases.tolist() == [0, 11, 12]
    places = sorted(
        (int(owner), int(index), texts[owner][start:end])
        for owner, index, start, end in zip(
            found.owners, found.indices, found.starts - found.bases[found.owners], found.ends - found.bases[found.owners], strict=True
        )
    )
    assert places == [(0, 0, "12号"), (0, 1, "喝酒"), (0, 1, "喝酒"), (0, 2, "喝酒"), (0, 2, "喝酒"), (0, 3, "酒又喝"), (2, 3, "酒又喝")]


@given(st.lists(TEXTS, max_size=4))
def test_what_is_found_is_what_is_named_each_text_by_itself(texts: list[str]) -> None:
    found = vectorizer(NAMES).find(texts)
    for owner, text in enumerate(texts):
        assert {NAMES[index] for index in found.indices[found.owners == owner]} == text_names(text) & set(NAMES)


@given(st.lists(TEXTS.filter(bool), min_size=1, max_size=4))
def test_rows_do_not_depend_on_the_texts_beside(texts: list[str]) -> None:
    reader = vectorizer(NAMES)
    spans = [[(0, len(text) // 2), (len(text) // 2, len(text))] for text in texts]
    together, alone = reader.find(texts), [reader.find([text]) for text in texts]
    windows = [reader.windows(found, [own]).toarray() for found, own in zip(alone, spans, strict=True)]
    assert (reader.reports([{}] * len(texts), together).toarray() == np.concatenate([reader.reports([{}], found).toarray() for found in alone])).all()
    assert (reader.windows(together, spans).toarray() == np.concatenate(windows)).all()


@pytest.mark.parametrize("text", ["", "酒"])
def test_the_shortest_texts_are_read(text: str) -> None:
    found = vectorizer(["c酒"]).find([text])
    assert len(found.indices) == ("酒" in text)
    assert len(vectorizer(["k酒"]).find([text]).indices) == 0
    assert len(vectorizer(["c酒"]).find([]).indices) == 0


def test_blocks_are_scaled_to_their_length_the_rules_keep_their_values() -> None:
    reader = vectorizer(["k酒", "k闹", "rA1h", "c喝"], [1.0, 2.0, 1.0, 3.0])
    rows = reader.reports([{"k酒": 1.0, "k闹": 1.0, "rA1h": 1.8, "k新": 1.0}, {}], reader.find(["喝了又喝", "不知道"]))
    # weighted (1, 2) has length √5 and is scaled to length 2; a word counts once
    assert rows.toarray() == pytest.approx(np.array([[2 / np.sqrt(5), 4 / np.sqrt(5), 1.8, 2.0], [0.0] * 4]))


def test_a_window_holds_what_lies_within_it() -> None:
    reader = vectorizer(["c喝", "c酒", "c闹"], [1.0, 2.0, 1.0])
    rows = reader.windows(reader.find(["喝酒，闹，喝", "闹"]), [[(0, 2), (2, 3), (3, 6)], [(0, 1)]])
    wanted = [[2 / np.sqrt(5), 4 / np.sqrt(5), 0.0], [0.0, 0.0, 0.0], [np.sqrt(2), 0.0, np.sqrt(2)], [0.0, 0.0, 2.0]]
    assert rows.toarray() == pytest.approx(np.array(wanted))
