"""All-day events of iCalendar files."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from controller.schedule.calendars import MAX_ICS_BYTES, events
from tests.config_file import doubts, schedule, understood


def calendar(*bodies: str) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN"]
    for index, body in enumerate(bodies):
        lines += ["BEGIN:VEVENT", *([] if "UID:" in body else [f"UID:{index}"]), *body.split(), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def dates(data: bytes, first: str, last: str) -> str:
    """The dates from ``first`` to ``last`` that have names, as ``MM-DD``."""
    found, problems = events(data)
    assert problems == ()
    day, end, told = date.fromisoformat(first), date.fromisoformat(last), []
    while day <= end:
        if found(day):
            told.append(f"{day:%m-%d}")
        day += timedelta(days=1)
    return " ".join(told)


EVENTS = [
    pytest.param(("DTSTART;VALUE=DATE:20261127",), "11-27", id="a day"),
    pytest.param(
        ("DTSTART;VALUE=DATE:20261127 DTEND;VALUE=DATE:20261128",), "11-27", id="the end is exclusive"
    ),
    pytest.param(
        ("DTSTART;VALUE=DATE:20261127 DTEND;VALUE=DATE:20261127",), "11-27", id="an end at the start"
    ),
    pytest.param(
        ("DTSTART;VALUE=DATE:20261127 DTEND;VALUE=DATE:20261130",), "11-27 11-28 11-29", id="three days"
    ),
    pytest.param(("DTSTART;VALUE=DATE:20261127 DURATION:P2D",), "11-27 11-28", id="a duration"),
    pytest.param(("DTSTART;VALUE=DATE:20161127 RRULE:FREQ=YEARLY",), "11-27", id="every year"),
    pytest.param(
        ("DTSTART;VALUE=DATE:20261102 RRULE:FREQ=WEEKLY;COUNT=4 EXDATE;VALUE=DATE:20261109",),
        "11-02 11-16 11-23",
        id="weekly, but once",
    ),
    pytest.param(
        (
            "UID:m DTSTART;VALUE=DATE:20261102 RRULE:FREQ=WEEKLY;COUNT=3",
            "UID:m RECURRENCE-ID;VALUE=DATE:20261109 DTSTART;VALUE=DATE:20261111",
        ),
        "11-02 11-11 11-16",
        id="weekly, once moved",
    ),
    pytest.param(
        (
            "UID:m DTSTART;VALUE=DATE:20261102 RRULE:FREQ=WEEKLY;COUNT=3",
            "UID:m RECURRENCE-ID;VALUE=DATE:20261109 DTSTART;VALUE=DATE:20261109 STATUS:CANCELLED",
        ),
        "11-02 11-16",
        id="weekly, once cancelled",
    ),
    pytest.param(("DTSTART;VALUE=DATE:20261127 STATUS:CANCELLED",), "", id="cancelled"),
    pytest.param(("DTSTART;VALUE=DATE:20261127 TRANSP:TRANSPARENT",), "", id="transparent"),
    pytest.param(("DTSTART:20261127T100000Z STATUS:CANCELLED",), "", id="timed, but cancelled"),
    pytest.param(("DTSTART:20261127T100000Z TRANSP:TRANSPARENT",), "", id="timed, but transparent"),
    pytest.param(("DTSTART;VALUE=DATE:20261127 STATUS:CONFIRMED TRANSP:OPAQUE",), "11-27", id="confirmed"),
    pytest.param((), "", id="no event"),
]


@pytest.mark.parametrize(("bodies", "expected"), EVENTS)
def test_an_all_day_event_covers_its_dates(bodies, expected):
    assert dates(calendar(*bodies), "2026-11-01", "2026-11-30") == expected


def test_an_event_over_the_new_year_covers_both_years():
    data = calendar("DTSTART;VALUE=DATE:20261230 DTEND;VALUE=DATE:20270103")
    assert dates(data, "2026-12-01", "2027-01-31") == "12-30 12-31 01-01 01-02"


def test_an_events_name_is_its_summary():
    found, _ = events(
        calendar("DTSTART;VALUE=DATE:20261127 SUMMARY:Inventory", "DTSTART;VALUE=DATE:20261127")
    )
    assert found(date(2026, 11, 27)) == ("Inventory", "all-day event")


def test_an_events_name_is_one_line_that_steers_no_terminal():
    escape, backwards = "\x1b", "\u202e"
    data = calendar("DTSTART;VALUE=DATE:20261127 SUMMARY:name").decode()
    found, _ = events(data.replace("name", f"a\\n\\n b{escape}[31m{backwards}{'c' * 500}").encode())
    assert found(date(2026, 11, 27)) == (f"a b\ufffd[31m\ufffd{'c' * 191}",)


PROBLEMS = [
    pytest.param(
        "DTSTART:20261127T100000Z SUMMARY:Party",
        'event "Party" (2026-11-27 10:00) is not all-day; holidays are whole dates',
        id="timed",
    ),
    pytest.param("SUMMARY:Party", 'event "Party" has no start (DTSTART)', id="no start"),
    pytest.param(
        "DTSTART;VALUE=DATE:20261399 SUMMARY:Party",
        'event "Party" cannot be read: DTSTART is not valid (a date such as 20261127)',
        id="no date",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20261127 RRULE:FREQ=OFTEN SUMMARY:Party",
        'event "Party" cannot be read: RRULE is not valid (such as FREQ=YEARLY)',
        id="rule",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20261127 RRULE:FREQ=SECONDLY SUMMARY:Party",
        'event "Party" recurs within a day; an all-day event cannot',
        id="every second",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20261127 RRULE:FREQ=DAILY;BYSECOND=1,2,3 SUMMARY:Party",
        'event "Party" recurs within a day; an all-day event cannot',
        id="some seconds of every day",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:00010101 RRULE:FREQ=DAILY SUMMARY:Party",
        'event "Party" starts before 1900',
        id="1",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20200101 RRULE:FREQ=DAILY;INTERVAL=0 SUMMARY:Party",
        'event "Party" recurs at an INTERVAL below 1',
        id="again and again on the same day",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20200101 RRULE:FREQ=DAILY;BYSETPOS=300 SUMMARY:Party",
        'event "Party" recurs DAILY by BYSETPOS; write it as MONTHLY or YEARLY',
        id="the 300th of one",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20200101 RRULE:FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=30 SUMMARY:Party",
        'event "Party" recurs WEEKLY by BYMONTHDAY; write it as MONTHLY or YEARLY',
        id="30 February",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20260101 RRULE:FREQ=DAILY;BYMONTH=13 SUMMARY:Party",
        'event "Party" recurs on no date: BYMONTH=13',
        id="the 13th month",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20260101 RRULE:FREQ=MONTHLY;BYMONTHDAY=15,32 SUMMARY:Party",
        'event "Party" recurs on no date: BYMONTHDAY=32',
        id="the 32nd",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20260101 RRULE:FREQ=MONTHLY;BYMONTHDAY=0 SUMMARY:Party",
        'event "Party" recurs on no date: BYMONTHDAY=0',
        id="the day 0",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20260101 RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1 SUMMARY:Party",
        'event "Party" recurs on no date: BYMONTHDAY=30 of the months of BYMONTH',
        id="30 February, every year",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20260101 RRULE:FREQ=YEARLY;BYMONTH=4,6;BYMONTHDAY=-31 SUMMARY:Party",
        'event "Party" recurs on no date: BYMONTHDAY=-31 of the months of BYMONTH',
        id="the 31st from the end of short months",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20260101 RRULE:FREQ=YEARLY;BYYEARDAY=-367 SUMMARY:Party",
        'event "Party" recurs on no date: BYYEARDAY=-367',
        id="the day before the year",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20260101 RRULE:FREQ=YEARLY;BYWEEKNO=54 SUMMARY:Party",
        'event "Party" recurs on no date: BYWEEKNO=54',
        id="the 54th week",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20260101 RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367 SUMMARY:Party",
        'event "Party" recurs on no date: BYSETPOS=367',
        id="the 367th of some",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:19000101 DTEND;VALUE=DATE:19900101 RRULE:FREQ=DAILY SUMMARY:Party",
        'event "Party" recurs too often to be followed',
        id="ninety years, every day",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20260101 RRULE:FREQ=DAILY;COUNT=3 RRULE:FREQ=WEEKLY SUMMARY:Party",
        'event "Party" needs one rule (RRULE) with one FREQ',
        id="two rules",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20260101 RRULE:COUNT=3 SUMMARY:Party",
        'event "Party" needs one rule (RRULE) with one FREQ',
        id="no frequency",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20260101 DTSTART;VALUE=DATE:20260102 SUMMARY:Party",
        'event "Party" cannot be read: DTSTART stands more than once',
        id="two starts",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20260101 DTEND;VALUE=DATE:99991231 SUMMARY:Party",
        'event "Party" cannot be read: a date is out of range',
        id="until the end of time",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20260101 SEQUENCE:1 SEQUENCE:2 SUMMARY:Party",
        'event "Party" cannot be read: SEQUENCE stands more than once',
        id="two sequences",
    ),
]


@pytest.mark.parametrize(("body", "problem"), PROBLEMS)
def test_an_event_that_cannot_be_used_is_named_and_the_others_are_used(body, problem):
    found, (told,) = events(calendar(body, "DTSTART;VALUE=DATE:20261128"))
    assert told.startswith(problem)
    assert found(date(2026, 11, 27)) == ()
    assert found(date(2026, 11, 28)) == ("all-day event",)


@pytest.mark.parametrize(
    ("rule", "followed"),
    [
        pytest.param("FREQ=DAILY", 13, id="every day"),
        pytest.param("FREQ=DAILY;COUNT=5", 300, id="five days"),
        pytest.param("FREQ=DAILY;UNTIL=20200110", 273, id="ten days"),
        pytest.param("FREQ=YEARLY", 300, id="every year"),
        pytest.param("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", 300, id="Thanksgiving"),
        pytest.param("FREQ=DAILY;UNTIL=20291231", 27, id="ten years"),
        pytest.param("FREQ=DAILY;INTERVAL=2", 26, id="every other day"),
        pytest.param("FREQ=WEEKLY;BYDAY=WE,TH", 44, id="two days of every week"),
        pytest.param(
            "FREQ=DAILY;INTERVAL=1000 DTEND;VALUE=DATE:20220927",
            14,
            id="a thousand days, every thousand days",
        ),
        pytest.param(
            "FREQ=YEARLY;INTERVAL=1000 DTEND;VALUE=DATE:20220927", 100, id="a thousand days in a millennium"
        ),
    ],
)
def test_of_very_many_recurring_events_as_many_are_followed_as_take_a_second(rule, followed):
    bodies = [f"DTSTART;VALUE=DATE:20200101 RRULE:{rule} SUMMARY:{n}" for n in range(300)]
    found, problems = events(calendar(*bodies))
    assert len(problems) == 300 - followed
    assert len(found(date(2020, 1, 1))) == followed


# A thousand times a hundred days: as much as can be followed in a second.
A_SECOND = "DTSTART;VALUE=DATE:20200101 DTEND;VALUE=DATE:20200410 RRULE:FREQ=DAILY;COUNT=1000"


def test_an_event_that_takes_the_whole_second_is_followed_and_what_does_not_recur_takes_nothing_of_it():
    found, problems = events(calendar("DTSTART;VALUE=DATE:20191231 SUMMARY:Once", A_SECOND))
    assert problems == ()
    assert (found(date(2019, 12, 31)), found(date(2020, 1, 1))) == (("Once",), ("all-day event",))


def test_after_an_event_that_takes_the_whole_second_none_is_followed():
    _, problems = events(
        calendar(A_SECOND, "DTSTART;VALUE=DATE:20200101 RRULE:FREQ=YEARLY;COUNT=1 SUMMARY:New")
    )
    assert problems == ('event "New" recurs too often to be followed, beside those before it',)


NOT_READ = "not an iCalendar file that can be read"
UNREADABLE = [
    pytest.param(b"", f"{NOT_READ}: its first line is not BEGIN:VCALENDAR", id="empty"),
    pytest.param(b"\xff\xfe\x00", f"{NOT_READ}: its first line is not BEGIN:VCALENDAR", id="bytes"),
    pytest.param(
        b"closures: []\n", f"{NOT_READ}: its first line is not BEGIN:VCALENDAR", id="something else"
    ),
    pytest.param(calendar() + calendar(), f"{NOT_READ}: it holds 2 calendars", id="two calendars"),
    pytest.param(b"BEGIN:VCALENDAR\r\n", f"{NOT_READ}: a BEGIN has no END", id="cut off"),
    pytest.param(b"A" * (MAX_ICS_BYTES + 1), "larger than 512 KiB", id="too large"),
]


@pytest.mark.parametrize(("data", "why"), UNREADABLE)
def test_a_file_that_is_no_calendar_is_told_in_one_line(data, why):
    found, (problem,) = events(data)
    assert found is None
    assert problem.startswith(why)
    assert "\n" not in problem


def test_a_file_may_be_as_large_as_512_kib():
    short = calendar("DTSTART;VALUE=DATE:20261127 SUMMARY:x")
    data = short.replace(b"SUMMARY:x", b"SUMMARY:" + b"x" * (512 * 1024 - len(short) + 1))
    found, problems = events(data)
    assert (len(data), problems) == (512 * 1024, ())
    assert found(date(2026, 11, 27)) == ("x" * 200,)


@pytest.mark.parametrize(
    ("rule", "endless"),
    [
        ("", False),
        (" RRULE:FREQ=YEARLY", True),
        (" RRULE:FREQ=YEARLY;COUNT=3", False),
        (" RRULE:FREQ=YEARLY;UNTIL=20300101", False),
        (" RRULE:FREQ=YEARLY STATUS:CANCELLED", False),
    ],
)
def test_a_calendar_is_endless_if_an_event_recurs_without_an_end(rule, endless):
    found, _ = events(calendar(f"DTSTART;VALUE=DATE:20261127{rule}"))
    assert found.endless is endless


def test_the_last_date_is_that_of_the_years_asked_for():
    found, _ = events(
        calendar("DTSTART;VALUE=DATE:20261127 DTEND;VALUE=DATE:20261130", "DTSTART;VALUE=DATE:20280101")
    )
    assert found.last(range(2026, 2028)) == date(2026, 11, 29)
    assert found.last(range(2020, 2022)) is None


FILE = "calendars:\n  company: {ics: closures.ics, also: {2026-12-24: Eve}}\n"
TEXT = schedule("    hours: {}\n    holidays: {calendars: [company]}\n", also=FILE)


def test_a_calendar_of_the_file_has_the_events_and_the_dates_by_hand():
    files = {"closures.ics": calendar("DTSTART;VALUE=DATE:20261127 SUMMARY:Inventory")}
    names = understood(TEXT, files).specs["office"].holidays.names
    assert (names(date(2026, 11, 27)), names(date(2026, 12, 24))) == (("Inventory",), ("Eve",))


@pytest.mark.parametrize(
    ("files", "doubt"),
    [
        pytest.param({}, "closures.ics cannot be read: not found", id="missing"),
        pytest.param(
            {"closures.ics": b"x"}, "closures.ics: not an iCalendar file that can be read: ", id="no calendar"
        ),
        pytest.param(
            {"closures.ics": calendar("DTSTART:20261127T100000Z SUMMARY:Party")},
            'closures.ics: event "Party" (2026-11-27 10:00) is not all-day',
            id="a timed event",
        ),
    ],
)
def test_what_is_wrong_with_a_calendar_file_is_a_doubt_and_the_rest_is_used(files, doubt):
    (told,) = doubts(TEXT, files)
    assert told.startswith(f"3:18: calendars.company.ics: {doubt}")
    assert understood(TEXT, files).specs["office"].holidays.names(date(2026, 12, 24)) == ("Eve",)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "02-29", id="29 February"),
        pytest.param("FREQ=YEARLY;BYMONTH=2,3;BYMONTHDAY=30", "03-30", id="30 February or March"),
        pytest.param("FREQ=MONTHLY;BYMONTHDAY=-31;COUNT=2", "03-01", id="the first of long months"),
        pytest.param("FREQ=YEARLY;BYYEARDAY=366", "12-31", id="the last day of a leap year"),
        pytest.param("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31", "12-31", id="the last day of a year"),
        pytest.param("FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", "09-13 12-13", id="Friday the 13th"),
    ],
)
def test_a_date_that_is_seldom_is_a_date(rule, expected):
    """Of 2024; the start is one in any case."""
    ics = calendar(f"DTSTART;VALUE=DATE:20240101 RRULE:{rule}")
    assert dates(ics, "2024-01-02", "2024-12-31") == expected
