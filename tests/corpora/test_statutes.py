"""Every spelling leads to one statute, and a day to one version of it."""

import datetime as dt

import pytest

from corpora.statutes import StatuteLevel, VersionStatus, all_spellings, all_statute_names, canonical_statute, statute, statute_version_on


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("《行政处罚法》", "中华人民共和国行政处罚法"),
        ("处罚法", "中华人民共和国行政处罚法"),
        ("中华人民共和国行政处罚法(2017修正)", "中华人民共和国行政处罚法"),
        ("《城乡规划法（2019年修正）》", "中华人民共和国城乡规划法"),
        ("治安法", "中华人民共和国治安管理处罚法"),
        ("大气法", "中华人民共和国大气污染防治法"),
        ("违法建筑处置规定", "浙江省违法建筑处置规定"),
        ("省城市市容和环境卫生管理条例", "浙江省城市市容和环境卫生管理条例"),
        ("网约车办法", "网络预约出租汽车经营服务管理暂行办法"),
        ("《中华人民共和 国道路运输条例》", "中华人民共和国道路运输条例"),
        ("最高人民法院关于适用《中华人民共和国行政诉讼法》的解释", "最高人民法院关于适用〈中华人民共和国行政诉讼法〉的解释"),
        ("月球管理法", None),
        ("", None),
    ],
)
def test_canonical_statute(name: str, canonical: str | None) -> None:
    assert canonical_statute(name) == canonical


@pytest.mark.parametrize(
    ("name", "day", "label"),
    [
        ("行政处罚法", "2021-07-14", "2017"),
        ("行政处罚法", "2021-07-15", "2021"),
        ("治安管理处罚法", "2025-12-31", "2012"),
        ("治安管理处罚法", "2026-01-01", "2025"),
        ("渔业法", "2026-05-01", "2025"),
        ("矿产资源法", "2025-06-30", "2009"),
        ("文物保护法", "2025-03-01", "2024"),
        ("行政复议法", "2023-12-31", "2017"),
    ],
)
def test_the_version_of_a_day(name: str, day: str, label: str) -> None:
    version = statute_version_on(name, dt.date.fromisoformat(day))
    assert version is not None
    assert version.label == label


def test_no_version_before_the_first_or_after_a_repeal() -> None:
    assert statute_version_on("噪声污染防治法", dt.date(2022, 6, 4)) is None
    assert statute_version_on("环境噪声污染防治法", dt.date(2022, 6, 5)) is None
    assert statute_version_on("月球管理法", dt.date(2022, 6, 5)) is None


def test_versions_follow_each_other_without_gap_or_overlap() -> None:
    for name in all_statute_names():
        found = statute(name)
        assert found is not None
        assert found.versions
        for earlier, later in zip(found.versions, found.versions[1:], strict=False):
            assert earlier.valid_to is not None
            assert earlier.valid_to + dt.timedelta(days=1) == later.valid_from, name


def test_levels_and_status() -> None:
    found = statute("省城乡规划条例")
    assert found is not None
    assert found.level is StatuteLevel.PROVINCIAL
    version = statute_version_on("行政处罚法", dt.date(2022, 1, 1))
    assert version is not None
    assert version.status is VersionStatus.CHECKED


def test_no_spelling_belongs_to_two_statutes() -> None:
    owners: dict[str, str] = {}
    for name in all_statute_names():
        found = statute(name)
        assert found is not None
        for spelling in {found.name, found.short, *found.aliases}:
            assert owners.setdefault(spelling, name) == name, spelling
    assert set(owners) <= set(all_spellings())
