"""``reconcile``: runs one tick, or ticks until interrupted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated

import typer

from controller.cli.context import CliContext, Exit, command_boundary
from controller.cli.inputs import common_zone, load_in_force, location_or_usual
from controller.cli.options.shared import ConfigOption, FileArgument, JsonOption, TickOption, chosen_file
from controller.cli.render import tick
from controller.cli.render.terminal import line, print_json, print_out
from controller.cli.render.tick import failed
from controller.cli.render.times import duration
from controller.cli.watch import Sleep, WatchLoop, WatchOption
from controller.core.actions import Action, Outcome
from controller.core.settings import DEFAULT_TICK
from controller.core.timefmt import local, localized
from controller.loop.act import execute
from controller.loop.report import PipelineReport, Report
from controller.loop.report import as_json as as_data

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Write nothing.")]
SettleOption = Annotated[
    timedelta,
    typer.Option(
        "--settle",
        metavar="DURATION",
        parser=duration,
        show_default="0s",
        help="How long to observe again while something is in transition.",
    ),
]


@command_boundary
def reconcile(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    file: FileArgument = None,
    dry_run: DryRunOption = False,
    watch: WatchOption = False,
    budget: SettleOption = timedelta(0),
    every: TickOption = DEFAULT_TICK,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """Move every pipeline a safe step to its desired state.

    One tick, or with --watch ticks until interrupted. Each step is safe even while another process
    reconciles.
    """
    cli: CliContext = ctx.obj
    location = location_or_usual(chosen_file(ctx, file, config))
    loaded = load_in_force(location, cli.clients)
    loop = WatchLoop(
        cli=cli,
        location=location,
        config=loaded,
        loop_context=tick.loop_context(cli, loaded, cli.clock, every),
        act=None if dry_run else execute,
        budget=budget,
    )
    if watch:
        return loop.watch(partial(_run_once, loop, as_json, watching=True))
    return _run_once(loop, as_json, cli.sleep)[0]


def _run_once(
    loop: WatchLoop, as_json: bool, sleep: Sleep, *, watching: bool = False
) -> tuple[Exit, datetime | None]:
    """Runs and prints one invocation; returns its exit code and the time of the next expected change."""
    reports: list[Report] = []
    printed: set[str] = set()
    try:
        for report in loop.invocation(sleep):
            reports.append(report)
            if not as_json:
                _print(report, loop)
            tick.print_failures(report, loop.config.pipelines, printed=printed)
    except KeyboardInterrupt:
        if not watching or not reports:
            raise
    if as_json:
        print_json(as_data(_merged(reports)), compact=watching)
    return Exit.FAILED if any(map(failed, reports)) else Exit.OK, reports[-1].next_check


def _merged(reports: list[Report]) -> Report:
    """The last report with the actions of all; of a repeated action the last outcome."""
    per_pipeline = zip(*(report.pipelines for report in reports), strict=True)
    return replace(reports[-1], pipelines=tuple(map(_with_all_actions, per_pipeline)))


def _with_all_actions(reports: tuple[PipelineReport, ...]) -> PipelineReport:
    return replace(
        reports[-1],
        actions=tuple(dict.fromkeys(action for report in reports for action in report.actions)),
        outcomes=tuple(
            {outcome.action: outcome for report in reports for outcome in report.outcomes}.values()
        ),
    )


def _print(report: Report, loop: WatchLoop) -> None:
    when = local(report.at.astimezone(UTC).replace(microsecond=0), common_zone(loop.config))
    if not report.pipelines:
        print_out(f"{when}: the file has no pipelines")
    for pipeline_context, each in zip(loop.loop_context.contexts, report.pipelines, strict=True):
        schedule = pipeline_context.schedule
        reason = localized(schedule.at(report.at).shortened(each.reason), schedule.zone)
        print_out(line(f"{when} ", (each.name, "bold"), ": ", tick.power(each.desire), f", {reason}"))
        for action in each.actions:
            print_out(
                line(
                    "  ",
                    tick.action(pipeline_context.pipeline, action),
                    ": ",
                    _outcome_label(action, each.outcomes),
                )
            )


def _outcome_label(action: Action, outcomes: tuple[Outcome, ...]) -> tuple[str, str]:
    outcome = next((each for each in outcomes if each.action == action), None)
    if outcome is None:
        return "not done (dry run)", "dim"
    return ("done", "green") if outcome.ok else ("refused", "red")
