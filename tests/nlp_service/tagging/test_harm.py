"""The harm this product must avoid, as whole-tagger tests over the bundled scheme and model: compliance is not danger, a cry for help is not missed."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp_service.tagging.service import TagService
from nlp_service.tagging.tagger import TagStatus


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> TagService:
    folder: Path = tmp_path_factory.mktemp("tagging")
    return TagService(folder / "schemes", folder / "models")


def statuses(service: TagService, text: str) -> dict[str, TagStatus]:
    return {tag.tag: tag.status for tag in service.tag("correction", [{"report_id": "1", "text": text}])[0].tags}


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("陈某说最近没有再喝酒了，精神蛮好，在快递公司上班，一切正常", "B01"),
        ("小张说之前赌过，现在早不碰了，手机上那些APP都删掉了", "B02"),
        ("热死了今天，走访3户，都蛮正常，老赵在家带小伢儿", "C02"),
        ("今天他没有缺席学习，还主动发言", "A06"),
        ("楼下小孩打架我以为是汤某，结果不是他家的", "B04"),
        ("请假去萧山给老丈人奔丧，已批3天，假条在所里", "A02"),
    ],
)
def test_a_compliant_person_is_not_called_dangerous(service: TagService, text: str, tag: str) -> None:
    assert statuses(service, text).get(tag) is not TagStatus.CONFIRMED


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("没有再喝酒", "B01"),
        ("没有再喝酒，是弟弟喝的", "B01"),
        ("酒是他弟弟喝的", "B01"),
        ("他没有喝酒", "B01"),
        ("以前赌过", "B02"),
        ("没有再赌，牌桌上坐的是他哥哥", "B02"),
        ("没有吸毒", "B03"),
        ("没有打人，是邻居打的", "B04"),
        ("没有和老婆动手", "D01"),
        ("没有失联，电话打得通", "A01"),
    ],
)
def test_a_bare_denial_names_nothing(service: TagService, text: str, tag: str) -> None:
    assert tag not in statuses(service, text)


def test_a_bare_denial_does_not_fill_up_an_answer(service: TagService) -> None:
    record = {"report_id": "1", "text": "酒是他弟弟喝的"}
    assert "B01" not in {tag.tag for tag in service.tag("correction", [record], min_k=3)[0].tags}
    explained = {tag.tag: tag.status for tag in service.tag("correction", [record], explain=True)[0].tags}
    assert explained["B01"] is TagStatus.REJECTED


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("吴某情绪很差，坐着叹气，说活着没啥意思，不如死了算了，让他儿子陪着了", "C02"),
        ("人不见了，电话关机三天，家里门锁着，他老婆也不晓得跑哪去了", "A01"),
        ("老婆脸上青的，她讲自己撞的，但小孩说爸爸打妈妈", "D02"),
        ("王某被派出所带走了，说是前面的案子有新证据", "B07"),
    ],
)
def test_what_must_not_be_missed_is_at_least_suspected(service: TagService, text: str, tag: str) -> None:
    assert statuses(service, text).get(tag) in (TagStatus.CONFIRMED, TagStatus.SUSPECTED)


def test_a_cry_for_help_is_level_four(service: TagService) -> None:
    item = service.tag("correction", [{"report_id": "1", "text": "他讲不想活了，要去跳楼，我已经报警"}])[0]
    assert str(item.level) == "L4"
