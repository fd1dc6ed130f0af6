"""``status``: what is desired, what is there, and what wants a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import typer
from rich.table import Table
from rich.text import Text

from controller.cli import tick
from controller.cli.door import Exit
from controller.cli.inputs import load, note_warnings
from controller.cli.instants import both, local
from controller.cli.options import ConfigOption, JsonOption
from controller.cli.terminal import count, line, say, say_json, table, words
from controller.core.decide import Power, power
from controller.core.memory import Condition
from controller.core.observed import Observed
from controller.core.situation import Fact
from controller.core.states import ModelStatus
from controller.reconcile import Bench, PipelineReport, Report, World, reconcile, with_facts
from controller.report import as_json as as_data


def status(ctx: typer.Context, config: ConfigOption = None, as_json: JsonOption = False) -> Exit:
    """Say what is there, and what wants a person.

    What is desired, what was seen, how much waits, what comes next. Nothing is written.
    """
    loaded = load(config, ctx.obj.clients)
    now: datetime = ctx.obj.clock()
    world = tick.world(ctx.obj, loaded, lambda: now)
    report = _with_backlog(reconcile(world, act=None), world)
    if as_json:
        say_json(as_data(report))
    else:
        _say(report, world)
        note_warnings(loaded, now)
    tick.note_failures(report, loaded.pipelines)
    return tick.code(report)


def _with_backlog(report: Report, world: World) -> Report:
    """A tick reads the counts only when the decision needs them; a person always wants them."""
    pairs = zip(world.benches, report.pipelines, strict=True)
    return replace(report, pipelines=tuple(_counted(bench, each, report.at) for bench, each in pairs))


def _counted(bench: Bench, report: PipelineReport, now: datetime) -> PipelineReport:
    seen = report.observed
    if seen is None or seen.queue is not None:
        return report
    return replace(report, observed=with_facts(bench, seen, (Fact.COUNTS,), now))


def _say(report: Report, world: World) -> None:
    if not report.pipelines:
        say("The file has no pipelines.")
    for index, (bench, each) in enumerate(zip(world.benches, report.pipelines, strict=True)):
        say(*([""] if index else []))
        say(line((each.name, "bold"), ": ", tick.power(each.desire), f", {_state(each)}"))
        say(_facts(bench, each))
        say(_conditions(each, bench, report.at))


def _state(report: PipelineReport) -> str:
    if tick.holds(report, "Stalled"):
        return "stalled: it wants a person"
    ready = tick.condition(report, "Ready")
    if ready is None or ready.status == "Unknown":
        return "not known"
    if ready.status == "True":
        return "as desired"
    return "on its way" if tick.holds(report, "Progressing") else "not as desired"


def _facts(bench: Bench, report: PipelineReport) -> Table:
    zone, seen = bench.schedule.zone, report.observed
    rows = [("desired", report.reason)]
    if seen is not None:
        rows += [("model", _model(seen)), ("mapping", _mapping(seen, bench)), ("backlog", _backlog(seen))]
    rows.append(("next change", both(report.next_change, zone)))
    return _indented(rows)


def _model(seen: Observed) -> str:
    units = f", {count(seen.units, 'inference unit')}" if seen.units else ""
    is_down = seen.model is ModelStatus.FAILED or power(seen.model) is Power.UNUSABLE
    said = f" ({seen.model_message})" if is_down and seen.model_message else ""
    return f"{seen.model.value}{units}{said}"


def _mapping(seen: Observed, bench: Bench) -> str:
    changed = seen.mapping_changed_at
    since = f" since {local(changed.replace(microsecond=0), bench.schedule.zone)}" if changed else ""
    return f"{seen.mapping.value}{since}"


def _backlog(seen: Observed) -> str:
    if seen.queue is None:
        return "not known"
    delayed = f", {seen.queue.delayed} delayed" if seen.queue.delayed else ""
    return f"{seen.queue.waiting} waiting, {seen.queue.in_flight} in flight{delayed} (up to a minute ago)"


_WANTED = {"Ready": "True", "Progressing": "False", "Stalled": "False", "Drifted": "False"}


def _conditions(report: PipelineReport, bench: Bench, now: datetime) -> Table:
    rows = [
        (each.type, words(each.status, _style(each)), each.reason, each.message + _since(each, bench, now))
        for each in report.conditions
    ]
    return _indented(rows)


def _style(condition: Condition) -> str:
    if condition.status == _WANTED.get(condition.type):
        return "green"
    return "red" if condition.type == "Stalled" else "yellow"


def _since(condition: Condition, bench: Bench, now: datetime) -> str:
    """Only where something is remembered: a condition that is as old as this look tells nothing by it."""
    return f" (since {local(condition.since, bench.schedule.zone)})" if condition.since < now else ""


def _indented(rows: Sequence[tuple[str | Text, ...]]) -> Table:
    blank = ("",) * (len(rows[0]) + 1)
    return table(blank, [("", *row) for row in rows])
