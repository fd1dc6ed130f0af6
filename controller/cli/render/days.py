"""The open hours and the holidays of each date of a schedule, for the calendar views."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from controller.cli.render.times import ZonedRange, begin
from controller.core.timefmt import clock
from controller.schedule import Schedule
from controller.schedule.model import SpanOverride
from controller.schedule.walltime import bounds

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
"""Not ``%B``, which follows the locale."""

DAY_H = 24.0

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A local date: ``spans`` are its open hours on the wall clock (0 to 24).

    ``hours_text`` says the same in words; ``names`` are of the holiday or the overrides that have a say, and
    of what cuts a night that begins on it.
    """

    date: date
    spans: tuple[tuple[float, float], ...]
    hours_text: str
    names: tuple[str, ...]


def days(schedule: Schedule, over: ZonedRange) -> tuple[Day, ...]:
    """The local dates that ``over`` touches, each of them whole."""
    return tuple(_day(schedule, date_) for date_ in over.dates)


def weeks(given: Iterable[Day]) -> Iterator[tuple[Day | None, ...]]:
    """Seven each, Monday first; ``None`` where a week has begun before, or goes on afterwards."""
    for monday, some in groupby(given, key=lambda day: day.date - day.date.weekday() * _DAY):
        by_weekday = {(day.date - monday).days: day for day in some}
        yield tuple(by_weekday.get(place) for place in range(7))


def special(given: Iterable[Day]) -> Iterator[tuple[Day, Day]]:
    """First and last of each run of dates that have the same names and hours."""
    for (names, _), some in groupby(given, key=lambda day: (day.names, day.hours_text)):
        alike = tuple(some)
        if names:
            yield alike[0], alike[-1]


def _day(schedule: Schedule, date_: date) -> Day:
    zone = schedule.zone
    start, end = begin(date_, zone), begin(date_ + _DAY, zone)
    openings = [
        (each.start.astimezone(zone), each.end.astimezone(zone), each.end == end)
        for each in schedule.openings(start, end)
    ]
    return Day(
        date=date_,
        spans=tuple(
            _span(_hours(since), DAY_H if is_last else _hours(until)) for since, until, is_last in openings
        ),
        hours_text=", ".join(
            f"{clock(since)}-{'24:00' if is_last else clock(until)}" for since, until, is_last in openings
        )
        or "closed",
        names=tuple(_names(schedule, date_, start, end)),
    )


def _span(start_h: float, end_h: float) -> tuple[float, float]:
    """Where the clocks go back within an opening, its end may read as before its start."""
    return start_h, max(start_h, end_h)


def _hours(moment: datetime) -> float:
    return moment.hour + moment.minute / 60 + moment.second / 3600


def _names(schedule: Schedule, date_: date, start: datetime, end: datetime) -> Iterator[str]:
    """The last override of the date, else its holidays, what is laid over them, and what cuts its night."""
    spec = schedule.spec
    if dated := spec.override(date_):
        yield dated.on(date_).called
    elif holiday := spec.holiday(date_):
        yield " and ".join(holiday[1])
    for each in spec.overrides:
        if isinstance(each, SpanOverride):
            since, until = bounds(each, schedule.zone)
            if since < end and until > start:
                yield each.rule.called
    for cut in schedule.cuts(end, end + datetime.resolution):
        yield f"cut at {clock(cut.at.astimezone(schedule.zone))} by {cut.named}"
