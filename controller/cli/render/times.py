"""Parses the times of options; the zone is the schedule's, never the system's."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import typer

from controller.config import times, values
from controller.core.timefmt import local
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


def is_day(text: str | None) -> bool:
    """Whether the text of ``--at`` is a date without a time."""
    return text is not None and (text in _DAYS or re.fullmatch(times.DATE, text) is not None)


def stretch(from_: str | None, to: str | None, zone: ZoneInfo, now: datetime, *, days: int) -> ZonedRange:
    """``--from`` (default: the 00:00 that began today) to ``--to`` (default: ``days`` later)."""
    start = _midnight(now, zone) if from_ is None else _instant("--from", from_, zone, now, earliest)
    end = _days_after(start, days, zone) if to is None else _instant("--to", to, zone, now, latest)
    if end <= start:
        raise typer.BadParameter(f"{to} is not after the start, {local(start, zone)}", param_hint="--to")
    return ZonedRange(start=start, end=end, zone=zone)


def month(text: str, zone: ZoneInfo) -> ZonedRange:
    """``2026-12``, the whole of it."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", text):
        raise typer.BadParameter(f'"{text}" is not a month (2026-12)', param_hint="--month")
    first = _read("--month", f"{text}-01").date()
    return _whole(first, (first + timedelta(days=31)).replace(day=1), zone)


def year(text: str, zone: ZoneInfo) -> ZonedRange:
    """``2026``, the whole of it."""
    if not re.fullmatch(r"[0-9]{4}", text):
        raise typer.BadParameter(f'"{text}" is not a year (2026)', param_hint="--year")
    first = _read("--year", f"{text}-01-01").date()
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


_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}


def _instant(option: str, text: str, zone: ZoneInfo, now: datetime, resolve: Resolve) -> datetime:
    """A date is its first 00:00; wall time that the clocks skip or repeat is resolved as in the schedule."""
    if text == "now":
        return now
    if text in _DAYS:
        return begin(now.astimezone(zone).date() + timedelta(days=_DAYS[text]), zone)
    written = _read(option, re.sub(r"(?<=[0-9]) +(?=[0-9])", "T", text.strip()))
    if written.tzinfo is not None:
        return written.astimezone(UTC)
    return (earliest if is_day(text) else resolve)(written, zone)


def _read(option: str, text: str) -> datetime:
    try:
        if re.fullmatch(times.DATE, text):
            return datetime.combine(times.local_date(text), time.min)
        if re.fullmatch(times.INSTANT, text):
            return times.instant(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
    examples = "now, tomorrow, 2026-11-23, 2026-11-23 08:30, 2026-11-23T13:30Z or 2026-11-23T08:30-05:00"
    raise typer.BadParameter(f'"{text}" is not a time ({examples})', param_hint=option)


def duration(text: str | timedelta) -> timedelta:
    """Parses a duration option; Typer passes the default through it, too."""
    if isinstance(text, timedelta):
        return text
    try:
        return values.duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
