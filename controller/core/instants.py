"""Instants, as the log, the conditions and the JSON tell them."""

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
