"""Tests of training.plots: numbers beside marks, no colour needed, everything escaped."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from training.metrics.bootstrap import Interval
from training.plots import Point, bars, differences, reliability_diagram

XSS = "<script>alert('&')</script>"


def parsed(svg: str) -> ElementTree.Element:
    """Read the SVG as XML (attributes of HTML need no quotes, those of XML do)."""
    return ElementTree.fromstring(re.sub(r"([\w-]+)=([^'\"\s>]+?)(?=[\s>]|/>)", r"\1='\2'", svg))


def test_a_bar_reaches_to_its_mean_and_says_its_interval() -> None:
    svg = bars([("fused", Interval(0.5, 0.4, 0.6)), ("bm25", Interval(0.0, 0.0, 0.1))], label="NDCG@10")
    rectangles = [float(item.attrib["width"]) for item in parsed(svg).iter("rect")]
    assert rectangles == [210.0, 0.0]  # half of 420
    assert "0.500 [0.400, 0.600]" in svg
    assert "aria-label='NDCG@10'" in svg


def test_bars_stay_inside_the_plot() -> None:
    (width,) = (float(item.attrib["width"]) for item in parsed(bars([("x", Interval(1.5, -1.0, 2.0))], label="x")).iter("rect"))
    assert width == 420.0


def test_differences_are_sorted_and_the_worse_ones_hatched() -> None:
    root = parsed(differences([("q1", -0.5), ("q2", 1.0), ("q3", 0.0)], label="new − old"))
    marks = [item for item in root.iter("rect") if item.find("title") is not None]
    assert [item.findtext("title") for item in marks] == ["q2：+1.000", "q3：+0.000", "q1：-0.500"]
    heights = [float(item.attrib["height"]) for item in marks]
    assert heights == pytest.approx([110.0, 0.5, 55.0])
    (hatch,) = (item.attrib["id"] for item in root.iter("pattern"))
    assert [f"url(#{hatch})" in item.attrib["fill"] for item in marks] == [False, True, True]


def test_two_plots_of_one_page_have_ids_of_their_own() -> None:
    plots = [parsed(differences([("q", -1.0)], label=label)) for label in ("one", "two")]
    ids = [item.attrib["id"] for plot in plots for item in plot.iter("pattern")]
    assert len(ids) == len(set(ids)) == 2


def test_nothing_to_plot_is_no_error() -> None:
    for svg in (bars([], label="x"), differences([], label="x"), reliability_diagram([], label="x")):
        assert parsed(svg).tag == "svg"


def test_points_lie_at_stated_and_right() -> None:
    (circle,) = parsed(reliability_diagram([Point(0.25, 0.75, 40)], label="x")).iter("circle")
    assert (float(circle.attrib["cx"]), float(circle.attrib["cy"])) == (65.0, 65.0)  # .25 · 260 and (1 − .75) · 260
    assert circle.findtext("title") == "所述 0.25，实际 0.75，40 例"


def test_names_are_escaped() -> None:
    for svg in (bars([(XSS, Interval(0, 0, 0))], label=XSS), differences([(XSS, 1.0)], label=XSS)):
        assert "<script" not in svg
        assert "alert(&#x27;&amp;&#x27;)" in svg
