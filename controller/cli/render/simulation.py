"""The result of ``simulate`` as a timeline and tables, and as JSON data."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from controller.cli.render.terminal import Grid, console, count, line, print_out, print_rest, table
from controller.cli.render.timeline import Canvas, legend, timeline
from controller.cli.render.times import ZonedRange
from controller.config.model import Config
from controller.core.timefmt import local, spelled
from controller.loop.report import instant
from controller.schedule import Schedule
from controller.sim.aws.faults import Faults
from controller.sim.result import Messages, PipelineResult, Simulation, Violation

VIOLATIONS_SHOWN = 20
PIPE_COLUMNS = 80


def as_data(result: Simulation) -> dict[str, object]:
    return {
        "from": instant(result.start),
        "to": instant(result.end),
        "seed": result.seed,
        "ticks": result.ticks,
        "pipelines": [pipeline_data(each) for each in result.pipelines],
    }


def pipeline_data(result: PipelineResult) -> dict[str, object]:
    return {
        "name": result.name,
        "open_minutes": round(result.open_minutes, 2),
        "served_minutes": round(result.served_minutes, 2),
        "unserved_minutes": round(result.unserved_minutes, 2),
        "billed_unit_hours": round(result.billed_unit_hours, 4),
        "cost_usd": round(result.cost_usd, 2),
        "starts": result.starts,
        "failed_starts": result.failed_starts,
        "messages": _messages(result.messages) if result.consumer else None,
        "violations": [_violation(each) for each in result.violations],
    }


def _messages(messages: Messages) -> dict[str, object]:
    return {
        "arrived": messages.arrived,
        "processed": messages.processed,
        "failed_receives": messages.failed_receives,
        "dead_lettered": messages.dead_lettered,
        "expired": messages.expired,
        "waiting": messages.waiting,
    }


def _violation(violation: Violation) -> dict[str, object]:
    return {"rule": violation.rule, "at": instant(violation.at), "detail": violation.detail}


def print_result(result: Simulation, config: Config, zone: ZoneInfo) -> None:
    shown = console()
    canvas = Canvas(
        width=shown.width if shown.is_terminal else PIPE_COLUMNS,
        ascii=not shown.encoding.startswith("utf"),
    )
    print_out(line((_answer(result), "bold")))
    span = f"{local(result.start, zone)} to {local(result.end, zone)}"
    print_out(f"{span}, {count(result.ticks, 'tick')}, seed {result.seed}", "", legend(canvas))
    for pipeline, each in zip(config.pipelines, result.pipelines, strict=True):
        schedule = Schedule(config.specs[pipeline.schedule])
        over = ZonedRange(start=result.start, end=result.end, zone=schedule.zone)
        print_out(
            "", line((each.name, "bold"), f" ({each.timezone})"), *timeline(each, schedule, over, canvas)
        )
    print_out("", _money(result.pipelines))
    if any(each.consumer for each in result.pipelines):
        print_out("", _post(result.pipelines))
    if result.faults is not None:
        print_out("", fault_table(result.faults))
    print_violations([each for pipeline in result.pipelines for each in pipeline.violations])


def _answer(result: Simulation) -> str:
    cost = sum(each.cost_usd for each in result.pipelines)
    always_on = sum(each.always_on_usd for each in result.pipelines)
    saved = f" ({1 - cost / always_on:.0%} saved)" if 0 < cost < always_on else ""
    arrived = sum(each.messages.arrived for each in result.pipelines)
    violations = sum(len(each.violations) for each in result.pipelines)
    broken = f"; {count(violations, 'violation')} of the rules" if violations else ""
    consumers = any(each.consumer for each in result.pipelines)
    loss = f"; {lost(result.pipelines):,} of {arrived:,} messages lost" if consumers else ""
    return f"${cost:,.2f} instead of ${always_on:,.2f} always on{saved}{loss}{broken}"


def lost(results: Iterable[PipelineResult]) -> int:
    return sum(each.messages.dead_lettered + each.messages.expired for each in results)


def _money(results: Iterable[PipelineResult]) -> Grid:
    rows = [
        (
            each.name,
            spelled(each.open_minutes * 60),
            spelled(each.unserved_minutes * 60),
            f"{each.starts} ({each.failed_starts} failed)" if each.failed_starts else str(each.starts),
            f"{each.billed_unit_hours:,.1f}",
            f"${each.cost_usd:,.2f}",
            f"${each.always_on_usd:,.2f}",
        )
        for each in results
    ]
    header = ("", "open", "unserved", "starts", "unit hours", "cost", "always on")
    return table(header, rows, right=header[1:])


_POST = (
    "arrived",
    "processed",
    "waiting",
    "failed",
    "dead-lettered",
    "expired",
    "median",
    "99 % in",
)


def _post(results: Iterable[PipelineResult]) -> Grid:
    rows = [
        (each.name, *(f"{number:,}" for number in _numbers(each.messages)), *delays(each))
        for each in results
        if each.consumer
    ]
    return table(("", *_POST), rows, right=_POST)


def _numbers(messages: Messages) -> tuple[int, ...]:
    return (
        messages.arrived,
        messages.processed,
        messages.waiting,
        messages.failed_receives,
        messages.dead_lettered,
        messages.expired,
    )


def delays(result: PipelineResult) -> tuple[str, str]:
    """From arrival to success."""
    if result.delays_s is None:
        return "-", "-"
    median_s, slowest_s = result.delays_s
    return spelled(median_s), spelled(slowest_s)


def fault_table(faults: Faults) -> Grid:
    rows = [
        (name.removesuffix("_s").replace("_", " "), f"{rate:g}", unit) for name, rate, unit in faults.table()
    ]
    return table(("fault", "rate", ""), rows, right=("rate",))


def print_violations(violations: list[Violation]) -> None:
    for each in violations[:VIOLATIONS_SHOWN]:
        where = f"{instant(each.at)} {each.pipeline}: {each.detail}"
        print_out(line((f"violation of {each.rule}", "bold red"), f" {where}"))
    print_rest(len(violations), VIOLATIONS_SHOWN)
