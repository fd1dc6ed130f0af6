"""Nights that holidays and overrides cut at midnight are warned of, with their dates and the way out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from controller.config.warnings import warnings
from controller.schedule import Schedule
from tests.support.config_file import schedule, understood
from tests.support.schedules import instant, told

NOW = datetime(2026, 11, 25, tzinfo=UTC)
CALENDARS = "calendars:\n  days: {also: {12-25: Christmas Day, 01-01: New Year's Day, 2027-05-01: May Day}}\n"
NIGHTS = "    hours: {daily: 22:00-06:00}\n"
HOLIDAYS = "    holidays: {calendars: [days]}\n"


def text(body: str) -> str:
    return schedule(body, also=CALENDARS).replace("America/New_York", "UTC")


def found(body: str, now: datetime = NOW):
    config = understood(text(body))
    return [each for each in warnings(config, now) if "end at midnight" in each.message]


def cut(message: str) -> list[str]:
    """The evenings that are named."""
    return re.findall(r"(\S+) \d\d:\d\d-\d\d:\d\d is cut at 00:00", message)


def test_the_first_nights_that_holidays_cut_are_named_in_the_line_of_the_rule():
    (warning,) = found(NIGHTS + HOLIDAYS)
    assert (warning.path, warning.line) == ("schedules.office.holidays", 8)
    assert cut(warning.message) == ["2026-12-24", "2026-12-31", "2027-04-30"]
    assert warning.message.count(" 22:00-06:00 is cut ") == 3
    assert " by Christmas Day; " in warning.message
    assert "; and 1 more until 2027-12-24" in warning.message  # the first of 2028 is 402 days ahead


def test_the_way_out_is_an_override_that_keeps_the_night_whole():
    (warning,) = found(NIGHTS + HOLIDAYS)
    (override,) = re.findall(r"\{from.*\}", warning.message)
    kept = NIGHTS + HOLIDAYS + f"    overrides: [{override}]\n"
    assert cut(found(kept)[0].message)[0] == "2026-12-31"
    spec = understood(text(kept)).specs["office"]
    assert told(Schedule(spec), "2026-12-24T12:00", "2026-12-25T12:00") == [WHOLE_NIGHT]


WHOLE_NIGHT = "2026-12-24T22:00 2026-12-25T06:00"


RULES = """\
    holidays:
      - {calendars: [none]}
      - {calendars: [days], hours: 08:00-09:00}
"""


def test_of_several_rules_the_one_that_cuts_is_named():
    config = understood(text(NIGHTS + RULES).replace("  days:", "  none: {also: {2020-01-01: x}}\n  days:"))
    (warning,) = [each for each in warnings(config, NOW) if "end at midnight" in each.message]
    assert (warning.path, warning.line) == ("schedules.office.holidays[1]", 11)


@pytest.mark.parametrize(
    ("override", "evenings"),
    [
        pytest.param("{date: 2026-12-10, hours: closed}", ["2026-12-09"], id="a closed date"),
        pytest.param("{date: 2026-12-10, hours: 08:00-12:00}", ["2026-12-09"], id="hours of a date"),
        pytest.param("{dates: 2026-12-10..2026-12-20, hours: 22:00-06:00}", ["2026-12-09"], id="dates"),
        pytest.param(
            "{dates: 2026-12-10..2026-12-20, hours: {daily: 22:00-06:00}}", ["2026-12-09"], id="a season"
        ),
        pytest.param("{date: 2026-12-10, hours: open}", [], id="open from midnight on"),
        pytest.param("{from: 2026-12-10T00:00, until: 2026-12-11T00:00, state: closed}", [], id="a span"),
        pytest.param("{date: 2026-11-24, hours: closed}", [], id="what is past"),
    ],
)
def test_an_override_that_cuts_a_night_is_named_in_its_line(override, evenings):
    said = found(NIGHTS + f"    overrides:\n      - {override}\n")
    assert [cut(each.message) for each in said] == ([evenings] if evenings else [])
    assert [(each.path, each.line) for each in said] == [("schedules.office.overrides[0]", 9)] * len(said)


def test_two_overrides_have_a_warning_each():
    entries = "{date: 2026-12-10, hours: closed}, {date: 2026-12-12, hours: closed}"
    said = found(NIGHTS + f"    overrides: [{entries}]\n")
    assert [cut(each.message) for each in said] == [["2026-12-09"], ["2026-12-11"]]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("    hours: {daily: 08:00-24:00}\n" + HOLIDAYS, id="that end at midnight"),
        pytest.param("    hours: {daily: open}\n" + HOLIDAYS, id="of whole dates"),
        pytest.param(
            NIGHTS + "    holidays: {calendars: [days], hours: open}\n",
            id="before holidays that open at once",
        ),
    ],
)
def test_hours_that_nothing_cuts_are_not_warned_of(body):
    assert found(body) == []


def test_a_night_is_named_until_its_midnight():
    at = instant("2026-12-25T00:00")
    assert cut(found(NIGHTS + HOLIDAYS, at - timedelta(seconds=1))[0].message)[0] == "2026-12-24"
    assert cut(found(NIGHTS + HOLIDAYS, at + timedelta(seconds=1))[0].message)[0] == "2026-12-31"
