"""The edits: each says what it does to the text, and what it does to the meaning; both must agree.

A text is edited by replacing few of its characters. Then it is read again, and its meaning is held to that of
the text before with the same edit made to the data. So an edit that would change anything else, through an
alias for instance, is refused, and so is one that would not have its effect.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from controller.config.yaml_tree import compose, plain
from controller.editing import yaml_text
from controller.editing.layout import Kind, Layout, Piece
from controller.errors import ConfigError, Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from controller.editing.yaml_text import Item, Value

Path: TypeAlias = tuple[str, ...]
Splice: TypeAlias = tuple[int, int, str]
"""What stands in ``[start, end)`` gives way to the text."""
_DASH = re.compile(r"(?<![^\r\n]) *-(?=\s)")
"""At the beginning of a line."""
_REST = re.compile(r"[ \t]*(,?)[ \t]*(?:#.*)?")
"""Of a line after an item in brackets: a comma, a comment."""
Data: TypeAlias = "dict[str, object]"


class Edit(Protocol):
    @property
    def path(self) -> Path: ...

    def splices(self, layout: Layout) -> Iterable[Splice]:
        """None of them overlaps another.

        Raises:
            RefusedError: the text is written in a way that this edit cannot be made in.
        """

    def of_data(self, data: Data) -> None:
        """Makes the same edit to what the text means."""


class RefusedError(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def edited(text: bytes, file: str, *edits: Edit) -> bytes:
    """``text``, which is valid, with ``edits`` made to it one after the other.

    Raises:
        ConfigError: one of them cannot be made without changing something else.
    """
    for edit in edits:
        try:
            text = _edited(text, file, edit)
        except RefusedError as refused:
            raise ConfigError(file, (refused.diagnostic,)) from None
    return text


def _edited(text: bytes, file: str, edit: Edit) -> bytes:
    data = _meaning(text, file)
    layout = Layout.of(text.decode("utf-8-sig"))
    edit.of_data(data)
    after = _spliced(layout.text, edit.splices(layout)).encode()
    after = codecs.BOM_UTF8 + after if text.startswith(codecs.BOM_UTF8) else after
    if not _means(after, data):
        message = "this cannot be edited without changing something else; edit the file by hand"
        raise RefusedError(Diagnostic(message=message, path=".".join(edit.path)))
    return after


def _meaning(text: bytes, file: str) -> Data:
    root = compose(text, file)
    found = plain(root) if root is not None else None
    return found if isinstance(found, dict) else {}


def _means(text: bytes, data: Data) -> bool:
    try:
        return _meaning(text, "") == data
    except ConfigError:
        return False


def _spliced(text: str, splices: Iterable[Splice]) -> str:
    for start, end, new in sorted(splices, reverse=True):
        text = text[:start] + new + text[end:]
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """An item at the end of the list at ``path``, which is made if it is not there."""

    path: Path
    item: Item

    def of_data(self, data: Data) -> None:
        items = _parent(data, self.path).setdefault(self.path[-1], [])
        if isinstance(items, list):
            items.append(_copy(self.item))

    def splices(self, layout: Layout) -> Iterator[Splice]:
        parent, entry = _located(layout, self.path)
        if entry is None:
            yield _new_entry(layout, parent, self.path[-1], [self.item])
            return
        key, sequence = entry
        _refuse_shared(layout, sequence, self.path)
        if sequence.children:
            yield from self._after_the_last(layout, sequence)
        elif parent.flow or layout.text[sequence.inner : sequence.end].strip(" ]"):
            yield sequence.inner, sequence.inner, yaml_text.flow(self.item)
        else:
            yield layout.text.index(":", key.end) + 1, sequence.end, ""
            lines = [f"  {line}" for line in yaml_text.item(self.item)]
            yield _lines_after(layout, sequence.end, layout.before(key.start), lines)

    def _after_the_last(self, layout: Layout, sequence: Piece) -> Iterator[Splice]:
        last = sequence.children[-1]
        if not sequence.flow:
            indent = layout.before(_dash(layout, last))
            yield _lines_after(layout, sequence.end, indent, yaml_text.item(self.item))
            return
        comma, new = _comma_in_own_line(layout, last.start, last.end), yaml_text.flow(self.item)
        if comma is None:
            yield last.end, last.end, f", {new}"
            return
        yield _lines_after(layout, last.end, layout.before(last.start), [f"{new}{comma}"])
        if not comma:
            yield last.end, last.end, ","


@dataclass(frozen=True, slots=True, kw_only=True)
class SetValue:
    """A value under the key at ``path``, instead of the one there is."""

    path: Path
    value: Value

    def of_data(self, data: Data) -> None:
        _parent(data, self.path)[self.path[-1]] = _copy(self.value)

    def splices(self, layout: Layout) -> Iterator[Splice]:
        parent, entry = _located(layout, self.path)
        if entry is None:
            yield _new_entry(layout, parent, self.path[-1], self.value)
            return
        _key, value = entry
        _refuse_shared(layout, value, self.path)
        if value.kind is Kind.MAPPING and not value.flow and isinstance(self.value, dict):
            indent = " " * len(layout.before(value.start))
            yield value.start, value.end, f"{layout.line_break}{indent}".join(yaml_text.block(self.value))
        else:
            yield value.start, value.end, yaml_text.flow(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveKey:
    """The key at ``path`` with its value."""

    path: Path

    def of_data(self, data: Data) -> None:
        del _parent(data, self.path)[self.path[-1]]

    def splices(self, layout: Layout) -> Iterator[Splice]:
        parent, entry = _located(layout, self.path)
        if entry is None:
            return
        if not parent.flow:
            yield _whole_lines(layout, entry[0].start, entry[1].end)
            return
        index = parent.entries.index(entry)
        bounds = [(key.start, value.end) for key, value in parent.entries]
        yield from _out_of_flow(layout, bounds, frozenset({index}))


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveItems:
    """The items with ``indexes`` out of the list at ``path``; what is left may be ``[]``."""

    path: Path
    indexes: frozenset[int]

    def of_data(self, data: Data) -> None:
        parent = _parent(data, self.path)
        items = parent[self.path[-1]]
        if isinstance(items, list):
            parent[self.path[-1]] = [each for index, each in enumerate(items) if index not in self.indexes]

    def splices(self, layout: Layout) -> Iterator[Splice]:
        _mapping, entry = _located(layout, self.path)
        if entry is None:
            return
        key, sequence = entry
        _refuse_shared(layout, sequence, self.path)
        if sequence.flow:
            bounds = [(each.start, each.end) for each in sequence.children]
            yield from _out_of_flow(layout, bounds, self.indexes)
            return
        if len(self.indexes) == len(sequence.children):
            colon = layout.text.index(":", key.end) + 1
            yield colon, colon, " []"
        for index in self.indexes:
            child = sequence.children[index]
            yield _whole_lines(layout, _dash(layout, child), child.end)


def _parent(data: Data, path: Path) -> Data:
    for key in path[:-1]:
        inner = data[key]
        if not isinstance(inner, dict):
            raise TypeError(f"{key} of {'.'.join(path)} is no mapping in a valid file")
        data = inner
    return data


def _copy(value: Value) -> object:
    match value:
        case str():
            return value
        case list():
            return [_copy(item) for item in value]
        case _:
            return dict(value)


def _located(layout: Layout, path: Path) -> tuple[Piece, tuple[Piece, Piece] | None]:
    """The mapping that has, or would have, the last key of ``path``; and the entry, if it is there."""
    piece = layout.root
    for depth, key in enumerate(path):
        _refuse_shared(layout, piece, path[:depth])
        entry = piece.entry(key)
        if entry is None or depth == len(path) - 1:
            return piece, entry
        piece = entry[1]
    raise ValueError("an edit is of a key")


def _refuse_shared(layout: Layout, piece: Piece, path: Path) -> None:
    """An alias, or what an alias repeats: an edit of one would be an edit of the other."""
    if piece.kind is Kind.ALIAS:
        message = f"*{piece.name} stands here, which repeats another part of the file"
    elif piece.name is not None and (alias := layout.alias_of(piece.name)):
        message = f"line {layout.line_number(alias.start)} repeats this by *{piece.name}"
    else:
        return
    message = f"{message}; an edit would change both: write it out in both places first"
    raise RefusedError(layout.diagnostic(message, piece, *path))


def _new_entry(layout: Layout, parent: Piece, key: str, value: Value) -> Splice:
    if parent.flow:
        last = parent.children[-1]
        return last.end, last.end, f", {key}: {yaml_text.flow(value)}"
    indent = layout.before(parent.children[0].start)
    return _lines_after(layout, parent.end, indent, yaml_text.entry(key, value))


def _lines_after(layout: Layout, at: int, indent: str, lines: Iterable[str]) -> Splice:
    """Below the line of ``at``."""
    where, br = layout.next_line(at), layout.line_break
    if where > layout.line_end(at):
        return where, where, "".join(f"{indent}{line}{br}" for line in lines)
    return where, where, "".join(f"{br}{indent}{line}" for line in lines)


def _whole_lines(layout: Layout, start: int, end: int) -> Splice:
    return layout.line_start(start), layout.next_line(end), ""


def _dash(layout: Layout, item: Piece) -> int:
    """Where the item's dash stands: in its line, or above blank lines and comments."""
    *_, last = _DASH.finditer(layout.text, 0, item.start)
    return last.end() - 1


def _comma_in_own_line(layout: Layout, start: int, end: int) -> str | None:
    """The comma, or nothing, after an item in brackets; ``None`` if it shares its line with another.

    A comment in its line is about the item, comes after the comma, and goes where the item goes.
    """
    rest = _REST.fullmatch(layout.text, end, layout.line_end(end))
    return None if rest is None or layout.before(start).strip() else rest[1]


def _out_of_flow(layout: Layout, bounds: list[tuple[int, int]], indexes: frozenset[int]) -> Iterator[Splice]:
    """Each with its line, or the comma after it; behind the last that stays, with the comma before it."""
    if all(_comma_in_own_line(layout, *each) is not None for each in bounds):
        yield from (_whole_lines(layout, *bounds[index]) for index in indexes)
        return
    last = max(set(range(len(bounds))) - indexes, default=-1)
    for index in indexes:
        if index < last:
            yield bounds[index][0], bounds[index + 1][0], ""
    if last < len(bounds) - 1:
        (first, _), (_, end) = bounds[last + 1], bounds[-1]
        comma = bounds[last][1] if last >= 0 else first
        has_comment = "#" in layout.text[comma:first]  # of the one that stays: so does its comma then
        yield first if has_comment else comma, end, ""
