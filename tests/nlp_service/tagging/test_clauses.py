"""Clauses are cut at punctuation and, in dictation without any, where speech starts anew."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from nlp_service.tagging.clauses import clause_at, clauses


def _cut(text: str) -> list[str]:
    return [text[clause.start : clause.end] for clause in clauses(text)]


def test_punctuation_and_spaces_cut() -> None:
    assert _cut("没喝酒，在上班。一切正常") == ["没喝酒", "在上班", "一切正常"]
    assert _cut("电话不接 后来回了") == ["电话不接", "后来回了"]


def test_sentences_are_numbered() -> None:
    assert [clause.sentence for clause in clauses("甲来了，乙没来。丙来了；丁没来")] == [0, 0, 1, 2]


def test_dictation_without_punctuation_is_cut_before_connectives_and_new_subjects() -> None:
    assert _cut("他今天没来报到电话关机但是早上邻居看到过他") == ["他今天没来报到电话关机", "但是早上邻居看到过他"]
    assert _cut("昨天就走了老婆也不知道去哪里") == ["昨天就走了", "老婆也不知道去哪里"]
    assert [clause.is_soft for clause in clauses("他没来上课然后打电话说忘了")] == [False, True]


def test_numbers_keep_their_point() -> None:
    assert _cut("喝了3.5两") == ["喝了3.5两"]


def test_the_clause_of_a_place() -> None:
    spans = clauses("没喝酒，在上班")
    starts = [span.start for span in spans]
    assert [clause_at(starts, place) for place in (0, 2, 4, 6)] == [0, 0, 1, 1]


@given(st.text(alphabet="他没来了但是然后，。 老婆电话12.", max_size=60))
def test_clauses_are_ordered_and_lose_only_punctuation(text: str) -> None:
    spans = clauses(text)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    kept = "".join(text[span.start : span.end] for span in spans)
    assert [c for c in text if c not in "，。 ."] == [c for c in kept if c not in "，。 ."]
