"""Schedules and calendar files of which something is said; the texts stand in tests/golden/."""

from __future__ import annotations

from controller.schedule import Schedule
from tests.support.ics import calendar
from tests.support.schedules import dated, holidays, instant, span, spec

OFFICE = Schedule(
    spec(
        days={"mon": "08:30-17:00", "tue": "08:30-17:00", "fri": "22:00-06:00", "sat": "05:00-09:00"},
        holidays=holidays({"2026-11-24": ("Founders' Day", "Harvest")}),
        overrides=(
            dated("2026-12-01", "10:00-12:00", line=20),
            dated("2026-12-07..2026-12-08", "closed", line=21),
            span("2026-12-10T10:00", "2026-12-10T11:00", "open", line=30),
            span("2026-12-15T10:00", "2026-12-15T11:00", "closed", line=31),
        ),
    )
)
THANKSGIVING = Schedule(spec(holidays=holidays({"2026-11-26": ("Thanksgiving Day",)}, "10:00-14:00")))
NIGHTS = Schedule(spec("UTC", "22:00-06:00", holidays=holidays({"2026-12-25": ("Christmas Day",)})))

MOMENTS = {
    "open by a weekday": (OFFICE, "2026-11-23T12:00"),
    "after a weekday's hours": (OFFICE, "2026-11-23T17:00"),
    "a closed weekday": (OFFICE, "2026-11-25T12:00"),
    "a holiday of two names": (OFFICE, "2026-11-24T12:00"),
    "open by an override": (OFFICE, "2026-12-01T11:00"),
    "outside of an override's hours": (OFFICE, "2026-12-01T09:00"),
    "closed by an override": (OFFICE, "2026-12-07T09:00"),
    "the night of yesterday": (OFFICE, "2026-11-28T04:00"),
    "the date's own hours before yesterday's": (OFFICE, "2026-11-28T05:30"),
    "open by a span": (OFFICE, "2026-12-10T10:30"),
    "closed by a span": (OFFICE, "2026-12-15T10:30"),
    "before the hours of a holiday": (THANKSGIVING, "2026-11-26T09:00"),
    "in the hours of a holiday": (THANKSGIVING, "2026-11-26T11:00"),
    "before a night that a holiday cuts": (NIGHTS, "2026-12-24T21:59"),
    "in a night that a holiday cuts": (NIGHTS, "2026-12-24T22:00"),
    "after a night that a holiday cuts": (NIGHTS, "2026-12-25T05:59"),
}
"""What is said of an instant (UTC)."""

REASONS = {name: schedule.at(instant(at)).reason for name, (schedule, at) in MOMENTS.items()} | {
    "an opening of two rules": OFFICE.openings(instant("2026-11-27T12:00"), instant("2026-11-28T12:00"))[
        0
    ].reason,
    "a closure of three rules": OFFICE.closures(instant("2026-11-23T17:00"), instant("2026-11-25T06:00"))[
        0
    ].reason,
}

MEETINGS = calendar(
    *(f"DTSTART:2026112{n}T100000Z SUMMARY:M{n}" for n in range(1, 6)), "DTSTART:20261225 SUMMARY:Day"
)
OUTSIDE_ITS_RULE = calendar("DTSTART;VALUE=DATE:20261224 RRULE:FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=6")
ENDED = calendar("DTSTART:20140101 RRULE:FREQ=YEARLY;COUNT=5")
CANCELLED_AND_TIMED = calendar("DTSTART:20261127T100000Z", "DTSTART:20261127 STATUS:CANCELLED")

CALENDAR_FILES = {
    "five meetings": MEETINGS,
    "a start that its own rule does not give": OUTSIDE_ITS_RULE,
    "an event that ended before 2020": ENDED,
    "a meeting, and what is cancelled": CANCELLED_AND_TIMED,
    "an end that cannot be read": calendar("DTSTART:20191227 DTEND:20200106x"),
}
