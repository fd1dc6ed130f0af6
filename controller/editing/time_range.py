"""Resolves ``--from``, ``--until`` and ``--for`` to a range of instants; local times are the schedule's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from controller.config.option_times import is_day, is_time_of_day, written_time
from controller.core.timefmt import compact, iso, local
from controller.editing.request import TimeRangeOptions
from controller.errors import RequestError
from controller.schedule.walltime import earliest, latest

Resolve: TypeAlias = Callable[[datetime, ZoneInfo], datetime]
LONGEST = timedelta(days=31)
"""What lasts longer is not an exception any more, and needs ``--force``."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRange:
    """``[start, end)``, aware UTC, to the second."""

    start: datetime
    end: datetime


def time_range(options: TimeRangeOptions, zone: ZoneInfo, now: datetime) -> TimeRange:
    """What ``options`` mean at ``now``.

    Raises:
        RequestError: it is over, empty, too long, or at a time that does not exist.
    """
    start = minute(now) if options.since is None else _instant("--from", options.since, zone, now, earliest)
    resolved = TimeRange(start=start, end=_end(options, zone, max(start, now), start))
    _check(resolved, options, zone, now)
    return resolved


def minute(now: datetime) -> datetime:
    """``now`` in UTC without its seconds, which a person does not mean."""
    return now.astimezone(UTC).replace(second=0, microsecond=0)


def _end(options: TimeRangeOptions, zone: ZoneInfo, after: datetime, start: datetime) -> datetime:
    match options.until, options.length:
        case None, None:
            raise RequestError("say when it ends (--for 3h, or --until 18:00)", option="--until")
        case str() as until, None:
            return _instant("--until", until, zone, after, latest)
        case None, timedelta() as length:
            return start + length
        case _:
            raise RequestError("--for or --until says when it ends, not both", option="--for")


def _check(resolved: TimeRange, options: TimeRangeOptions, zone: ZoneInfo, now: datetime) -> None:
    option = "--for" if options.until is None else "--until"
    start, end = local(resolved.start, zone), local(resolved.end, zone)
    if resolved.end <= resolved.start:
        raise RequestError(f"it would end at {end}, not after it begins ({start})", option=option)
    if resolved.end <= now:
        message = f"it would have ended at {end}; it is {local(minute(now), zone)}"
        raise RequestError(message, option=option)
    if resolved.end - resolved.start > LONGEST and not options.force:
        length = compact(resolved.end - resolved.start)
        message = (
            f"{length} is longer than {LONGEST.days} days; change the hours instead, or say that it is meant "
            "(--force)"
        )
        raise RequestError(message, option=option)


def _instant(option: str, text: str, zone: ZoneInfo, after: datetime, resolve: Resolve) -> datetime:
    """``now`` is the minute of ``after``; the 00:00 of a date may be skipped, any other time may not."""
    if is_time_of_day(text):
        return _next(option, text, zone, after, resolve)
    try:
        written = written_time(text, zone, after)
    except ValueError as error:
        raise RequestError(str(error), option=option) from None
    if written.tzinfo is not None:
        return minute(written) if text == "now" else written
    return earliest(written, zone) if is_day(text) else _resolved(option, written, zone, resolve)


def _next(option: str, text: str, zone: ZoneInfo, after: datetime, resolve: Resolve) -> datetime:
    """The first such time of day after ``after``."""
    today = datetime.fromisoformat(f"{after.astimezone(zone).date()}T{text}")
    found = _resolved(option, today, zone, resolve)
    return found if found > after else _resolved(option, today + _DAY, zone, resolve)


def _resolved(option: str, wall_local: datetime, zone: ZoneInfo, resolve: Resolve) -> datetime:
    found = resolve(wall_local, zone)
    if found.astimezone(zone).replace(tzinfo=None) != wall_local:
        jump = iso(found.astimezone(zone).replace(tzinfo=None))
        message = (
            f"there is no {iso(wall_local)} in {zone.key}: the clocks skip it, and the rule takes "
            f"the instant of the jump; say so ({jump})"
        )
        raise RequestError(message, option=option)
    return found
