"""Words and n-grams: found with their places as named, block scaling by hand, windows as texts of their own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_service.tagging.vectorizer import Vectorizer, text_names


def vectorizer(names: list[str], idf: list[float] | None = None) -> Vectorizer:
    return Vectorizer({name: index for index, name in enumerate(names)}, np.array(idf or [1.0] * len(names), np.float32))


def test_figures_and_latin_words_count_as_one_sign() -> None:
    assert {"w0", "c0", "c0日", "c月0日"} <= text_names("3月12日abc")
    assert not [name for name in text_names("3月12日abc") if name[-1] in "12abc"]


def test_occurrences_stand_where_the_text_has_them() -> None:
    text = "在12号楼喝酒又喝酒"
    found = vectorizer(["c0号", "c喝酒", "w喝酒", "c酒又喝"]).find(text)
    places = sorted((int(index), text[start:end]) for index, start, end in zip(found.indices, found.starts, found.ends, strict=True))
    assert places == [(0, "12号"), (1, "喝酒"), (1, "喝酒"), (2, "喝酒"), (2, "喝酒"), (3, "酒又喝")]


@given(st.text(alphabet="喝酒闹事，0123ab𠮷😀 ", max_size=30))
def test_what_is_found_is_what_is_named(text: str) -> None:
    names = sorted(text_names("喝酒闹事，在12号𠮷😀喝 酒"))
    found = vectorizer(names).find(text)
    assert {names[index] for index in found.indices} == text_names(text) & set(names)


@pytest.mark.parametrize("text", ["", "酒"])
def test_the_shortest_texts_are_read(text: str) -> None:
    found = vectorizer(["c酒"]).find(text)
    assert len(found.indices) == ("酒" in text)
    assert len(vectorizer(["k酒"]).find(text).indices) == 0


def test_blocks_are_scaled_to_their_length_the_rules_keep_their_values() -> None:
    reader = vectorizer(["k酒", "k闹", "rA1h", "c喝"], [1.0, 2.0, 1.0, 3.0])
    indices, values = reader.report({"k酒": 1.0, "k闹": 1.0, "rA1h": 1.8, "k新": 1.0}, reader.find("喝了又喝"))
    # weighted (1, 2) has length √5 and is scaled to length 2; a word counts once
    assert indices.tolist() == [0, 1, 2, 3]
    assert values == pytest.approx([2 / np.sqrt(5), 4 / np.sqrt(5), 1.8, 2.0])


def test_a_window_holds_what_lies_within_it() -> None:
    reader = vectorizer(["c喝", "c酒", "c闹"], [1.0, 2.0, 1.0])
    text = "喝酒，闹，喝"
    indices, values = reader.windows(reader.find(text), [(0, 2), (3, 6), (2, 3)])
    assert indices.tolist() == [0, 1, 2]
    assert values == pytest.approx(np.array([[2 / np.sqrt(5), 4 / np.sqrt(5), 0.0], [np.sqrt(2), 0.0, np.sqrt(2)], [0.0, 0.0, 0.0]]))
