"""Options of the commands that edit the schedule file, and what they may not be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from controller.cli.instants import duration
from controller.cli.term import Asked
from controller.cli.terminal import remark
from controller.config.values import text
from controller.edits.entries import Why

if TYPE_CHECKING:
    from controller.cli.draft import Draft

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
class Wish:
    """An override or a hold that a person asks for: of what, in which state, when and why."""

    target: str
    state: str
    asked: Asked
    why: Why


def one_line(option: str, written: str | None) -> str | None:
    """As the file may hold it."""
    if not written:
        return None
    try:
        return text(written)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def why(reason: str | None, by: str | None) -> Why:
    """An override or a hold that nobody can explain is one that nobody dares to take back.

    Raises:
        BadParameter: there is no reason, or it is no line that the file may hold.
    """
    told = one_line("--reason", reason)
    if told is None:
        raise typer.BadParameter("say why (--reason …)", param_hint="--reason")
    return Why(reason=told, by=one_line("--by", by))


def saved(before: Draft, after: Draft, *, dry_run: bool) -> bool:
    """Whether it was written; says so.

    Raises:
        ConflictError: somebody has changed the file since; nothing was written.
    """
    file = after.config.file
    if dry_run or before.text == after.text:
        remark(f"{file} is as it was{' (--dry-run)' if dry_run else ''}")
        return False
    after.save()
    remark(f"{file} is written")
    return True
