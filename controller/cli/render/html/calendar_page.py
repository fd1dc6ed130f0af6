"""Renders the months of a schedule as one HTML file that loads nothing and runs no script."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from controller.cli.render.days import MONTHS, Day, days, special, weeks
from controller.cli.render.html.templates import paper, render
from controller.cli.render.times import ZonedRange, begin
from controller.core.timefmt import WEEKDAYS, spelled
from controller.costs import hours_of
from controller.schedule import Schedule

MAX_LARGE_MONTHS = 3
"""More months than these are drawn small, with their special dates in a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A whole month: ``special`` are the first and last dates of each run of named days."""

    name: str
    open_time: str
    weeks: tuple[tuple[Day | None, ...], ...]
    special: tuple[tuple[Day, Day], ...]


def page(schedule: Schedule, over: ZonedRange, today: date) -> str:
    """The months that ``over`` touches, each of them whole; ``today`` is marked."""
    months = tuple(_months(schedule, over))
    return render(
        "calendar.html",
        title=f"{schedule.spec.name}: {_title(over.dates[0], over.dates[-1])}",
        paper=paper(schedule.spec.zone),
        zone=schedule.spec.zone,
        schedule=schedule.spec.name,
        weekdays=WEEKDAYS,
        months=months,
        today=today,
        is_today_shown=over.dates[0].replace(day=1) <= today < _next_month(over.dates[-1]),
        is_small=len(months) > MAX_LARGE_MONTHS,
    )


def _title(first: date, last: date) -> str:
    """``2026``, ``December 2026``, ``November 2026 to January 2027``."""
    if first.year == last.year and (first.month, last.month) == (1, len(MONTHS)):
        return f"{first.year}"
    names = dict.fromkeys(f"{MONTHS[each.month - 1]} {each.year}" for each in (first, last))
    return " to ".join(names)


def _months(schedule: Schedule, over: ZonedRange) -> Iterator[Month]:
    first, end = over.dates[0].replace(day=1), _next_month(over.dates[-1])
    whole = ZonedRange(start=begin(first, over.zone), end=begin(end, over.zone), zone=over.zone)
    for (year, month), dates in groupby(
        days(schedule, whole), key=lambda day: (day.date.year, day.date.month)
    ):
        yield _month(schedule, date(year, month, 1), tuple(dates))


def _month(schedule: Schedule, first: date, dates: tuple[Day, ...]) -> Month:
    zone = schedule.zone
    openings = schedule.openings(begin(first, zone), begin(_next_month(first), zone))
    return Month(
        name=f"{MONTHS[first.month - 1]} {first.year}",
        open_time=spelled(hours_of(openings) * 3600),
        weeks=tuple(weeks(dates)),
        special=tuple(special(dates)),
    )


def _next_month(date_: date) -> date:
    """The first date of the month after that of ``date_``."""
    return (date_.replace(day=1) + timedelta(days=31)).replace(day=1)
