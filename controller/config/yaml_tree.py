"""Parses YAML text into a tree of nodes with their places and spans; every scalar stays the string written.

YAML 1.2, less what a schedule never needs and a reader can be hurt by: tags, directives, several documents,
deep nesting, aliases that multiply. The nodes are made from the parser's events one at a time, so that a
limit is noticed where it is passed, before anything large or deep exists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)
from ruamel.yaml.reader import ReaderError

from controller.config.problems import HintedDiagnostic
from controller.errors import ConfigError, Diagnostic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ruamel.yaml.error import StringMark
    from ruamel.yaml.events import Event

MAX_BYTES = 512 * 1024
MAX_NODES = 100_000
MAX_DEPTH = 32
MAX_KEY = 200
_NO_CHARACTER = re.compile(r"\\U(?!00(?:0[0-9a-fA-F]|10))")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_BLOCK = "this does not line up with what begins {begun}; check its indentation"
_MISTAKES = {
    "mapping values are not allowed here": "a second ':' in one line, or a key deeper than its neighbours",
    "while scanning for the next token": "no value begins with this character; put the text in quotes",
    "while scanning an alias": "* and & are YAML's own here; put a text that begins with one in quotes",
    "while scanning an anchor": "* and & are YAML's own here; put a text that begins with one in quotes",
    "while scanning a quoted scalar": "the quotation mark that opens here is not closed",
    "while scanning a simple key": "this needs a ':' and a blank after its key",
    "while parsing a flow sequence": "the [ {begun} is not closed, or a comma is missing",
    "while parsing a flow mapping": "the {{ {begun} is not closed, or a comma is missing",
    "while parsing a block mapping": _BLOCK,
    "while parsing a block collection": _BLOCK,
}
"""The most frequent mistake, by the problem or the context of the parser's error."""
_STRAY = ("'}'", "']'", "','")
_REPORTED_AT_ITS_BEGINNING = frozenset({"while scanning a quoted scalar", "while scanning a simple key"})
_NOT_A_CHARACTER = "not valid YAML: an escape in a quoted string names no character"
NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSpan:
    """``[start, end)`` in characters of the text, without the byte order mark."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A node of the tree with its place in the text.

    ``line`` and ``column`` count from 1; ``weight`` is the number of nodes in it, aliases followed. An anchor
    is part of the span, comments and blanks around it are not; an empty value has an empty span. Where an
    alias stands, there is a copy of its target, but with its own ``span`` and its name (``alias``).
    """

    line: int
    column: int
    span: TextSpan
    anchor: str | None = None
    alias: str | None = None
    weight: int = 1
    height: int = 0

    def diagnostic(self, message: str, path: str = "", hint: Callable[[], str] | None = None) -> Diagnostic:
        if hint is not None:
            return HintedDiagnostic(message=message, path=path, line=self.line, column=self.column, hint=hint)
        return Diagnostic(message=message, path=path, line=self.line, column=self.column)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar(Placed):
    """A single value, as text; ``plain``: without quotes."""

    text: str
    plain: bool = True

    @property
    def null(self) -> bool:
        return self.plain and self.text in NULLS


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence(Placed):
    """A list. ``flow``: in brackets; ``inner`` is where its first item may stand then."""

    items: tuple[Node, ...]
    flow: bool
    inner: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping(Placed):
    """Keys with values; ``entries`` as written: a key may occur twice. ``flow``: in braces."""

    entries: tuple[tuple[Scalar, Node], ...]
    flow: bool
    _first: dict[str, tuple[Scalar, Node]] = field(init=False, repr=False, compare=False)
    """The first entry of each key: thousands of keys are each looked up by their name."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_first", {entry[0].text: entry for entry in reversed(self.entries)})

    def entry(self, key: str) -> tuple[Scalar, Node] | None:
        """The first entry of ``key``."""
        return self._first.get(key)

    def get(self, key: str) -> Node | None:
        """The first value under ``key``."""
        found = self._first.get(key)
        return found and found[1]

    def key(self, key: str) -> Scalar | None:
        found = self._first.get(key)
        return found and found[0]


Node = Scalar | Sequence | Mapping


def plain(node: Node) -> object:
    """The same as lists, dictionaries, strings and ``None``; of a key that occurs twice the first counts."""
    match node:
        case Scalar():
            return None if node.null else node.text
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            first = {key.text: value for key, value in reversed(node.entries)}
            return {key.text: plain(first[key.text]) for key, _ in node.entries}


def find(node: Node | None, *path: str) -> Node | None:
    """What stands under ``path``; ``None`` where a mapping or a key on the way is missing."""
    for key in path:
        if not isinstance(node, Mapping):
            return None
        node = node.get(key)
    return node


def entries(node: Node | None) -> tuple[tuple[Scalar, Node], ...]:
    return node.entries if isinstance(node, Mapping) else ()


def items(node: Node | None) -> tuple[Node, ...]:
    return node.items if isinstance(node, Sequence) else ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all nodes written in it, in the order of the text; an alias is not followed."""
    yield node
    if node.alias is None:
        for child in _children(node):
            yield from walk(child)


