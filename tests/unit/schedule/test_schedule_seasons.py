"""A week of hours for a range of dates: what the file says, and when that is open."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from controller.config.warnings import warnings
from controller.editing.lost_entries import lost_overrides
from controller.editing.overrides import overrides
from controller.schedule import Schedule
from controller.schedule.walltime import bounds
from tests.support.config_file import diagnostics, places, schedule, understood
from tests.support.schedules import instant, told

WEEK = "{mon-thu: 07:30-15:00, fri: 07:30-12:00}"
DATES = "2027-07-01..2027-08-31"
OVERRIDE = "schedules.office.overrides[0]"


def text(hours: str = WEEK, dates: str = DATES, more: str = "", also: str = "") -> str:
    return schedule(
        "    hours: {daily: 09:00-17:00}\n    overrides:\n"
        f"      - dates: {dates}\n        hours: {hours}\n        reason: Summer hours\n{more}",
        also=also,
    ).replace("America/New_York", "UTC")


def read(*arguments: str, **options: str) -> Schedule:
    return Schedule(understood(text(*arguments, **options)).specs["office"])


FIRST_DAYS = [
    "2027-06-30T09:00 2027-06-30T17:00",
    "2027-07-01T07:30 2027-07-01T15:00",  # a Thursday
    "2027-07-02T07:30 2027-07-02T12:00",
    "2027-07-05T07:30 2027-07-05T15:00",
]
LAST_DAYS = ["2027-08-31T07:30 2027-08-31T15:00", "2027-09-01T09:00 2027-09-01T17:00"]


def test_a_season_has_the_hours_of_its_week_and_a_day_not_named_is_closed():
    assert told(read(), "2027-06-30", "2027-07-06") == FIRST_DAYS
    assert told(read(), "2027-08-31", "2027-09-02") == LAST_DAYS


def test_the_reason_names_the_days_and_their_line():
    found = read("\n          mon-thu: 07:30-15:00\n          fri: 07:30-12:00")
    season = f"override {DATES}"
    for at, reason in (
        ("2027-07-01T08:00", f"{season} mon-thu 07:30-15:00 (Summer hours) (line 9)"),
        ("2027-07-02T08:00", f"{season} fri 07:30-12:00 (Summer hours) (line 10)"),
        ("2027-07-02T13:00", f"outside {season} fri 07:30-12:00 (Summer hours) (line 10)"),
        ("2027-07-03T08:00", f"{season} sat not named (Summer hours) (line 7)"),
    ):
        assert found.at(instant(at)).reason == reason


NIGHTS = [
    "2027-06-30T20:00 2027-07-01T00:00",
    "2027-07-01T22:00 2027-07-02T06:00",
    "2027-07-02T22:00 2027-07-03T06:00",
    "2027-07-03T20:00 2027-07-04T04:00",
]


def test_nights_of_a_season_are_whole_and_the_night_before_it_is_cut():
    found = Schedule(
        understood(
            text("{daily: 22:00-06:00}", "2027-07-01..2027-07-02").replace("09:00-17:00", "20:00-04:00")
        ).specs["office"]
    )
    assert told(found, "2027-06-30T12:00", "2027-07-04T12:00") == NIGHTS


def test_a_season_matters_until_its_last_night_ends():
    spec = understood(text("{thu: 22:00-06:00, fri: 10:00-12:00}", "2027-07-01..2027-07-01")).specs["office"]
    _, end = bounds(spec.overrides[0], Schedule(spec).zone)
    assert end == instant("2027-07-02T06:00")
    spec = understood(text("{thu: 22:00-06:00, fri: 10:00-12:00}", "2027-07-01..2027-07-02")).specs["office"]
    assert bounds(spec.overrides[0], Schedule(spec).zone)[1] == instant("2027-07-03T00:00")


@pytest.mark.parametrize(
    ("hours", "explicit"),
    [
        pytest.param(WEEK, False, id="a day not named, as in any week"),
        pytest.param("{sat: closed, mon: open}", False, id="a day that is closed"),
        pytest.param("{daily: closed}", True, id="a whole week that is closed"),
        pytest.param("{mon: closed}", True, id="a week in which nothing opens"),
        pytest.param("closed", True, id="no week"),
    ],
)
def test_a_season_is_an_explicit_closure_only_if_nothing_of_it_is_open(hours, explicit):
    moment = read(hours).at(instant("2027-07-03T10:00"))  # a Saturday
    assert (moment.open, moment.explicit) == (False, explicit)


@pytest.mark.parametrize(
    ("hours", "diagnostic"),
    [
        ("{fry: open}", '8:17: hours.fry: "fry" is not a day (mon … sun, mon-fri, mon,wed,fri or daily)'),
        ("{mon: 25:00-26:00}", '8:22: hours.mon: "25:00" is not a time of day'),
        ("{mon-wed: open, tue: closed}", '8:32: hours.tue: tue is named in line 8 already ("mon-wed")'),
        ("{mon: open, mon: closed}", "8:28: hours.mon: this key stands in line 8 already"),
        ("{}", "8:16: hours: a mapping is not hours ("),
        ("{mon: }", "8:17: hours.mon: no value stands here; expected is hours ("),
        ("{mon: {tue: open}}", "8:22: hours.mon: a mapping is not hours ("),
    ],
)
def test_what_is_wrong_in_a_week_is_told_at_its_place(hours, diagnostic):
    (found,) = diagnostics(text(hours))
    assert found.replace(f"{OVERRIDE}.", "").startswith(diagnostic)


def test_one_date_has_no_week():
    (found,) = diagnostics(text().replace(f"dates: {DATES}", "date: 2027-07-01"))
    assert places([found]) == [f"8:16: {OVERRIDE}.hours"]
    assert "a mapping is not hours (" in found


def test_a_season_is_listed_with_its_hours():
    config = understood(text())
    (listed,) = overrides(config)
    assert listed.state == WEEK.strip("{}").replace(": ", " ")
    assert listed.label == f"override {DATES} {listed.state} (Summer hours)"


NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "lost"),
    [
        pytest.param(WEEK, False, id="the same"),
        pytest.param("{fri: 07:30-12:00, 'mon,tue,wed,thu': 07:30-15:00}", False, id="in other words"),
        pytest.param("{mon-thu: 07:30-15:00}", True, id="without the Friday"),
        pytest.param("07:30-15:00", True, id="the same hours each day"),
    ],
)
def test_a_replacement_without_the_week_loses_the_season(hours, lost):
    assert bool(lost_overrides(understood(text()), understood(text(hours)), NOW)) is lost


HOLIDAYS = "calendars: {x: {also: {07-05: Fair, 07-10: Feast, 08-02: Regatta}}}\n"
OF_CALENDAR = "    holidays: {calendars: [x]}\n"


def advised(more: str = "", hours: str = WEEK) -> list[str]:
    config = understood(text(hours, more=more + OF_CALENDAR, also=HOLIDAYS))
    return [each.message for each in warnings(config, NOW) if each.path.endswith("overrides[0]")]


def test_holidays_that_a_season_opens_are_a_warning():
    (message,) = advised()
    assert re.findall(r"(\S+) (Fair|Feast|Regatta)", message) == [
        ("2027-07-05", "Fair"),
        ("2027-08-02", "Regatta"),
    ]  # 10 July is a Saturday, which is closed
    assert read(more=OF_CALENDAR, also=HOLIDAYS).is_open(instant("2027-07-05T08:00"))


def test_holidays_that_a_later_entry_governs_are_no_warning():
    more = "".join(f"      - {{date: 2027-{day}, hours: closed}}\n" for day in ("07-05", "08-02"))
    assert advised(more) == []
    assert advised(hours="closed") == advised(hours="07:30-15:00") == []
