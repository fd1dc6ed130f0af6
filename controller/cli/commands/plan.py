"""``plan``: what ``reconcile`` would do now, and why; nothing is written."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import typer

from controller.cli.context import Exit, command_boundary
from controller.cli.inputs import common_zone, load_in_force, note_retention
from controller.cli.options import AtOption, ConfigOption, JsonOption
from controller.cli.render import tick
from controller.cli.render.terminal import line, say, say_json
from controller.cli.render.tick import failed, is_absent
from controller.cli.render.times import at
from controller.loop.context import PipelineContext
from controller.loop.reconcile import reconcile
from controller.loop.report import PipelineReport, Report
from controller.loop.report import as_json as as_data


@command_boundary
def plan(
    ctx: typer.Context, when: AtOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> Exit:
    """Say what reconcile would do now, and why.

    Nothing is written. Exit code 3 when something would be done.
    """
    loaded = load_in_force(config, ctx.obj.clients)
    now: datetime = ctx.obj.clock()
    asked = at(when, common_zone(loaded), now)
    world = tick.world(ctx.obj, loaded, lambda: asked)
    report = reconcile(world, act=None)
    if as_json:
        say_json(as_data(report))
    else:
        _say(report, world.contexts)
        note_retention(loaded, asked, tick.retentions(tick.counted(world, report)))
    tick.note_failures(report, loaded.pipelines)
    return _code(report)


def _code(report: Report) -> Exit:
    if failed(report):
        return Exit.FAILED
    return Exit.PENDING if any(each.actions for each in report.pipelines) else Exit.FINE


def _say(report: Report, contexts: tuple[PipelineContext, ...]) -> None:
    for context, each in zip(contexts, report.pipelines, strict=True):
        reason = context.schedule.at(report.at).shortened(each.reason)
        say(line((each.name, "bold"), ": ", tick.power(each.desire), f", {reason}"))
        say(f"    seen: {tick.seen(each.observed)}")
        for action in each.actions:
            say(line("  ", tick.action(context.pipeline, action)))
        say("")
    say(line(("Plan:", "bold"), f" {_summary(report)}"))


def _summary(report: Report) -> str:
    fates = Counter(_fate(each) for each in report.pipelines)
    changes = f"{fates['change']} {'pipeline changes' if fates['change'] == 1 else 'pipelines change'}"
    rest = "".join(f", {fates[fate]} {fate}" for fate in ("in transition", "stuck", "failed") if fates[fate])
    return f"{changes}, {fates['as desired']} as desired{rest}"


def _fate(report: PipelineReport) -> str:
    """In one word or two, the first that applies."""
    if report.failed or is_absent(report):
        return "failed"
    if report.actions:
        return "change"
    if report.holds("Ready"):
        return "as desired"
    return "in transition" if report.holds("Progressing") else "stuck"
