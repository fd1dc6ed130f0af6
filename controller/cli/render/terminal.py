"""Prints text, tables and JSON: coloured and wrapped at a terminal, plain and never wrapped in a pipe."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from controller.cli.render.printable import printable

PIPE_WIDTH = 100_000
"""In a pipe a line is as long as its content."""


GAP = 2
"""Blanks between two columns."""
LEAST_PROSE = 16
"""Columns that a text needs to be read when it is wrapped."""


def console(*, errors: bool = False) -> Console:
    """Markup is off: ``[us, company]`` is text. NO_COLOR and FORCE_COLOR are rich's business."""
    file = sys.stderr if errors else sys.stdout
    width = None if file.isatty() else PIPE_WIDTH
    return Console(file=file, width=width, markup=False, highlight=False, emoji=False)


def print_out(*shown: RenderableType) -> None:
    """Prints data to stdout, without trailing blanks."""
    _write(console(), shown)


def print_rest(number: int, shown: int) -> None:
    """Prints how many of ``number`` rows follow the first ``shown``, if any."""
    if number > shown:
        print_out(f"… and {number - shown} more (--json has them all)")


_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


def set_quiet(wanted: bool) -> None:
    """Whether ``print_info`` prints nothing."""
    _quiet.set(wanted)


def print_info(text: str) -> None:
    """Prints information to stderr, unless ``--quiet``: warnings, what was written, what to do next."""
    if not _quiet.get():
        print_error(text)


def new_screen() -> None:
    """Clears the screen of a terminal; in a pipe nothing."""
    if sys.stdout.isatty() and not console().is_dumb_terminal:
        sys.stdout.write("\x1b[H\x1b[2J")


def print_error(text: str) -> None:
    """Prints an error to stderr."""
    lines = text.rstrip("\n").split("\n")
    _write(console(errors=True), tuple(words(line) for line in lines))


def _write(to: Console, shown: Iterable[RenderableType]) -> None:
    with to.capture() as captured:
        for each in shown:
            _print(to, words(each) if isinstance(each, str) else each)
    lines = captured.get().split("\n")[:-1]
    to.file.write("".join(f"{line.rstrip()}\n" for line in lines))
    to.file.flush()


def _print(to: Console, shown: RenderableType) -> None:
    if not isinstance(shown, Text):
        to.print(shown, crop=False)
        return
    for part in _wrapped(shown, to.width):
        to.print(part, no_wrap=True, overflow="ignore", crop=False)


def _wrapped(text: Text, room: int) -> Iterator[Text]:
    """The lines of ``text``, broken between words only: what is copied from a terminal must be whole.

    Rich would break a word that is longer than the line.
    """
    for whole in text.split("\n", allow_blank=True):
        breaks, column = [], 0
        for word in re.finditer(r"\s*\S+", whole.plain):
            width = cell_len(word[0])
            if column and column + width > room:
                breaks.append(word.start() + len(word[0]) - len(word[0].lstrip()))
                column, width = 0, cell_len(word[0].lstrip())
            column += width
        yield from whole.divide(breaks)


def print_json(value: object, *, compact: bool = False) -> None:
    """``compact``: one line, where more documents follow."""
    text = json.dumps(value, indent=None if compact else 2, ensure_ascii=False)
    sys.stdout.write(_UNPRINTABLE.sub(_escape, text) + "\n")
    sys.stdout.flush()


_UNPRINTABLE = re.compile(r"[^\x20-\x7e\n]")
"""Characters that may be unprintable; JSON has line ends only between values."""


def _escape(found: re.Match[str]) -> str:
    """As JSON writes it, unless it can be printed: a program reads the same, a terminal is not steered."""
    return found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1]


def words(text: str, style: str = "") -> Text:
    """``text`` without unprintable characters, which text from AWS or a file may have."""
    return Text(printable(text), style)


def line(*parts: str | tuple[str, str]) -> Text:
    """Plain parts, and ``(text, style)`` ones."""
    return Text().join(words(part) if isinstance(part, str) else words(*part) for part in parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table as wide as its cells; in a narrow terminal cells wrap between words, or each row is stacked.

    ``right`` names the columns of numbers, which never wrap.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[Text, ...], ...]
    right: tuple[str, ...]

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        for wraps in (False, True):
            if widths := self._widths(options.max_width, wraps=wraps):
                yield self._columns(widths)
                return
        yield from self._stacked(options.max_width)

    def _widths(self, room: int, *, wraps: bool) -> list[int] | None:
        """``None`` if there is no room. Only the last column wraps, or all but those of numbers."""
        columns = list(zip(self.header, *((cell.plain for cell in row) for row in self.rows), strict=True))
        full = [max(map(cell_len, cells)) for cells in columns]
        least = [
            _least(cells) if cells[0] not in self.right and (wraps or cells is columns[-1]) else most
            for cells, most in zip(columns, full, strict=True)
        ]
        left = room - GAP * (len(full) - 1) - sum(least)
        if left < 0:
            return None
        by_need = sorted(range(len(full)), key=lambda index: full[index] - least[index])
        for waiting, index in enumerate(by_need):
            more = min(full[index] - least[index], left // (len(full) - waiting))
            least[index], left = least[index] + more, left - more
        return least

    def _columns(self, widths: list[int]) -> Table:
        grid = _bare(show_header=any(self.header))
        for name, width in zip(self.header, widths, strict=True):
            justify: JustifyMethod = "right" if name in self.right else "left"
            grid.add_column(name, justify=justify, width=width, overflow="fold")
        for row in self.rows:
            grid.add_row(*row)
        return grid

    def _stacked(self, room: int) -> Iterator[Text]:
        """Each cell on a line of its own, after its column's name; a blank line between two rows.

        A cell of a column without a name stands alone: it is the title of its row.
        """
        label = max(map(cell_len, self.header))
        for number, row in enumerate(self.rows):
            if number:
                yield Text()
            for name, cell in zip(self.header, row, strict=True):
                if cell.plain.strip():
                    indent = 0 if label and not name else label + GAP
                    yield from _hanging(name, indent, cell, room)


def _hanging(name: str, indent: int, cell: Text, room: int) -> Iterator[Text]:
    """The lines of ``cell``, ``indent`` to the right; the first after ``name``."""
    for number, part in enumerate(_wrapped(cell, room - indent)):
        before = words("" if number else name)
        before.pad_right(indent - before.cell_len)
        before.no_wrap, before.overflow = True, "ignore"
        yield before.append_text(part)


def _bare(*, show_header: bool) -> Table:
    return Table(
        box=None, show_header=show_header, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold"
    )


def _least(cells: Iterable[str]) -> int:
    """The columns of the longest word, and some more where a text is read in them."""
    texts = tuple(cells)
    longest_word = max((cell_len(word) for text in texts for word in text.split()), default=0)
    return max(longest_word, min(max(map(cell_len, texts)), LEAST_PROSE))


def table(header: Sequence[str], rows: Iterable[Sequence[str | Text]], *, right: Sequence[str] = ()) -> Grid:
    """Columns two blanks apart; ``right`` names those of numbers."""
    texts = (tuple(words(cell) if isinstance(cell, str) else cell for cell in row) for row in rows)
    return Grid(header=tuple(header), rows=tuple(texts), right=tuple(right))


def count(number: int, one: str) -> str:
    """``1 pipeline``, ``2 pipelines``, ``no pipelines``."""
    noun = one if number == 1 else f"{one}s"
    return f"{number:,} {noun}" if number else f"no {noun}"
