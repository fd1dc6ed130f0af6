"""Warnings about nights that end at midnight, since another rule governs the next date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controller.errors import Diagnostic
from controller.schedule.model import DateOverride
from controller.schedule.timeline import HORIZON

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from controller.schedule import Schedule
    from controller.schedule.model import Cut, HolidayRule, Spec

_NAMED = 3


def night_warnings(schedule: Schedule, now: datetime) -> Iterator[Diagnostic]:
    """One for each holiday rule and each override that cuts nights in the 400 days from ``now`` (aware)."""
    cuts = schedule.cuts(now, now + HORIZON)
    for rule, place in _places(schedule.spec):
        if of_rule := [cut for cut in cuts if cut.by is rule]:
            path = f"schedules.{schedule.spec.name}.{place}"
            yield Diagnostic(message=_message(of_rule, schedule.zone), path=path, line=rule.rule.line)


def _places(spec: Spec) -> Iterator[tuple[HolidayRule | DateOverride, str]]:
    for index, rule in enumerate(spec.holidays):
        yield rule, f"holidays[{index}]" if len(spec.holidays) > 1 else "holidays"
    for index, entry in enumerate(spec.overrides):
        if isinstance(entry, DateOverride):
            yield entry, f"overrides[{index}]"


def _message(cuts: list[Cut], zone: ZoneInfo) -> str:
    first, rest = cuts[0], len(cuts) - _NAMED
    named = "; ".join(_night(cut, zone) for cut in cuts[:_NAMED])
    more = f"; and {rest} more until {_local(cuts[-1].start, zone):%Y-%m-%d}" if rest > 0 else ""
    start, end = (_local(each, zone).isoformat(timespec="minutes") for each in (first.start, first.end))
    return (
        f"nights end at midnight, since another rule governs the next date: {named}{more}; an override keeps "
        f"one whole ({{from: {start}, until: {end}, state: open}})"
    )


def _night(cut: Cut, zone: ZoneInfo) -> str:
    """``2026-12-24 22:00-06:00 is cut at 00:00 by Christmas Day``."""
    start, at, end = (_local(each, zone) for each in (cut.start, cut.at, cut.end))
    return f"{start:%Y-%m-%d %H:%M}-{end:%H:%M} is cut at {at:%H:%M} by {cut.named}"


def _local(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)
