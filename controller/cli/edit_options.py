"""Options of the commands that edit the schedule file, and what they may not be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Protocol, TypeAlias, TypeVar

import typer

from controller.cli.render.terminal import remark
from controller.cli.render.times import duration
from controller.config.values import text
from controller.editing.entries import EditReason
from controller.editing.time_range import TimeRangeOptions
from controller.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Callable

    from controller.editing.draft import Draft

_MOST_TRIES = 50
"""More than people and programs that edit one file at once."""

ForOption: TypeAlias = Annotated[
    timedelta | None,
    typer.Option("--for", metavar="DURATION", parser=duration, help="How long: 90m, 3h, 2d."),
]
UntilOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--until", metavar="T", help="18:00 (the next one) or 2026-12-05T20:00; local, or with an offset."
    ),
]
SinceOption: TypeAlias = Annotated[
    str | None, typer.Option("--from", metavar="T", help="In the same form; default: now.")
]
ReasonOption: TypeAlias = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; it is shown wherever this is.")
]
ByOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="WHO",
        envvar=["SCHEDULER_BY", "USER", "USERNAME"],
        show_default=False,
        help="Who decided it.",
    ),
]
ForceOption: TypeAlias = Annotated[
    bool, typer.Option("--force", help="Though it overlaps another one, or is longer than 31 days.")
]
DryRunOption: TypeAlias = Annotated[
    bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditRequest:
    """An override or a hold that a person asks for: of what, in which state, when and why."""

    target: str
    state: str
    asked: TimeRangeOptions
    why: EditReason


def one_line(option: str, written: str | None) -> str | None:
    """As the file may hold it."""
    if not written:
        return None
    try:
        return text(written)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def why(reason: str | None, by: str | None) -> EditReason:
    """An override or a hold that nobody can explain is one that nobody dares to take back.

    Raises:
        BadParameter: there is no reason, or it is no line that the file may hold.
    """
    told = one_line("--reason", reason)
    if told is None:
        raise typer.BadParameter("say why (--reason …)", param_hint="--reason")
    return EditReason(reason=told, by=one_line("--by", by))


class FileEdit(Protocol):
    """What a command does to the file, not yet written."""

    @property
    def before(self) -> Draft: ...

    @property
    def after(self) -> Draft: ...


E = TypeVar("E", bound=FileEdit)


def written(
    read: Callable[[], Draft], make: Callable[[Draft, E | None], E], *, dry_run: bool
) -> tuple[E, bool]:
    """The edit that ``make`` makes of what was ``read``, and whether it was written.

    If somebody else has changed the file since it was read, it is read and edited again: the edit is checked
    by its meaning, so what they did stays. ``make`` is then given the edit that was not written, too, and
    raises ``ConflictError`` if it would no longer be the one that was asked for.

    Raises:
        ConflictError: it has changed each of many times, or ``make`` says so; nothing was written.
    """
    made: E | None = None
    tries = 0
    while True:
        made = make(read(), made)
        if dry_run or made.before.text == made.after.text:
            return made, False
        tries += 1
        try:
            made.after.save()
        except ConflictError:
            if tries == _MOST_TRIES:
                raise
        else:
            return made, True


def remark_written(edit: FileEdit, *, was_written: bool, dry_run: bool) -> None:
    file = edit.after.config.file
    remark(f"{file} is written" if was_written else f"{file} is as it was{' (--dry-run)' if dry_run else ''}")
