"""Prints text, tables and JSON: coloured and wrapped at a terminal, plain and never wrapped in a pipe."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from controller.cli.render.printable import printable

PIPE_WIDTH = 100_000
"""In a pipe a line is as long as its content."""


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
    width = to.width
    with to.capture() as captured:
        for each in (words(part) if isinstance(part, str) else part for part in shown):
            to.width = width if _fits(to, each) else PIPE_WIDTH
            to.print(each)
    lines = captured.get().split("\n")[:-1]
    to.file.write("".join(f"{line.rstrip()}\n" for line in lines))
    to.file.flush()


def _fits(to: Console, shown: RenderableType) -> bool:
    """A table with no room for its last column is not squeezed: the terminal wraps its lines."""
    return not isinstance(shown, Table) or _least(to, shown) <= to.width


def _least(to: Console, shown: Table) -> int:
    return Measurement.get(to, to.options.update(max_width=PIPE_WIDTH), shown).minimum


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


def table(header: Sequence[str], rows: Iterable[Sequence[str | Text]], *, right: Sequence[str] = ()) -> Table:
    """Columns two blanks apart; ``right`` names those of numbers. The last one wraps in a narrow terminal."""
    grid = Table(box=None, show_header=any(header), pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    texts = [[words(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(header, *_plain(texts), strict=True)]
    for name, width in zip(header, widths, strict=True):
        is_prose = name == header[-1] and name not in right
        least = min(width, LEAST_PROSE) if is_prose else width
        grid.add_column(name, justify="right" if name in right else "left", min_width=least, overflow="fold")
    for row in texts:
        grid.add_row(*row)
    return grid


def _plain(rows: Iterable[Iterable[Text]]) -> Iterator[list[str]]:
    return ([cell.plain for cell in row] for row in rows)


def count(number: int, one: str) -> str:
    """``1 pipeline``, ``2 pipelines``, ``no pipelines``."""
    noun = one if number == 1 else f"{one}s"
    return f"{number:,} {noun}" if number else f"no {noun}"
