"""HTML and SVG, in which text is always escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TypeAlias

EMPTY = frozenset({"link", "meta"})
"""Elements that have no end."""


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


def _text(part: Part) -> str:
    match part:
        case None:
            return ""
        case float():
            return f"{part:.2f}".rstrip("0").rstrip(".")
        case _:
            return escape(str(part))
