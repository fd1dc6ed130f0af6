"""``status``: each pipeline's desired and observed state, its cost and its problems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import datetime

import typer

from controller.cli.context import CliContext, Exit, command_boundary
from controller.cli.inputs import common_zone, load_in_force, location_or_usual, print_retention_and_count
from controller.cli.options.shared import ConfigOption, JsonOption, PipelineArgument, TickOption
from controller.cli.render import deployment, tick
from controller.cli.render.status import SCREENS, Overview, overview, overview_table, summary
from controller.cli.render.terminal import line, new_screen, print_json, print_out
from controller.cli.watch import WatchLoop, WatchOption, of_pipeline
from controller.config.model import Config
from controller.core.inputs import Fact
from controller.core.memory import billed_unit_hours
from controller.core.observed import Observed
from controller.core.settings import DEFAULT_TICK
from controller.core.states import ModelStatus
from controller.core.timefmt import local
from controller.costs import month_to_date
from controller.loop.context import LoopContext, PipelineContext
from controller.loop.observe import with_facts
from controller.loop.reconcile import reconcile
from controller.loop.report import Json, PipelineReport, Report, instant, pipeline_as_json
from controller.loop.workers import AT_ONCE
from controller.storage.deployment import Deployment


@command_boundary
def status(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    pipeline: PipelineArgument = None,
    watch: WatchOption = False,
    every: TickOption = DEFAULT_TICK,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> Exit:
    """Show each pipeline's state, cost and problems.

    For each pipeline: the desired state, what was observed, since when and why, the backlog and its age, the
    next change, the cost of this month; of more than three a line each, unless one is named. Nothing is
    written. --watch shows it again at every tick. Exit code 3 when action is needed: Stalled, a file that is
    not fully valid, another version that runs.
    """
    cli: CliContext = ctx.obj
    source = ctx.get_parameter_source("every")
    if not watch and source is not None and source.name == "COMMANDLINE":
        raise typer.BadParameter("it has no effect without --watch", param_hint="--tick")
    location = location_or_usual(config)
    loaded = of_pipeline(load_in_force(location, cli.clients), pipeline)
    loop_context = tick.loop_context(cli, loaded, cli.clock, every)
    loop = WatchLoop(cli=cli, location=location, pipeline=pipeline, config=loaded, loop_context=loop_context)
    if watch:
        return loop.watch(lambda _sleep: _show_once(loop, as_json, watching=True))
    return _show_once(loop, as_json)[0]


def _show_once(loop: WatchLoop, as_json: bool, *, watching: bool = False) -> tuple[Exit, datetime | None]:
    """Prints one observation; returns its exit code and the time of the next expected change."""
    observed = reconcile(loop.loop_context, act=None)
    controller = deployment.deployment(loop.config.file, loop.cli.clients)
    shards = controller.shards if controller is not None else 1
    found = _overviews(tick.counted(loop.loop_context, observed), loop.loop_context, shards)
    report = replace(observed, pipelines=tuple(each.report for each in found))
    if as_json:
        data = {"at": instant(report.at), "pipelines": [*_data(found)]} | deployment.as_data(controller)
        print_json(data, compact=watching)
    else:
        _print(loop, report.at, found, controller, watching=watching)
        print_retention_and_count(loop.config, report.at, tick.retentions(report))
    tick.print_failures(report, loop.config.pipelines)
    return _code(report, loop.config), report.next_check


def _data(found: Iterable[Overview]) -> Iterator[Json]:
    """Each pipeline with its hours, for programs that ask whether the model may be called, and its month."""
    for each in found:
        month, hours = each.month, each.report.memory.schedule
        billed, price = month.billed, month.unit_hour_usd
        yield pipeline_as_json(each.report) | {
            "schedule": asdict(hours) if hours is not None else None,
            "month": {
                "unit_hours": round(billed, 4) if billed is not None else None,
                "cost_usd": round(billed * price, 2) if billed is not None else None,
                "always_on_usd": round(month.always_on * price, 2),
            },
        }


def _code(report: Report, config: Config) -> Exit:
    code = tick.code(report)
    wanted = bool(config.degraded) or any(_needs_action(each) for each in report.pipelines)
    return Exit.ACTION_NEEDED if code is Exit.OK and wanted else code


def _needs_action(report: PipelineReport) -> bool:
    """Whether there is a problem that the controller cannot end."""
    others = () if report.observed is None else report.observed.others
    doubtful = report.condition("ConfigurationValid")
    return (
        report.holds("Stalled")
        or (doubtful is not None and doubtful.status == "False")
        or any(not other.retired for other in others)
    )


def _overviews(report: Report, loop_context: LoopContext, shards: int) -> tuple[Overview, ...]:
    """Two metrics of each pipeline, side by side."""
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return tuple(
            pool.map(
                lambda pipeline_context, each: _overview(pipeline_context, each, report.at, shards),
                loop_context.contexts,
                report.pipelines,
            )
        )


def _overview(
    pipeline_context: PipelineContext, report: PipelineReport, at: datetime, shards: int
) -> Overview:
    """A metric that cannot be read is no failure of the pipeline: it is shown as not known."""
    observed, age_error = _with_metric(pipeline_context, report.observed, Fact.AGE, at)
    observed, hours_error = _with_metric(pipeline_context, observed, Fact.HOURS, at)
    billed = billed_unit_hours(report.memory, None if observed is None else observed.unit_hours, at)
    return Overview(
        pipeline_context=pipeline_context,
        at=at,
        report=replace(report, observed=observed),
        month=month_to_date(pipeline_context.pipeline, pipeline_context.schedule, at, billed),
        age_error=age_error,
        hours_error=hours_error,
        shards=shards,
    )


def _with_metric(
    pipeline_context: PipelineContext, observed: Observed | None, fact: Fact, at: datetime
) -> tuple[Observed | None, str | None]:
    """The observation with the metric, and the error of reading it. A known value is not read again."""
    if observed is None or (fact is Fact.HOURS and observed.model is ModelStatus.UNREADABLE):
        return observed, None
    if fact is Fact.AGE and observed.oldest_age is not None:
        return observed, None
    read = with_facts(pipeline_context, replace(observed, errors=()), (fact,), at)
    return replace(read, errors=observed.errors), "; ".join(read.errors) or None


def _print(
    loop: WatchLoop,
    at: datetime,
    found: tuple[Overview, ...],
    controller: Deployment | None,
    *,
    watching: bool,
) -> None:
    zone = common_zone(loop.config)
    if watching:
        new_screen()
    seen_at = f"{local(at.replace(microsecond=0), zone)}{' (Ctrl-C ends)' if watching else ''}"
    print_out(line((summary(found), "bold"), f"; {seen_at}"), "")
    if dry := deployment.dry_run_line(controller, zone):
        print_out(dry, "")
    if len(found) > SCREENS:
        print_out(overview_table(found))
    else:
        for index, each in enumerate(found):
            print_out(*([""] if index else []), *overview(each))
    if shards := deployment.shards_line(controller):
        print_out("", shards)
    if versions := deployment.versions_line(controller):
        print_out("", versions)
    if watching:
        print_out("")
