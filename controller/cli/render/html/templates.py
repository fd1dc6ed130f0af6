"""Renders the templates of the HTML pages; text from outside is always escaped."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from controller.core.timefmt import day

if TYPE_CHECKING:
    from jinja2 import Environment


def render(name: str, **values: object) -> str:
    return _environment().get_template(name).render(values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - heavy, for --html alone

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"short": _short, "day": day}
    return environment


def paper(zone: str | None) -> str:
    """The paper on which a reader in the time zone prints: ``letter`` or ``A4``."""
    return "letter" if zone in _us_zones() or str(zone).startswith("US/") else "A4"


@cache
def _us_zones() -> frozenset[str]:
    lines = resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8").splitlines()
    return frozenset(line.split("\t")[2] for line in lines if line.startswith("US\t"))


def _short(number: float) -> str:
    """``0.33``, ``2``."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
