"""Instants as the log, the conditions and the JSON tell them, and months as budgets count them: in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


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
