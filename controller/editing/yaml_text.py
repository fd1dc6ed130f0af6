"""Writes data as YAML, in block or in flow style, as a person would."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, TypeAlias

from controller.config.yaml_tree import NULLS

if TYPE_CHECKING:
    from collections.abc import Iterator

Item: TypeAlias = "str | dict[str, str]"
Value: TypeAlias = "Item | list[Item]"

_PLAIN = re.compile(r"[^\W_](?:[\w './()+=-]|:(?=[^ ]))*(?<![ :])")
"""Text that needs no quotes in either style."""


def scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text not in NULLS:
        return text
    return json.dumps(text, ensure_ascii=False)


def flow(value: Value) -> str:
    """``{date: 2026-12-24, hours: closed}``, ``[a, b]``."""
    match value:
        case str():
            return scalar(value)
        case list():
            return f"[{', '.join(flow(item) for item in value)}]"
        case _:
            return f"{{{', '.join(f'{key}: {scalar(text)}' for key, text in value.items())}}}"


def entry(key: str, value: Value) -> Iterator[str]:
    """The lines of an entry of a block mapping; a list stands below its key."""
    if not isinstance(value, list):
        yield f"{key}: {flow(value)}"
        return
    yield f"{key}:"
    for each in value:
        yield from (f"  {line}" for line in item(each))


def item(value: Item) -> Iterator[str]:
    """The lines of an item of a block sequence."""
    if isinstance(value, str):
        yield f"- {scalar(value)}"
        return
    for index, line in enumerate(block(value)):
        yield f"{'  ' if index else '- '}{line}"


def block(value: dict[str, str]) -> Iterator[str]:
    for key, text in value.items():
        yield f"{key}: {scalar(text)}"
