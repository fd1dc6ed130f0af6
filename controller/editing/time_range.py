"""From when until when, as ``--from``, ``--until`` and ``--for`` say it; the zone is the schedule's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import typer

from controller.cli.render.times import Resolve, local
from controller.config import times
from controller.config.values import as_written
from controller.schedule.walltime import earliest, latest

LONGEST = timedelta(days=31)
"""What lasts longer is not an exception any more, and asks for ``--force``."""

_DAY = timedelta(days=1)
_EXAMPLES = "18:00, 2026-12-05T20:00 or 2026-12-05T20:00-05:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRangeOptions:
    """The options as they were given."""

    since: str | None
    until: str | None
    length: timedelta | None
    force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRange:
    """``[start, end)``, aware UTC, to the second."""

    start: datetime
    end: datetime


def term(asked: TimeRangeOptions, zone: ZoneInfo, now: datetime) -> TimeRange:
    """What ``asked`` means at ``now``.

    Raises:
        BadParameter: it is over, empty, too long, or at a time that does not exist.
    """
    start = minute(now) if asked.since is None else _instant("--from", asked.since, zone, now, earliest)
    found = TimeRange(start=start, end=_end(asked, zone, max(start, now), start))
    _refuse_nonsense(found, asked, zone, now)
    return found


def minute(now: datetime) -> datetime:
    """A person who says now does not mean seconds."""
    return now.astimezone(UTC).replace(second=0, microsecond=0)


def _end(asked: TimeRangeOptions, zone: ZoneInfo, after: datetime, start: datetime) -> datetime:
    match asked.until, asked.length:
        case None, None:
            raise typer.BadParameter("say when it ends (--for 3h, or --until 18:00)", param_hint="--until")
        case str() as until, None:
            return _instant("--until", until, zone, after, latest)
        case None, timedelta() as length:
            return start + length
        case _:
            raise typer.BadParameter("--for or --until says when it ends, not both", param_hint="--for")


def _refuse_nonsense(found: TimeRange, asked: TimeRangeOptions, zone: ZoneInfo, now: datetime) -> None:
    option = "--for" if asked.until is None else "--until"
    if found.end <= found.start:
        message = (
            f"it would end at {local(found.end, zone)}, not after it begins ({local(found.start, zone)})"
        )
        raise typer.BadParameter(message, param_hint=option)
    if found.end <= now:
        message = f"it would have ended at {local(found.end, zone)}; it is {local(minute(now), zone)}"
        raise typer.BadParameter(message, param_hint=option)
    if found.end - found.start > LONGEST and not asked.force:
        length = as_written(found.end - found.start)
        message = (
            f"{length} is longer than {LONGEST.days} days; change the hours instead, or say that it is meant "
            "(--force)"
        )
        raise typer.BadParameter(message, param_hint=option)


def _instant(option: str, text: str, zone: ZoneInfo, after: datetime, resolve: Resolve) -> datetime:
    if re.fullmatch(times.TIME, text):
        return _next(option, text, zone, after, resolve)
    try:
        written = times.instant(text)
    except ValueError as error:
        message = str(error) if re.fullmatch(times.INSTANT, text) else f'"{text}" is not a time ({_EXAMPLES})'
        raise typer.BadParameter(message, param_hint=option) from None
    return written.astimezone(UTC) if written.tzinfo else _resolved(option, written, zone, resolve)


def _next(option: str, text: str, zone: ZoneInfo, after: datetime, resolve: Resolve) -> datetime:
    """The first such time of day after ``after``."""
    today = datetime.fromisoformat(f"{after.astimezone(zone).date()}T{text}")
    found = _resolved(option, today, zone, resolve)
    return found if found > after else _resolved(option, today + _DAY, zone, resolve)


def _resolved(option: str, wall_local: datetime, zone: ZoneInfo, resolve: Resolve) -> datetime:
    found = resolve(wall_local, zone)
    if found.astimezone(zone).replace(tzinfo=None) != wall_local:
        jump = f"{found.astimezone(zone):%Y-%m-%dT%H:%M}"
        message = (
            f"there is no {wall_local:%Y-%m-%dT%H:%M} in {zone.key}: the clocks skip it, and the rule takes "
            f"the instant of the jump; say so ({jump})"
        )
        raise typer.BadParameter(message, param_hint=option)
    return found
