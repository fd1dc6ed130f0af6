"""Edits a YAML text by replacing few of its characters, and proves that nothing else has changed. Pure.

Each edit is made to the text and to the data that the text means. The edited text is then parsed, and must
mean the edited data: an edit that would change anything else, through an alias for instance, is refused, and
so is one that would not have its effect.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from controller.config.yaml_tree import NULLS, Mapping, Sequence, TextSpan, YamlTree, compose, plain, walk
from controller.errors import ConfigError, Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from controller.config.yaml_tree import Node, Scalar

Path: TypeAlias = tuple[str, ...]
_DASH = re.compile(r"(?<![^\r\n]) *-(?=\s)")
"""At the beginning of a line."""
_REST = re.compile(r"[ \t]*(,?)[ \t]*(?:#.*)?")
"""Of a line after an item in brackets: a comma, a comment."""
_PLAIN = re.compile(r"[^\W_](?:[\w './()+=-]|:(?=[^ ]))*(?<![ :])")
"""Text that needs no quotes in either style."""
Data: TypeAlias = "dict[str, object]"
Item: TypeAlias = "str | dict[str, str]"
Value: TypeAlias = "Item | list[Item]"

_BY_HAND = "this cannot be edited without changing something else; edit the file by hand"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class TextEdit:
    """Replaces the characters in ``[start, end)`` by ``new``."""

    start: int
    end: int
    new: str = ""


class Edit(Protocol):
    """An edit of the value at ``path``."""

    @property
    def path(self) -> Path: ...

    def text_edits(self, tree: YamlTree) -> Iterable[TextEdit]:
        """The same edit of the text; none of them overlaps another.

        Raises:
            RefusedError: the text is written in a way that this edit cannot be made in.
        """

    def of_data(self, data: Data) -> None:
        """Makes the edit to the data that the text means."""


class RefusedError(Exception):
    """An edit cannot be made without changing something else."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def edited(tree: YamlTree, *edits: Edit) -> YamlTree:
    """``tree``, which is of a valid file, with ``edits`` made to it one after the other.

    Raises:
        ConfigError: one of them cannot be made without changing something else.
    """
    for edit in edits:
        try:
            tree = _edited(tree, edit)
        except RefusedError as refused:
            raise ConfigError(tree.file, (refused.diagnostic,)) from None
    return tree


def _edited(tree: YamlTree, edit: Edit) -> YamlTree:
    data = _meaning(tree)
    edit.of_data(data)
    text = _replaced(tree.text, edit.text_edits(tree)).encode()
    if tree.data.startswith(codecs.BOM_UTF8):
        text = codecs.BOM_UTF8 + text
    try:
        after = compose(text, tree.file)
    except ConfigError:
        raise _cannot(edit.path) from None
    if _meaning(after) != data:
        raise _cannot(edit.path)
    return after


def _cannot(path: Path) -> RefusedError:
    return RefusedError(Diagnostic(message=_BY_HAND, path=".".join(path)))


def _meaning(tree: YamlTree) -> Data:
    found = plain(tree.root) if tree.root is not None else None
    return found if isinstance(found, dict) else {}


