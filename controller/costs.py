"""Converts a model's hours to USD: for an hour, a day, the month so far and an average month.

An inference unit costs ``Pipeline.unit_hour_usd`` for each hour in which the model is not stopped.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import Protocol

from controller.config.model import Pipeline
from controller.core.settings import DEFAULT_LEAD, STOP_AND_DRAIN, Settings
from controller.core.timefmt import month_start
from controller.schedule import Schedule

_HOUR = timedelta(hours=1)
_DAY_H = 24
_YEAR = timedelta(days=365)
_YEAR_MONTHS = 12


class Interval(Protocol):
    """``[start, end)``, aware."""

    @property
    def start(self) -> datetime: ...

    @property
    def end(self) -> datetime: ...


def hours_of(intervals: Iterable[Interval]) -> float:
    """The length of all ``intervals`` together."""
    return sum((each.end - each.start).total_seconds() for each in intervals) / 3600


def usd_of(unit_hours: float, pipeline: Pipeline) -> float:
    """The price of ``unit_hours`` of the pipeline's model."""
    return unit_hours * pipeline.unit_hour_usd


def usd_per_hour(pipeline: Pipeline) -> float:
    """With the inference units that the model is started with."""
    return usd_of(pipeline.model.inference_units, pipeline)


def usd_per_day(pipeline: Pipeline, units: int) -> float:
    """With ``units`` that run around the clock."""
    return usd_of(units, pipeline) * _DAY_H


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthToDate:
    """Unit-hours of the calendar month in UTC, so far.

    ``planned`` are the openings' by the file as it is now, ``billed`` what CloudWatch counted of this version
    of the model; ``None``: not known.
    """

    planned: float
    always_on: float
    billed: float | None
    unit_hour_usd: float

    @property
    def unit_hours(self) -> float:
        """The billed ones, or the planned ones where those are not known."""
        return self.planned if self.billed is None else self.billed

    @property
    def usd(self) -> float:
        return self.unit_hours * self.unit_hour_usd

    @property
    def always_on_usd(self) -> float:
        return self.always_on * self.unit_hour_usd


def month_to_date(pipeline: Pipeline, schedule: Schedule, now: datetime, billed: float | None) -> MonthToDate:
    """``now`` is aware UTC."""
    since = month_start(now)
    units = pipeline.model.inference_units
    return MonthToDate(
        planned=hours_of(schedule.openings(since, now)) * units,
        always_on=(now - since) / _HOUR * units,
        billed=billed,
        unit_hour_usd=pipeline.unit_hour_usd,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AverageMonth:
    """What a model is billed for in an average month of the year ahead, by the hours of its schedule.

    ``hours`` is how long it is up: openings, warm-ups (30 minutes where they are ``auto``) and the closures
    that are run through. ``usd`` is with the units that it is started with, ``usd_at_most`` with those that
    Rekognition may scale to. ``over_budget``: an enforced budget ends before the month does.
    """

    hours: float
    usd: float
    usd_at_most: float
    over_budget: bool = False


def average_month(pipeline: Pipeline, schedule: Schedule, now: datetime) -> AverageMonth:
    """``now`` is aware UTC."""
    needed = _time_up(pipeline.settings, schedule, now, now + _YEAR) / _HOUR / _YEAR_MONTHS
    model, budget = pipeline.model, pipeline.settings.budget
    most = budget.unit_hours_per_month if budget is not None and budget.enforce else inf
    hours = min(needed, most / model.inference_units)
    units_at_most = max(model.inference_units, model.max_inference_units or 0)
    return AverageMonth(
        hours=hours,
        usd=hours * usd_per_hour(pipeline),
        usd_at_most=usd_of(min(needed * units_at_most, most), pipeline),
        over_budget=hours < needed,
    )


def _time_up(settings: Settings, schedule: Schedule, start: datetime, end: datetime) -> timedelta:
    lead, bridge = _lead_and_bridge(settings)
    total, up_until = timedelta(0), start
    for opening in schedule.openings(start, end):
        since = max(opening.start - lead, up_until)
        if total and opening.start - up_until <= bridge:
            since = up_until
        total += opening.end - since
        up_until = opening.end
    return total


def _lead_and_bridge(settings: Settings) -> tuple[timedelta, timedelta]:
    if settings.on_demand is not None:
        return timedelta(0), settings.bridge or timedelta(0)
    lead = DEFAULT_LEAD if settings.warm_up is None else settings.warm_up
    return lead, lead + STOP_AND_DRAIN if settings.bridge is None else settings.bridge
