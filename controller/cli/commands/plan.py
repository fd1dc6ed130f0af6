"""``plan``: the actions that ``reconcile`` would take now, with reasons; nothing is written."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from controller.cli.context import Exit, command_boundary
from controller.cli.inputs import common_zone, load_in_force, print_retention
from controller.cli.options.shared import ConfigOption, FileArgument, JsonOption, chosen_file
from controller.cli.render import tick
from controller.cli.render.terminal import line, print_json, print_out
from controller.cli.render.tick import failed, is_absent
from controller.cli.render.times import at
from controller.core.timefmt import local, localized
from controller.loop.context import PipelineContext
from controller.loop.reconcile import reconcile
from controller.loop.report import PipelineReport, Report
from controller.loop.report import as_json as as_data

AtOption = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="T",
        help="now, tomorrow, 10:00, 2026-12-25 10:00; local (UTC where pipelines have several zones), or "
        "with an offset.",
    ),
]


@command_boundary
def plan(
    ctx: typer.Context,
    file: FileArgument = None,
    when: AtOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """Show what reconcile would do now, and why.

    Nothing is written. Exit code 3 when something would be done.
    """
    loaded = load_in_force(chosen_file(ctx, file, config), ctx.obj.clients)
    now: datetime = ctx.obj.clock()
    zone = common_zone(loaded)
    asked = at(when, zone, now)
    loop_context = tick.loop_context(ctx.obj, loaded, lambda: asked)
    report = reconcile(loop_context, act=None)
    if as_json:
        print_json(as_data(report))
    else:
        _print(report, loop_context.contexts, zone if when is not None else None)
        print_retention(loaded, asked, tick.retentions(tick.counted(loop_context, report)))
    tick.print_failures(report, loaded.pipelines)
    return _code(report)


def _code(report: Report) -> Exit:
    if failed(report):
        return Exit.FAILED
    return Exit.ACTION_NEEDED if any(each.actions for each in report.pipelines) else Exit.OK


def _print(report: Report, contexts: tuple[PipelineContext, ...], shown_in: ZoneInfo | None) -> None:
    """``shown_in`` is the zone of the time that was asked for; ``None``: it is of now."""
    for pipeline_context, each in zip(contexts, report.pipelines, strict=True):
        schedule = pipeline_context.schedule
        reason = localized(schedule.at(report.at).shortened(each.reason), schedule.zone)
        print_out(line((each.name, "bold"), ": ", tick.power(each.desire), f", {reason}"))
        print_out(f"    seen: {tick.observed_text(each.observed)}")
        for action in each.actions:
            print_out(line("  ", tick.action(pipeline_context.pipeline, action)))
        print_out("")
    when = f" for {local(report.at, shown_in)}" if shown_in else ""
    print_out(line((f"Plan{when}:", "bold"), f" {_summary(report)}"))


def _summary(report: Report) -> str:
    states = Counter(_state_word(each) for each in report.pipelines)
    changes = f"{states['change']} {'pipeline changes' if states['change'] == 1 else 'pipelines change'}"
    rest = "".join(
        f", {states[state]} {state}" for state in ("in transition", "stuck", "failed") if states[state]
    )
    return f"{changes}, {states['as desired']} as desired{rest}"


def _state_word(report: PipelineReport) -> str:
    """The first state that applies."""
    if report.failed or is_absent(report):
        return "failed"
    if report.actions:
        return "change"
    if report.holds("Ready"):
        return "as desired"
    return "in transition" if report.holds("Progressing") else "stuck"
