"""Instants as text: in UTC for the log, the conditions and the JSON, in a schedule's zone for a person."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""Not ``%a``, which follows the locale."""


def utc(instant: datetime) -> str:
    """``2026-11-23T13:30:00Z``, to the second; ``instant`` is aware."""
    return _told(instant.astimezone(UTC))


@lru_cache(256)
def _told(instant: datetime) -> str:
    """In UTC only: in a zone, both passes of a repeated hour are one key."""
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def month(now: datetime) -> str:
    """The calendar month of ``now`` (aware UTC): ``2026-11``."""
    return f"{now:%Y-%m}"


def month_start(now: datetime) -> datetime:
    """The first instant of the calendar month of ``now`` (aware UTC)."""
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def local(instant: datetime, zone: ZoneInfo) -> str:
    """``Mon 2026-11-23 08:10 EST``, with seconds where there are any."""
    shown = instant.astimezone(zone)
    return f"{day(shown.date())} {clock(shown)} {shown:%Z}"


def day(date_: date) -> str:
    """``Mon 2026-11-23``."""
    return f"{WEEK[date_.weekday()]} {date_.isoformat()}"


def clock(moment: datetime) -> str:
    """``08:30``, with seconds where there are any."""
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"