def _children(node: Node) -> Iterable[Node]:
    match node:
        case Sequence():
            return node.items
        case Mapping():
            return chain.from_iterable(node.entries)
        case Scalar():
            return ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class YamlTree:
    """A YAML text and its tree; ``root`` is ``None`` if nothing is in the text.

    ``text`` is ``data`` without the byte order mark. ``file`` is what diagnostics call it.
    """

    file: str
    data: bytes
    text: str
    root: Node | None

    @property
    def line_break(self) -> str:
        found = _LINE_BREAK.search(self.text)
        return found[0] if found else "\n"

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
        """What stands before ``at`` in its line."""
        return self.text[self.line_start(at) : at]

    def place(self, at: int) -> tuple[int, int]:
        """Line and column, from 1, of the character at ``at``."""
        return _place(self.text, at)


def compose(data: bytes, file: str) -> YamlTree:
    """The tree of ``data``.

    Raises:
        ConfigError: with the one diagnostic that stopped the reading.
    """
    try:
        text = _decoded(data)
        return YamlTree(file=file, data=data, text=text, root=_composed(text))
    except _RefusedError as refused:
        raise ConfigError(file, (refused.diagnostic,)) from None


class _RefusedError(Exception):
    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic(message=message, line=line, column=column)


def _decoded(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise _RefusedError(f"larger than {MAX_BYTES // 1024} KiB, which no schedule needs")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", errors="replace")
        message = f"not UTF-8: byte 0x{data[error.start]:02x}; save the file as UTF-8"
        raise _RefusedError(message, *_place(before, len(before))) from None


def _place(text: str, index: int) -> tuple[int, int]:
    """Line and column, from 1, of the character at ``index``."""
    lines = _LINE_BREAK.split(text[:index])
    return len(lines), len(lines[-1]) + 1


def _composed(text: str) -> Node | None:
    try:
        composer = _Composer(text)
        for event in YAML(typ="safe", pure=True).parse(text):
            composer.take(event)
    except MarkedYAMLError as error:
        begins_there = error.context in _REPORTED_AT_ITS_BEGINNING
        mark = error.context_mark if begins_there else error.problem_mark or error.context_mark
        raise _RefusedError(_syntax(error), *_in_file(mark, text)) from None
    except ReaderError as error:
        message = f"character {_named(error.character)} cannot stand in a YAML file"
        raise _RefusedError(message, *_place(text, error.position)) from None
    except (ValueError, OverflowError):  # such an escape is passed to chr() unchecked
        escape = _NO_CHARACTER.search(text)
        raise _RefusedError(_NOT_A_CHARACTER, *_place(text, escape.start() if escape else 0)) from None
    return composer.root


def _named(character: str | int) -> str:
    return f"U+{character if isinstance(character, int) else ord(character):04X}"


def _in_file(mark: StringMark | None, text: str) -> tuple[int, int]:
    """The place of ``mark``, or the last place of the file where that is beyond its end."""
    return _place(text, min(mark.index, len(text.rstrip())) if mark else 0)


def _syntax(error: MarkedYAMLError) -> str:
    problem = str(error.problem or error.context)
    if "\\t" in problem:
        return "not valid YAML: a tab cannot indent or start a value; use spaces"
    begun = f"in line {error.context_mark.line + 1}" if error.context_mark else ""
    likely = _MISTAKES.get(problem) or _MISTAKES.get(str(error.context))
    if likely is None or problem.endswith(_STRAY):
        return f"not valid YAML: {problem}"
    return f"not valid YAML: {likely.format(begun=begun)}"


@dataclass(slots=True, kw_only=True)
class _Open:
    """A collection whose end has not come yet."""

    event: CollectionStartEvent
    children: list[Node] = field(default_factory=list)

    def closed(self, end: CollectionEndEvent) -> Node:
        weight = 1 + sum(child.weight for child in self.children)
        height = 1 + max((child.height for child in self.children), default=0)
        line, column = _at(self.event)
        span, flow = self._span(end), bool(self.event.flow_style)
        if isinstance(self.event, MappingStartEvent):
            return Mapping(
                entries=tuple(_pairs(self.children)),
                flow=flow,
                line=line,
                column=column,
                span=span,
                anchor=self.event.anchor,
                weight=weight,
                height=height,
            )
        return Sequence(
            items=tuple(self.children),
            flow=flow,
            inner=self.event.end_mark.index,
            line=line,
            column=column,
            span=span,
            anchor=self.event.anchor,
            weight=weight,
            height=height,
        )

    def _span(self, end: CollectionEndEvent) -> TextSpan:
        """The end of a block is that of what is in it: the parser's is where the next thing begins."""
        start = self.event.start_mark.index
        if self.event.flow_style or not self.children:
            return TextSpan(start=start, end=end.end_mark.index)
        return TextSpan(start=start, end=max(child.span.end for child in self.children))


def _pairs(children: list[Node]) -> Iterable[tuple[Scalar, Node]]:
    for key, value in zip(children[::2], children[1::2], strict=True):
        if not isinstance(key, Scalar) or key.null:
            message = "a key must be a plain name (hours: …)"
            raise _RefusedError(message, key.line, key.column)
        if len(key.text) > MAX_KEY:
            message = f"a key longer than {MAX_KEY} characters, which no schedule needs"
            raise _RefusedError(message, key.line, key.column)
        yield key, value


class _Composer:
    """Takes the parser's events in order; ``root`` is complete after the last."""

    def __init__(self, text: str) -> None:
        self.root: Node | None = None
        self._text = text
        self._open: list[_Open] = []
        self._anchors: dict[str, Node | None] = {}
        self._nodes = 0
        self._documents = 0

    def take(self, event: Event) -> None:
        match event:
            case DocumentStartEvent():
                self._document(event)
            case AliasEvent():
                span = TextSpan(start=event.start_mark.index, end=event.end_mark.index)
                self._put(event, replace(self._target(event), span=span, anchor=None, alias=event.anchor))
            case ScalarEvent():
                self._refuse_tag(event)
                self._put(event, self._scalar(event))
            case CollectionStartEvent():
                self._begin(event)
            case CollectionEndEvent():
                opened = self._open.pop()
                self._hang(opened.event, opened.closed(event))
            case _:
                pass  # the stream's own start and end

    def _scalar(self, event: ScalarEvent) -> Scalar:
        line, column = _at(event)
        text = str(event.value)
        if _SURROGATE.search(text):
            _refuse(event, _NOT_A_CHARACTER)
        return Scalar(
            text=text,
            plain=event.style is None,
            line=line,
            column=column,
            span=self._scalar_span(event),
            anchor=event.anchor,
        )

    def _scalar_span(self, event: ScalarEvent) -> TextSpan:
        """Blank lines after a block scalar are not part of it, though the parser counts them."""
        start = event.start_mark.index
        end = start + len(self._text[start : event.end_mark.index].rstrip())
        if start == end and self._open:
            # The parser's place of an empty value is where the next thing begins.
            before = self._open[-1]
            start = end = before.children[-1].span.end if before.children else before.event.start_mark.index
        return TextSpan(start=start, end=end)

    def _document(self, event: DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            _refuse(event, "a second document starts here; a schedule file holds one")
        before = _LINE_BREAK.split(self._text[: event.start_mark.index])
        directive = next((at for at, line in enumerate(before, 1) if line.startswith("%")), None)
        if directive is not None:
            raise _RefusedError("a YAML directive; remove the line, the file is YAML 1.2", directive, 1)

    def _target(self, event: AliasEvent) -> Node:
        target = self._anchors.get(event.anchor)
        if target is None:
            known = (
                "is still being defined here" if event.anchor in self._anchors else "has no anchor before it"
            )
            _refuse(event, f'alias "*{event.anchor}" {known} (&{event.anchor})')
        return target

    def _begin(self, event: CollectionStartEvent) -> None:
        self._refuse_tag(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._open.append(_Open(event=event))
        self._limit(event, weight=1, height=1)

    def _put(self, event: NodeEvent, node: Node) -> None:
        self._limit(event, weight=node.weight, height=node.height)
        self._hang(event, node)

    def _hang(self, event: NodeEvent, node: Node) -> None:
        if event.anchor is not None and node.alias is None:
            self._anchors[event.anchor] = node
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node

    def _limit(self, event: NodeEvent, *, weight: int, height: int) -> None:
        self._nodes += weight
        if self._nodes > MAX_NODES:
            _refuse(event, f"more than {MAX_NODES:,} values, aliases followed, which no schedule needs")
        depth = len(self._open) + height - isinstance(event, CollectionStartEvent)
        if depth > MAX_DEPTH:
            _refuse(event, f"nested more than {MAX_DEPTH} deep, which no schedule needs")

    def _refuse_tag(self, event: ScalarEvent | CollectionStartEvent) -> None:
        if event.tag is not None:
            _refuse(event, f'a tag ("{event.tag}"); remove it, values are read as they are written')


def _at(event: Event) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _refuse(event: Event, message: str) -> NoReturn:
    raise _RefusedError(message, *_at(event))
