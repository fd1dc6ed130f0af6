"""A comparison as a page: self-contained, no script, no request, legible without colour and on paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import typer

from controller.cli.render import times
from controller.cli.render.comparison import MONEY, POST, WAYS, answer, money_row, post_row, ratio, setting
from controller.cli.render.html import chart, markup
from controller.cli.render.html.chart import Bar
from controller.cli.render.html.markup import Markup, element
from controller.cli.render.times import ZonedRange
from controller.cli.simulation_options import DEFAULT_DAYS
from controller.config.model import Config
from controller.core.timefmt import interval, spelled
from controller.schedule import Schedule
from controller.sim.policies.compare import Policy, PolicyComparison
from controller.sim.result import PipelineResult

STYLE = Path(__file__).with_name("comparison.css")
WEEK = timedelta(days=DEFAULT_DAYS)
MONDAY = 0

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


def page(result: PolicyComparison, config: Config, shown: ZonedRange) -> str:
    """The whole document; ``shown`` is the week that is drawn."""
    return markup.page(
        "rekognition-scheduler: five policies compared",
        STYLE.read_text(encoding="utf-8"),
        element(
            "header",
            element("h1", answer(result)),
            element("p", setting(result, shown.zone)),
        ),
        *_sections(result, config, shown),
        element("section", element("h2", "The policies"), _ways()),
        _faults(result),
        element(
            "footer", "Drawn by rekognition-scheduler compare. Nothing real was touched, nothing is loaded."
        ),
    )


def _sections(result: PolicyComparison, config: Config, shown: ZonedRange) -> Iterator[Markup]:
    for place, pipeline in enumerate(config.pipelines):
        schedule = Schedule(config.specs[pipeline.schedule])
        results = [(run.policy, run.pipelines[place]) for run in result.runs]
        there = replace(shown, zone=schedule.zone)
        zone = element("span", f" {schedule.spec.zone}", class_="muted")
        yield element(
            "section",
            element("h2", pipeline.name, zone),
            _bars(results, pipeline.model.inference_units),
            chart.legend(),
            _drawn("One week", schedule, results, there),
            *(_drawn("One day of it, closer", schedule, results, day) for day in _first_day(schedule, there)),
        )
        yield element("section", element("h3", f"{pipeline.name} in numbers"), *_numbers(results))


def _bars(results: Results, units: int) -> Markup:
    least = next(each.billed_unit_hours for policy, each in results if policy is Policy.ORACLE)
    return element(
        "div",
        _chart(
            "Billed",
            "solid: while serving an opening, dotted: besides",
            [_billed(policy, each, units, least) for policy, each in results],
        ),
        _chart(
            "Messages lost",
            "crossed: dead-lettered, hatched: expired",
            [_lost(policy, each) for policy, each in results],
        ),
        _chart(
            "Open time not served",
            "when consumption was wanted, and not possible",
            [_unserved(policy, each) for policy, each in results],
        ),
        class_="charts",
    )


def _chart(title: str, note: str, rows: Sequence[Bar]) -> Markup:
    caption = element("figcaption", element("strong", title), element("span", note))
    return element("figure", caption, chart.bars(title, rows))


def _billed(policy: Policy, result: PipelineResult, units: int, least: float) -> Bar:
    serving = min(result.served_minutes / 60 * units, result.billed_unit_hours)
    parts = (serving, "consuming"), (result.billed_unit_hours - serving, "idle")
    times = f", {ratio(result.billed_unit_hours, least)} x" if least else ""
    return Bar(name=policy, said=f"${result.cost_usd:,.2f}{times}", parts=parts)


def _lost(policy: Policy, result: PipelineResult) -> Bar:
    dead, expired = result.messages.dead_lettered, result.messages.expired
    parts = (float(dead), "vain"), (float(expired), "starting")
    return Bar(name=policy, said=f"{dead + expired:,}", parts=parts)


def _unserved(policy: Policy, result: PipelineResult) -> Bar:
    minutes = result.unserved_minutes
    return Bar(name=policy, said=spelled(minutes * 60), parts=((minutes, "stopping"),))


def _drawn(title: str, schedule: Schedule, results: Results, shown: ZonedRange) -> Markup:
    over = interval(shown.start, shown.end, shown.zone)
    caption = element("figcaption", element("strong", title), element("span", over))
    drawing = chart.timeline(schedule, results, shown)
    return element(
        "figure",
        caption,
        element("div", drawing, class_="scroll", tabindex=0, role="region", aria_label=f"{title}: {over}"),
    )


def _first_day(schedule: Schedule, shown: ZonedRange) -> Iterator[ZonedRange]:
    """The date on which the first opening begins, if there is one."""
    for opening in schedule.openings(shown.start, shown.end)[:1]:
        date_ = opening.start.astimezone(shown.zone).date().isoformat()
        day = times.stretch(date_, None, shown.zone, shown.start, days=1)
        yield replace(day, start=max(day.start, shown.start), end=min(day.end, shown.end))


def _numbers(results: Results) -> Iterator[Markup]:
    least = next(each.billed_unit_hours for policy, each in results if policy is Policy.ORACLE)
    yield chart.rows(MONEY, (money_row(policy, each, least) for policy, each in results))
    yield chart.rows(POST, (post_row(policy, each) for policy, each in results))


def _ways() -> Markup:
    return element(
        "dl", *(part for policy, way in WAYS.items() for part in (element("dt", policy), element("dd", way)))
    )


def _faults(result: PolicyComparison) -> Markup | None:
    if result.faults is None:
        return None
    rates = ((name.replace("_", " "), f"{rate:g}", unit) for name, rate, unit in result.faults.table())
    return element(
        "section", element("h2", "What went wrong, and how often"), chart.rows(("", "rate", ""), rates)
    )


def _whole_weeks(over: ZonedRange) -> Iterator[ZonedRange]:
    for date_ in over.dates:
        days = _seven_days(date_.isoformat(), over)
        if date_.weekday() == MONDAY and over.start <= days.start and days.end <= over.end:
            yield days


def _seven_days(date_: str, over: ZonedRange) -> ZonedRange:
    return times.stretch(date_, None, over.zone, over.start, days=DEFAULT_DAYS)
