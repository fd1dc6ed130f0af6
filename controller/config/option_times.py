"""Parses the times that options take: one grammar for ``--at``, ``--from``, ``--to`` and ``--until``."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from controller.config import times

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_DAYS: Final = {"yesterday": -1, "today": 0, "tomorrow": 1}
_EXAMPLES: Final = (
    "now, tomorrow, 10:00, 2026-11-23, 2026-11-23 08:30, 2026-11-23T13:30Z or 2026-11-23T08:30-05:00"
)


def is_day(text: str) -> bool:
    """Whether it is a date without a time."""
    return text in _DAYS or re.fullmatch(times.DATE, text) is not None


def is_time_of_day(text: str) -> bool:
    return re.fullmatch(times.TIME, text) is not None


def written_time(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Naive local time; aware UTC where an offset is written, and for ``now``.

    A date is its 00:00, a time of day that of the local date of ``now``.

    Raises:
        ValueError: it is no time.
    """
    if text == "now":
        return now.astimezone(UTC)
    today = now.astimezone(zone).date()
    if is_day(text):
        return datetime.combine(_date(text, today), time.min)
    if is_time_of_day(text):
        return datetime.combine(today, time.fromisoformat(text))
    joined = re.sub(r"(?<=[0-9]) +(?=[0-9])", "T", text.strip())
    if not re.fullmatch(times.INSTANT, joined):
        raise ValueError(f'"{text}" is not a time ({_EXAMPLES})')
    written = times.instant(joined)
    return written if written.tzinfo is None else written.astimezone(UTC)


def _date(text: str, today: date) -> date:
    return today + timedelta(days=_DAYS[text]) if text in _DAYS else times.local_date(text)
