"""Text → pieces that know from where to where they stand, so that one can be changed and no other is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from controller.errors import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ruamel.yaml.events import Event

_LINE_BREAK = re.compile(r"\r\n|\r|\n")


class Kind(Enum):
    SCALAR = auto()
    SEQUENCE = auto()
    MAPPING = auto()
    ALIAS = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """``[start, end)`` in characters; an anchor is part of it, comments and blanks around it are not.

    ``inner`` is the place after the opening bracket in flow style. ``children`` of a mapping are keys and
    values in turn. ``name`` is of an anchor or an alias. An empty scalar ends at 0: it stands nowhere.
    """

    kind: Kind
    start: int
    end: int
    inner: int
    flow: bool = False
    text: str = ""
    name: str | None = None
    children: tuple[Piece, ...] = ()

    @property
    def entries(self) -> tuple[tuple[Piece, Piece], ...]:
        return tuple(zip(self.children[::2], self.children[1::2], strict=True))

    def entry(self, key: str) -> tuple[Piece, Piece] | None:
        if self.kind is not Kind.MAPPING:
            return None
        return next((entry for entry in self.entries if entry[0].text == key), None)

    def walk(self) -> Iterator[Piece]:
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    text: str
    root: Piece

    @classmethod
    def of(cls, text: str) -> Layout:
        """``text`` has been read before: it is YAML, of one document, and not too deep."""
        events = iter(YAML(typ="safe", pure=True).parse(text))
        first = next(event for event in events if isinstance(event, NodeEvent))
        return cls(text=text, root=_piece(first, events, text))

    @property
    def line_break(self) -> str:
        found = _LINE_BREAK.search(self.text)
        return found[0] if found else "\n"

    def alias_of(self, name: str) -> Piece | None:
        return next(
            (each for each in self.root.walk() if each.kind is Kind.ALIAS and each.name == name), None
        )

    def line_start(self, at: int) -> int:
        return max(self.text.rfind("\n", 0, at), self.text.rfind("\r", 0, at)) + 1

    def line_end(self, at: int) -> int:
        """Before the line break."""
        found = _LINE_BREAK.search(self.text, at)
        return found.start() if found else len(self.text)

    def next_line(self, at: int) -> int:
        found = _LINE_BREAK.search(self.text, at)
        return found.end() if found else len(self.text)

    def before(self, at: int) -> str:
        """What stands before it in its line."""
        return self.text[self.line_start(at) : at]

    def line_number(self, at: int) -> int:
        return len(_LINE_BREAK.findall(self.text, 0, at)) + 1

    def diagnostic(self, message: str, piece: Piece, *path: str) -> Diagnostic:
        line, column = self.line_number(piece.start), len(self.before(piece.start)) + 1
        return Diagnostic(message=message, path=".".join(path), line=line, column=column)


def _piece(event: Event, events: Iterator[Event], text: str) -> Piece:
    start, end = event.start_mark.index, event.end_mark.index
    match event:
        case AliasEvent():
            return Piece(kind=Kind.ALIAS, start=start, end=end, inner=end, name=event.anchor)
        case ScalarEvent():
            written = text[start:end].rstrip()  # blank lines after a block scalar are counted to it
            return Piece(
                kind=Kind.SCALAR,
                start=start,
                end=start + len(written) if written else 0,
                inner=end,
                text=event.value,
                name=event.anchor,
            )
        case CollectionStartEvent():
            return _collection(event, events, text)
        case _:
            raise TypeError(f"{event!r} begins no node")


def _collection(event: CollectionStartEvent, events: Iterator[Event], text: str) -> Piece:
    children: list[Piece] = []
    closing = next(events)
    while not isinstance(closing, CollectionEndEvent):
        children.append(_piece(closing, events, text))
        closing = next(events)
    # The end of a block is that of what is in it: the parser's is where the next thing begins.
    end = closing.end_mark.index if event.flow_style else max(child.end for child in children)
    return Piece(
        kind=Kind.MAPPING if isinstance(event, MappingStartEvent) else Kind.SEQUENCE,
        start=event.start_mark.index,
        end=end,
        inner=event.end_mark.index,
        flow=bool(event.flow_style),
        name=event.anchor,
        children=tuple(children),
    )
