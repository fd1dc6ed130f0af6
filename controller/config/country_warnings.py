"""Warnings about what the holidays library knows of a country and the file does not keep.

Pure: the library's contents and the clock decide. They look ahead from the clock to the end of the next year,
and take up to 30 ms a calendar, so that no tick computes them.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from controller.errors import Diagnostic
from controller.schedule.calendars import Country, Holidays
from controller.schedule.model import SpanOverride
from controller.schedule.walltime import bounds, earliest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from controller.schedule import Schedule
    from controller.schedule.calendars import Calendar, RegionalHoliday
    from controller.schedule.model import Spec

_A_DAY = timedelta(days=1)
_A_YEAR = timedelta(days=365)


def country_warnings(schedules: Iterable[Schedule], now: datetime) -> Iterator[Diagnostic]:
    """One at most for each calendar of a country, if a schedule uses it; ``now`` is aware."""
    using: dict[str, list[Schedule]] = {}
    calendars: dict[str, Calendar] = {}
    for schedule in schedules:
        for calendar in calendars_of(schedule.spec):
            calendars[calendar.name] = calendar
            using.setdefault(calendar.name, []).append(schedule)
    for name, calendar in calendars.items():
        for part in calendar.parts:
            if isinstance(part, Country):
                found = (_of_subdivisions(part, using[name], now), _of_workdays(part, using[name], now))
                for message in filter(None, found):
                    yield Diagnostic(message=message, path=f"calendars.{name}.country", line=calendar.line)


def calendars_of(spec: Spec) -> tuple[Calendar, ...]:
    """The calendars of the schedule's holiday rules; each once, also where several rules name it."""
    names = (rule.names for rule in spec.holidays)
    calendars = (each for found in names if isinstance(found, Holidays) for each in found.calendars)
    return tuple({each.name: each for each in calendars}.values())


def _of_subdivisions(country: Country, using: Iterable[Schedule], now: datetime) -> str | None:
    """What is to be said of the dates that most subdivisions keep and a schedule works."""
    if country.subdivision is not None:
        return None
    first, last = _ahead(now)
    kept = tuple(country.kept_by_most(first, last))
    worked = [each for each in kept if any(_is_worked(schedule, each.day, now) for schedule in using)]
    if not worked:
        return None
    codes = country.subdivisions
    return (
        f"without a subdivision {country.code} has only what all of it keeps; open as ordinary dates, though "
        f"most subdivisions keep them: {', '.join(map(_named, worked))}; add yours, such as "
        f"subdivision: {codes[0]} (there are: {', '.join(codes)})"
    )


def _named(holiday: RegionalHoliday) -> str:
    return f"{holiday.day} {holiday.name} ({holiday.kept_by} of {holiday.of})"


def _of_workdays(country: Country, using: Iterable[Schedule], now: datetime) -> str | None:
    """What is to be said of days of week-ends that are worked in place of other dates.

    Where none is to come and the year behind had some, of these: they are announced year by year.
    """
    first, last = _ahead(now)
    known = country.made_up_workdays(first - _A_YEAR, last)
    closed = [day for day in known if any(_is_left_closed(schedule, day) for schedule in using)]
    to_come = [day for day in closed if any(_whole(day, schedule)[1] > now for schedule in using)]
    if to_come:
        said = f"{country.code} works on days of week-ends in place of others, and here they stay closed: "
        return f"{said}{_listed(to_come)}; {_way_out(to_come[0])}"
    if not closed or closed != list(known):
        return None
    return (
        f"{country.code} works on days of week-ends in place of others, in the year behind on "
        f"{_listed(closed)}, and the holidays library knows of none to come yet: here they will stay closed; "
        f"{_way_out(closed[-1])}"
    )


def _listed(days: Iterable[date]) -> str:
    return ", ".join(map(str, days))


def _way_out(day: date) -> str:
    return (
        f"give them hours by overrides ({{date: {day}, hours: 08:30-17:00}}), or by a rule of holidays with "
        f"hours for a calendar of such dates ({{also: {{{day}: Working day}}}})"
    )


def _ahead(now: datetime) -> tuple[date, date]:
    """Both inclusive; the first is where the last place on Earth still is, or the date before."""
    return (now - _A_DAY).date(), date(now.year + 1, 12, 31)


def _is_ordinary(spec: Spec, day: date) -> bool:
    """Whether the day of the week alone governs the date."""
    return spec.override(day) is None and spec.holiday(day) is None


def _is_worked(schedule: Schedule, day: date, now: datetime) -> bool:
    """Still open at some time by the hours of its day of the week."""
    start, end = _whole(day, schedule)
    has_hours = bool(schedule.spec.week[day.weekday()].windows)
    return has_hours and _is_ordinary(schedule.spec, day) and bool(schedule.openings(max(start, now), end))


def _is_left_closed(schedule: Schedule, day: date) -> bool:
    """Closed by its day of the week, in a schedule that opens on others, and no override opens it."""
    spec, (start, end) = schedule.spec, _whole(day, schedule)
    is_closed = not spec.week[day.weekday()].windows and any(rule.windows for rule in spec.week)
    spans = (bounds(each, schedule.zone) for each in spec.overrides if isinstance(each, SpanOverride))
    return (
        is_closed
        and _is_ordinary(spec, day)
        and not any(since < end and until > start for since, until in spans)
    )


def _whole(day: date, schedule: Schedule) -> tuple[datetime, datetime]:
    """``[start, end)`` of a local date, aware UTC."""
    zone = schedule.zone
    start, end = (earliest(datetime.combine(each, time.min), zone) for each in (day, day + _A_DAY))
    return start, end
