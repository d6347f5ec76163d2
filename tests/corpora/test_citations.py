"""Citations are read to paragraph and item, with what they leave out filled in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.citations import find_citations
from corpora.statutes import all_statute_names


def shorts(text: str, default: str | None = None) -> list[str]:
    return [citation.short for citation in find_citations(text, default)]


def test_a_full_citation() -> None:
    text = "违反了《中华人民共和国城乡规划法》第六十四条第一款第三项的规定"
    (citation,) = find_citations(text)
    assert str(citation) == "《中华人民共和国城乡规划法》第六十四条第一款第三项"
    assert (citation.article, citation.sub, citation.paragraph, citation.item, citation.version) == (64, None, 1, 3, None)
    assert text[citation.start : citation.end] == "第六十四条第一款第三项"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("《城乡规划法》第六十四条第一款第三项、第五项", ["城乡规划法§64①(三)", "城乡规划法§64①(五)"]),
        ("《城乡规划法》第四十条、第六十四条和第六十五条第二款", ["城乡规划法§40", "城乡规划法§64", "城乡规划法§65②"]),
        ("《行政处罚法》第三十三条第一款、第二款及第三款", ["行政处罚法§33①", "行政处罚法§33②", "行政处罚法§33③"]),
        ("《治安管理处罚法》第二十三条第一款第（一）项、（四）项", ["治安管理处罚法§23①(一)", "治安管理处罚法§23①(四)"]),
        ("《行政处罚法》第57条第1款第(3)项", ["行政处罚法§57①(三)"]),
        ("《行政处罚法》(2017修正)第二十七条", ["行政处罚法(2017)§27"]),
        ("《城乡规划法（2019年修正）》第四十条", ["城乡规划法(2019)§40"]),
        ("刑法第二百八十七条之一第一款", ["刑法§287之一①"]),
        ("《浙江省违法建筑处置规定》第十条至第十二条", ["省违法建筑处置规定§10", "省违法建筑处置规定§11", "省违法建筑处置规定§12"]),
        ("《刑法》第六十四条及《刑事诉讼法》第二百零八条", ["刑法§64", "刑事诉讼法§208"]),
        ("违反《行政处罚法》第五条的规定，依据该法第三十三条第一款", ["行政处罚法§5", "行政处罚法§33①"]),
        ("《 民用航空安全 保卫条例》第三十二条第四项", ["民用航空安全保卫条例§32(四)"]),
        ("《上海市烟花爆竹安全管理条例》第九条", ["上海市烟花爆竹安全管理条例§9"]),
        ("《劳动合同》第三条约定", []),
        ("根据行政处罚法第三十三条处理。第五条另有约定", ["行政处罚法§33"]),
        ("第六十四条", []),
        ("一百二十条船", []),
    ],
)
def test_references_in_words(text: str, expected: list[str]) -> None:
    assert shorts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("城乡规划法§40①、§43", ["城乡规划法§40①", "城乡规划法§43"]),
        ("处罚法§33①", ["行政处罚法§33①"]),
        ("省违法建筑处置规定§11(三)", ["省违法建筑处置规定§11(三)"]),
        ("省违法建筑处置规定§10-12", ["省违法建筑处置规定§10", "省违法建筑处置规定§11", "省违法建筑处置规定§12"]),
        ("消防法§60①(三)(五)、②", ["消防法§60①(三)", "消防法§60①(五)", "消防法§60②"]),
        ("食品安全法§34(十)、(三)", ["食品安全法§34(十)", "食品安全法§34(三)"]),
        ("省市容条例§28②③ → 同条例§28④", ["省市容条例§28②", "省市容条例§28③", "省市容条例§28④"]),
        ("固体废物污染环境防治法(2016)§68①(七)", ["固体废物污染环境防治法(2016)§68①(七)"]),
        ("土地管理法§77;实施条例§57", ["土地管理法§77", "土地管理法实施条例§57"]),
        ("某地办法§5", ["某地办法§5"]),
    ],
)
def test_references_in_short(text: str, expected: list[str]) -> None:
    assert shorts(text) == expected


def test_the_default_statute_serves_references_without_a_name() -> None:
    assert [str(citation) for citation in find_citations("第六十四条第一款", "城乡规划法")] == ["《中华人民共和国城乡规划法》第六十四条第一款"]


numbers = st.integers(1, 1300)
parts = st.one_of(st.none(), st.integers(1, 20))


@given(st.sampled_from(all_statute_names()), numbers, parts, parts, parts)
def test_what_is_written_is_read_again(name: str, article: int, sub: int | None, paragraph: int | None, item: int | None) -> None:
    (written,) = find_citations(f"《{name}》第{article}条")
    text = str(written)
    text += f"之{'一二三四五六七八九十'[sub - 1]}" if sub and sub <= 10 else ""
    text += f"第{paragraph}款" if paragraph else ""
    text += f"第{item}项" if item else ""
    (read,) = find_citations(f"依据{text}的规定")
    assert (read.statute, read.article, read.paragraph, read.item) == (name, article, paragraph, item)
    assert [str(citation) for citation in find_citations(str(read))] == [str(read)]
    assert [str(citation) for citation in find_citations(read.short)] == [str(read)]


@given(st.text(alphabet="《》法条例第一二十百千条款项之（）()§①②12-、和及；。该本同 ", max_size=40))
def test_reading_never_fails(text: str) -> None:
    for citation in find_citations(text):
        assert citation.article >= 0
        assert 0 <= citation.start < citation.end <= len(text)
