"""Tests of nlp_service.decision.wording: what may be said, and nothing else."""

from __future__ import annotations

import itertools

import pytest

from corpora.violations import load_violations
from nlp_service.decision.distribution import Amounts, Reviewed, distribution
from nlp_service.decision.rules import judge
from nlp_service.decision.wording import DIRECTIONS, DISCLAIMER, FORBIDDEN, HEADLINES, LEVEL_NAMES, compose, describe_distribution, describe_reviewed
from nlp_service.drafts import Planned


def card(code: str, level: str, n: int, corrected: int) -> str:
    violation = load_violations()[code]
    return compose(
        violation,
        level,
        planned="罚款",
        ruling=judge(violation, {}, Planned(("罚款",)), day=None, party=None),
        found=distribution([2] * n, [1.0] * n),
        fines=Amounts(9, 7.5, True, 0.05, 0.05, 0.055, 0.07, 0.075),
        reviewed=Reviewed(corrected, 3),
        reasons=["比相似案例的中位处置重2级"],
        corrected=[],
        opposite=[],
        years="（2019—2022年）",
    )


@pytest.mark.parametrize("code", sorted(load_violations()))
def test_no_card_holds_a_forbidden_word(code: str) -> None:
    for level, n, corrected in itertools.product(HEADLINES, (0, 4, 20), (0, 2, 9)):
        text = card(code, level, n, corrected)
        assert not [word for word in FORBIDDEN if word in text]
        assert text.endswith(DISCLAIMER)


def test_names_and_headlines_hold_no_forbidden_word() -> None:
    said = [*HEADLINES.values(), *DIRECTIONS.values(), *(name for names in LEVEL_NAMES.values() for name in names.values())]
    assert not [word for word in FORBIDDEN for text in said if word in text]


@pytest.mark.parametrize(("n", "has_percent"), [(9, False), (10, True)])
def test_percentages_need_ten_cases(n: int, has_percent: bool) -> None:
    text = describe_distribution("planning", distribution([2] * n, [1.0] * n), "")
    assert ("%" in text) is has_percent
    assert f"{n}件" in text


def test_percentages_need_an_effective_size_of_eight() -> None:
    weights = [1.0] * 4 + [0.05] * 10
    found = distribution([2] * 14, weights)
    assert found.n_eff < 8
    assert "%" not in describe_distribution("planning", found, "")


@pytest.mark.parametrize(("corrected", "upheld", "has_rate"), [(2, 1, False), (2, 5, False), (2, 6, True)])
def test_overturn_rates_need_eight_reviewed(corrected: int, upheld: int, has_rate: bool) -> None:
    text = describe_reviewed(Reviewed(corrected, upheld))
    assert ("%" in text) is has_rate
    assert f"{corrected + upheld}件中{corrected}件" in text
