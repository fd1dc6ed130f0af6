"""The two-crons policies: one cron starts the model, another stops it.

They read no state, know no holiday and no override, and try everything once. A firing may be skipped or
doubled, as a tick may.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone, tzinfo
from functools import partial

from controller.core.actions import Action, ActionKind
from controller.loop.act import execute
from controller.loop.context import PipelineContext
from controller.schedule.model import Rule, Window
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.accounting import Interval

CAREFUL_LEAD = timedelta(minutes=30)
"""How long before its hours a careful cron starts the model: the longest start that AWS names."""
CAREFUL_STOP_DELAY = timedelta(minutes=15)
"""How long after the mapping was disabled a careful cron stops the model."""
WORKING_DAYS = range(5)
OF_THE_MAPPING = frozenset({ActionKind.ENABLE_MAPPING, ActionKind.DISABLE_MAPPING})

Week = tuple[Window | None, ...]
"""The hours of each day, Monday first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """The actions of a cron at an instant (aware UTC), in order; the first failure ends them."""

    at: datetime
    actions: tuple[ActionKind, ...]


def usual(context: PipelineContext, start: datetime, end: datetime) -> Iterator[Firing]:
    """As usually built: the first hours of the file from Monday to Friday, in UTC all year.

    The offset is the zone's standard one.
    """
    hours = _first_hours(context.schedule.spec.week)
    for opens, closes in shifts(hours, standard_time(context.schedule.zone, start.year), start, end):
        yield Firing(at=opens, actions=(ActionKind.START_MODEL, ActionKind.ENABLE_MAPPING))
        yield Firing(at=closes, actions=(ActionKind.STOP_MODEL, ActionKind.DISABLE_MAPPING))


def careful(context: PipelineContext, start: datetime, end: datetime) -> Iterator[Firing]:
    """In local time and each day's own hours, early enough for every start, and in the right order."""
    hours = tuple(whole_hours(rule) for rule in context.schedule.spec.week)
    for opens, closes in shifts(hours, context.schedule.zone, start, end):
        yield Firing(at=opens - CAREFUL_LEAD, actions=(ActionKind.START_MODEL,))
        yield Firing(at=opens, actions=(ActionKind.ENABLE_MAPPING,))
        yield Firing(at=closes, actions=(ActionKind.DISABLE_MAPPING,))
        yield Firing(at=closes + CAREFUL_STOP_DELAY, actions=(ActionKind.STOP_MODEL,))


def install(aws: EmbeddedAws, context: PipelineContext, firings: Iterable[Firing]) -> None:
    """Schedule the firings; those of the past are left out."""
    for firing in firings:
        if firing.at >= aws.now():
            aws.world.clock.at(firing.at.timestamp(), partial(_fire, aws, context, firing.actions))


def shifts(week: Week, zone: tzinfo, start: datetime, end: datetime) -> Iterator[Interval]:
    """The hours of ``week`` as intervals that touch ``[start, end)``; those that touch each other are one."""
    opens = closes = None
    for begins, until in _days(week, zone, start, end):
        if opens is not None and closes is not None and begins > closes:
            yield opens, closes
            opens = None
        opens, closes = opens or begins, until
    if opens is not None and closes is not None:
        yield opens, closes


def standard_time(zone: tzinfo, year: int) -> timezone:
    """The zone's offset without daylight saving: the smaller of those of January and July."""
    offsets = (zone.utcoffset(datetime(year, month, 1)) for month in (1, 7))  # noqa: DTZ001 - wall time
    return timezone(min(offset for offset in offsets if offset is not None))


def _days(week: Week, zone: tzinfo, start: datetime, end: datetime) -> Iterator[Interval]:
    first, last = (at.astimezone(zone).date() for at in (start, end))
    for day in range(-1, (last - first).days + 1):
        midnight = datetime.combine(first + timedelta(days=day), time.min)
        hours = week[midnight.weekday()]
        if hours is not None:
            opens, closes = (
                (midnight + timedelta(seconds=seconds)).replace(tzinfo=zone).astimezone(start.tzinfo)
                for seconds in (hours.start_s, hours.end_s)
            )
            if opens < end and closes > start:
                yield opens, closes


def whole_hours(rule: Rule) -> Window | None:
    """From the first window's start to the last one's end: a cron makes no break."""
    if not rule.windows:
        return None
    return Window(
        start_s=min(window.start_s for window in rule.windows),
        end_s=max(window.end_s for window in rule.windows),
    )


def _first_hours(week: Sequence[Rule]) -> Week:
    """The first day's hours on all working days; if no working day has any, on the days that have."""
    hours = tuple(whole_hours(rule) for rule in week)
    days = WORKING_DAYS if any(hours[day] for day in WORKING_DAYS) else range(len(hours))
    first = next((hours[day] for day in days if hours[day]), None)
    working = days if days is WORKING_DAYS else [day for day in days if hours[day]]
    return tuple(first if day in working else None for day in range(len(hours)))


def _fire(aws: EmbeddedAws, context: PipelineContext, actions: Iterable[ActionKind]) -> None:
    if aws.injector.skips_tick():
        return
    for _ in range(2 if aws.injector.doubles_tick() else 1):
        for action in actions:
            if context.pipeline.consumer is None and action in OF_THE_MAPPING:
                continue
            if not execute(context, Action.own(action)).ok:
                break
