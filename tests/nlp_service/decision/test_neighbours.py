"""Tests of nlp_service.decision.neighbours: one count of corrected peers, whatever else is said of them."""

from __future__ import annotations

from corpora.outcomes import OutcomeGroup
from corpora.schema import Case, Review, ReviewType
from nlp_service.decision.distribution import Reviewed
from nlp_service.decision.neighbours import DUPLICATE, Neighbour, corrected_of, reviewed_of
from nlp_service.decision.wording import describe_counter_examples, describe_reviewed


def peer(number: int, group: OutcomeGroup | None, *, conflicts: tuple[str, ...] = (), reason: str | None = None) -> Neighbour:
    review = Review(ReviewType.LITIGATION, "撤销", f"理由{number}") if group else None
    return Neighbour(Case(f"P-{number}", facts="x", review=review), 2, 0.8, 0.5, 2, group, (), conflicts, reason)


ITEMS = [
    peer(1, OutcomeGroup.CORRECTED, conflicts=("可改正",), reason="关键事实相反：可改正"),
    peer(2, OutcomeGroup.CORRECTED, reason="处罚决定已被纠正"),
    peer(3, OutcomeGroup.SELF_CORRECTED, reason="处罚决定已被纠正"),
    peer(4, OutcomeGroup.CORRECTED, reason=DUPLICATE),
    peer(5, OutcomeGroup.UPHELD),
    peer(6, OutcomeGroup.UPHELD, reason=DUPLICATE),
    peer(7, None),
]


def test_counter_examples_are_just_the_corrected_of_the_reviewed() -> None:
    assert [item.case.case_id for item in corrected_of(ITEMS)] == ["P-1", "P-2", "P-3"]
    assert reviewed_of(ITEMS) == (3, 1)  # the same incident twice counts once
    assert describe_reviewed(Reviewed(*reviewed_of(ITEMS))).startswith("受审查的4件中3件被纠正")


def test_the_sentence_says_how_many_are_the_other_way_round_and_shows_the_near_ones_first() -> None:
    text = describe_counter_examples(corrected_of(ITEMS))
    assert text.startswith("反面案例3件，不作参照（其中1件关键事实与本案相反）：")
    assert text.index("理由2") < text.index("理由3") < text.index("理由1")
