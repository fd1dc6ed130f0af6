"""From when until when an override can matter."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from controller.schedule.model import DAY_S, DateOverride, SpanOverride
from controller.schedule.walltime import earliest, latest


def bounds(override: DateOverride | SpanOverride, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """``[start, end)``, aware UTC; a window of its last date may run into the next one."""
    match override:
        case SpanOverride(start=start, end=end):
            return (
                start.astimezone(UTC) if start.tzinfo else earliest(start, zone),
                end.astimezone(UTC) if end.tzinfo else latest(end, zone),
            )
        case DateOverride(first=first, last=last):
            last_s = max((DAY_S, *(window.end_s for window in override.on(last).windows)))
            return (
                earliest(datetime.combine(first, time.min), zone),
                latest(datetime.combine(last, time.min) + timedelta(seconds=last_s), zone),
            )
