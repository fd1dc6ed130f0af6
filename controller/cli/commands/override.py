"""``override``: adds, lists and removes dated exceptions in the schedule file.

It does not ask for confirmation: an override has an end, ``override clear`` removes it, and ``--dry-run``
shows it first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import typer

from controller.cli.commands import COMMANDS, example
from controller.cli.context import Exit, command_boundary
from controller.cli.options.common import group_options
from controller.cli.options.editing import (
    ByOption,
    DryRunOption,
    ForceOption,
    ForOption,
    ReasonOption,
    SinceOption,
    UntilOption,
    edited_file,
    print_written,
    read_draft,
)
from controller.cli.options.shared import ConfigOption, JsonOption, complete_both, whole_number
from controller.cli.render.changes import as_data, print_changes
from controller.cli.render.terminal import line, print_json, print_out, table
from controller.core.timefmt import interval, spelled
from controller.editing import override as editing
from controller.editing.draft import Draft
from controller.editing.override import OverrideEdit, add_override, overrides_of, remove_overrides
from controller.editing.overrides import Override
from controller.editing.request import EditRequest, TimeRangeOptions, edit_reason
from controller.loop.report import instant
from controller.schedule import load_zone

override = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help=COMMANDS["override"].summary,
    callback=group_options,
)

TargetArgument = Annotated[
    str,
    typer.Argument(
        metavar="PIPELINE|SCHEDULE",
        autocompletion=complete_both,
        help="A schedule, or a pipeline for its schedule.",
    ),
]
AnyArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="PIPELINE|SCHEDULE",
        autocompletion=complete_both,
        help="Only this one's overrides.",
    ),
]
LineOption = Annotated[
    list[int] | None,
    typer.Option(
        "--line", metavar="N", parser=whole_number, help="Line number from override list; repeatable."
    ),
]


def _adding(state: str) -> Callable[..., Exit]:
    def add(  # noqa: PLR0913, PLR0917 - one parameter for each option
        ctx: typer.Context,
        target: TargetArgument,
        reason: ReasonOption,
        lasting: ForOption = None,
        until: UntilOption = None,
        since: SinceOption = None,
        by: ByOption = None,
        force: ForceOption = False,
        dry_run: DryRunOption = False,
        config: ConfigOption = None,
        as_json: JsonOption = False,
    ) -> Exit:
        now = ctx.obj.clock()
        times = TimeRangeOptions(since=since, until=until, length=lasting, force=force)
        request = EditRequest(target=target, state=state, times=times, why=edit_reason(reason, by))
        edit, was_written = edited_file(
            ctx, config, lambda draft, _: add_override(draft, request, now), dry_run=dry_run
        )
        return _report_edit(edit, now, was_written=was_written, dry_run=dry_run, as_json=as_json)

    return add


override.command(
    "open",
    help="Open the schedule for a while.",
    epilog=example("override open logos --for 3h --reason backlog"),
)(command_boundary(_adding("open")))
override.command(
    "closed",
    help="Close the schedule for a while.",
    epilog=example("override closed logos --for 3h --reason works"),
)(command_boundary(_adding("closed")))


@override.command("list", epilog=example("override list logos"))
@command_boundary
def listed(
    ctx: typer.Context,
    target: AnyArgument = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """List the overrides of the file, with their lines."""
    draft, now = read_draft(ctx, config), ctx.obj.clock()
    found = overrides_of(draft, target)
    if as_json:
        print_json({"file": draft.config.file, "overrides": [_as_data(each, now) for each in found]})
    elif found:
        rows = [(each.phase(now), *_row(draft, each)) for each in found]
        print_out(table(("", "source", "schedule", "when", "override"), rows))
    else:
        print_out(f"{draft.config.file} has no overrides")
    return Exit.OK


@override.command("clear", epilog=example("override clear logos"))
@command_boundary
def clear(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    target: TargetArgument,
    lines: LineOption = None,
    dry_run: DryRunOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """Remove the override in force, or those of --line."""
    now = ctx.obj.clock()

    def make(draft: Draft, earlier: OverrideEdit | None) -> OverrideEdit:
        found = editing.overrides_of(draft, target)
        if earlier is not None:
            chosen = editing.same_as_removed(found, earlier)
        else:
            chosen = editing.in_lines(found, lines) if lines else editing.in_force(found, now)
        return editing.remove_overrides(draft, chosen, now)

    edit, was_written = edited_file(ctx, config, make, dry_run=dry_run)
    return _report_edit(edit, now, was_written=was_written, dry_run=dry_run, as_json=as_json)


@override.command("prune", epilog=example("override prune --dry-run"))
@command_boundary
def prune(
    ctx: typer.Context,
    target: AnyArgument = None,
    dry_run: DryRunOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """Remove past overrides."""
    now = ctx.obj.clock()

    def make(draft: Draft, _: OverrideEdit | None) -> OverrideEdit:
        past = tuple(each for each in overrides_of(draft, target) if each.end <= now)
        return remove_overrides(draft, past, now)

    edit, was_written = edited_file(ctx, config, make, dry_run=dry_run)
    return _report_edit(edit, now, was_written=was_written, dry_run=dry_run, as_json=as_json)


def _report_edit(
    edit: OverrideEdit, now: datetime, *, was_written: bool, dry_run: bool, as_json: bool
) -> Exit:
    """Prints what the edit changes, and whether it was written."""
    if as_json:
        print_json(_edit_as_data(edit, now, written=was_written))
    else:
        _print(edit)
    print_written(edit, now, was_written=was_written, dry_run=dry_run)
    return Exit.OK


def _print(edit: OverrideEdit) -> None:
    rows = [
        *((line(("+", "green")), *_row(edit.after, each)) for each in edit.added),
        *((line(("-", "red")), *_row(edit.before, each)) for each in edit.removed),
    ]
    if not rows:
        print_out("There is none to remove.")
        return
    print_out(table(("", "source", "schedule", "when", "override"), rows))
    changes = tuple(change for _, of_one in edit.changes for change in of_one)
    if not changes:
        print_out("No opening changes.")
    print_changes(changes)
    for name, hours, usd in edit.costs:
        more = "more" if hours > 0 else "less"
        print_out(f"{name}: {spelled(abs(hours) * 3600)} {more}, about ${abs(usd):,.2f}")


def _row(draft: Draft, override: Override) -> tuple[str, str, str, str]:
    zone = load_zone(draft.config.specs[override.schedule].zone)
    when = interval(override.start, override.end, zone)
    return f"{draft.config.file}:{override.line}", override.schedule, when, override.label


def _edit_as_data(edit: OverrideEdit, now: datetime, *, written: bool) -> dict[str, object]:
    return {
        "file": edit.after.config.file,
        "written": written,
        "added": [_as_data(each, now) for each in edit.added],
        "removed": [_as_data(each, now) for each in edit.removed],
        "openings": [
            {"schedule": name} | as_data(change) for name, changes in edit.changes for change in changes
        ],
        "pipelines": [
            {"name": name, "hours": round(hours, 4), "usd": round(usd, 2)} for name, hours, usd in edit.costs
        ],
    }


def _as_data(override: Override, now: datetime) -> dict[str, object]:
    return {
        "schedule": override.schedule,
        "line": override.line,
        "start": instant(override.start),
        "end": instant(override.end),
        "state": override.state,
        "reason": override.reason,
        "by": override.by,
        "when": override.phase(now),
    }
