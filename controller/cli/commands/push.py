"""``push``: uploads a schedule file and its calendars to S3, unless that would lose another edit."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from controller.cli.context import Exit, command_boundary
from controller.cli.inputs import common_zone, print_warnings
from controller.cli.options.shared import JsonOption, named
from controller.cli.render.calendar_use import calendar_lines
from controller.cli.render.changes import as_data as change_as_data
from controller.cli.render.deployment import as_data as deployed_as_data
from controller.cli.render.deployment import deployment, dry_run_line
from controller.cli.render.diff import as_data, hold_text, override_text, print_sections
from controller.cli.render.printable import printable
from controller.cli.render.terminal import count, line, print_error, print_info, print_json, print_out
from controller.editing.push import (
    PushPlan,
    RemovedMappingState,
    RemovedModelState,
    destination,
    plan_push,
    read_bundle,
)

FileArgument = Annotated[str, typer.Argument(metavar="FILE", callback=named, help="The schedule file.")]
ToArgument = Annotated[str | None, typer.Argument(metavar="s3://BUCKET/KEY", help="Where to upload it.")]
StackOption = Annotated[
    str | None, typer.Option("--stack", metavar="NAME", help="Upload to where this stack's Lambda reads it.")
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Upload even if a running model, a hold or an override is lost.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]


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
    """Upload the schedule file to where the Lambda reads it.

    With its .ics files. It must be valid. Every opening, cost and value that changes is shown before anything
    is written. Refused without --force where a running model, a hold in force or a future override is lost.
    """
    clients, now = ctx.obj.clients, ctx.obj.clock()
    location = destination(to, stack, clients)
    bundle = read_bundle(file, clients)
    print_warnings(bundle.config, now)
    for each in calendar_lines(bundle.config):
        print_info(each)
    push_plan = plan_push(bundle, location, clients, now)
    if not as_json:
        _show(push_plan)
    uploaded: list[str] = []
    code = _upload(push_plan, uploaded, force=force, yes=yes)
    controller = deployment(location, clients)
    if dry := dry_run_line(controller, common_zone(push_plan.config)):
        print_info(f"warning: {dry.plain}")
    if as_json:
        print_json(_as_data(push_plan, uploaded) | deployed_as_data(controller))
    return code


def _upload(push_plan: PushPlan, uploaded: list[str], *, force: bool, yes: bool) -> Exit:
    """``uploaded`` is added to as it happens."""
    if not push_plan.changed:
        print_info("Nothing to upload: this is what is there.")
        return Exit.OK
    for warning in _loss_warnings(push_plan):
        print_error(warning)
    if not force and (remedies := tuple(_remedies(push_plan))):
        print_error(f"error: nothing was uploaded: {'; '.join(remedies)}; or say --force")
        return Exit.FAILED
    if not agreed(_question(push_plan), yes=yes):
        print_info("Nothing was uploaded.")
        return Exit.FAILED
    for location in push_plan.upload():
        uploaded.append(location)
        print_info(f"uploaded {location}")
    return Exit.OK


def _loss_warnings(push_plan: PushPlan) -> Iterator[str]:
    changes, there = push_plan.changes, push_plan.location
    yield from map(_removed_model_text, push_plan.removed_models)
    yield from map(_removed_mapping_text, push_plan.removed_mappings)
    for hold in changes.lost_holds:
        text = hold_text(hold, changes)
        yield f"warning: {there} holds {hold.pipeline}, and this file takes that away: {text}"
    for each in changes.lost_overrides:
        text = override_text(each)
        yield f"warning: {there} has an override of {each.schedule} that this file takes away: {text}"


def _remedies(push_plan: PushPlan) -> Iterator[str]:
    """How to avoid each loss; none if nothing is lost."""
    if any(removed.is_up for removed in push_plan.removed_models):
        yield (
            "a model would run on unattended: stop it first, or keep it in the file (a former version under "
            "retired)"
        )
    if any(removed.consumes for removed in push_plan.removed_mappings):
        yield (
            "a mapping would go on consuming while the model is down: disable it first, or hold the pipeline "
            "off until status says STOPPED"
        )
    if push_plan.changes.lost_holds or push_plan.changes.lost_overrides:
        yield "a hold or an override would be lost: write it into this file"


def _removed_model_text(removed: RemovedModelState) -> str:
    named = f"{removed.model.arn} (pipeline {removed.model.pipeline.name}) is named no more"
    if removed.is_unknown:
        return f"warning: {named}, and whether it runs is not known: {removed.error or removed.status}"
    return f"{'warning' if removed.is_up else 'note'}: {named}; it is {removed.status}"


def _removed_mapping_text(removed: RemovedMappingState) -> str:
    named = f"mapping {removed.mapping.uuid} (pipeline {removed.mapping.pipeline.name}) is named no more"
    if removed.is_unknown:
        return f"warning: {named}, and whether it consumes is not known: {removed.error or removed.state}"
    return f"{'warning' if removed.consumes else 'note'}: {named}; it is {removed.state}"


def _question(push_plan: PushPlan) -> str:
    risks = tuple(_risks(push_plan))
    what = f"Upload {count(len(push_plan.changed), 'file')} to {push_plan.location}"
    return f"{what}, though {' and '.join(risks)}?" if risks else f"{what}?"


def _risks(push_plan: PushPlan) -> Iterator[str]:
    if models := sum(removed.is_unknown or removed.is_up for removed in push_plan.removed_models):
        yield f"{count(models, 'model')} may run on unattended"
    if mappings := sum(removed.is_unknown or removed.consumes for removed in push_plan.removed_mappings):
        yield f"{count(mappings, 'mapping')} may go on consuming"
    changes = push_plan.changes
    for number, what in ((len(changes.lost_holds), "hold"), (len(changes.lost_overrides), "override")):
        if number:
            yield f"{count(number, what)} will be lost"


def _show(push_plan: PushPlan) -> None:
    if push_plan.before is None:
        print_out(line((push_plan.location, "bold"), ": no valid configuration is there yet"))
    print_sections(push_plan.changes)


def _as_data(push_plan: PushPlan, uploaded: list[str]) -> dict[str, object]:
    return {
        "file": push_plan.config.file,
        "to": push_plan.location,
        "changed": [there.location for there, _ in push_plan.changed],
        "uploaded": uploaded,
        "openings": [
            {"pipeline": each.name} | change_as_data(change)
            for each in push_plan.changes.pipelines
            for change in each.openings
        ],
        "dropped": list(_dropped(push_plan)),
    } | as_data(push_plan.changes)


def _dropped(push_plan: PushPlan) -> Iterator[dict[str, object]]:
    for removed in push_plan.removed_models:
        yield {
            "pipeline": removed.model.pipeline.name,
            "arn": removed.model.arn,
            "status": removed.status,
            "error": removed.error,
        }


def agreed(question: str, *, yes: bool) -> bool:
    """Whether the prompt on stderr is confirmed; the default is no.

    Raises:
        BadParameter: there is no terminal.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise typer.BadParameter("there is no terminal to ask at; say --yes", param_hint="--yes")
    return typer.confirm(printable(question), err=True)
