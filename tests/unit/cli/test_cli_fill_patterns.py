"""Lines within a rectangle, worked by hand on one of ten by ten."""

from __future__ import annotations

import re

import pytest

from controller.cli.render.html.fill_patterns import Rect, fill_path

TEN = Rect(left=0, top=0, width=10, height=10)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        pytest.param("starting", "M0.0 5.0L5.0 0.0M0.0 10.0L10.0 0.0M5.0 10.0L10.0 5.0", id="rising"),
        pytest.param("stopping", "M0.0 5.0L5.0 10.0M0.0 0.0L10.0 10.0M5.0 0.0L10.0 5.0", id="falling"),
        pytest.param("down", "M5.0 0.0L5.0 10.0M0.0 5.0L10.0 5.0", id="grid"),
        pytest.param("idle", "M5.0 5.0h1.2", id="dots"),
        pytest.param("consuming", None, id="plain"),
    ],
)
def test_a_kind_has_its_lines(kind, expected):
    assert fill_path(kind, TEN) == expected


@pytest.mark.parametrize("kind", ["starting", "stopping", "vain", "down", "idle"])
@pytest.mark.parametrize("left", [0, 3.3, 178])
@pytest.mark.parametrize("width", [0.8, 4, 250])
def test_no_line_leaves_its_rectangle(kind, left, width):
    rect = Rect(left=left, top=7.5, width=width, height=13)
    points = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", fill_path(kind, rect) or "")
    assert all(left - 0.06 <= float(x) <= left + width + 0.06 for x, _ in points)
    assert all(7.44 <= float(y) <= 20.56 for _, y in points)


def test_what_is_crossed_rises_and_falls():
    assert fill_path("vain", TEN) == (fill_path("starting", TEN) or "") + (fill_path("stopping", TEN) or "")
