"""The learning curve: sizes, authors kept apart, a perfect score on words that were read, none on words that were not."""

from __future__ import annotations

import pytest

from training.labelled_reports import LabelledReport
from training.learning_curve import learning_curve


def reports(n: int, words: dict[str, str], author: str = "a") -> list[LabelledReport]:
    """Return n reports that say one of the words each, by three authors."""
    names = sorted(words)
    return [
        LabelledReport(str(i), f"今天{words[names[i % len(names)]]}，第{i}次", frozenset({names[i % len(names)]}), author=f"{author}{i % 3}") for i in range(n)
    ]


SAID = {"B01": "喝得摇摇晃晃", "E03": "在厂里拧螺丝", "H01": "帮着捡垃圾"}


def test_more_reports_of_the_same_words_reach_a_perfect_score() -> None:
    points = list(learning_curve(reports(120, SAID), reports(30, SAID, "b"), [60, 500]))
    assert [(point.n_reports, point.n_authors) for point in points] == [(60, 3), (120, 3)]
    assert points[-1].micro_f1 == 1.0


def test_tags_never_taught_count_as_missed() -> None:
    strange = [*reports(30, SAID, "b"), *reports(30, {"C02": "说活着没意思"}, "b")]
    point = next(iter(learning_curve(reports(120, SAID), strange, [120])))
    assert point.micro_f1 <= 2 * 30 / (30 + 60) + 1e-9


def test_nothing_to_judge_on_is_said() -> None:
    with pytest.raises(ValueError, match="no reports to judge on"):
        next(learning_curve(reports(30, SAID), [], [30]))
