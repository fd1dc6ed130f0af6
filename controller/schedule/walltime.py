"""Converts wall time of a zone to instants.

A wall time may occur once, twice (the clocks go back over it) or never (they jump over it). An interval is
as long as its wall times allow: it starts at the first occurrence and ends at the last. A wall time that the
clocks skip means the instant of the jump.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from controller.schedule.model import DAY_S, DateOverride, SpanOverride

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall times are naive
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)


def earliest(wall_local: datetime, zone: ZoneInfo) -> datetime:
    """The instant (aware UTC) at which an interval starts that begins at the naive ``wall_local``."""
    before, after = _offsets(wall_local, zone)
    return _jump(wall_local, zone) if before < after else _at_offset(wall_local, before)


def latest(wall_local: datetime, zone: ZoneInfo) -> datetime:
    """The instant (aware UTC) at which an interval ends that runs until the naive ``wall_local``."""
    before, after = _offsets(wall_local, zone)
    return _jump(wall_local, zone) if before < after else _at_offset(wall_local, after)


def bounds(override: DateOverride | SpanOverride, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """``[start, end)`` (aware UTC) that an override governs, the night after its last date included."""
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


def _offsets(local: datetime, zone: ZoneInfo) -> tuple[timedelta, timedelta]:
    """The offsets before and after the change that makes ``local`` doubtful, or one offset twice.

    Source: https://peps.python.org/pep-0495/ (``fold``)
    """
    before, after = zone.utcoffset(local), zone.utcoffset(local.replace(fold=1))
    assert before is not None  # noqa: S101 - a zone has an offset for every datetime; its type allows for None
    assert after is not None  # noqa: S101 - as above
    return before, after


def _at_offset(local: datetime, offset: timedelta) -> datetime:
    # The same as replace(tzinfo=UTC) - offset, in a tenth of the time.
    return _EPOCH_UTC + (local - _EPOCH - offset)


def _jump(wall_local: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the clocks jump over ``wall_local``; zones change on whole seconds."""
    before, after = _offsets(wall_local, zone)
    not_yet = _at_offset(wall_local.replace(microsecond=0), after)

    def has_jumped(second: int) -> bool:
        return (not_yet + timedelta(seconds=second)).astimezone(zone).utcoffset() != before

    seconds = range(int((after - before).total_seconds()))
    return not_yet + timedelta(seconds=bisect_left(seconds, True, key=has_jumped))
