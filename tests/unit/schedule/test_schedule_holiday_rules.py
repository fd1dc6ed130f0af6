"""Several holiday rules: the last that names a date governs it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from controller.config.warnings import warnings
from controller.schedule import Schedule
from tests.support.config_file import diagnostics, schedule, understood
from tests.support.schedules import instant, told

CALENDARS = """\
calendars:
  closed: {also: {12-24: Christmas Eve, 12-25: Christmas Day, 2026-12-26: Move}}
  half: {also: {12-24: Eve, 12-31: New Year's Eve}}
  made-up: {also: {2026-12-26: Working Saturday}}
"""
BODY = """\
    hours: {mon-fri: 09:00-17:00}
    holidays:
      - calendars: [closed]
      - calendars: [half]
        hours: 09:00-12:00
      - {calendars: [made-up], hours: 10:00-16:00}
"""


def text(body: str = BODY) -> str:
    return schedule(body, also=CALENDARS).replace("America/New_York", "UTC")


def read(body: str = BODY) -> Schedule:
    return Schedule(understood(text(body)).specs["office"])


AROUND_NEW_YEAR = [
    "2026-12-23T09:00 2026-12-23T17:00",
    "2026-12-24T09:00 2026-12-24T12:00",  # both name it
    "2026-12-26T10:00 2026-12-26T16:00",  # a Saturday
    "2026-12-28T09:00 2026-12-28T17:00",
    "2026-12-29T09:00 2026-12-29T17:00",
    "2026-12-30T09:00 2026-12-30T17:00",
    "2026-12-31T09:00 2026-12-31T12:00",
    "2027-01-01T09:00 2027-01-01T17:00",
]


def test_half_days_and_a_made_up_working_day_stand_beside_closed_holidays():
    assert told(read(), "2026-12-23", "2027-01-02") == AROUND_NEW_YEAR


def test_the_order_of_the_rules_decides():
    first, second, third = BODY.split("      - ")[1:]
    body = "      - ".join((BODY.split("      - ", maxsplit=1)[0], second, third, first))
    assert told(read(body), "2026-12-24", "2026-12-28") == []


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("2026-12-24T10:00", "holiday Eve, 09:00-12:00 (line 13)"),
        ("2026-12-24T13:00", "outside holiday Eve, 09:00-12:00 (line 13)"),
        ("2026-12-25T13:00", "holiday Christmas Day, closed (line 11)"),
        ("2026-12-26T13:00", "holiday Working Saturday, 10:00-16:00 (line 14)"),
    ],
)
def test_the_reason_has_the_names_and_the_line_of_the_rule_that_governs(at, reason):
    assert read().at(instant(at)).reason == reason


def test_a_closed_holiday_is_no_explicit_closure_in_a_list_either():
    assert not read().at(instant("2026-12-25T12:00")).explicit


def test_an_override_governs_whatever_the_rules_say():
    found = read(BODY + "    overrides: [{date: 2026-12-24, hours: closed}]\n")
    assert told(found, "2026-12-24", "2026-12-26") == []


NIGHTS = """\
    hours: {daily: 22:00-06:00}
    holidays:
      - {calendars: [closed], hours: 21:00-05:00}
      - {calendars: [half], hours: 20:00-04:00}
"""


OPEN_NIGHTS = [
    "2026-12-23T22:00 2026-12-24T00:00",
    "2026-12-24T20:00 2026-12-25T00:00",  # from one rule to another
    "2026-12-25T21:00 2026-12-26T05:00",  # one rule for both dates
    "2026-12-26T21:00 2026-12-27T05:00",
    "2026-12-27T22:00 2026-12-28T06:00",
]


def test_a_night_is_cut_where_another_rule_begins_and_whole_within_one():
    assert told(read(NIGHTS), "2026-12-23T12:00", "2026-12-28T12:00") == OPEN_NIGHTS


def test_a_list_of_one_rule_means_the_rule():
    one = "    hours: {daily: open}\n    holidays: {calendars: [closed], hours: 09:00-12:00}\n"
    assert read(one).spec == read(one.replace("{c", "[{c").replace("12:00}", "12:00}]")).spec


@pytest.mark.parametrize(
    ("rules", "place", "diagnostic"),
    [
        ("[]", "[]", "holidays: an empty list is not a list of holiday rules ("),
        ("[half]", "half", 'holidays[0]: "half" is not a holiday rule ({calendars: [us]})'),
        ("[{hours: closed}]", "{", 'holidays[0]: "calendars" is missing (calendars: [us])'),
        ("[{calendars: [half], hour: open}]", "hour:", 'holidays[0].hour: "hour" is not a known key'),
        ("[{calendars: [half], hours: 25:00}]", "25:00", 'holidays[0].hours: "25:00" is not hours ('),
        ("[{calendars: [halv]}]", "halv", 'holidays[0].calendars[0]: there is no calendar "halv"'),
        ("[{calendars: [closed, closed]}]", "closed]", 'holidays[0].calendars[1]: "closed" is named twice'),
        ("[{calendars: [half]}, {calendars: []}]", "[]", "holidays[1].calendars: an empty list is not"),
        ("half", "half", 'holidays: "half" is not a holiday rule ({calendars: [us]})'),
        ("{hours: closed}", "holidays", 'holidays: "calendars" is missing (calendars: [us])'),
    ],
)
def test_what_is_wrong_with_a_rule_is_told_at_its_place(rules, place, diagnostic):
    written = text(f"    hours: {{}}\n    holidays: {rules}\n")
    (found,) = diagnostics(written)
    line, column, rest = found.split(":", 2)
    assert written.splitlines()[int(line) - 1][int(column) - 1 :].startswith(place)
    assert rest.strip().removeprefix("schedules.office.").startswith(diagnostic)


ICS = """\
BEGIN:VCALENDAR
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261126
SUMMARY:Inventory
END:VEVENT
END:VCALENDAR
"""


def test_a_calendar_of_two_rules_is_warned_of_once():
    body = "    hours: {}\n    holidays: [{calendars: [c]}, {calendars: [c], hours: 08:00-09:00}]\n"
    config = understood(schedule(body, also="calendars: {c: {ics: c.ics}}\n"), {"c.ics": ICS.encode()})
    found = warnings(config, datetime(2026, 11, 25, tzinfo=UTC))
    assert [each.path for each in found if each.path.startswith("calendars")] == ["calendars.c.ics"]
