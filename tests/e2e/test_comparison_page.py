"""The page of ``compare --html`` in a browser: nothing is missing, sticks out, or is asked for."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html import escape, unescape
from pathlib import Path

import pytest

from tests.support.browser import browse, needs_chromium

ROOT = Path(__file__).parents[2]
MEASURE = """
<script>
const sticksOut = [...document.querySelectorAll("svg text")].filter(text => {
  const box = text.getBBox(), view = text.ownerSVGElement.viewBox.baseVal;
  const left = box.x - view.x, right = left + box.width, below = box.y + box.height;
  return left < -1 || box.y < -1 || right > view.width + 1 || below > view.height + 1;
}).map(text => text.textContent);
const root = document.documentElement, charts = [...document.querySelectorAll("figure [role=img]")];
root.dataset.measured = JSON.stringify({
  sideways: Math.max(0, root.scrollWidth - root.clientWidth),
  sticksOut,
  charts: charts.map(svg => svg.getBoundingClientRect().height > 50),
});
</script>
"""

SCROLLERS = """
<script>
addEventListener("load", () => {
  const all = [...document.querySelectorAll("*")].filter(each => each.scrollWidth > each.clientWidth + 1);
  const scrollers = all.filter(each => getComputedStyle(each).overflowX === "auto");
  const reached = each => each.tabIndex === 0 && each.role === "region" && each.ariaLabel;
  parent.document.documentElement.dataset.measured = JSON.stringify({
    count: scrollers.length,
    unreached: scrollers.filter(each => !reached(each)).map(each => each.outerHTML.slice(0, 80)),
    openings: scrollers.filter(each => each.querySelector(".opening")).map(each => {
      const opening = each.querySelector(".opening").getBoundingClientRect();
      const labels = each.querySelector(".labels").getBoundingClientRect();
      return labels.left >= 0 && labels.right < opening.left && opening.left < innerWidth * 0.6;
    }),
  });
});
</script>
"""

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    """Ten days with faults, drawn by the command."""
    made = tmp_path_factory.mktemp("page") / "page.html"
    days = ("--from", "2026-11-20", "--to", "2026-11-30", "--faults", "--html", str(made))
    command = [sys.executable, "-c", "from controller.cli import main; main()", "compare", *days]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)  # noqa: S603 - our own
    return made


def test_the_browser_has_nothing_to_complain_of(page, tmp_path):
    done = browse(page.as_uri(), tmp_path, "--dump-dom")
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
    assert done.stdout.count('role="img"') == 5


@pytest.mark.parametrize("width", [1440, 800, 500])
def test_no_text_sticks_out_and_the_page_does_not_scroll_sideways(page, tmp_path, width):
    copy = tmp_path / "measured.html"
    open_to_scripts = re.sub(r"<meta http-equiv=[^>]*>", "", page.read_text(encoding="utf-8"))
    copy.write_text(open_to_scripts.replace("</body>", f"{MEASURE}</body>"), encoding="utf-8")
    dom = browse(copy.as_uri(), tmp_path, "--dump-dom", f"--window-size={width},2000").stdout
    measured = json.loads(unescape(re.search(r'data-measured="([^"]*)"', dom)[1]))
    assert measured == {"sideways": 0, "sticksOut": [], "charts": [True] * 5}


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_opens_at_an_opening_and_every_scroller_is_reached_by_keyboard(page, tmp_path, width):
    open_to_scripts = re.sub(r"<meta http-equiv=[^>]*>", "", page.read_text(encoding="utf-8"))
    inner = escape(open_to_scripts.replace("</body>", f"{SCROLLERS}</body>"))
    phone = tmp_path / "phone.html"
    phone.write_text(f'<iframe width="{width}" height="3000" srcdoc="{inner}"></iframe>', encoding="utf-8")
    dom = browse(phone.as_uri(), tmp_path, "--dump-dom", "--window-size=800,3200").stdout
    measured = json.loads(unescape(re.search(r'data-measured="([^"]*)"', dom)[1]))
    assert measured["count"] >= 4
    assert measured["unreached"] == []
    assert measured["openings"] == [True, True]


def test_it_can_be_printed(page, tmp_path):
    browse(page.as_uri(), tmp_path, "--print-to-pdf=" + str(tmp_path / "page.pdf"))
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF-")
