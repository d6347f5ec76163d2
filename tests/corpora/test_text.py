"""Normalised texts keep their offsets; sentences and passages cover the text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.text import normalise, normalise_text, passages, sentences

# Hard cases on purpose: combining marks, invisible characters, surrogate-range neighbours, quotes, digits with commas.
AWKWARD = st.text(
    alphabet=st.sampled_from("罚款。！？；\n\r\t ，、“”\"'（）aＡ１0,.…\u200b\ufeff\u0301\u0323eé가\u1100\u1161㍿𠮷👍\u200d\x00\x85豈"), max_size=60
)
ANY = st.one_of(AWKWARD, st.text(max_size=60))


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("ＡＢ１２．５％／", "AB12.5%/"),
        ("罚款，限期；好！？（一）：", "罚款，限期；好！？（一）："),
        ("a\r\nb\rc\x0bd\u2028e", "a\nb\nc\nd\ne"),
        ("罚\u200b款\ufeff\x00\u00ad", "罚款"),
        ("甲\u3000乙\u00a0丙", "甲 乙 丙"),
        ("e\u0301", "é"),
        ("\uf900", "\u8c48"),
        ("㍿𠮷👍", "㍿𠮷👍"),
        ("￥５，０００", "¥5，000"),
    ],
)
def test_normalise_text(raw: str, clean: str) -> None:
    assert normalise_text(raw) == clean


def test_offsets_lead_back_over_dropped_and_composed_characters() -> None:
    found = normalise("\ufeffＡ\r\n罚\u200b款e\u0301。")
    assert found.text == "A\n罚款é。"
    assert found.to_original(0, 1) == (1, 2)
    assert found.to_original(2, 4) == (4, 7)
    assert found.to_original(4, 5) == (7, 9)
    assert found.to_original(0, 6) == (1, 10)
    assert found.to_original(3, 3) == (6, 6)


def test_a_plain_text_maps_to_itself() -> None:
    found = normalise("罚款5000元。")
    assert found.to_original(2, 6) == (2, 6)


@pytest.mark.parametrize(("start", "end"), [(-1, 1), (2, 1), (0, 4)])
def test_to_original_refuses_spans_outside(start: int, end: int) -> None:
    with pytest.raises(ValueError, match=r"expected 0 <= start <= end <= 3"):
        normalise("abc").to_original(start, end)


@given(ANY)
def test_normalise_never_fails_and_offsets_are_monotone(raw: str) -> None:
    found = normalise(raw)
    offsets = list(found.offsets)
    assert len(offsets) == len(found.text) + 1
    assert offsets == sorted(offsets)
    assert offsets[-1] == len(raw)
    for at in range(len(found.text)):
        start, end = found.to_original(at, at + 1)
        assert 0 <= start < end <= len(raw)


@given(ANY)
def test_normalising_twice_changes_nothing_more(raw: str) -> None:
    once = normalise_text(raw)
    assert normalise_text(once) == once


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("他说：“不改。”再次告知！处罚；限期\n完。", ["他说：“不改。”", "再次告知！", "处罚；", "限期\n", "完。"]),
        ('甲说"好。"乙走。', ['甲说"好。"', "乙走。"]),
        ('走了。"再来"', ["走了。", '"再来"']),
        ("\n\n甲。\n\n\n乙", ["\n\n甲。\n\n\n", "乙"]),
        ("真的？！好", ["真的？！", "好"]),
        ("没有标点", ["没有标点"]),
        ("", []),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == parts


def test_a_long_sentence_is_cut_at_a_pause_but_not_inside_a_number() -> None:
    text = "无" * 150 + "，" + "标" * 40 + "1,000元" + "点" * 60
    assert sentences(text) == [(0, 151), (151, 257)]


def test_a_long_sentence_without_pauses_is_cut_at_200() -> None:
    assert sentences("字" * 450) == [(0, 200), (200, 400), (400, 450)]


@given(ANY)
def test_sentences_tile_the_text(text: str) -> None:
    spans = sentences(text)
    assert "".join(text[start:end] for start, end in spans) == text
    assert all(0 < end - start <= 200 for start, end in spans)


def test_passages_share_a_sentence() -> None:
    text = "甲甲甲。乙乙乙。丙丙丙。丁丁丁。"
    assert passages(text, max_chars=8, overlap_sentences=1) == [(0, 8), (4, 12), (8, 16)]
    assert passages(text, max_chars=8, overlap_sentences=0) == [(0, 8), (8, 16)]


def test_a_shared_sentence_gives_way_when_the_next_is_long() -> None:
    text = "甲甲。" + "乙" * 7 + "。"
    assert passages(text, max_chars=8, overlap_sentences=1) == [(0, 3), (3, 11)]


@given(ANY, st.integers(1, 40), st.integers(0, 3))
def test_passages_cover_the_text_within_the_limit(text: str, max_chars: int, overlap: int) -> None:
    spans = passages(text, max_chars=max_chars, overlap_sentences=overlap)
    covered = {at for start, end in spans for at in range(start, end)}
    assert covered == set(range(len(text)))
    assert all(end - start <= max_chars for start, end in spans)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(spans))


@pytest.mark.parametrize(("max_chars", "overlap"), [(0, 1), (10, -1)])
def test_passages_refuse_senseless_limits(max_chars: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="expected at least 1"):
        passages("甲。", max_chars=max_chars, overlap_sentences=overlap)