def _replaced(text: str, edits: Iterable[TextEdit]) -> str:
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.new + text[edit.end :]
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """Adds an item at the end of the list at ``path``, which is made if it is not there."""

    path: Path
    item: Item

    def of_data(self, data: Data) -> None:
        items = _parent(data, self.path).setdefault(self.path[-1], [])
        if isinstance(items, list):
            items.append(_copy(self.item))

    def text_edits(self, tree: YamlTree) -> Iterator[TextEdit]:
        parent, entry = _located(tree, self.path)
        if entry is None:
            yield _new_entry(tree, parent, self.path[-1], [self.item])
            return
        key, sequence = entry[0], _sequence(tree, entry[1], self.path)
        end = sequence.span.end
        if sequence.items:
            yield from self._after_the_last(tree, sequence)
        elif parent.flow or tree.text[sequence.inner : end].strip(" ]"):
            yield TextEdit(start=sequence.inner, end=sequence.inner, new=_flow(self.item))
        else:
            yield TextEdit(start=_after_colon(tree, key), end=end)
            lines = [f"  {line}" for line in _item(self.item)]
            yield _lines_after(tree, end, tree.before(key.span.start), lines)

    def _after_the_last(self, tree: YamlTree, sequence: Sequence) -> Iterator[TextEdit]:
        last = sequence.items[-1].span
        if not sequence.flow:
            indent = tree.before(_dash(tree, last))
            yield _lines_after(tree, sequence.span.end, indent, _item(self.item))
            return
        comma, new = _comma_in_own_line(tree, last), _flow(self.item)
        if comma is None:
            yield TextEdit(start=last.end, end=last.end, new=f", {new}")
            return
        yield _lines_after(tree, last.end, tree.before(last.start), [f"{new}{comma}"])
        if not comma:
            yield TextEdit(start=last.end, end=last.end, new=",")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetValue:
    """Puts a value under the key at ``path``, instead of the one there is."""

    path: Path
    value: Value

    def of_data(self, data: Data) -> None:
        _parent(data, self.path)[self.path[-1]] = _copy(self.value)

    def text_edits(self, tree: YamlTree) -> Iterator[TextEdit]:
        parent, entry = _located(tree, self.path)
        if entry is None:
            yield _new_entry(tree, parent, self.path[-1], self.value)
            return
        value = entry[1]
        _refuse_shared(tree, value, self.path)
        new = _flow(self.value)
        if isinstance(value, Mapping) and not value.flow and isinstance(self.value, dict):
            indent = " " * len(tree.before(value.span.start))
            new = f"{tree.line_break}{indent}".join(_block(self.value))
        yield TextEdit(start=value.span.start, end=value.span.end, new=new)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveKey:
    """Removes the key at ``path`` with its value."""

    path: Path

    def of_data(self, data: Data) -> None:
        del _parent(data, self.path)[self.path[-1]]

    def text_edits(self, tree: YamlTree) -> Iterator[TextEdit]:
        parent, entry = _located(tree, self.path)
        if entry is None:
            return
        spans = [TextSpan(start=key.span.start, end=value.span.end) for key, value in parent.entries]
        index = parent.entries.index(entry)
        if parent.flow:
            yield from _out_of_flow(tree, spans, frozenset({index}))
        else:
            yield _whole_lines(tree, spans[index])


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveItems:
    """Removes the items with ``indexes`` from the list at ``path``; what is left may be ``[]``."""

    path: Path
    indexes: frozenset[int]

    def of_data(self, data: Data) -> None:
        parent = _parent(data, self.path)
        items = parent[self.path[-1]]
        if isinstance(items, list):
            parent[self.path[-1]] = [each for index, each in enumerate(items) if index not in self.indexes]

    def text_edits(self, tree: YamlTree) -> Iterator[TextEdit]:
        _, entry = _located(tree, self.path)
        if entry is None:
            return
        key, sequence = entry[0], _sequence(tree, entry[1], self.path)
        spans = [item.span for item in sequence.items]
        if sequence.flow:
            yield from _out_of_flow(tree, spans, self.indexes)
            return
        if len(self.indexes) == len(spans):
            colon = _after_colon(tree, key)
            yield TextEdit(start=colon, end=colon, new=" []")
        for index in self.indexes:
            yield _whole_lines(tree, TextSpan(start=_dash(tree, spans[index]), end=spans[index].end))


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


def _located(tree: YamlTree, path: Path) -> tuple[Mapping, tuple[Scalar, Node] | None]:
    """The mapping that has, or would have, the last key of ``path``; and the entry, if it is there."""
    node = tree.root
    for depth, key in enumerate(path):
        if not isinstance(node, Mapping):
            raise _cannot(path)
        _refuse_shared(tree, node, path[:depth])
        entry = node.entry(key)
        if entry is None or depth == len(path) - 1:
            return node, entry
        node = entry[1]
    raise ValueError("an edit is of a key")


def _sequence(tree: YamlTree, node: Node, path: Path) -> Sequence:
    _refuse_shared(tree, node, path)
    if not isinstance(node, Sequence):
        raise _cannot(path)
    return node


def _refuse_shared(tree: YamlTree, node: Node, path: Path) -> None:
    """An alias, or what an alias repeats: an edit of one would be an edit of the other."""
    if node.alias is not None:
        message = f"*{node.alias} stands here, which repeats another part of the file"
    elif node.anchor is not None and (alias := _alias_of(tree, node.anchor)):
        message = f"line {tree.place(alias.span.start)[0]} repeats this by *{node.anchor}"
    else:
        return
    message = f"{message}; an edit would change both: write it out in both places first"
    line, column = tree.place(node.span.start)
    raise RefusedError(Diagnostic(message=message, path=".".join(path), line=line, column=column))


