"""Figures of a tagger by worked numbers; the error browser escapes everything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nlp_service.tagging.schemes import Level
from training.datasets import Example
from training.error_browser import write_error_browser
from training.evaluate_tagger import Answers, evaluate, mistakes
from training.metrics.resampled import count_rows, macro, micro, resample
from training.promotion import paired_differences

EXAMPLES = [
    Example("1", "<script>alert(1)</script>&喝酒", ("A",), author="甲"),
    Example("2", "走访", ("A", "B"), rejected=("C",), author="甲"),
    Example("3", "上班", (), suspected=("B",), author="乙"),
    Example("4", "报到", ("B",), author="乙"),
]


def answers(*confirmed: set[str], p: list[dict[str, float]] | None = None) -> Answers:
    sets = tuple(frozenset(item) for item in confirmed)
    return Answers("m", sets, sets, tuple(p or [dict.fromkeys(item, 0.9) for item in sets]), (Level.L0,) * len(sets))


GIVEN = answers({"A"}, {"A", "C"}, {"B"}, set())


def test_figures_by_hand() -> None:
    found = evaluate(GIVEN, EXAMPLES)
    # confirmed: A 2 tp; B 0 tp, 1 fp, 2 fn; C 1 fp → micro 2·2/(4+2+2) = .5; macro over A and B (1 + 0)/2
    assert found.figures["micro-F1 confirmed"].mean == pytest.approx(0.5)
    assert found.figures["macro-F1 confirmed"].mean == pytest.approx(0.5)
    # with suspected: B 1 tp, 2 fn; A 2 tp; C 1 fp → 2·3/(6+1+2)
    assert found.figures["micro-F1 confirmed or suspected"].mean == pytest.approx(2 / 3)
    assert found.trap_rate == 1.0
    assert found.by_tag["A"][0].f1 == 1.0
    for item in found.figures.values():
        assert item.low <= item.mean <= item.high


def test_authors_need_five_texts_to_be_told_apart() -> None:
    assert evaluate(GIVEN, EXAMPLES).by_group == {"author": {}}
    many, given = EXAMPLES * 3, answers(*[set(items) for items in GIVEN.confirmed] * 3)
    # 甲: A 2 tp, C fp, B fn per round → 2·2/(4+1+1); 乙: nothing right
    assert evaluate(given, many).by_group == {"author": {"甲": (6, pytest.approx(2 / 3)), "乙": (6, 0.0)}}


def test_reliability_by_hand() -> None:
    found = evaluate(answers({"A"}, {"A"}, set(), {"A"}, p=[{"A": 0.95}, {"A": 0.91}, {"A": 0.05}, {"A": 0.93}]), EXAMPLES)
    # one bin .05 with nothing right, one around .93 with two of three right
    assert [(round(item.stated, 3), round(item.right, 3), item.n) for item in found.bins] == [(0.05, 0.0, 1), (0.93, 0.667, 3)]
    assert found.ece == pytest.approx((0.05 + 3 * (0.93 - 2 / 3)) / 4)


def test_the_most_confident_mistakes_come_first() -> None:
    found = mistakes(answers({"A"}, {"A", "C"}, {"B"}, set(), p=[{"A": 0.9}, {"A": 0.9, "C": 0.7, "B": 0.2}, {"B": 0.95}, {"B": 0.4}]), EXAMPLES)
    assert [(item.example.example_id, item.tag, item.is_given, round(item.confidence, 2)) for item in found] == [
        ("3", "B", True, 0.95),
        ("2", "B", False, 0.8),
        ("2", "C", True, 0.7),
        ("4", "B", False, 0.6),
    ]


def test_the_page_stands_alone_and_escapes_everything(tmp_path: Path) -> None:
    wrong = answers(set(), set(), {"B"}, set())
    write_error_browser(tmp_path / "e.html", evaluate(wrong, EXAMPLES), mistakes(wrong, EXAMPLES), {"A": "<b>饮酒</b>"})
    page = (tmp_path / "e.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;喝酒" in page
    assert "<b>" not in page
    assert not re.search(r"(src|href)=", page)
    assert "default-src 'none'" in page


def test_resampled_f1_of_equal_examples_does_not_spread() -> None:
    rows = count_rows([{"A"}] * 20, [{"A"}] * 20, ["A"])
    assert set(micro(resample(rows)).tolist()) == {1.0}
    assert set(macro(resample(rows)).tolist()) == {1.0}


def test_clusters_widen_the_interval() -> None:
    gold = [{"A"}] * 100
    given = [{"A"} if number // 10 % 2 else set() for number in range(100)]
    rows = count_rows(gold, given, ["A"])
    alone, whole = micro(resample(rows)), micro(resample(rows, [str(number // 10) for number in range(100)]))
    assert whole.std() > 2 * alone.std()


def test_a_paired_difference_is_surer_than_two_intervals() -> None:
    gold = [Example(str(number), "文", ("A",)) for number in range(60)]
    old = answers(*[{"A"} if number % 2 else set() for number in range(60)])
    new = answers(*[{"A"} if number % 2 or number == 0 else set() for number in range(60)])
    found = paired_differences(new, old, gold)["micro-F1 confirmed"]
    # 31 of 60 against 30 of 60: 62/91 − 60/90
    assert found.mean == pytest.approx(62 / 91 - 60 / 90)
    assert 0 <= found.low <= found.mean <= found.high < 0.06
