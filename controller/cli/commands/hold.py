"""``hold``: writes a hold of one pipeline into the schedule file, or removes it.

It does not ask for confirmation: a hold has an end, and ``hold PIPELINE --clear`` removes it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from controller.cli.context import Exit, command_boundary
from controller.cli.options.editing import (
    ByOption,
    DryRunOption,
    ForceOption,
    ForOption,
    UntilOption,
    edited_file,
    print_written,
)
from controller.cli.options.shared import ConfigOption, JsonOption, complete_pipelines
from controller.cli.render.changes import as_data, print_changes
from controller.cli.render.terminal import line, print_json, print_out
from controller.cli.render.tick import power
from controller.core.timefmt import local
from controller.editing.draft import Draft
from controller.editing.hold import HeldPipeline, HoldEdit, clear_hold, set_hold
from controller.editing.request import EditRequest, TimeRangeOptions, edit_reason
from controller.loop.report import desired, instant


class State(StrEnum):
    OFF = "off"
    ON = "on"
    AS_IS = "as-is"


def _state(text: str) -> State:
    try:
        return State(text.lower())
    except ValueError:
        raise typer.BadParameter(f'"{text}" is none of {", ".join(State)}') from None


def _complete_states(incomplete: str) -> list[str]:
    return [each.value for each in State if each.startswith(incomplete.lower())]


StateArgument = Annotated[
    State | None,
    typer.Argument(
        metavar="STATE",
        parser=_state,
        autocompletion=_complete_states,
        help="off, on: regardless of the schedule; as-is: no action.",
    ),
]
ReasonOption = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help="The reason; shown while the hold lasts.")
]
ClearOption = Annotated[bool, typer.Option("--clear", help="Remove the hold.")]


@command_boundary
def hold(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    pipeline: Annotated[
        str,
        typer.Argument(metavar="PIPELINE", autocompletion=complete_pipelines, help="The pipeline's name."),
    ],
    state: StateArgument = None,
    lasting: ForOption = None,
    until: UntilOption = None,
    reason: ReasonOption = None,
    by: ByOption = None,
    force: ForceOption = False,
    clear: ClearOption = False,
    dry_run: DryRunOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """Hold a pipeline off, on, or as it is, until a time."""
    if clear == (state is not None):
        raise typer.BadParameter("say off, on or as-is, or --clear; one of them", param_hint="STATE")
    given = {"--for": lasting, "--until": until, "--reason": reason, "--force": force}
    if clear and (idle := next((name for name, value in given.items() if value), None)):
        raise typer.BadParameter("it has no effect with --clear", param_hint=idle)
    now: datetime = ctx.obj.clock()

    def make(draft: Draft, earlier: HoldEdit | None) -> HoldEdit:
        if state is None:
            return clear_hold(draft, pipeline, now, earlier)
        times = TimeRangeOptions(since=None, until=until, length=lasting, force=force)
        why = edit_reason(reason, by)
        return set_hold(draft, EditRequest(target=pipeline, state=state, times=times, why=why), now)

    edit, was_written = edited_file(ctx, config, make, dry_run=dry_run)
    if as_json:
        print_json(_as_data(edit, written=was_written))
    else:
        _print(edit)
    print_written(edit, now, was_written=was_written, dry_run=dry_run)
    return Exit.OK


def _print(edit: HoldEdit) -> None:
    name, zone = edit.held_after.pipeline.name, edit.held_after.schedule.zone
    current = edit.held_after.pipeline.settings.hold
    if current is not None:
        until = f"until {local(current.until, zone)}: {current.reason}"
        print_out(line((name, "bold"), ": held ", power(edit.held_after.desire), f" {until}"))
    elif edit.held_before.pipeline.settings.hold is None:
        print_out(line((name, "bold"), ": there is no hold"))
        return
    else:
        print_out(line((name, "bold"), ": the hold is removed"))
    print_out(line("  before: ", power(edit.held_before.desire), f" ({edit.held_before.desire.rule})"))
    print_out(line("  after:  ", power(edit.held_after.desire), f" ({edit.held_after.desire.rule})"))
    print_changes(edit.changes)


def _as_data(edit: HoldEdit, *, written: bool) -> dict[str, object]:
    return {
        "file": edit.held_after.file,
        "written": written,
        "pipeline": edit.held_after.pipeline.name,
        "before": _side(edit.held_before),
        "after": _side(edit.held_after),
        "openings": [as_data(change) for change in edit.changes],
    }


def _side(side: HeldPipeline) -> dict[str, object]:
    hold = side.pipeline.settings.hold
    return {
        "desired": desired(side.desire),
        "rule": side.desire.rule,
        "hold": hold and {"power": hold.desired, "until": instant(hold.until), "reason": hold.reason},
    }
