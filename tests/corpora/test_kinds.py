"""Kinds of penalty are found where they are decided, named one way, and ordered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.kinds import all_kinds, canonical_kind, find_kinds, severity


def kinds(text: str, *, include_proposed: bool = False) -> list[str]:
    return list(dict.fromkeys(mention.kind for mention in find_kinds(text, include_proposed=include_proposed)))


def test_the_canonical_names() -> None:
    assert set(all_kinds()) == {
        *("不予处罚", "警告", "通报批评", "责令改正", "责令停止建设", "责令停止违法行为", "责令退还土地", "罚款", "没收违法所得"),
        *("没收非法财物", "没收实物", "暂扣许可证件", "降低资质等级", "吊销许可证件", "限制开展生产经营活动", "责令停产停业"),
        *("责令关闭", "限制从业", "限期拆除", "恢复原状", "行政拘留"),
    }


def test_no_alias_belongs_to_two_kinds() -> None:
    aliases = [alias for kind in all_kinds().values() for alias in (kind.name, *kind.aliases)]
    assert len(aliases) == len(set(aliases))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("责令限期改正", "责令改正"),
        ("限期改正", "责令改正"),
        ("责令限期拆除", "限期拆除"),
        ("责令拆除", "限期拆除"),
        ("停业整顿", "责令停产停业"),
        ("暂扣机动车驾驶证六个月", "暂扣许可证件"),
        ("罚款5000元", "罚款"),
        ("拟罚款", "罚款"),
        ("没收渔获物", "没收非法财物"),
        (" 警 告 ", "警告"),
        ("罚款并警告", None),
        ("道歉", None),
    ],
)
def test_canonical_kind(name: str, kind: str | None) -> None:
    assert canonical_kind(name) == kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("行政拘留五日并处罚款二百元", ["行政拘留", "罚款"]),
        ("给予警告，并通报批评", ["警告", "通报批评"]),
        ("责令停止违法行为、限期改正，处罚款5000元", ["责令停止违法行为", "责令改正", "罚款"]),
        ("责令停止建设；处工程造价百分之五的罚款", ["责令停止建设", "罚款"]),
        ("责令自收到决定书之日起九十日内补办手续，完成改正", ["责令改正"]),
        ("责令今后不得再行店外促销", ["责令改正"]),
        ("责令当事人暂停施工，并处罚款2000元", ["责令停止建设", "罚款"]),
        ("限期十五日内拆除管理房", ["限期拆除"]),
        ("责令拆除灶间", ["限期拆除"]),
        ("责令拆除私接的燃气管", ["责令改正"]),
        ("责令恢复护坡原状", ["恢复原状"]),
        ("责令于十日内自行拆除彩钢房并清运垃圾", ["限期拆除"]),
        ("责令十五日内拆除旁通阀门，提交检测报告", ["责令改正"]),
        ("责令退还非法占用的土地，限期拆除新建的建筑物，恢复土地原状", ["责令退还土地", "限期拆除", "恢复原状"]),
        ("责令停业整治", ["责令停产停业"]),
        ("责令停产停业，吊销食品经营许可证", ["责令停产停业", "吊销许可证件"]),
        ("责令关闭", ["责令关闭"]),
        ("责令限制生产", ["限制开展生产经营活动"]),
        ("五年内不得从事食品生产经营管理工作", ["限制从业"]),
        ("降低其施工资质等级", ["降低资质等级"]),
        ("暂扣机动车驾驶证六个月", ["暂扣许可证件"]),
        ("没收违法建设的四层宿舍楼；并处罚款", ["没收实物", "罚款"]),
        ("没收工具和违法所得3000元", ["没收违法所得", "没收非法财物"]),
        ("没收违法所得人民币捌拾元整", ["没收违法所得"]),
        ("对渔获物予以没收", ["没收非法财物"]),
        ("没收非法携带的烟花爆竹并处罚款五百元", ["没收非法财物", "罚款"]),
        ("决定不予行政处罚", ["不予处罚"]),
        ("限期恢复植被和林业生产条件", ["恢复原状"]),
        ("限2022年8月10日前改正", ["责令改正"]),
        ("对逾期不改正的行为处以500元", ["罚款"]),
    ],
)
def test_decided_kinds(text: str, expected: list[str]) -> None:
    assert set(kinds(text)) == set(expected)


@pytest.mark.parametrize(
    "text",
    [
        "已发出预警告知",
        "未设置警告标志",
        "经警告后仍不改",
        "不予没收",
        "并处罚金5000元",
        "没收个人财产",
        "建议吊销许可证",
        "拟处罚款5000元",
        "逾期不拆除的，将吊销营业执照",
        "逾期不缴纳的，每日按罚款数额的百分之三加处罚款",
        "将罚款缴至指定银行",
        "自收到决定书之日起十五日内缴纳罚款",
        "不再处以罚款",
        "不符合不予处罚条件",
        "移送公安机关行政拘留",
        "刑事拘留七日",
        "情节严重的，责令停产停业",
        "收到责令改正通知书",
        "许可处办理登记",
        "责令被告人退赔被害人损失",
    ],
)
def test_traps(text: str) -> None:
    assert kinds(text) == []


def test_proposals_come_on_request() -> None:
    text = "拟责令限期拆除，并处罚款5000元"
    assert kinds(text) == []
    assert kinds(text, include_proposed=True) == ["限期拆除", "罚款"]
    assert kinds("不予罚款", include_proposed=True) == []


@pytest.mark.parametrize(
    ("given_kinds", "planning", "general"),
    [
        (["不予处罚"], 0, 0),
        (["不予处罚", "责令改正"], 0, 0),
        (["责令限期改正"], 1, 1),
        (["责令改正", "罚款"], 2, 2),
        (["罚款"], 2, 2),
        (["没收实物"], 3, 3),
        (["没收实物", "罚款"], 3, 3),
        (["限期拆除"], 4, 6),
        (["限期拆除", "罚款", "责令改正"], 4, 6),
        (["警告"], 1, 1),
        (["暂扣许可证件"], None, 4),
        (["降低资质等级"], None, 4),
        (["责令停产停业"], None, 5),
        (["吊销许可证件", "罚款"], 2, 7),
        (["责令关闭"], None, 7),
        (["行政拘留", "罚款"], 2, 8),
        ([], None, None),
        (["道歉"], None, None),
    ],
)
def test_severity(given_kinds: list[str], planning: int | None, general: int | None) -> None:
    assert severity(given_kinds, "planning") == planning
    assert severity(given_kinds, "general") == general


def test_severity_refuses_another_family() -> None:
    with pytest.raises(ValueError, match="expected 'planning' or 'general'"):
        severity(["罚款"], "traffic")


@given(st.text(alphabet="责令限期改正拆除没收罚款违法所得停产业警告不予处吊销证拘留五日，。；的拟将逾", max_size=40))
def test_mentions_are_canonical_and_lie_in_the_text(text: str) -> None:
    for mention in find_kinds(text):
        assert mention.kind in all_kinds()
        assert 0 <= mention.start < mention.end <= len(text)
