"""The pictures of the README: the week that ``compare --html`` draws, light and dark, as SVG.

Texts are larger than on the page, since GitHub shows the picture at two thirds of its width.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

from typer.testing import CliRunner

from controller.cli.app import app

ROOT = Path(__file__).resolve().parent.parent
PICTURES = {scheme: ROOT / ".github" / f"week-{scheme}.svg" for scheme in ("light", "dark")}
COMMAND = (
    "compare",
    "--faults",
    "--from",
    "2026-11-16",
    "--to",
    "2026-11-23",
    "--config",
    "config/schedule.yaml",
)
COLUMNS, COLUMN, ROW = 3, 430, 26
"""Of the legend: how many columns, and the sizes of a cell."""
STYLE = """
svg text { font-size: 17px; }
svg .small { font-size: 15px; }
svg .end { display: none; }
"""


def pictures() -> dict[Path, str]:
    """The text of each file."""
    page = _page()
    return {path: _picture(page, scheme) for scheme, path in PICTURES.items()}


def _page() -> ET.Element:
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(ROOT):
        path = Path(folder) / "page.html"
        result = CliRunner().invoke(app, [*COMMAND, "--html", str(path)])
        assert result.exit_code == 0, result.output
        text = path.read_text(encoding="utf-8").removeprefix("<!doctype html>")
    return ET.fromstring(re.sub(r"<((?:meta|link)[^>]*)>", r"<\1/>", text))  # noqa: S314 - our own page


def _picture(page: ET.Element, scheme: str) -> str:
    timeline = next(each for each in page.iter("div") if each.get("class") == "timeline")
    labels, plot = timeline.iter("svg")
    legend = [_legend_item(item, place) for place, item in enumerate(_legend(page))]
    top = ROW * -(-len(legend) // COLUMNS) + 10
    width, height = 1300, top + float(labels.get("viewBox", "").split()[3])
    picture = ET.Element(
        "svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"-10 -10 {width + 20} {height + 20:g}"
    )
    ET.SubElement(picture, "style").text = _style(page, scheme)
    ET.SubElement(picture, "rect", x="-10", y="-10", width="100%", height="100%", style="fill: var(--paper)")
    picture.extend(legend)
    week = ET.SubElement(picture, "g", transform=f"translate(0 {top})")
    week.extend([*plot, *labels])
    return ET.tostring(picture, encoding="unicode") + "\n"


def _legend(page: ET.Element) -> list[ET.Element]:
    (items,) = (each for each in page.iter("ul") if each.get("class") == "legend")
    return list(items)


def _legend_item(item: ET.Element, place: int) -> ET.Element:
    drawing = item[0]
    row, column = divmod(place, COLUMNS)
    cell = ET.Element("g", transform=f"translate({column * COLUMN} {row * ROW})")
    cell.extend(drawing)
    ET.SubElement(cell, "text", x="36", y="12").text = drawing.tail
    return cell


def _style(page: ET.Element, scheme: str) -> str:
    """The page's, without its choice by the reader's settings: the README has a picture for each."""
    (style,) = page.iter("style")
    chosen = "all" if scheme == "dark" else "not all"
    text = "".join(style.itertext()).replace("(prefers-color-scheme: dark)", chosen)
    return re.split(r"@media print", text)[0] + STYLE


def main() -> None:
    for path, text in pictures().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
