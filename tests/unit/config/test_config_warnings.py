"""What is valid and still worth a look, at an instant."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from controller.config.warnings import warnings
from tests.support.config_file import EXAMPLE, MINIMAL, edited, places, schedule, understood
from tests.unit.config.cases import (
    CLOSED_FOR_CHRISTMAS,
    DAILY,
    ENDED_HOLD,
    LONG_KEPT,
    LONG_RESCUE,
    pipelines,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday


def told(
    text: str, now: datetime = NOW, files: dict[str, bytes] | None = None, **options: object
) -> list[str]:
    return [
        found.located("").removeprefix(":") for found in warnings(understood(text, files), now, **options)
    ]


def test_the_example_gives_no_warning_in_its_first_week():
    assert told(EXAMPLE) == []


def test_a_file_without_pipelines_is_told():
    assert places(told("version: 1\n")) == [""]
    assert places(told(MINIMAL, kept={"logos": timedelta(days=14)})) == []


@pytest.mark.parametrize("hours", ["{}", "{daily: closed}"])
def test_a_schedule_that_never_opens_is_told(hours):
    (never, _) = told(schedule(f"    hours: {hours}\n"))[::-1]
    assert never.split(": ")[1] == "schedules.office.hours"
    assert re.findall(r"\d+", never.split(": ")[2]) == ["400", "2026", "11", "23"]


@pytest.mark.parametrize(
    ("zone", "warned"),
    [("EST", True), ("MST", True), ("EST5EDT", False), ("America/Phoenix", False), ("UTC", False)],
)
def test_a_winter_time_for_all_year_is_told(zone, warned):
    said = told(edited("America/New_York", zone))
    assert any("knows no daylight saving" in line for line in said) is warned


PAST = [
    pytest.param(
        "{date: 2026-11-22, hours: open}", "2026-11-23T05:00", id="a date ends at its local midnight"
    ),
    pytest.param(
        "{dates: 2026-11-20..2026-11-22, hours: closed}", "2026-11-23T05:00", id="dates end with the last"
    ),
    pytest.param(
        "{date: 2026-11-22, hours: 22:00-06:00}", "2026-11-23T11:00", id="a night ends in the morning"
    ),
    pytest.param(
        "{from: 2026-11-20T00:00, until: 2026-11-22T20:00, state: open}", "2026-11-23T01:00", id="a span"
    ),
    pytest.param(
        "{from: 2026-11-20T00:00Z, until: 2026-11-22T20:00Z, state: open}", "2026-11-22T20:00", id="an offset"
    ),
]


OVERRIDE = "7: schedules.office.overrides[0]"


@pytest.mark.parametrize(("override", "ends"), PAST)
def test_an_override_is_past_from_its_end_on(override, ends):
    text = schedule(f"    hours: {{daily: open}}\n    overrides:\n    - {override}\n")
    end = datetime.fromisoformat(ends).replace(tzinfo=UTC)
    assert not any("is past" in found for found in told(text, end - timedelta(seconds=1)))
    (found,) = [found for found in told(text, end) if "is past" in found]
    assert places([found]) == [OVERRIDE]


def test_a_hold_is_told_from_its_end_on():
    assert told(ENDED_HOLD, NOW - timedelta(seconds=1)) == []
    (found,) = told(ENDED_HOLD)
    assert places([found]) == ["16: pipelines.logos.hold"]
    assert "2026-11-23 07:00 (incident" in found


@pytest.mark.parametrize(
    ("hours", "warm_up", "is_told"),
    [("09:00-09:29", "auto", True), ("09:00-09:30", "auto", False), ("09:00-10:00", "2h", True)],
)
def test_an_opening_shorter_than_its_warm_up_is_told(hours, warm_up, is_told):
    text = edited("08:30-17:00", hours, f"{LONG_KEPT}    warm_up: {warm_up}\n")
    found = told(text)
    assert len(found) == is_told
    if is_told:
        assert places(found) == ["16: pipelines.logos.warm_up"]
        assert f"2026-11-23 09:00 (mon-fri {hours} (line 6))" in found[0]


def test_an_opening_that_is_nearly_over_is_not_a_short_one():
    assert told(LONG_KEPT, datetime(2026, 11, 23, 21, 59, tzinfo=UTC)) == []  # 16:59 in New York


# Up from 30 minutes and a tick of 5 before the opening until 15 minutes after it.
AT_ONCE = [
    pytest.param(("08:00-10:00", "08:00-10:00"), 2, 0, id="as many as the quota"),
    pytest.param(("08:00-10:00",) * 3, 2, 1, id="more than the quota"),
    pytest.param(("08:00-10:00", "10:50-12:00"), 1, 0, id="one after the other"),
    pytest.param(("08:00-10:00", "10:49-12:00"), 1, 1, id="the lead of one meets the drain of another"),
]


@pytest.mark.parametrize(("hours", "quota", "count"), AT_ONCE)
def test_more_models_up_at_once_than_the_quota_are_told(hours, quota, count):
    found = [one for one in told(pipelines(*hours), running_models_quota=quota) if "at once" in one]
    assert len(found) == count


# The first is up until 10:15, or with its overtime 10:45; the second from 10:14, or 35 minutes earlier.
UP = [
    pytest.param("overtime: 30m", "11:20-12:00", False, id="overtime and the lead just fit"),
    pytest.param("overtime: 31m", "11:20-12:00", True, id="overtime meets the lead"),
    pytest.param("on_demand: {idle: 1m}", "10:15-12:00", False, id="no lead on demand"),
    pytest.param("on_demand: {idle: 1m}", "10:14-12:00", True, id="on demand from the opening"),
]


@pytest.mark.parametrize(("rule", "hours", "is_told"), UP)
def test_overtime_and_demand_count_in_how_long_a_model_is_up(rule, hours, is_told):
    text = pipelines("08:00-10:00", hours).replace("    warm_up: 30m\n    drain", f"    {rule}\n    drain")
    if "overtime" in rule:
        text = text.replace("    drain", "    warm_up: 30m\n    drain")
    assert any("at once" in one for one in told(text, running_models_quota=1)) is is_told


def test_a_longer_tick_makes_a_longer_lead():
    text = pipelines("08:00-10:00", "10:50-12:00")
    assert any("at once" in one for one in told(text, running_models_quota=1, tick=timedelta(minutes=6)))


def test_the_quota_is_of_an_account():
    assert not any(
        "at once" in one for one in told(pipelines("open", "open", account="9" * 12), running_models_quota=1)
    )


def test_models_at_once_are_named_with_their_first_moment():
    (found,) = [one for one in told(pipelines(*["08:00-10:00"] * 3)) if "at once" in one]
    assert places([found]) == ["22: pipelines.p2.schedule"]
    for value in (
        "3 models",
        "at 2026-11-24 07:25 UTC",
        "us-east-1",
        "123456789012",
        "(p0, p1, p2;",
        "is 2:",
    ):
        assert value in found


@pytest.mark.parametrize(
    ("retention", "is_told"), [("11d15h29m", True), ("11d15h30m", False), ("14d", False)]
)
def test_a_closure_as_long_as_the_retention_loses_nothing(retention, is_told):
    text = f"{CLOSED_FOR_CHRISTMAS}      retention: {retention}\n"
    assert len(told(text)) == is_told


RETENTION = "pipelines.logos.consumer.retention"
CLOSURE = "from 2026-12-23 17:00 until 2027-01-04 08:30"


@pytest.mark.parametrize(("written", "line"), [("", 10), ("      retention: 3d\n", 17)])
def test_a_closure_longer_than_the_retention_is_told_in_the_line_of_the_retention(written, line):
    (found,) = told(f"{CLOSED_FOR_CHRISTMAS}{written}")
    assert places([found]) == [f"{line}: {RETENTION}"]
    assert CLOSURE in found


DOUBTFUL = [
    pytest.param("warm_up: 2h", None, id="a warm-up of two hours"),
    pytest.param(
        "warm_up: 2h1s",
        (
            "warm_up: 2h1s are paid for before every opening; a start takes up to 30m "
            "(warm_up: auto learns how long)"
        ),
        id="a longer warm-up",
    ),
    pytest.param("rescue: 3d12h", None, id="a quarter of 14 days"),
    pytest.param(
        "rescue: 4d",
        (
            "rescue: 4d is longer than a quarter of the retention (14d); a rescue begins at most a quarter "
            "of it before a message expires, here 3d12h"
        ),
        id="a rescue longer than a quarter of the retention",
    ),
    pytest.param("rescue: never", None, id="no rescue where no closure is too long"),
    pytest.param("budget: {unit_hours_per_month: 200}", None, id="a budget that only warns"),
    pytest.param(
        "budget: {unit_hours_per_month: 200, enforce: true}",
        (
            "budget: when the month's 200 unit-hours are used up nothing is started until the next month, "
            "openings and rescue included: messages that expire until then are lost"
        ),
        id="an enforced budget",
    ),
]


@pytest.mark.parametrize(("written", "message"), DOUBTFUL)
def test_a_key_that_is_doubtful_is_told_in_its_line(written, message):
    found = told(f"{LONG_KEPT}    {written}\n")
    assert found == ([f"16: pipelines.logos.{message}"] if message else [])


def test_a_rescue_longer_than_the_retention_is_told():
    (found,) = told(LONG_RESCUE)
    assert places([found]) == ["16: pipelines.logos.rescue"]
    assert re.findall(r"\d+[dh]", found) == ["2d", "1d", "6h"]


def test_a_rescue_that_nobody_wrote_is_not_told():
    assert told(f"{DAILY}      retention: 1d\n") == []


# Closed from 17:00 to 08:30, 15 hours and a half, on four days of seven; the lunch hour is a closure too.
@pytest.mark.parametrize(
    ("hours", "overtime", "typical"),
    [
        pytest.param("20:00-08:00", "12h", None, id="as long as the closure"),
        pytest.param("20:01-08:02", "12h", "11h59m", id="longer than the closure"),
        pytest.param("[08:00-10:00, 11:00-12:00, 13:00-17:00]", "1h", None, id="two breaks of an hour a day"),
        pytest.param("[08:00-10:00, 11:00-12:00, 13:00-17:00]", "61m", "1h", id="longer than the breaks"),
    ],
)
def test_an_overtime_longer_than_a_typical_closure_is_told(hours, overtime, typical):
    text = edited("08:30-17:00", hours, f"{DAILY}    overtime: {overtime}\n")
    expected = (
        f"15: pipelines.logos.overtime: {overtime} is longer than a typical closure ({typical}): while "
        "messages wait the model does not stop between two openings"
    )
    assert told(text) == ([expected.replace("61m", "1h1m")] if typical else [])


def test_a_short_opening_is_fine_where_the_model_starts_on_demand():
    text = edited("08:30-17:00", "09:00-09:10", f"{LONG_KEPT}    on_demand: {{idle: 20m}}\n")
    assert told(text) == []


def event(*lines: str) -> bytes:
    body = "\r\n".join(("BEGIN:VEVENT", "UID:1", "SUMMARY:Closed", *lines, "END:VEVENT"))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{body}\r\nEND:VCALENDAR\r\n".encode()


ENDS = [
    pytest.param(event("DTSTART;VALUE=DATE:20270122"), "its last event is on 2027-01-22", id="in 60 days"),
    pytest.param(event("DTSTART;VALUE=DATE:20270123"), None, id="in 61 days"),
    pytest.param(event("DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=YEARLY"), None, id="never"),
    pytest.param(
        event("DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=YEARLY;UNTIL=20260601"),
        "its last event is on 2026-01-01",
        id="a rule that ends",
    ),
    pytest.param(event("DTSTART;VALUE=DATE:20200101"), "it has no event since 2025", id="long ago"),
    pytest.param(
        event("DTSTART;VALUE=DATE:20261201", "RDATE;VALUE=DATE:20990101"),
        "its last event before 2036 is on 2026-12-01",
        id="soon and far away",
    ),
    pytest.param(
        event("DTSTART;VALUE=DATE:20261207", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
        "its last event is on 2026-12-07",
        id="a rule without a date",
    ),
]


@pytest.mark.parametrize(("data", "message"), ENDS)
def test_a_calendar_file_that_ends_soon_is_told(data, message):
    text = schedule(
        "    hours: {daily: open}\n    holidays: {calendars: [c]}\n", also="calendars:\n  c: {ics: c.ics}\n"
    )
    found = [one for one in told(text, files={"c.ics": data}) if "event" in one and "own rule" not in one]
    whole = f"3: calendars.c.ics: {message}; dates after that are ordinary days until the file has more"
    assert found == ([whole] if message else [])


def test_a_calendar_file_whose_events_are_far_away_has_none_in_the_years_between():
    text = schedule(
        "    hours: {daily: open}\n    holidays: {calendars: [c]}\n", also="calendars:\n  c: {ics: c.ics}\n"
    )
    (found,) = [one for one in told(text, files={"c.ics": event("DTSTART:99990101")}) if "event" in one]
    assert "from 2025 to 2035" in found


def test_warnings_stand_in_the_order_of_the_file():
    text = f"{CLOSED_FOR_CHRISTMAS}    warm_up: 10h\n    hold: {{state: off, until: 2026-01-01T00:00}}\n"
    lines = [int(found.partition(":")[0]) for found in told(text)]
    assert lines == [10, 17, 17, 18]
