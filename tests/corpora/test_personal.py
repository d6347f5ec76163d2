"""Numbers, plates, addresses and accounts of persons are found in all their spellings."""

import pytest

from corpora.personal import FindingKind, find_personal_data

K = FindingKind


def found(text: str) -> list[tuple[FindingKind, str]]:
    return [(finding.kind, text[finding.start : finding.end]) for finding in find_personal_data(text)]


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("电话13800138000。", K.MOBILE, "13800138000"),
        ("电话138 0013 8000", K.MOBILE, "138 0013 8000"),
        ("电话138-0013-8000", K.MOBILE, "138-0013-8000"),
        ("电话+86 13800138000", K.MOBILE, "+86 13800138000"),
        ("电话１３８００１３８０００", K.MOBILE, "１３８００１３８０００"),
        ("电话l38OO138000", K.MOBILE, "l38OO138000"),
        ("打一三九零零一二三四五六找他", K.MOBILE, "一三九零零一二三四五六"),
        ("证号11010519491231002X，", K.IDENTITY_NUMBER, "11010519491231002X"),
        ("证号330122190002300024", K.IDENTITY_NUMBER, "330122190002300024"),
        ("证号330122 19900230 0024", K.IDENTITY_NUMBER, "330122 19900230 0024"),
        ("旧证110105491231002", K.IDENTITY_NUMBER, "110105491231002"),
        ("座机0571-63320000", K.LANDLINE, "0571-63320000"),
        ("座机（0571）63320000", K.LANDLINE, "（0571）63320000"),
        ("电话：63320000", K.LANDLINE, "63320000"),
        ("汇入6217000000000000004", K.BANK_CARD, "6217000000000000004"),
        ("账号：330122000012345678", K.BANK_CARD, "330122000012345678"),
        ("驾驶浙A12345小型车", K.PLATE, "浙A12345"),
        ("驾驶浙AD12345小型车", K.PLATE, "浙AD12345"),
        ("住富阳区富春街道桂花路12号3幢501室。", K.ADDRESS, "桂花路12号3幢501室"),
        ("户籍地：浙江省桐庐县分水镇新龙村5组12号", K.ADDRESS, "5组12号"),
        ("在翡翠城9幢1单元501室查获", K.ADDRESS, "9幢1单元501室"),
        ("1967年2月17日出生", K.BIRTH_DATE, "1967年2月17日"),
        ("出生日期：1967-02-17", K.BIRTH_DATE, "1967-02-17"),
        ("邮箱wang.jg@163.com", K.EMAIL, "wang.jg@163.com"),
        ("微信号：wangjg_88", K.ACCOUNT, "wangjg_88"),
        ("护照E12345678", K.TRAVEL_DOCUMENT, "E12345678"),
    ],
)
def test_found(text: str, kind: FindingKind, part: str) -> None:
    first, *rest = found(text)
    assert first == (kind, part)
    assert all(other in part for _, other in rest)  # a room inside an address may be found once more


@pytest.mark.parametrize(
    "text",
    [
        "杭富综执罚决字〔2022〕第000318号",
        "沪公机(浦候)行罚决字〔2024〕00187号",
        "（2021）浙0111行审123号",
        "罚款13800138000元",
        "2022年3月5日至2022-04-06 10:30",
        "二〇二一年十二月二十八日",
        "面积4180.6平方米，造价5862400元",
        "统一社会信用代码91330111MA0000000A",
        "注册号330111000012345",
        "第一千二百三十四条、第六十四条第一款第三项",
        "请拨打12345热线或者110",
        "厂区1号厂房与2号厂房之间，9幢顶层露台",
        "GB18483-2001",
        "京B座写字楼",
    ],
)
def test_left_alone(text: str) -> None:
    assert found(text) == []


def test_codes_of_sole_traders_count_as_personal_data() -> None:
    assert found("信用代码92330111MA00000007。") == [(K.CREDIT_CODE, "92330111MA00000007")]
