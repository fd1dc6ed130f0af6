"""What stands in the file and has no effect; each beside a neighbour that has one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from controller.config.warnings import warnings
from tests.support.config_file import EXAMPLE, MINIMAL, edited, places, schedule, understood
from tests.unit.config.cases import LONG_KEPT, UNUSED
from tests.unit.config.test_config_warnings import NOW, told

SUMMER = "  summer: {timezone: UTC, hours: {mon: 08:00-12:00}}\n"
CALENDAR = "calendars:\n  us: {country: US}\n"


def effects(text: str, says: str = "effect", files: dict[str, bytes] | None = None) -> list[str]:
    """The places of the warnings that say so, without the columns."""
    found = [each for each in warnings(understood(text, files), NOW) if says in each.message]
    return [f"{each.line}: {each.path}" for each in found]


def overridden(*entries: str, zone: str = "America/New_York") -> str:
    lines = "".join(f"    - {{{entry}}}\n" for entry in entries)
    text = schedule(f"    hours: {{daily: 08:00-17:00}}\n    overrides:\n{lines}")
    return edited("America/New_York", zone, text)


def test_the_example_uses_all_that_it_names():
    assert told(EXAMPLE) == []


def test_a_calendar_and_a_schedule_that_nothing_uses_are_told():
    assert places(told(UNUSED)) == ["3:3: calendars.us", "9:3: schedules.summer"]


@pytest.mark.parametrize("holidays", ["{calendars: [us]}", "[{calendars: [us]}]"])
def test_a_calendar_of_a_holiday_rule_is_used(holidays):
    text = f"version: 1\n{CALENDAR}" + LONG_KEPT.removeprefix("version: 1\n")
    used = edited("    hours:\n", f"    holidays: {holidays}\n    hours:\n", text)
    assert (len(effects(text, "uses it")), len(effects(used, "uses it"))) == (1, 0)


def test_without_any_pipeline_nothing_is_told_of_what_is_not_used():
    assert effects(f"version: 1\n{CALENDAR}schedules:\n{SUMMER}", "uses it") == []


OVERRIDE = "schedules.office.overrides[0]"

# 2027-03-05 is a Friday.
WEEKS = [
    pytest.param("2027-03-05..2027-03-09", "{thu: open}", 1, id="no Thursday"),
    pytest.param("2027-03-05..2027-03-10", "{thu: open}", 1, id="until Wednesday"),
    pytest.param("2027-03-05..2027-03-11", "{thu: open}", 0, id="until Thursday"),
    pytest.param("2027-03-05..2027-03-09", "{mon-thu: open}", 0, id="a Monday, at least"),
    pytest.param("2027-03-05..2027-03-09", "{mon: open, wed: 08:00-09:00, thu: 09:00-10:00}", 2, id="two"),
    pytest.param("2027-03-05..2027-03-09", "{mon: open, thu: closed}", 0, id="closed all the same"),
]


@pytest.mark.parametrize(("dates", "hours", "count"), WEEKS)
def test_hours_of_a_day_that_is_none_of_the_dates_are_told(dates, hours, count):
    assert effects(overridden(f"dates: {dates}, hours: {hours}")) == [f"7: {OVERRIDE}"] * count


def test_dates_that_all_close_by_such_hours_are_told_to_close():
    (all_closed,) = told(overridden("dates: 2027-03-05..2027-03-09, hours: {thu: open}"))[1:]
    (other,) = told(overridden("dates: 2027-03-05..2027-03-09, hours: {thu: open, mon: open}"))[1:]
    assert "closed" in all_closed
    assert "closed" not in other


DAY = "date: 2027-03-05, hours: closed"
COVERED = [
    pytest.param((DAY, "dates: 2027-03-01..2027-03-05, hours: 08:00-09:00"), [0], id="by dates"),
    pytest.param((DAY, "dates: 2027-03-06..2027-03-07, hours: open"), [], id="the date after"),
    pytest.param(("dates: 2027-03-01..2027-03-05, hours: open", DAY), [], id="in part"),
    pytest.param((DAY, DAY), [0], id="by its equal"),
    pytest.param(
        (
            "dates: 2027-03-01..2027-03-05, hours: open",
            "dates: 2027-03-01..2027-03-02, hours: closed",
            "dates: 2027-03-03..2027-03-05, hours: closed",
        ),
        [0],
        id="by two together",
    ),
    pytest.param(
        (
            "dates: 2027-03-01..2027-03-05, hours: open",
            "dates: 2027-03-01..2027-03-02, hours: closed",
            "dates: 2027-03-04..2027-03-05, hours: closed",
        ),
        [],
        id="but for a date between two",
    ),
    pytest.param(("from: 2027-03-05T00:00, until: 2027-03-06T00:00, state: open", DAY), [1], id="by a span"),
    pytest.param(
        ("from: 2027-03-05T00:01, until: 2027-03-06T00:00, state: open", DAY), [], id="by most of it"
    ),
    pytest.param(
        (
            "from: 2027-03-05T08:00, until: 2027-03-05T09:00, state: open",
            "from: 2027-03-05T12:00Z, until: 2027-03-05T15:00Z, state: closed",
        ),
        [0],
        id="a span by a later one, 07:00 to 10:00",
    ),
    pytest.param(
        (
            "from: 2027-03-05T07:00, until: 2027-03-05T10:00, state: closed",
            "from: 2027-03-05T08:00, until: 2027-03-05T09:00, state: open",
        ),
        [],
        id="a span by an earlier one",
    ),
    pytest.param(("date: 2026-11-01, hours: closed", "date: 2026-11-01, hours: open"), [], id="what is past"),
    pytest.param(
        (
            "date: 2027-03-05, hours: 22:00-06:00",
            "from: 2027-03-05T00:00, until: 2027-03-06T00:00, state: open",
        ),
        [],
        id="but for the hours after midnight",
    ),
]


@pytest.mark.parametrize(("entries", "indexes"), COVERED)
def test_an_override_that_others_cover_wholly_is_told(entries, indexes):
    expected = [f"{7 + index}: schedules.office.overrides[{index}]" for index in indexes]
    assert effects(overridden(*entries), "it has no effect") == expected


EVENT = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Closed\r\n"
    b"DTSTART;VALUE=DATE:20270601\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
EXCEPT = [
    pytest.param('country: US, except: ["*"]', True, id="all of a country"),
    pytest.param('country: US, except: ["* Day", "*s*"]', True, id="all by two patterns"),
    pytest.param('country: US, except: ["*Day*"]', False, id="not Thanksgiving"),
    pytest.param("also: {12-24: Eve}, except: [Eve]", True, id="all dates"),
    pytest.param("also: {12-24: Eve, 12-25: Day}, except: [Eve]", False, id="one date of two"),
    pytest.param("ics: c.ics, except: [Closed]", True, id="all events of a file"),
    pytest.param("ics: c.ics", False, id="a file whole"),
]


@pytest.mark.parametrize(("calendar", "is_told"), EXCEPT)
def test_names_that_leave_nothing_of_a_calendar_are_told(calendar, is_told):
    text = schedule(
        "    hours: {daily: open}\n    holidays: {calendars: [c]}\n",
        also=f"calendars: {{c: {{{calendar}}}}}\n",
    )
    found = effects(text, "every holiday", {"c.ics": EVENT})
    assert found == (["2: calendars.c.except"] if is_told else [])


WITHIN = [
    pytest.param("[08:00-17:00, 09:00-10:00]", 1, id="within"),
    pytest.param('"09:00-10:00, 08:00-17:00"', 1, id="in a text, and before"),
    pytest.param("[08:00-17:00, 08:00-17:00]", 1, id="equal"),
    pytest.param("[08:00-17:00, 08:00-09:00, 16:00-17:00]", 2, id="two of them"),
    pytest.param("[08:00-12:00, 11:00-17:00]", 0, id="overlapping"),
    pytest.param("[22:00-06:00, 23:00-05:00]", 1, id="in a night"),
    pytest.param("[22:00-06:00, 01:00-05:00]", 0, id="in the morning of another night"),
    pytest.param("[08:00-12:00, 13:00-17:00]", 0, id="apart"),
    pytest.param("open", 0, id="open"),
]


@pytest.mark.parametrize(("hours", "count"), WITHIN)
def test_a_window_within_another_of_the_day_is_told(hours, count):
    text = schedule(f"    hours:\n      mon: {hours}\n")
    assert effects(text) == ["6: schedules.office.hours.mon"] * count


@pytest.mark.parametrize(
    ("section", "path"),
    [
        ("holidays: {calendars: [c], hours: [08:00-12:00, 09:00-10:00]}", "holidays.hours"),
        ("holidays: [{calendars: [c], hours: [08:00-12:00, 09:00-10:00]}]", "holidays[0].hours"),
        ("overrides: [{date: 2027-06-01, hours: [08:00-12:00, 09:00-10:00]}]", "overrides[0].hours"),
        (
            "overrides: [{dates: 2027-06-01..2027-06-30, hours: {mon: [08:00-12:00, 09:00-10:00]}}]",
            "overrides[0].hours.mon",
        ),
    ],
)
def test_a_window_within_another_is_told_of_all_hours(section, path):
    text = schedule(
        f"    hours: {{daily: open}}\n    {section}\n", also="calendars: {c: {also: {12-24: Eve}}}\n"
    )
    assert effects(text) == [f"7: schedules.office.{path}"]


BUDGETS = [  # 31 days have 744 hours
    pytest.param("inference_units: 1", "744", False, id="a month of 31 days"),
    pytest.param("inference_units: 1", "744.5", True, id="more"),
    pytest.param("inference_units: 2", "1488", False, id="with two units"),
    pytest.param("inference_units: 1\n      max_inference_units: 3", "2232", False, id="scaled to three"),
    pytest.param("inference_units: 1\n      max_inference_units: 3", "2233", True, id="more than three"),
]


@pytest.mark.parametrize("enforce", ["true", "false"])
@pytest.mark.parametrize(("units", "hours", "is_told"), BUDGETS)
def test_a_budget_that_no_month_reaches_is_told(units, hours, is_told, enforce):
    text = f"{LONG_KEPT}    budget: {{unit_hours_per_month: {hours}, enforce: {enforce}}}\n"
    found = effects(edited("inference_units: 1", units, text))
    line = 16 + ("max" in units)
    assert found == ([f"{line}: pipelines.logos.budget"] if is_told else [])


# The clocks go from 02:00 to 03:00 on Sunday 2027-03-14.
SKIPPED = [
    pytest.param("America/New_York", "sun: 02:00-03:00", True, id="all that is skipped"),
    pytest.param("America/New_York", "sun: 02:15-02:45", True, id="a part of it"),
    pytest.param("America/New_York", "sun: 02:00-03:01", False, id="and a minute after it"),
    pytest.param("America/New_York", "sun: [02:00-03:00, 03:00-04:00]", False, id="joined to the next"),
    pytest.param("America/New_York", "mon: 02:00-03:00", False, id="the day after"),
    pytest.param("UTC", "sun: 02:00-03:00", False, id="no clocks that change"),
]


@pytest.mark.parametrize(("zone", "hours", "is_told"), SKIPPED)
def test_hours_of_the_week_that_the_clocks_skip_are_told_with_their_date(zone, hours, is_told):
    text = edited("America/New_York", zone, schedule(f"    hours:\n      {hours}\n"))
    assert effects(text, "2027-03-14") == (["6: schedules.office.hours"] if is_told else [])


def test_hours_after_a_midnight_that_the_clocks_skip_are_told():
    text = edited("America/New_York", "America/Havana", schedule("    hours: {sun: 00:00-01:00}\n"))
    found = warnings(understood(text), datetime(2024, 3, 1, tzinfo=UTC))
    assert [each.path for each in found if "2024-03-10" in each.message] == ["schedules.office.hours"]


def test_an_override_of_the_date_ends_the_warning_of_its_ordinary_hours():
    text = schedule(
        "    hours: {sun: 02:00-03:00}\n    overrides: [{date: 2027-03-14, hours: 04:00-05:00}]\n"
    )
    assert effects(text, "the clocks skip") == []


def test_hours_of_holidays_that_the_clocks_skip_are_told():
    text = schedule(
        "    hours: {daily: 08:00-17:00}\n    holidays:\n    - {calendars: [c]}\n"
        "    - {calendars: [c], hours: 02:00-03:00}\n",
        also="calendars: {c: {also: {03-14: Pi}}}\n",
    )
    assert effects(text, "the clocks skip") == ["9: schedules.office.holidays[1]"]


def test_a_minimal_file_has_nothing_without_effect():
    assert effects(MINIMAL) == []
