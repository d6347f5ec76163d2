"""Splits, validation and agreement by worked numbers."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from training.datasets import DatasetError, Example, agreement, folds, near_duplicates, split, validate
from training.datasets.agreement import cohen_kappa
from training.datasets.splits import iterative_stratification

LONG = "被告自离婚之日起将孩子寄养在别处，从未承担过抚养义务"


def examples(n: int) -> list[Example]:
    chars = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈"
    rng = np.random.default_rng(0)
    return [
        Example(
            str(number),
            "".join(rng.choice(list(chars), 20)),
            tuple(tag for tag, every in (("A", 2), ("B", 5), ("C", 20)) if number % every == 0),
            author=f"a{number % 10}",
            person=f"p{number // 4}",
            date=f"2026-01-{1 + number % 28:02d}",
        )
        for number in range(n)
    ]


def test_every_label_is_shared_out_as_wished() -> None:
    parts = split(examples(200), {"train": 0.8, "test": 0.2}, seed=1)
    counts = {name: Counter(tag for item in parts if item.split == name for tag in item.tags) for name in ("train", "test")}
    assert counts["test"] == {"A": 20, "B": 8, "C": 2}
    assert counts["train"] == {"A": 80, "B": 32, "C": 8}
    assert Counter(item.split for item in parts) == {"train": 160, "test": 40}
    assert [item.example_id for item in parts] == [str(number) for number in range(200)]


def test_one_seed_one_split() -> None:
    shares = {"train": 0.5, "test": 0.5}
    assert split(examples(60), shares, seed=4) == split(examples(60), shares, seed=4)
    assert split(examples(60), shares, seed=4) != split(examples(60), shares, seed=5)


@pytest.mark.parametrize("field", ["author", "person"])
def test_groups_stay_whole(field: str) -> None:
    parts = split(examples(120), {"train": 0.7, "test": 0.3}, by=[field])
    sides = {name: {getattr(item, field) for item in parts if item.split == name} for name in ("train", "test")}
    assert sides["train"].isdisjoint(sides["test"])
    for train, test in folds(examples(120), 4, by=[field]):
        items = examples(120)
        assert {getattr(items[i], field) for i in train}.isdisjoint({getattr(items[i], field) for i in test})


def test_near_duplicates_stay_together_and_are_not_taken_for_leaks() -> None:
    doubled = [item for one in examples(40) for item in (one, Example(f"{one.example_id}b", one.text + "。", one.tags))]
    parts = split(doubled, {"train": 0.5, "test": 0.5})
    assert all(first.split == second.split for first, second in zip(parts[::2], parts[1::2], strict=True))


def test_the_newest_come_last() -> None:
    parts = split(examples(100), {"train": 0.8, "test": 0.2}, by_date=True)
    newest = max(item.date for item in parts if item.split == "train")
    assert all(item.date >= newest for item in parts if item.split == "test")
    with pytest.raises(DatasetError, match="has no date"):
        split([Example("1", "文")], {"train": 0.5, "test": 0.5}, by_date=True)


def test_shares_and_groups_are_checked() -> None:
    with pytest.raises(DatasetError, match="add up to 1"):
        split(examples(10), {"train": 0.5})
    with pytest.raises(DatasetError, match="groups are author"):
        split(examples(10), {"train": 0.5, "test": 0.5}, by=["colour"])


def test_the_rarest_label_is_placed_first() -> None:
    # Four groups of one example; the rare label (column 1) is on rows 0 and 1 and goes half to each part.
    labels = np.asarray([[1, 1], [1, 1], [1, 0], [1, 0]])
    part = iterative_stratification(labels, np.arange(4), [0.5, 0.5], 0)
    assert sorted(part[:2].tolist()) == [0, 1]
    assert sorted(part.tolist()) == [0, 0, 1, 1]


def test_near_duplicates_are_found_and_short_texts_are_not_confused() -> None:
    groups = near_duplicates([LONG, LONG + "！", LONG.replace("孩子", "小孩"), "无异常", "有异常"])
    assert groups[0] == groups[1]
    assert len(set(groups[3:])) == 2


def test_a_report_names_what_is_wrong() -> None:
    report = validate(
        [
            Example("1", LONG, ("A",), person="p", split="train"),
            Example("2", LONG + "。", (), person="p", split="test"),
            Example("3", "没有人看过", is_labelled=False),
            Example("3", "今天下雨", suspected=("B",)),
        ]
    )
    assert report.labels == {"A": {"tags": 1}, "B": {"suspected": 1}}
    assert (report.n_examples, report.n_unlabelled, report.n_without_tag) == (4, 1, 1)
    assert report.duplicate_ids == ("3",)
    assert report.duplicates == report.conflicts == (("1", "2"),)
    assert set(report.leaks) == {("near-duplicate of", "1", "train, test"), ("person", "p", "train, test")}
    assert report.rare == ("A", "B")
    assert report.chars["least"] == 4
    assert any("leak" in line for line in report.faults)


def test_kappa_by_hand() -> None:
    # Cohen's example: 20 both yes, 15 both no, 5 only first, 10 only second → p_o .7, p_e .5, κ .4
    first = np.asarray([1] * 20 + [0] * 15 + [1] * 5 + [0] * 10)
    second = np.asarray([1] * 20 + [0] * 15 + [0] * 5 + [1] * 10)
    assert cohen_kappa(first, second) == pytest.approx(0.4)
    assert cohen_kappa(np.ones(3, int), np.ones(3, int)) is None


def test_agreement_of_two_annotators() -> None:
    one = [Example("1", "甲", ("A",)), Example("2", "乙", ("A", "B")), Example("3", "丙"), Example("4", "丁", ("A",))]
    two = [Example("1", "甲", ("A",)), Example("2", "乙", ("A",)), Example("3", "丙"), Example("9", "戊")]
    found = agreement(one, two)
    # three shared texts: A agrees on all (κ 1), B once given by one only; micro-F1 2·2/(2·2+0+1)
    assert found.n_texts == 3
    assert found.micro_f1 == pytest.approx(0.8)
    assert [(item.tag, item.kappa, item.n_both) for item in found.tags] == [("A", pytest.approx(1.0), 2), ("B", pytest.approx(0.0), 0)]
    with pytest.raises(DatasetError, match="in common"):
        agreement(one, [Example("x", "文")])
    with pytest.raises(DatasetError, match="different texts"):
        agreement(one, [Example("1", "别的")])
