"""Parses the times of options; the zone is the schedule's, never the system's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import typer

from controller.cli.render.terminal import print_info
from controller.config import times, values
from controller.config.option_times import is_day, written_time
from controller.core.timefmt import iso, local, minute
from controller.schedule.walltime import earliest, latest

Resolve = Callable[[datetime, ZoneInfo], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZonedRange:
    """``[start, end)``, aware UTC; ``zone`` is that in which its ends are written and shown."""

    start: datetime
    end: datetime
    zone: ZoneInfo

    @property
    def dates(self) -> tuple[date, ...]:
        """The local dates that it touches."""
        first = self.start.astimezone(self.zone).date()
        last = (self.end - datetime.resolution).astimezone(self.zone).date()
        return tuple(first + timedelta(days=days) for days in range((last - first).days + 1))


def at(text: str | None, zone: ZoneInfo, now: datetime) -> datetime:
    """The instant of ``--at``, or now."""
    return now if text is None else _instant("--at", text, zone, now, earliest)


def stretch(from_: str | None, to: str | None, zone: ZoneInfo, now: datetime, *, days: int) -> ZonedRange:
    """``--from`` (default: the 00:00 that began today) to ``--to`` (default: ``days`` later)."""
    start = _midnight(now, zone) if from_ is None else _instant("--from", from_, zone, now, earliest)
    end = _days_after(start, days, zone) if to is None else _instant("--to", to, zone, now, latest)
    if end <= start:
        raise typer.BadParameter(f"{to} is not after the start, {local(start, zone)}", param_hint="--to")
    return ZonedRange(start=start, end=end, zone=zone)


def month(text: str, zone: ZoneInfo) -> ZonedRange:
    """``2026-12``, the whole of it."""
    first = _first("--month", text, f"a month of {times.FIRST_YEAR} to {times.LAST_YEAR} (2026-12)", "-01")
    return _whole(first, (first + timedelta(days=31)).replace(day=1), zone)


def year(text: str, zone: ZoneInfo) -> ZonedRange:
    """``2026``, the whole of it."""
    first = _first("--year", text, f"a year of {times.FIRST_YEAR} to {times.LAST_YEAR} (2026)", "-01-01")
    return _whole(first, first.replace(year=first.year + 1), zone)


def _whole(first: date, following: date, zone: ZoneInfo) -> ZonedRange:
    return ZonedRange(start=begin(first, zone), end=begin(following, zone), zone=zone)


def begin(date_: date, zone: ZoneInfo) -> datetime:
    """Its first 00:00, or the instant at which the clocks skip that."""
    return earliest(datetime.combine(date_, time.min), zone)


def _midnight(now: datetime, zone: ZoneInfo) -> datetime:
    return begin(now.astimezone(zone).date(), zone)


def _days_after(start: datetime, days: int, zone: ZoneInfo) -> datetime:
    return earliest(start.astimezone(zone).replace(tzinfo=None) + timedelta(days=days), zone)


def _instant(option: str, text: str, zone: ZoneInfo, now: datetime, resolve: Resolve) -> datetime:
    """A date is its first 00:00; wall time that the clocks skip or repeat is resolved as in the schedule."""
    try:
        written = written_time(text, zone, now)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
    if written.tzinfo is not None:
        return written
    if is_day(text):
        return earliest(written, zone)
    found = resolve(written, zone)
    if note := _note(written, found.astimezone(zone)):
        print_info(f"note: {option} {note}")
    return found


def _note(written: datetime, meant: datetime) -> str:
    """What a person should know of a wall time that the clocks skip or repeat; empty for any other one."""
    if meant.replace(tzinfo=None, fold=0) != written:
        return f"{minute(written)} does not exist, since the clocks skip it: {iso(meant)} is meant"
    if meant.utcoffset() != meant.replace(fold=1 - meant.fold).utcoffset():
        return f"{minute(written)} comes twice, since the clocks go back: {iso(meant)} is meant"
    return ""


def _first(option: str, text: str, what: str, rest: str) -> date:
    """The first date of a month or a year, to which ``rest`` completes the text."""
    try:
        return times.local_date(f"{text}{rest}")
    except ValueError:
        raise typer.BadParameter(f'"{text}" is not {what}', param_hint=option) from None


def duration(text: str | timedelta) -> timedelta:
    """Parses a duration option; Typer passes the default through it, too."""
    if isinstance(text, timedelta):
        return text
    try:
        return values.duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
