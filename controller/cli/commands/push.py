"""``push``: a schedule file and its calendars to where the Lambda reads them, and nobody's edit is lost."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from controller.cli.context import Exit, command_boundary
from controller.cli.inputs import common_zone, note_warnings
from controller.cli.options import JsonOption
from controller.cli.render.calendar_use import calendar_lines
from controller.cli.render.changes import as_data as change_as_data
from controller.cli.render.deployment import as_data as deployed_as_data
from controller.cli.render.deployment import deployment, dry_run_line
from controller.cli.render.diff import as_data, hold_text, override_text, say_sections
from controller.cli.render.printable import printable
from controller.cli.render.terminal import count, line, note, remark, say, say_json
from controller.editing.push import PushPlan, RemovedModelState, addressed, destination, packed

FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="The schedule file.")]
ToArgument = Annotated[str | None, typer.Argument(metavar="s3://BUCKET/KEY", help="Where it goes.")]
StackOption = Annotated[
    str | None, typer.Option("--stack", metavar="NAME", help="Where that stack's Lambda reads it.")
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Even if a running model, a hold or an override is lost.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@command_boundary
def push(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    file: FileArgument,
    to: ToArgument = None,
    stack: StackOption = None,
    force: ForceOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> Exit:
    """Put the file and its .ics files where the Lambda reads it.

    It must be valid. Every opening, cost and value that changes is shown before anything is written. It is
    refused where a model that runs, a hold in force or an override still to come would be lost.
    """
    clients, now = ctx.obj.clients, ctx.obj.clock()
    location = destination(to, stack, clients)
    parcel = packed(file, clients)
    note_warnings(parcel.config, now)
    for each in calendar_lines(parcel.config):
        remark(each)
    delivery = addressed(parcel, location, clients, now)
    if not as_json:
        _show(delivery)
    uploaded: list[str] = []
    code = _deliver(delivery, uploaded, force=force, yes=yes)
    controller = deployment(location, clients)
    if dry := dry_run_line(controller, common_zone(delivery.config)):
        remark(f"warning: {dry.plain}")
    if as_json:
        say_json(_as_data(delivery, uploaded) | deployed_as_data(controller))
    return code


def _deliver(delivery: PushPlan, uploaded: list[str], *, force: bool, yes: bool) -> Exit:
    """``uploaded`` is added to as it happens."""
    if not delivery.changed:
        remark("Nothing to upload: this is what is there.")
        return Exit.FINE
    for warning in _losses(delivery):
        note(warning)
    if not force and (remedies := tuple(_remedies(delivery))):
        note(f"error: nothing was uploaded: {'; '.join(remedies)}; or say --force")
        return Exit.FAILED
    if not agreed(_question(delivery), yes=yes):
        remark("Nothing was uploaded.")
        return Exit.FAILED
    for location in delivery.upload():
        uploaded.append(location)
        remark(f"uploaded {location}")
    return Exit.FINE


def _losses(delivery: PushPlan) -> Iterator[str]:
    changes, there = delivery.changes, delivery.location
    yield from map(_told, delivery.fates)
    for hold in changes.holds:
        text = hold_text(hold, changes)
        yield f"warning: {there} holds {hold.pipeline}, and this file takes that away: {text}"
    for each in changes.overrides:
        text = override_text(each)
        yield f"warning: {there} has an override of {each.schedule} that this file takes away: {text}"


def _remedies(delivery: PushPlan) -> Iterator[str]:
    """What could be done instead of taking something away; nothing where nothing is."""
    if any(fate.is_up for fate in delivery.fates):
        yield (
            "a model would run on unattended: stop it first, or keep it in the file (a former version under "
            "retired)"
        )
    if delivery.changes.holds or delivery.changes.overrides:
        yield "somebody's hold or override would be lost: write it into this file"


def _told(fate: RemovedModelState) -> str:
    named = f"{fate.model.arn} (pipeline {fate.model.pipeline.name}) is named no more"
    if fate.is_unknown:
        return f"warning: {named}, and whether it runs is not known: {fate.error or fate.status}"
    return f"{'warning' if fate.is_up else 'note'}: {named}; it is {fate.status}"


def _question(delivery: PushPlan) -> str:
    though = tuple(_though(delivery))
    what = f"Upload {count(len(delivery.changed), 'file')} to {delivery.location}"
    return f"{what}, though {' and '.join(though)}?" if though else f"{what}?"


def _though(delivery: PushPlan) -> Iterator[str]:
    if models := sum(fate.is_unknown or fate.is_up for fate in delivery.fates):
        yield f"{count(models, 'model')} may run on unattended"
    changes = delivery.changes
    for number, what in ((len(changes.holds), "hold"), (len(changes.overrides), "override")):
        if number:
            yield f"{count(number, what)} will be lost"


def _show(delivery: PushPlan) -> None:
    if delivery.before is None:
        say(line((delivery.location, "bold"), ": no valid configuration is there yet"))
    say_sections(delivery.changes)


def _as_data(delivery: PushPlan, uploaded: list[str]) -> dict[str, object]:
    return {
        "file": delivery.config.file,
        "to": delivery.location,
        "changed": [there.location for there, _ in delivery.changed],
        "uploaded": uploaded,
        "openings": [
            {"pipeline": each.name} | change_as_data(change)
            for each in delivery.changes.pipelines
            for change in each.openings
        ],
        "dropped": list(_dropped(delivery)),
    } | as_data(delivery.changes)


def _dropped(delivery: PushPlan) -> Iterator[dict[str, object]]:
    for fate in delivery.fates:
        yield {
            "pipeline": fate.model.pipeline.name,
            "arn": fate.model.arn,
            "status": fate.status,
            "error": fate.error,
        }


def agreed(question: str, *, yes: bool) -> bool:
    """Asks on stderr; the default is no.

    Raises:
        BadParameter: there is nobody to ask.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise typer.BadParameter("there is no terminal to ask at; say --yes", param_hint="--yes")
    return typer.confirm(printable(question), err=True)
