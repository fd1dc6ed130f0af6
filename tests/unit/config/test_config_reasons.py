"""What reasons call the rules of a file: in full, in short, and by name where hours stand beside it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from controller.schedule import Schedule
from tests.support.config_file import schedule, understood

BODY = """\
    hours:
      mon-thu: 08:30-17:00
      fri: 22:00-06:00
      sat: closed
    holidays:
      - calendars: [ours]
      - calendars: [eves]
        hours: 08:30-12:00
    overrides:
      - {date: 2026-12-21, hours: 10:00-12:00, reason: Inventory, by: ana}
      - {date: 2026-12-22, hours: closed}
      - {dates: 2027-07-01..2027-08-31, hours: {mon-thu: 07:30-15:00}, reason: Summer hours}
      - {from: 2026-12-17T20:00, until: 2026-12-17T22:00, state: open, reason: Backlog}
      - {from: 2026-12-17T12:00, until: 2026-12-17T13:00, state: closed, by: ana}
      - {from: 2026-12-19T06:00, until: 2026-12-19T08:00, state: open, reason: Late run}
"""
CALENDARS = """\
calendars:
  ours: {also: {12-25: Christmas Day, 2027-12-24: Founders' Day}}
  eves: {also: {12-24: Christmas Eve, 2026-12-24: Half day}}
"""
OFFICE = Schedule(understood(schedule(BODY, also=CALENDARS)).specs["office"])

MOMENTS = [
    pytest.param("2026-12-16T09:00", "mon-thu 08:30-17:00", id="within weekly hours"),
    pytest.param("2026-12-16T18:00", "outside mon-thu 08:30-17:00", id="after weekly hours"),
    pytest.param("2026-12-20T09:00", "sun not named", id="a day that is not named"),
    pytest.param("2026-12-12T09:00", "sat closed", id="a day that is closed"),
    pytest.param("2026-12-21T11:00", "Inventory 10:00-12:00", id="within an override"),
    pytest.param("2026-12-21T13:00", "outside Inventory 10:00-12:00", id="after the hours of an override"),
    pytest.param("2026-12-22T11:00", "override", id="an override without a reason"),
    pytest.param("2027-07-05T09:00", "Summer hours 07:30-15:00", id="within a season"),
    pytest.param("2027-07-05T16:00", "outside Summer hours 07:30-15:00", id="after the hours of a season"),
    pytest.param("2027-07-03T09:00", "Summer hours", id="a day that the season does not name"),
    pytest.param("2026-12-17T21:00", "Backlog", id="opened from until"),
    pytest.param("2026-12-17T12:30", "override", id="closed from until"),
    pytest.param("2026-12-25T09:00", "Christmas Day", id="a holiday"),
    pytest.param("2026-12-24T09:00", "Half day and Christmas Eve 08:30-12:00", id="a half day"),
    pytest.param("2026-12-24T13:00", "outside Half day and Christmas Eve 08:30-12:00", id="after it"),
]


@pytest.mark.parametrize(("local", "brief"), MOMENTS)
def test_a_reason_in_short_says_what_a_person_would_call_the_rule(local, brief):
    moment = OFFICE.at(at(local))
    assert moment.brief == brief
    assert moment.shortened(f"open: {moment.reason}; start it") == f"open: {brief}; start it"
    assert f"(line {moment.line})" in moment.reason


NAMES = [
    ("2026-12-16", ["mon-thu"]),
    ("2026-12-17", ["mon-thu", "mon-thu", "Backlog"]),
    ("2026-12-18", ["fri"]),
    ("2026-12-19", ["fri; Late run"]),
    ("2026-12-21", ["Inventory"]),
    ("2026-12-22", []),
    ("2026-12-24", ["Half day and Christmas Eve"]),
    ("2027-07-05", ["Summer hours"]),
]


@pytest.mark.parametrize(("day", "names"), NAMES)
def test_an_opening_has_the_names_of_its_rules_without_hours_and_lines(day, names):
    start = at(f"{day}T00:00")
    openings = OFFICE.openings(start, start + timedelta(days=1))
    assert [each.name for each in openings] == names
    assert all("(line " in each.reason for each in openings)


def test_a_text_that_does_not_hold_the_reason_stays_as_it_is():
    moment = OFFICE.at(at("2026-12-16T09:00"))
    other = "held on until 2026-12-17T00:00:00Z"
    assert moment.shortened(other) == other


def test_days_that_are_named_together_share_a_name_in_a_season_too():
    season = next(each for each in OFFICE.spec.overrides if getattr(each, "week", None))
    assert {season.on(date(2027, 7, day)).called for day in range(5, 12)} == {"Summer hours"}


def at(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("America/New_York"))
