"""Writes openings as iCalendar, for programs that subscribe to a calendar.

Source: https://www.rfc-editor.org/rfc/rfc5545
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from controller.schedule import Schedule
from controller.schedule.model import Opening

REFRESH = timedelta(hours=1)
"""The interval at which a subscribed program should read the calendar again.

Source: https://www.rfc-editor.org/rfc/rfc7986#section-5.7
"""


def whole(schedule: Schedule, openings: Iterable[Opening]) -> tuple[Opening, ...]:
    """The openings without clipping to a range: an event's UID contains its start."""
    moments = ((each, schedule.at(each.start)) for each in openings)
    return tuple(
        found
        for each, moment in moments
        for found in schedule.openings(moment.started_at or each.start, moment.ends_at or each.end)
    )


def feed(name: str, openings: Iterable[Opening], now: datetime) -> bytes:
    """The calendar file; a later one updates the same events, whose UID is made of schedule and start.

    Times are UTC, so that the zone does not matter, nor which of two equal wall times it is.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//rekognition-scheduler//calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for opening in openings:
        calendar.add_component(_event(name, opening, now))
    return bytes(calendar.to_ical())


def _event(name: str, opening: Opening, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{name}-{opening.start:%Y%m%dT%H%M%SZ}@rekognition-scheduler")
    event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", opening.start)
    event.add("dtend", opening.end)
    event.add("summary", f"{name}: open")
    event.add("description", opening.name)
    event.add("transp", "TRANSPARENT")
    return event
