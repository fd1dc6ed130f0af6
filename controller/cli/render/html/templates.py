"""Renders the templates of the HTML pages; text from outside is always escaped."""

from __future__ import annotations

from functools import cache
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


def _short(number: float) -> str:
    """``0.33``, ``2``."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
