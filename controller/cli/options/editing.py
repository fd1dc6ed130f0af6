"""Options of the commands that edit the schedule file, and the reading and writing of the file."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, TypeAlias

import typer

from controller.cli.inputs import location_or_usual
from controller.cli.render.terminal import print_error, print_info
from controller.cli.render.times import duration
from controller.config.warnings import retention_warnings
from controller.editing.draft import Draft, E, FileEdit, open_draft, write_edit
from controller.storage.sources import is_s3

ForOption: TypeAlias = Annotated[
    timedelta | None,
    typer.Option("--for", metavar="DURATION", parser=duration, help="How long: 90m, 3h, 2d."),
]
UntilOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--until",
        metavar="T",
        help="18:00 (the next one), tomorrow, 2026-12-05 20:00; local, or with an offset.",
    ),
]
SinceOption: TypeAlias = Annotated[
    str | None, typer.Option("--from", metavar="T", help="The start, in the same form; default: now.")
]
ReasonOption: TypeAlias = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="The reason; shown with the override.")
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
    bool, typer.Option("--force", help="Allow overlapping another one, or lasting longer than 31 days.")
]
DryRunOption: TypeAlias = Annotated[
    bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")
]


def read_draft(ctx: typer.Context, location: str | None) -> Draft:
    """The file at ``location``, or at its usual place; what degrades its configuration is a warning."""
    draft = open_draft(location_or_usual(location), ctx.obj.clients)
    for problem in draft.config.degraded:
        print_error(f"warning: {problem.located(draft.config.file)}")
    return draft


def edited_file(
    ctx: typer.Context, location: str | None, make: Callable[[Draft, E | None], E], *, dry_run: bool
) -> tuple[E, bool]:
    """As ``write_edit``, of the file at ``location``, or at its usual place."""
    file = location_or_usual(location)
    return write_edit(lambda: read_draft(ctx, file), make, dry_run=dry_run)


def print_written(edit: FileEdit, now: datetime, *, was_written: bool, dry_run: bool) -> None:
    """Warns of messages that the edit loses; names the file, and when the controller follows it."""
    file = edit.after.config.file
    before = {each.message for each in retention_warnings(edit.before.config, now)}
    for each in retention_warnings(edit.after.config, now):
        if each.message not in before:
            print_info(f"warning: {each.located(file)}")
    if not was_written:
        print_info(f"{file} is as it was{' (--dry-run)' if dry_run else ''}")
    elif is_s3(file):
        print_info(f"{file} is written: in force with the next tick")
    else:
        push = f"rekognition-scheduler push {shlex.quote(file)} --stack NAME"
        print_info(f"{file} is written, not in force yet: {push}")
