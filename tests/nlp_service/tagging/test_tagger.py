"""The tagger: statuses, spans on the raw text, reasons, order, min_k / max_k, abstention, and per-item errors."""

from __future__ import annotations

from typing import Any

import pytest

from corpora.schema import Report
from nlp_service.tagging.schemes import Level, bundled_scheme, load_scheme
from nlp_service.tagging.tagger import MAX_REPORT_CHARS, Source, Tagger, TagStatus

CORRECTION = Tagger.open(bundled_scheme("correction"))
SMALL = Tagger.open(
    load_scheme(
        """name: s
tags:
- {code: A1, name: 失联, definition: 找不到人, level: L4, keeps_level: true, triggers: [失联], weak: [关机]}
- {code: B1, name: 喝酒, definition: 喝酒, level: L2, triggers: [喝酒], weak: [酒]}
- {code: C1, name: 上班, definition: 上班, level: L0, triggers: [上班]}
"""
    )
)


def _tags(text: str, tagger: Tagger = SMALL, **options: int) -> dict[str, TagStatus]:
    return {tag.tag: tag.status for tag in tagger.tag([("1", text)], **options)[0].tags}


def test_confirmed_suspected_and_rejected_only_on_request() -> None:
    text = "他在上班，听说又喝酒。没有失联"
    assert _tags(text) == {"C1": TagStatus.CONFIRMED, "B1": TagStatus.SUSPECTED}
    explained = SMALL.tag([("1", text)], explain=True)[0]
    assert {tag.tag: tag.status for tag in explained.tags}["A1"] is TagStatus.REJECTED
    assert next(tag.reasons for tag in explained.tags if tag.tag == "A1") == ("negated「没有」",)
    assert explained.level is Level.L1


def test_spans_point_into_the_raw_text_through_variants_and_invisible_signs() -> None:
    text = "今朝\u200b伊又合久了"
    tag = SMALL.tag([("1", text)])[0].tags[0]
    assert [text[start:end] for start, end in tag.spans] == ["合久"]
    assert tag.source is Source.RULE
    assert (tag.score, tag.threshold) == (0.9, 0.7)


def test_order_is_kept_and_a_bad_item_stops_no_other() -> None:
    out = SMALL.tag([("a", "喝酒"), ("b", ""), Report("c", "上班了"), ("d", "字" * (MAX_REPORT_CHARS + 1)), ("e", " \n"), ("f", "喝酒\ud800")])
    assert [item.report_id for item in out] == ["a", "b", "c", "d", "e", "f"]
    assert [item.error is None for item in out] == [True, False, True, False, False, False]
    assert out[2].tags[0].tag == "C1"
    assert str(MAX_REPORT_CHARS) in str(out[3].error)
    assert "UTF-8" in str(out[5].error)


@pytest.mark.parametrize("text", ["😀😀😀", "hello world", "12345", "\x00\x01", "好"])
def test_what_is_not_chinese_is_abstained_from(text: str) -> None:
    out = SMALL.tag([("1", text)])[0]
    assert (out.abstained, out.tags, out.error) == (True, (), None)


def test_max_k_keeps_the_strongest_and_min_k_fills_with_suspected_never_with_rejected() -> None:
    assert _tags("失联了，喝酒，上班", max_k=1) == {"A1": TagStatus.CONFIRMED}
    assert _tags("手机关机，上班") == {"C1": TagStatus.CONFIRMED}
    assert _tags("手机关机，上班", min_k=2) == {"C1": TagStatus.CONFIRMED, "A1": TagStatus.SUSPECTED}
    assert _tags("没有喝酒，上班", min_k=3) == {"C1": TagStatus.CONFIRMED}


def test_the_level_is_that_of_all_tags_whatever_a_caller_wants_to_see() -> None:
    text = "失联了，喝酒，上班，手机关机"
    assert {SMALL.tag([("1", text)], min_k=n, max_k=n or 1)[0].level for n in (0, 1, 3)} == {Level.L4}
    filled = SMALL.tag([("1", "手机关机，上班")], min_k=2)[0]
    assert [tag.tag for tag in filled.tags] == ["C1", "A1"]
    assert filled.level is Level.L0, "what was only filled up raises no alarm"


def test_one_judgement_makes_every_answer() -> None:
    texts = [("1", "他在上班，听说又喝酒。没有失联"), ("2", ""), ("3", "ok"), ("4", "失联了，喝酒，上班")]
    judged = SMALL.judge(texts)
    wanted: tuple[dict[str, Any], ...] = ({}, {"explain": True}, {"min_k": 2}, {"explain": True, "max_k": 1})
    for options in wanted:
        assert [SMALL.shape(one, **options) for one in judged] == SMALL.tag(texts, **options)


@pytest.mark.parametrize(("min_k", "max_k"), [(-1, None), (3, 2)])
def test_impossible_limits_are_refused(min_k: int, max_k: int | None) -> None:
    with pytest.raises(ValueError, match="min_k"):
        SMALL.tag([], min_k=min_k, max_k=max_k)


def test_versions_name_scheme_language_and_model() -> None:
    assert set(SMALL.versions) == {"scheme", "language", "model"}
    assert SMALL.versions["scheme"] == SMALL.scheme.version


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("他没有再喝酒了，滴酒不沾", "B01"),
        ("桌上的酒是他弟弟喝的", "B01"),
        ("以前赌过，现在早不碰了", "B02"),
        ("请过假去的上海，假条在所里", "A02"),
        ("手环没电自动关机了，已报修", "A04"),
        ("今天累死了，热死了", "C02"),
        ("去田里打农药了", "C02"),
        ("没有缺席过一次学习", "A06"),
        ("村里吃喜酒喝了一小杯", "B01"),
        ("他在酒厂上班", "B01"),
        ("反诈宣传讲了银行卡不能卖", "B05"),
        ("电话刚开始没接，后来回了", "A01"),
        ("去派出所补办身份证", "B07"),
        ("每个星期天去镇上教堂做礼拜", "G04"),
    ],
)
def test_the_bundled_rules_do_not_call_a_compliant_person_dangerous(text: str, tag: str) -> None:
    assert _tags(text, CORRECTION).get(tag) is not TagStatus.CONFIRMED


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("他讲活着没意思，不如死了算了", "C02"),
        ("床头放了一瓶敌敌畏，还写了遗书", "C02"),
        ("电话关机三天，家里门锁着，谁也不晓得他跑哪去了", "A01"),
        ("老婆说昨晚又被他打了，胳膊上全是淤青", "D02"),
        ("把手环剪断扔了", "A04"),
        ("昨天被派出所带走了", "B07"),
        ("扬言出来以后要弄死举报他的人", "C05"),
    ],
)
def test_the_bundled_rules_hear_what_must_not_be_missed(text: str, tag: str) -> None:
    assert tag in _tags(text, CORRECTION)
