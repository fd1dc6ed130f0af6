"""Renders a comparison of policies as one HTML file that loads nothing and runs no script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Generic, TypeAlias, TypeVar

import typer

from controller.cli.options.simulation import DEFAULT_DAYS
from controller.cli.render import times
from controller.cli.render.comparison import MONEY, POST, WAYS, answer, money_row, post_row, ratio, setting
from controller.cli.render.html.chart import Bar, Drawing, Timeline, bar_chart, legend, timeline
from controller.cli.render.html.templates import paper, render
from controller.cli.render.times import ZonedRange
from controller.config.model import Config
from controller.core.timefmt import interval, spelled
from controller.schedule import Schedule
from controller.sim.policies.compare import Policy, PolicyComparison
from controller.sim.result import PipelineResult

WEEK = timedelta(days=DEFAULT_DAYS)
MONDAY = 0

D = TypeVar("D", Drawing, Timeline)
Results: TypeAlias = Sequence[tuple[Policy, PipelineResult]]


def week(date_: str | None, over: ZonedRange) -> ZonedRange:
    """The week that is drawn: from ``date_``, else from the first Monday of a whole week, else the first.

    Raises:
        BadParameter: of ``--week``: the date is none, or lies outside of what is simulated.
    """
    if date_ is None:
        chosen = next(_whole_weeks(over), None) or replace(over, end=over.start + WEEK)
    else:
        try:
            chosen = _seven_days(date_, over)
        except typer.BadParameter as error:
            raise typer.BadParameter(error.message, param_hint="--week") from None
        if not over.start <= chosen.start < over.end:
            raise typer.BadParameter(f"{date_} is not simulated", param_hint="--week")
    return replace(chosen, end=min(chosen.end, over.end))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure(Generic[D]):
    """A drawing with its caption: a title, and a note."""

    title: str
    note: str
    drawing: D


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSection:
    """What the page shows of one pipeline; ``tables`` are names, headers and rows."""

    name: str
    zone: str
    charts: tuple[Figure[Drawing], ...]
    timelines: tuple[Figure[Timeline], ...]
    tables: tuple[tuple[str, Sequence[str], list[Sequence[str]]], ...]


def page(result: PolicyComparison, config: Config, shown: ZonedRange) -> str:
    """The whole document; ``shown`` is the week that is drawn."""
    return render(
        "comparison.html",
        title="rekognition-scheduler: five policies compared",
        paper=paper(shown.zone.key),
        answer=". ".join(answer(result)),
        setting=setting(result, shown.zone),
        pipelines=tuple(_sections(result, config, shown)),
        legend=tuple(legend()),
        policies=WAYS,
        fault_rates=tuple(_fault_rates(result)),
    )


def _sections(result: PolicyComparison, config: Config, shown: ZonedRange) -> Iterator[PipelineSection]:
    for place, pipeline in enumerate(config.pipelines):
        schedule = Schedule(config.specs[pipeline.schedule])
        results = [(run.policy, run.pipelines[place]) for run in result.runs]
        least = next(each.billed_unit_hours for policy, each in results if policy is Policy.ORACLE)
        yield PipelineSection(
            name=pipeline.name,
            zone=schedule.spec.zone,
            charts=tuple(_charts(results, pipeline.model.inference_units, least)),
            timelines=tuple(_timelines(schedule, results, replace(shown, zone=schedule.zone))),
            tables=(
                ("cost", MONEY, [money_row(policy, each, least) for policy, each in results]),
                ("messages", POST, [post_row(policy, each) for policy, each in results]),
            ),
        )


def _charts(results: Results, units: int, least: float) -> Iterator[Figure[Drawing]]:
    yield _chart(
        "Billed",
        "solid: while serving an opening, dotted: besides",
        [_billed(policy, each, units, least) for policy, each in results],
    )
    yield _chart(
        "Messages lost",
        "crossed: dead-lettered, hatched: expired",
        [_lost(policy, each) for policy, each in results],
    )
    yield _chart(
        "Open time not served",
        "when consumption was wanted, and not possible",
        [_unserved(policy, each) for policy, each in results],
    )


def _chart(title: str, note: str, rows: Sequence[Bar]) -> Figure[Drawing]:
    return Figure(title=title, note=note, drawing=bar_chart(title, rows))


def _billed(policy: Policy, result: PipelineResult, units: int, least: float) -> Bar:
    serving = min(result.served_minutes / 60 * units, result.billed_unit_hours)
    parts = (serving, "consuming"), (result.billed_unit_hours - serving, "idle")
    times = f", {ratio(result.billed_unit_hours, least)} x" if least else ""
    return Bar(name=policy, label=f"${result.cost_usd:,.2f}{times}", parts=parts)


def _lost(policy: Policy, result: PipelineResult) -> Bar:
    dead, expired = result.messages.dead_lettered, result.messages.expired
    parts = (float(dead), "vain"), (float(expired), "starting")
    return Bar(name=policy, label=f"{dead + expired:,}", parts=parts)


def _unserved(policy: Policy, result: PipelineResult) -> Bar:
    minutes = result.unserved_minutes
    return Bar(name=policy, label=spelled(minutes * 60), parts=((minutes, "stopping"),))


def _timelines(schedule: Schedule, results: Results, shown: ZonedRange) -> Iterator[Figure[Timeline]]:
    yield _timeline("One week", schedule, results, shown)
    for day in _first_day(schedule, shown):
        yield _timeline("One day of it, closer", schedule, results, day)


def _timeline(title: str, schedule: Schedule, results: Results, shown: ZonedRange) -> Figure[Timeline]:
    return Figure(
        title=title,
        note=interval(shown.start, shown.end, shown.zone),
        drawing=timeline(schedule, results, shown),
    )


def _first_day(schedule: Schedule, shown: ZonedRange) -> Iterator[ZonedRange]:
    """The date on which the first opening begins, if there is one."""
    for opening in schedule.openings(shown.start, shown.end)[:1]:
        date_ = opening.start.astimezone(shown.zone).date().isoformat()
        day = times.stretch(date_, None, shown.zone, shown.start, days=1)
        yield replace(day, start=max(day.start, shown.start), end=min(day.end, shown.end))


def _fault_rates(result: PolicyComparison) -> Iterator[tuple[str, str, str]]:
    if result.faults is not None:
        for name, rate, unit in result.faults.table():
            yield name.replace("_", " "), f"{rate:g}", unit


def _whole_weeks(over: ZonedRange) -> Iterator[ZonedRange]:
    for date_ in over.dates:
        days = _seven_days(date_.isoformat(), over)
        if date_.weekday() == MONDAY and over.start <= days.start and days.end <= over.end:
            yield days


def _seven_days(date_: str, over: ZonedRange) -> ZonedRange:
    return times.stretch(date_, None, over.zone, over.start, days=DEFAULT_DAYS)
