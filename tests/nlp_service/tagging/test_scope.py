"""Whose, when, whether: each way a mention does not count, beside one that does, with the words that say so."""

from __future__ import annotations

import pytest

from nlp_service.tagging.language import default_language
from nlp_service.tagging.rules import RuleReader
from nlp_service.tagging.schemes import load_scheme
from nlp_service.tagging.scope import Reason, Status

SCHEME = """name: small
tags:
- {code: B1, name: 喝酒, definition: 喝酒, level: L2, triggers: [喝酒, 赌博, 打架], negative: [喝酒窝], scope: {passive: reject}}
- {code: A2, name: 外出, definition: 没批准就外出, level: L3, triggers: [去了上海], scope: {approved: reject, device: reject, planned: suspect}}
- {code: C2, name: 轻生, definition: 想死, level: L4, triggers: [想死, 不想活], scope: {hearsay: hold, planned: hold}}
"""
READER = RuleReader(load_scheme(SCHEME), default_language())


def _verdict(text: str, tag: int = 0) -> tuple[Status, set[Reason], list[str]]:
    analysis = READER.read(text)
    verdict = analysis.evidence[tag].verdicts[0]
    words = [analysis.folded.text[f.start : f.end] for f in verdict.findings]
    return verdict.status, {f.reason for f in verdict.findings}, words


@pytest.mark.parametrize(
    "text",
    [
        "天天喝酒",
        "他不小心又喝酒了",
        "没有不喝酒的日子",
        "不是没有喝酒",
        "没钱还喝酒",
        "以前戒了，现在又喝酒",
        "王某跟朋友喝酒",
        "他老婆说他喝酒",
        "不开心就喝酒",
        "在家里喝酒打牌",
    ],
)
def test_what_holds(text: str) -> None:
    assert _verdict(text)[0] is Status.HOLDS


@pytest.mark.parametrize(
    ("text", "reason", "words"),
    [
        ("他没有再喝酒", Reason.NEGATED, "没有再"),
        ("没有发现喝酒、赌博、打架的情况", Reason.NEGATED, "没有"),
        ("喝酒早就戒了", Reason.NEGATED, "早就戒了"),
        ("以前喝酒", Reason.PAST, "以前"),
        ("因为喝酒打架判的", Reason.PAST, "打架判的"),
        ("是他弟弟喝酒", Reason.FAMILY, "弟弟"),
        ("邻居喝酒", Reason.OTHER, "邻居"),
        ("如果再喝酒就训诫", Reason.HYPOTHETICAL, "如果"),
        ("提醒他不要喝酒", Reason.HYPOTHETICAL, "不要"),
        ("电视里有人喝酒", Reason.FICTION, "电视里"),
        ("说他喝酒，其实认错人了", Reason.RETRACTED, "认错人"),
    ],
)
def test_what_is_rejected_and_why(text: str, reason: Reason, words: str) -> None:
    status, reasons, said = _verdict(text)
    assert status is Status.REJECTED
    assert reason in reasons
    assert any(words in item or item in words for item in said), said


@pytest.mark.parametrize(
    ("text", "reason"),
    [("听说他又喝酒了", Reason.HEARSAY), ("邻居反映他喝酒", Reason.HEARSAY), ("好像又喝酒了", Reason.UNCERTAIN), ("闻着像喝酒，还没核实", Reason.UNCERTAIN)],
)
def test_what_is_only_suspected(text: str, reason: Reason) -> None:
    status, reasons, _ = _verdict(text)
    assert status is Status.SUSPECTED
    assert reason in reasons


def test_seen_with_own_eyes_is_no_hearsay() -> None:
    assert _verdict("有人反映，我去看了，他在喝酒")[0] is Status.HOLDS


def test_the_one_who_was_hit_did_not_hit() -> None:
    status, reasons, _ = _verdict("被工友拉去打架")
    assert status is Status.REJECTED
    assert Reason.PASSIVE in reasons


def test_approval_and_device_faults_excuse_where_the_tag_says_so() -> None:
    assert _verdict("请过假，去了上海", 1)[0] is Status.REJECTED
    assert _verdict("没请假，去了上海", 1)[0] is Status.HOLDS
    assert _verdict("定位显示去了上海，是系统故障", 1)[0] is Status.REJECTED
    assert _verdict("请过假，天天喝酒", 0)[0] is Status.HOLDS


def test_a_cry_for_help_is_heard_also_second_hand_but_not_as_a_figure_of_speech() -> None:
    assert _verdict("听说他想死", 2)[0] is Status.HOLDS
    assert _verdict("他妈讲他不想活", 2)[0] is Status.HOLDS
    status, reasons, _ = _verdict("累死了想死你们了，想死我了", 2)
    assert status is Status.REJECTED
    assert Reason.EXAGGERATION in reasons


def test_a_context_that_does_not_count_rejects() -> None:
    status, reasons, words = _verdict("笑起来有喝酒窝，喝酒窝")
    assert (status, reasons, words[0]) == (Status.REJECTED, {Reason.NOT_COUNTED}, "喝酒窝")