def _alias_of(tree: YamlTree, anchor: str) -> Node | None:
    nodes = walk(tree.root) if tree.root is not None else ()
    return next((node for node in nodes if node.alias == anchor), None)


def _new_entry(tree: YamlTree, parent: Mapping, key: str, value: Value) -> TextEdit:
    first, last = parent.entries[0][0].span, parent.entries[-1][1].span
    if parent.flow:
        return TextEdit(start=last.end, end=last.end, new=f", {key}: {_flow(value)}")
    return _lines_after(tree, parent.span.end, tree.before(first.start), _entry(key, value))


def _after_colon(tree: YamlTree, key: Scalar) -> int:
    return tree.text.index(":", key.span.end) + 1


def _lines_after(tree: YamlTree, at: int, indent: str, lines: Iterable[str]) -> TextEdit:
    """Below the line of ``at``."""
    where, br = tree.next_line(at), tree.line_break
    if where > tree.line_end(at):
        return TextEdit(start=where, end=where, new="".join(f"{indent}{line}{br}" for line in lines))
    return TextEdit(start=where, end=where, new="".join(f"{br}{indent}{line}" for line in lines))


def _whole_lines(tree: YamlTree, span: TextSpan) -> TextEdit:
    return TextEdit(start=tree.line_start(span.start), end=tree.next_line(span.end))


def _dash(tree: YamlTree, item: TextSpan) -> int:
    """Where the item's dash stands: in its line, or above blank lines and comments."""
    *_, last = _DASH.finditer(tree.text, 0, item.start)
    return last.end() - 1


def _comma_in_own_line(tree: YamlTree, item: TextSpan) -> str | None:
    """The comma, or nothing, after an item in brackets; ``None`` if it shares its line with another.

    A comment in its line is about the item, comes after the comma, and goes where the item goes.
    """
    rest = _REST.fullmatch(tree.text, item.end, tree.line_end(item.end))
    return None if rest is None or tree.before(item.start).strip() else rest[1]


def _out_of_flow(tree: YamlTree, spans: list[TextSpan], indexes: frozenset[int]) -> Iterator[TextEdit]:
    """Each with its line, or the comma after it; behind the last that stays, with the comma before it."""
    if all(_comma_in_own_line(tree, span) is not None for span in spans):
        yield from (_whole_lines(tree, spans[index]) for index in indexes)
        return
    last = max(set(range(len(spans))) - indexes, default=-1)
    for index in indexes:
        if index < last:
            yield TextEdit(start=spans[index].start, end=spans[index + 1].start)
    if last < len(spans) - 1:
        first, end = spans[last + 1].start, spans[-1].end
        comma = spans[last].end if last >= 0 else first
        has_comment = "#" in tree.text[comma:first]  # of the one that stays: so does its comma then
        yield TextEdit(start=first if has_comment else comma, end=end)


def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text not in NULLS:
        return text
    return json.dumps(text, ensure_ascii=False)


def _flow(value: Value) -> str:
    """``{date: 2026-12-24, hours: closed}``, ``[a, b]``."""
    match value:
        case str():
            return _scalar(value)
        case list():
            return f"[{', '.join(_flow(item) for item in value)}]"
        case _:
            return f"{{{', '.join(f'{key}: {_scalar(text)}' for key, text in value.items())}}}"


def _entry(key: str, value: Value) -> Iterator[str]:
    """The lines of an entry of a block mapping; a list stands below its key."""
    if not isinstance(value, list):
        yield f"{key}: {_flow(value)}"
        return
    yield f"{key}:"
    for each in value:
        yield from (f"  {line}" for line in _item(each))


def _item(value: Item) -> Iterator[str]:
    """The lines of an item of a block sequence."""
    if isinstance(value, str):
        yield f"- {_scalar(value)}"
        return
    for index, line in enumerate(_block(value)):
        yield f"{'  ' if index else '- '}{line}"


def _block(value: dict[str, str]) -> Iterator[str]:
    for key, text in value.items():
        yield f"{key}: {_scalar(text)}"
