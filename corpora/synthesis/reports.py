"""Reports by the thousand, about 80 characters each."""

from __future__ import annotations

import random
from collections.abc import Iterator

from corpora.schema import Report

_PEOPLE = ("老王", "李某", "小陈", "徐某", "章某", "小吴", "周某", "沈某")
_PARTS = (
    "上午去了{who}家里，人在，精神还可以",
    "{who}电话打了三次没接，下午回过来说在地里",
    "{who}最近在厂里上班，三班倒，有点累",
    "{who}讲以前喝酒误过事，现在不喝了",
    "邻居说{who}夜里有人进出，没有亲眼看到",
    "{who}请假去萧山看病，假条已经交到所里",
    "{who}把这个月的学习笔记交上来了，写得蛮认真",
    "{who}同老婆吵了几句，劝开了",
    "{who}换了手机号，新号码已经登记",
    "{who}说房租欠了两个月，想找份活做",
    "社区组织扫雪，{who}也来了，干得很卖力",
    "{who}的母亲住院，他白天陪护，晚上回来",
)


def generate_reports(n: int, *, seed: int = 0, characters: int = 80) -> Iterator[Report]:
    """Yield n reports of about `characters` characters; the same seed gives the same reports."""
    generator = random.Random(seed)
    for number in range(n):
        who = generator.choice(_PEOPLE)
        text = ""
        while len(text) < characters - 10:
            text += generator.choice(_PARTS).format(who=who) + f"，{generator.randrange(1, 29)}号。"
        yield Report(report_id=f"G-{number:07d}", text=text, scheme="correction")
