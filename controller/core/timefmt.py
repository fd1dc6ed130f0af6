"""Instants, dates and durations as text, and calendar months in UTC.

Every zone is an argument, never the system's. No text depends on the locale.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from controller.schedule.timeline import HORIZON

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""In place of ``%a``, which follows the locale."""


def utc(instant: datetime) -> str:
    """``2026-11-23T13:30:00Z``, to the second; ``instant`` is aware."""
    return _utc(instant.astimezone(UTC))


@lru_cache(256)
def _utc(instant: datetime) -> str:
    """In UTC only: in a zone, both passes of a repeated hour are one key."""
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def local(instant: datetime, zone: tzinfo) -> str:
    """``Mon 2026-11-23 08:10 EST``, with seconds where there are any."""
    shown = instant.astimezone(zone)
    return f"{day(shown.date())} {clock(shown)} {shown:%Z}"


_UTC_TEXT = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\b")


def localized(text: str, zone: tzinfo) -> str:
    """``text`` with every instant of ``utc`` as ``local`` writes it: reasons are made without a zone."""
    return _UTC_TEXT.sub(lambda found: local(datetime.fromisoformat(found[0]), zone), text)


def local_minute(instant: datetime, zone: tzinfo) -> str:
    """``2026-11-23 08:10``, for a text that names its zone elsewhere."""
    return minute(instant.astimezone(zone))


def minute(moment: datetime) -> str:
    """``2026-11-23 08:10``: of local time as it is given."""
    return f"{moment:%Y-%m-%d %H:%M}"


def local_or_never(instant: datetime | None, zone: tzinfo) -> str:
    """``Mon 2026-11-23 08:10 EST``; ``None`` lies beyond the horizon."""
    return f"never within {HORIZON.days} days" if instant is None else local(instant, zone)


def interval(start: datetime, end: datetime, zone: tzinfo) -> str:
    """``Mon 2026-11-23 08:30-17:00 EST``, ``Fri 2026-11-27 22:00-Sat 06:00 EST``."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    days = (last.date() - first.date()).days
    if f"{first:%Z}" == f"{last:%Z}" and days < len(WEEKDAYS):
        return f"{day(first.date())} {clock(first)}-{_interval_end(last, days)} {last:%Z}"
    return f"{local(start, zone)} to {local(end, zone)}"


def _interval_end(last: datetime, days: int) -> str:
    """``days`` after the date at which the text begins."""
    if days == 1 and last.time() == time.min:
        return "24:00"
    return f"{WEEKDAYS[last.weekday()]} {clock(last)}" if days else clock(last)


def day(date_: date) -> str:
    """``Mon 2026-11-23``."""
    return f"{WEEKDAYS[date_.weekday()]} {date_.isoformat()}"


def clock(moment: datetime) -> str:
    """``08:30``, with seconds where there are any."""
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"


def iso(moment: datetime) -> str:
    """``2026-12-05T20:00`` as the YAML has it, with seconds where there are any, with its offset if aware."""
    return moment.isoformat(timespec="seconds" if moment.second else "minutes")


def month(now: datetime) -> str:
    """The calendar month of ``now`` (aware UTC): ``2026-11``."""
    return f"{now:%Y-%m}"


def month_start(now: datetime) -> datetime:
    """The first instant of the calendar month of ``now`` (aware UTC)."""
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def spelled(seconds: float) -> str:
    """``8 h 30 min``, ``45 min 10 s``, ``20 s``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (0 if hours else rest, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 min"


def compact(length: timedelta) -> str:
    """``10d20h30m``: as the YAML has it."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "m"), (seconds, "s"))
    return "".join(f"{amount}{unit}" for amount, unit in parts if amount) or "0m"


def in_minutes(length: timedelta) -> str:
    """``90 min``."""
    return f"{length.total_seconds() / 60:g} min"


def in_hours(length: timedelta) -> str:
    """``1.5 h``."""
    return f"{length.total_seconds() / 3600:.1f} h"
