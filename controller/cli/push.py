"""``push``: a schedule file and its calendars to where the Lambda reads them, and nobody's edit is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from controller.changes import AHEAD, Change
from controller.cli.changed import MOST_SHOWN, SIGNS, as_data
from controller.cli.consent import YesOption, agreed
from controller.cli.door import Exit
from controller.cli.inputs import note_warnings
from controller.cli.instants import interval
from controller.cli.options import JsonOption
from controller.cli.terminal import count, line, note, remark, say, say_json, say_rest, table

if TYPE_CHECKING:
    from controller.cli.delivery import Delivery, Fate

FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="The schedule file.")]
ToArgument = Annotated[str | None, typer.Argument(metavar="s3://BUCKET/KEY", help="Where it goes.")]
StackOption = Annotated[
    str | None, typer.Option("--stack", metavar="NAME", help="Where that stack's Lambda reads it.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Even if a model that runs is named no more.")]


def push(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    file: FileArgument,
    to: ToArgument = None,
    stack: StackOption = None,
    force: ForceOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> Exit:
    """Put the file, and its .ics files, where the Lambda reads it.

    It must be valid. What changes in the openings of the next 60 days is shown before anything is written.
    """
    from controller.cli.delivery import addressed, destination, packed  # noqa: PLC0415 - late, for --help

    clients, now = ctx.obj.clients, ctx.obj.clock()
    location = destination(to, stack, clients)
    parcel = packed(file, clients)
    note_warnings(parcel.config, now)
    delivery = addressed(parcel, location, clients, now)
    if not as_json:
        _show(delivery)
    uploaded: list[str] = []
    code = _deliver(delivery, uploaded, force=force, yes=yes)
    if as_json:
        say_json(_as_data(delivery, uploaded))
    return code


def _deliver(delivery: Delivery, uploaded: list[str], *, force: bool, yes: bool) -> Exit:
    """``uploaded`` is added to as it happens."""
    if not delivery.changed:
        remark("Nothing to upload: this is what is there.")
        return Exit.FINE
    for fate in delivery.fates:
        note(_told(fate))
    if any(fate.is_up for fate in delivery.fates) and not force:
        note(
            "error: nothing was uploaded: a model would run on unattended. Stop it first, keep it in the "
            "file (a former version under retired), or say --force"
        )
        return Exit.FAILED
    if not agreed(_question(delivery), yes=yes):
        remark("Nothing was uploaded.")
        return Exit.FAILED
    for location in delivery.upload():
        uploaded.append(location)
        remark(f"uploaded {location}")
    return Exit.FINE


def _told(fate: Fate) -> str:
    named = f"{fate.model.arn} (pipeline {fate.model.pipeline.name}) is named no more"
    if fate.is_unknown:
        return f"warning: {named}, and whether it runs is not known: {fate.error or fate.status}"
    return f"{'warning' if fate.is_up else 'note'}: {named}; it is {fate.status}"


def _question(delivery: Delivery) -> str:
    unknown = sum(fate.is_unknown for fate in delivery.fates)
    though = f", though {count(unknown, 'model')} may run on unattended" if unknown else ""
    return f"Upload {count(len(delivery.changed), 'file')} to {delivery.location}{though}?"


def _show(delivery: Delivery) -> None:
    if delivery.before is None:
        say(line((delivery.location, "bold"), ": no valid configuration is there yet"))
    rows = [_row(each.name, change) for each in delivery.changes.pipelines for change in each.openings]
    if not rows:
        say(f"No opening of the next {AHEAD.days} days changes.")
        return
    say(line(("Openings", "bold"), f" of the next {AHEAD.days} days that change:"))
    say(table(("", "", "", ""), rows[:MOST_SHOWN]))
    say_rest(len(rows), MOST_SHOWN)


def _row(pipeline: str, change: Change) -> tuple[str | Text, ...]:
    when = interval(change.start, change.end, change.zone)
    return line(SIGNS[change.turn]), pipeline, when, change.now


def _as_data(delivery: Delivery, uploaded: list[str]) -> dict[str, object]:
    return {
        "file": delivery.config.file,
        "to": delivery.location,
        "changed": [there.location for there, _ in delivery.changed],
        "uploaded": uploaded,
        "openings": [
            {"pipeline": each.name} | as_data(change)
            for each in delivery.changes.pipelines
            for change in each.openings
        ],
        "dropped": list(_dropped(delivery)),
    }


def _dropped(delivery: Delivery) -> Iterator[dict[str, object]]:
    for fate in delivery.fates:
        yield {
            "pipeline": fate.model.pipeline.name,
            "arn": fate.model.arn,
            "status": fate.status,
            "error": fate.error,
        }
