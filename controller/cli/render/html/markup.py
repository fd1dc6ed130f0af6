"""HTML and SVG, in which text is always escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TypeAlias

EMPTY = frozenset({"link", "meta"})
"""Elements that have no end."""
LOADS_NOTHING = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


Part: TypeAlias = str | float | None
"""Text (escaped, unless it is ``Markup``), a number, or nothing."""


def element(name: str, /, *parts: Part, **attributes: Part) -> Markup:
    """``element("a", "R & D", class_="x", data_k=1)``; an attribute of ``None`` is left out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in EMPTY:
        return Markup(f"<{name}{given}>")
    return Markup(f"<{name}{given}>{together(parts)}</{name}>")


def together(parts: Iterable[Part]) -> Markup:
    return Markup("".join(part if isinstance(part, Markup) else _text(part) for part in parts))


def page(title: str, style: str, *body: Part) -> str:
    """A whole document that loads nothing and runs nothing, light or dark as the reader likes it."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=LOADS_NOTHING),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("link", rel="icon", href="data:,"),
        element("title", title),
        element("style", Markup(style)),
    )
    return f"<!doctype html>\n{element('html', head, element('body', *body), lang='en')}\n"


def _text(part: Part) -> str:
    match part:
        case None:
            return ""
        case float():
            return f"{part:.2f}".rstrip("0").rstrip(".")
        case _:
            return escape(str(part))
