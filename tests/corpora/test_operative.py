"""Decisions, proposals, warnings, denials and memories are told apart by the words before them."""

import pytest

from corpora.operative import Force, clause_start, force_at


@pytest.mark.parametrize(
    ("text", "force"),
    [
        ("决定处@罚款", Force.DECIDED),
        ("责令改正，并处@罚款", Force.DECIDED),
        ("因逾期未改正，处@罚款", Force.DECIDED),
        ("对逾期不改正的行为处@罚款", Force.DECIDED),
        ("告知拟责令拆除，听证后决定处@罚款", Force.DECIDED),
        ("拟@罚款", Force.PROPOSED),
        ("本机关拟对你单位处以@罚款", Force.PROPOSED),
        ("建议@吊销许可证", Force.PROPOSED),
        ("可以并@处罚款", Force.PROPOSED),
        ("移送公安机关@行政拘留", Force.PROPOSED),
        ("逾期不改正的，将@吊销", Force.CONDITIONAL),
        ("逾期不拆除，依法@强制拆除", Force.CONDITIONAL),
        ("责令改正，逾期未改正的，处@罚款", Force.CONDITIONAL),
        ("情节严重的，@吊销营业执照", Force.CONDITIONAL),
        ("如不服，@罚款", Force.CONDITIONAL),
        ("不予@罚款", Force.NEGATED),
        ("不再处以@罚款", Force.NEGATED),
        ("不并处@罚款", Force.NEGATED),
        ("此前曾因占道被处@罚款", Force.RECALLED),
        ("复议决定撤销该@罚款", Force.RECALLED),
    ],
)
def test_force(text: str, force: Force) -> None:
    assert force_at(text.replace("@", ""), text.index("@")) is force


def test_a_clause_ends_at_full_stops_and_semicolons() -> None:
    text = "拟罚款；现处罚款，不再。"
    assert clause_start(text, 9) == 4
    assert force_at(text, 6) is Force.DECIDED
