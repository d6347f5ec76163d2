"""Names of persons are found by what stands around them, and other words are not."""

import pytest

from corpora.names import cued_names, find_names, has_compound_surname, locate_names
from corpora.privacy import mask


def names(text: str) -> list[str]:
    return [text[start:end] for start, end in find_names(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("当事人王建国驾驶货车", ["王建国"]),
        ("当事人：欧阳建国，男", ["欧阳建国"]),
        ("法定代表人王强说明情况", ["王强"]),
        ("驾驶人李四、王小明和赵六驾驶", ["李四", "王小明", "赵六"]),
        ("经营者陈晓东的店铺", ["陈晓东"]),
        ("负责人王　强", ["王　强"]),
        ("徐国良（男，45岁）", ["徐国良"]),
        ("王向阳在场，当事人王向阳，", ["王向阳", "王向阳"]),
        ("当事人买买提·库尔班犯错", ["买买提·库尔班"]),
        ("业主吴海波说不知情。后吴海波改口", ["吴海波", "吴海波"]),
        ("雷招娣公益劳动又没来", ["雷招娣"]),
        ("伙同钱浩、冯伟盗窃", ["钱浩", "冯伟"]),
        ("王建国未取得许可证建房案\n其他", ["王建国"]),
        ("证人姓名：张伟", ["张伟"]),
        ("李国镇未取得许可证建房案", ["李国镇"]),
        ("业主李国镇说", ["李国镇"]),
    ],
)
def test_names(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "当事人陈述申辩",
        "当事人申请听证",
        "当事人应当改正",
        "当事人未取得许可证",
        "当事人王某、李某某和赵×",
        "当事人孙*和王*龙",
        "当事人杭州恒某机械有限公司",
        "当事人金华某公司",
        "当事人方便面加工厂",
        "当事人周边居民反映",
        "负责人须亲自到场",
        "由于能源紧张",
        "经常开会",
        "对党忠诚",
        "班主任唐老师说",
        "居民安全意识",
        "金星北路有积水",
        "高桥镇政府",
        "云栖小区停车难",
        "马上高考了",
        "兰溪市灵洞乡某石材厂未批先建案",
        "苍南灵溪镇，2021年5月，渔船靠岸。",
        "浦江县某水晶厂私设暗管。",
        "松阳玉岩镇，茶农喷药。",
        "柯城航埠，橘园边的仓库。",
        "白鹤镇木料堆放案",
        "白鹤镇某村口堆着木料。",
        "业主兰溪人",
        "卫星影像显示该处有新增硬化。",
        "居民红木家具多",
        "门一开，气味扑面。",
        "席上摆着四瓶酒。",
        "当事人查清后清扫。",
        "车行道上堆着砂石。",
        "依据《中华人民共和国城乡规划法》第四十条",
        "富综执罚决字〔2022〕第000318号",
        "2022年3月5日，面积562平方米，罚款5000元",
    ],
)
def test_words_that_are_no_names(text: str) -> None:
    assert names(text) == []


def test_a_firm_keeps_its_name() -> None:
    text = "王建国食品有限公司的经营者王建国承认"
    assert [start for start, _ in find_names(text)] == [13]


def test_the_length_of_a_name_follows_how_the_text_repeats_it() -> None:
    assert names("当事人周明知道。周明离开，周明到案") == ["周明", "周明", "周明"]


def test_known_names_are_found_without_any_cue() -> None:
    assert locate_names("后王建国离开", {"王建国", "李四"}) == [(1, 4)]
    assert find_names("后王建国离开", known=["王建国"]) == [(1, 4)]
    assert cued_names("后王建国离开") == set()


def test_two_characters_that_go_on_as_a_longer_name_are_taken_whole() -> None:
    assert locate_names("见朱福友的卡", {"朱福"}) == [(1, 4)]


def test_compound_surnames() -> None:
    assert has_compound_surname("欧阳修")
    assert not has_compound_surname("王建国")


@pytest.mark.parametrize(
    "text",
    [
        "他是王小明",
        "他就是朱国强",
        "当事人王小明",
        "当事人是李强",
        "老板叫王小明",
        "老板姓王叫王建军",
        "有个叫孙大伟的",
        "他叫欧阳明",
        "负责人为吴海燕",
        "户主名为何金水",
        "王小明（男，45岁）",
        "王小明(男,45岁)",
        "王小明，男，45岁，汉族",
        "老王（王小明）在路口摆摊",
        "经查，王小明未取得规划许可",
        "拟对王小明罚款5000元",
        "处罚王小明五千元",
        "摊贩李秀英占道",
        "承包人方志强",
        "屋主刘德福",
        "老板是本地人陈小军",
        "系王小明个人经营",
        "张伟强与李明华互殴",
    ],
)
def test_a_name_that_a_draft_gives_in_passing(text: str) -> None:
    masked = mask(text)
    assert masked != text
    assert not any(
        name in masked for name in ("小明", "国强", "李强", "建军", "大伟", "欧阳明", "海燕", "金水", "秀英", "志强", "德福", "小军", "伟强", "明华")
    )


@pytest.mark.parametrize(
    "text",
    [
        *("他是老板", "他是高中生", "他是石料厂的", "他是温州人", "他是江西来的", "他是金属加工厂老板", "他是万元户", "她是庄家", "他是矫正的"),
        *("当事人是公司", "当事人为小食杂店", "当事人是黄牛", "责任人是施工单位", "房主是村集体", "屋主是谁不清楚", "承办人为何适用新法"),
        *("老板叫停工", "老板叫他不要拆", "叫单位来处理", "叫卖声很大", "叫停施工", "一家叫康乐之家的店"),
        *("对方家长还说", "对方打人", "对于是否拆除", "厨房主管承认", "经查，高压线下搭棚", "经查，当事人未取得规划许可"),
        *("系居民投诉", "系石材加工", "系任意张贴", "由水利部门认定", "处罚金额五千元", "我是银行打电话问才知道", "骂我是司法所的"),
    ],
)
def test_ordinary_words_after_the_same_cues_stay(text: str) -> None:
    assert mask(text) == text
