"""All-day events of iCalendar files."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from dateutil.parser import parse
from dateutil.rrule import rruleset, rrulestr
from hypothesis import given
from hypothesis import strategies as st

from controller.schedule import ics
from controller.schedule.ics import MAX_ICS_BYTES, IcsReading, SkipReason, read_ics
from tests.support.config_file import doubts, schedule, understood
from tests.support.ics import calendar
from tests.unit.schedule.cases import CANCELLED_AND_TIMED, ENDED, MEETINGS, OUTSIDE_ITS_RULE


def dates(data: bytes, first: str, last: str) -> str:
    """The dates from ``first`` to ``last`` that have names, as ``MM-DD``."""
    reading = read_ics(data)
    found = reading.events or (lambda _day: ())
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
    pytest.param(
        (
            "UID:m DTSTART;VALUE=DATE:20261102 RRULE:FREQ=WEEKLY;COUNT=3",
            "UID:m RECURRENCE-ID;VALUE=DATE:20261109 DTSTART:20261109T140000 DTEND:20261109T180000",
        ),
        "11-02 11-16",
        id="weekly, once by hours instead",
    ),
    pytest.param(("DTSTART;VALUE=DATE:20261127 STATUS:CANCELLED",), "", id="cancelled"),
    pytest.param(("DTSTART;VALUE=DATE:20261127 TRANSP:TRANSPARENT",), "11-27", id="transparent"),
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
    found = read_ics(
        calendar("DTSTART;VALUE=DATE:20261127 SUMMARY:Inventory", "DTSTART;VALUE=DATE:20261127")
    ).events
    assert found(date(2026, 11, 27)) == ("Inventory", "all-day event")


def test_an_events_name_is_one_line_that_steers_no_terminal():
    escape, backwards = "\x1b", "\u202e"
    data = calendar("DTSTART;VALUE=DATE:20261127 SUMMARY:name").decode()
    found = read_ics(data.replace("name", f"a\\n\\n b{escape}[31m{backwards}{'c' * 500}").encode()).events
    assert found(date(2026, 11, 27)) == (f"a b\ufffd[31m\ufffd{'c' * 191}",)


UNTIL_MONDAY = "RRULE:FREQ=WEEKLY;UNTIL=20261108T230000Z"  # in Berlin; in UTC it is a Sunday

# As the programs named write them: the shape of real files, and nobody's words.
SHAPES = [
    pytest.param(
        ("DTSTART;VALUE=DATE:20261127 DTEND;VALUE=DATE:20261128 TRANSP:TRANSPARENT STATUS:CONFIRMED",),
        "X-WR-TIMEZONE:UTC",
        "11-27",
        id="Google's holidays",
    ),
    pytest.param(
        ("DTSTART;VALUE=DATE;TZID=Europe/Berlin:20261127",), "", "11-27", id="a date with a zone beside it"
    ),
    pytest.param(("DTSTART;TZID=Europe/Berlin;VALUE=DATE:20261127",), "", "11-27", id="the other way round"),
    pytest.param(("DTSTART;VALUE=DATE:20261127Z",), "", "11-27", id="a date with a Z"),
    pytest.param(("DTSTART;VALUE=DATE:20261127T000000",), "", "11-27", id="a date with a time behind it"),
    pytest.param(("DTSTART:20261127",), "", "11-27", id="a date that does not say so"),
    pytest.param(
        ("DTSTART:20261127T000000 DTEND:20261128T000000",), "", "11-27", id="floating, midnight to midnight"
    ),
    pytest.param(
        ("DTSTART:20261127T000000Z DTEND:20261129T000000Z",), "", "11-27 11-28", id="two days of UTC"
    ),
    pytest.param(
        ("DTSTART;TZID=America/New_York:20261127T000000 DTEND;TZID=America/New_York:20261127T235959",),
        "",
        "11-27",
        id="until a second before midnight",
    ),
    pytest.param(
        ("DTSTART;TZID=America/New_York:20261127T000000 DTEND;TZID=America/New_York:20261128T235900",),
        "PRODID:-//AWS//Change_Calendar_1.0//EN X-CALENDAR-TYPE:DEFAULT_OPEN",
        "11-27 11-28",
        id="AWS's Change Calendar, until a minute before midnight",
    ),
    pytest.param(("DTSTART:20261127T000000 DURATION:P1D",), "", "11-27", id="midnight and a day"),
    pytest.param(("DTSTART:20261127T000000 DURATION:PT48H",), "", "11-27 11-28", id="midnight and 48 hours"),
    pytest.param(
        ("DTSTART:20261126T230000Z DTEND:20261127T230000Z X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",),
        "",
        "11-27",
        id="Outlook: a midnight of Berlin in UTC",
    ),
    pytest.param(
        ("DTSTART:20261127T050000Z DTEND:20261128T050000Z X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",),
        "",
        "11-27",
        id="Outlook: a midnight of New York in UTC",
    ),
    pytest.param(
        ("DTSTART:20261126T230000Z DTEND:20261127T230000Z",),
        "X-WR-TIMEZONE:Europe/Berlin",
        "11-27",
        id="a midnight of the calendar's zone in UTC",
    ),
    pytest.param(
        ('DTSTART;TZID="Customized":20261127T000000 DTEND;TZID="Customized":20261128T000000',),
        "",
        "11-27",
        id="Exchange: a zone that nobody knows",
    ),
    pytest.param(("DTSTART;VALUE=DATE:16041127 RRULE:FREQ=YEARLY",), "", "11-27", id="Apple: no year"),
    pytest.param(
        ("DTSTART;VALUE=DATE:20261127 DTSTAMP:rubbish CREATED:yesterday SEQUENCE:x PRIORITY:high",),
        "",
        "11-27",
        id="rubbish in what says nothing of dates",
    ),
    pytest.param(
        ("DTSTART;VALUE=DATE:20261127 DTEND:20261128T000000Z",), "", "11-27", id="an end of another kind"
    ),
    pytest.param(
        (
            (
                "DTSTART;TZID=Europe/Berlin:20261102T000000 DTEND;TZID=Europe/Berlin:20261103T000000 "
                "RRULE:FREQ=WEEKLY;UNTIL=20261115T230000Z EXDATE;TZID=Europe/Berlin:20261109T000000"
            ),
        ),
        "",
        "11-02 11-16",
        id="whole days by times that recur until a local midnight, but once",
    ),
    pytest.param(
        (
            (
                'DTSTART;TZID="W._Europe_Standard_Time":20261102T000000 DURATION:P1D '
                "RRULE:FREQ=WEEKLY;UNTIL=20261108T230000Z"
            ),
        ),
        "",
        "11-02",
        id="a zone as nobody writes it: the date of UNTIL as it stands",
    ),
    pytest.param(
        (
            (
                "DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20261102T000000 DURATION:P1D "
                "RRULE:FREQ=WEEKLY;UNTIL=20261108T230000Z"
            ),
        ),
        "",
        "11-02 11-09",
        id="a vendor's name of a zone",
    ),
    pytest.param(
        ("DTSTART;VALUE=DATE:20261102 RDATE;VALUE=DATE:20261103,20261105 RDATE;VALUE=DATE:20261107",),
        "",
        "11-02 11-03 11-05 11-07",
        id="dates by hand",
    ),
    pytest.param(
        ("DTSTART;VALUE=DATE:20261102 RDATE;VALUE=PERIOD:20261104T000000Z/P1D",),
        "",
        "11-02 11-04",
        id="a period",
    ),
    pytest.param(
        (
            "UID:m DTSTART;VALUE=DATE:20261102 RRULE:FREQ=WEEKLY;COUNT=4",
            "UID:m RECURRENCE-ID;VALUE=DATE;RANGE=THISANDFUTURE:20261109 DTSTART;VALUE=DATE:20261110",
        ),
        "",
        "11-02 11-10 11-17 11-24",
        id="moved from a date on",
    ),
    pytest.param(
        ("UID:m SEQUENCE:2 DTSTART;VALUE=DATE:20261103", "UID:m SEQUENCE:1 DTSTART;VALUE=DATE:20261102"),
        "",
        "11-03",
        id="what it was before it was changed",
    ),
    pytest.param(
        ("UID:m DTSTART;VALUE=DATE:20261103", "UID:m DTSTART;VALUE=DATE:20261102"),
        "",
        "11-02 11-03",
        id="two of one UID",
    ),
    pytest.param(
        (
            "UID:m DTSTART;VALUE=DATE:20261103",
            "UID:x RECURRENCE-ID;VALUE=DATE:20261101 DTSTART;VALUE=DATE:20261102",
        ),
        "",
        "11-02 11-03",
        id="a change of what is not in the file",
    ),
    pytest.param(
        ("DTSTART:20261127 DTEND:20261127 RRULE: EXDATE: RDATE:",),
        "X-WR-TIMEZONE:Etc/GMT",
        "11-27",
        id="Calendar Labs: properties without a value",
    ),
    pytest.param(("DTSTART:20261127 DTEND: DURATION:",), "", "11-27", id="an end without a value"),
    pytest.param(
        ("DTSTART;VALUE=DATE:20261102 RRULE:FREQ=WEEKLY;UNTIL=20261116;COUNT=-1;INTERVAL=-1",),
        "",
        "11-02 11-09 11-16",
        id="Confluence: a count of -1 is none",
    ),
    pytest.param(
        ("DTSTART:20261109 DURATION:PT1W",), "", " ".join(f"11-{n:02}" for n in range(9, 16)), id="PT1W"
    ),
    pytest.param(("DTSTART:20261109T000000 DURATION:PT1D",), "", "11-09", id="PT1D"),
    pytest.param(
        (
            "UID:m DTSTART;VALUE=DATE:20261102 RRULE:FREQ=WEEKLY;COUNT=3",
            "UID:m RECURRENCE-ID;VALUE=DATE:20261109 DTSTART;VALUE=DATE:20261110 RRULE:FREQ=WEEKLY;COUNT=3",
        ),
        "",
        "11-02 11-10 11-16",
        id="Confluence: a change repeats the rule of its series, and is one date",
    ),
    pytest.param(
        ("UID:m RECURRENCE-ID:19700101T070000Z DTSTART;VALUE=DATE:20261103 RRULE:FREQ=WEEKLY;COUNT=2",),
        "",
        "11-03 11-10",
        id="Connect Daily: a change of nothing is a series of its own",
    ),
    pytest.param(
        (
            "UID:m SEQUENCE:1 RECURRENCE-ID:20261109 DTSTART:20261110",
            "UID:m SEQUENCE:2 DTSTART:20261102 RRULE:FREQ=WEEKLY;COUNT=3 EXDATE:20261109",
        ),
        "",
        "11-02 11-16",
        id="Confluence: a changed date that was deleted later",
    ),
    pytest.param(
        (
            "UID:m SEQUENCE:1 RECURRENCE-ID;VALUE=DATE:20261116 DTSTART;VALUE=DATE:20261117",
            "UID:m SEQUENCE:2 DTSTART;VALUE=DATE:20261102 RRULE:FREQ=WEEKLY;UNTIL=20261109",
        ),
        "",
        "11-02 11-09",
        id="Confluence: a changed date after which the series was ended later",
    ),
    pytest.param(
        (
            "UID:m SEQUENCE:1 RECURRENCE-ID;VALUE=DATE:20261109 DTSTART;VALUE=DATE:20261110",
            "UID:m SEQUENCE:2 DTSTART;VALUE=DATE:20261102 RRULE:FREQ=WEEKLY;COUNT=3",
        ),
        "",
        "11-02 11-10 11-16",
        id="a changed date of a series that was changed later, and still has it",
    ),
    pytest.param(
        (
            "UID:m DTSTART;VALUE=DATE:20261102 RRULE:FREQ=WEEKLY;COUNT=3 EXDATE;VALUE=DATE:20261109",
            "UID:m RECURRENCE-ID;VALUE=DATE:20261109 DTSTART;VALUE=DATE:20261110",
        ),
        "",
        "11-02 11-10 11-16",
        id="a changed date that the series excepts, of one sequence",
    ),
]


@pytest.mark.parametrize(("bodies", "head", "expected"), SHAPES)
def test_whole_days_count_however_they_are_written(bodies, head, expected):
    assert dates(calendar(*bodies, head=head), "2026-11-01", "2026-11-30") == expected


def test_several_calendars_in_a_file_are_one():
    both = calendar("DTSTART:20261127") + calendar("DTSTART:20261128")
    assert dates(both, "2026-11-01", "2026-11-30") == "11-27 11-28"


def test_events_within_other_components_and_lines_between_events_are_passed_over():
    inside = "BEGIN:VTODO\r\nDTSTART:20261127\r\nEND:VTODO\r\nnonsense\r\n;:\r\nBEGIN:VEVENT"
    data = calendar("DTSTART:20261128").replace(b"BEGIN:VEVENT", inside.encode())
    assert dates(data, "2026-11-01", "2026-11-30") == "11-28"


def test_folded_lines_and_line_breaks_of_any_kind_and_a_byte_order_mark_are_read():
    data = calendar("DTSTART;VALUE=DATE:20261127 SUMMARY:Inventory").replace(b"2026112", b"202\r\n 6112")
    for written in (data, data.replace(b"\r\n", b"\n"), data.replace(b"\r\n", b"\r"), b"\xef\xbb\xbf" + data):
        assert read_ics(written).events(date(2026, 11, 27)) == ("Inventory",)


def test_bytes_that_are_no_utf_8_cost_no_more_than_a_letter_of_a_title():
    data = calendar("DTSTART:20261127 SUMMARY:Fete").replace(b"Fete", b"F\xeate")
    assert read_ics(data).events(date(2026, 11, 27)) == ("F\ufffdte",)


@pytest.mark.parametrize(
    ("bodies", "left_out"),
    [
        pytest.param(("DTSTART:20261127T100000Z DURATION:PT1H",), {SkipReason.TIMED: 1}, id="a meeting"),
        pytest.param(
            ("DTSTART:20261127T000000 DTEND:20261127T120000",), {SkipReason.TIMED: 1}, id="half a day"
        ),
        pytest.param(("DTSTART:20261127T000000",), {SkipReason.TIMED: 1}, id="a midnight"),
        pytest.param(("DTSTART:20261127 STATUS:CANCELLED",), {SkipReason.CANCELLED: 1}, id="cancelled"),
        pytest.param(
            ("DTSTART:rubbish STATUS:CANCELLED",), {SkipReason.CANCELLED: 1}, id="cancelled rubbish"
        ),
        pytest.param(("DTSTART:20191231",), {SkipReason.PAST: 1}, id="the day before 2020"),
        pytest.param(
            ("DTSTART:20180101 RRULE:FREQ=OFTEN;UNTIL=20191231",), {SkipReason.PAST: 1}, id="a past rule"
        ),
        pytest.param(
            ("UID:m DTSTART:20261127", "UID:m SEQUENCE:1 DTSTART:20261128"),
            {SkipReason.SUPERSEDED: 1},
            id="old",
        ),
        pytest.param(
            (
                "UID:m SEQUENCE:1 RECURRENCE-ID:20261109 DTSTART:20261110",
                "UID:m SEQUENCE:2 DTSTART:20261102 RRULE:FREQ=WEEKLY;COUNT=3 EXDATE:20261109",
            ),
            {SkipReason.SUPERSEDED: 1},
            id="a changed date, deleted",
        ),
        pytest.param(
            ("DTSTART:20140101 RRULE:FREQ=YEARLY;COUNT=5",), {SkipReason.PAST: 1}, id="five years of the past"
        ),
        pytest.param(
            ("DTSTART:20000101 RRULE:FREQ=YEARLY;INTERVAL=30;UNTIL=20250101",),
            {SkipReason.PAST: 1},
            id="a rule that ends after 2020 and gives no date there",
        ),
        pytest.param(
            ("DTSTART:20140101 RDATE:20150101",), {SkipReason.PAST: 1}, id="dates by hand of the past"
        ),
        pytest.param(
            ("UID:m DTSTART:20140106 RRULE:FREQ=YEARLY", "UID:m RECURRENCE-ID:20180106 DTSTART:20180107"),
            {SkipReason.PAST: 1},
            id="a change of the past",
        ),
        pytest.param(
            ("DTSTART:20261127 EXDATE:20261127",), {SkipReason.CANCELLED: 1}, id="all dates excepted"
        ),
        pytest.param(
            ("DTSTART:20181127T100000 DURATION:PT1H",), {SkipReason.PAST: 1}, id="a meeting of the past"
        ),
        pytest.param(
            ("DTSTART:20181127T100000 DURATION:PT1H RRULE:FREQ=DAILY;UNTIL=20191231T100000Z",),
            {SkipReason.PAST: 1},
            id="meetings of the past",
        ),
        pytest.param(
            ("DTSTART:20181127T100000 DURATION:PT1H RRULE:FREQ=DAILY",),
            {SkipReason.TIMED: 1},
            id="daily meetings",
        ),
        pytest.param(
            ("DTSTART:20191231T200000 DTEND:20200102T060000",), {SkipReason.TIMED: 1}, id="a night into 2020"
        ),
        pytest.param(
            ("DTSTART:20141127 DTEND:2014128",), {SkipReason.PAST: 1}, id="a broken end in the past"
        ),
        pytest.param(
            ("DTSTART:20141127T000000 DURATION:x",), {SkipReason.PAST: 1}, id="a broken length there"
        ),
        pytest.param(
            ("DTSTART:20261127T100000 DTEND:x",), {SkipReason.TIMED: 1}, id="a broken end of a meeting"
        ),
    ],
)
def test_what_is_left_out_is_counted_by_reason_and_is_no_error(bodies, left_out):
    reading = read_ics(calendar(*bodies, "UID:z DTSTART:20261225"))
    assert reading.errors == ()
    assert reading.events.summary.left_out == left_out


def test_what_lasts_into_2020_counts():
    reading = read_ics(calendar("DTSTART;VALUE=DATE:20191231 DTEND;VALUE=DATE:20200102"))
    assert (reading.events.summary.used, reading.events.summary.first) == (1, date(2020, 1, 1))


def test_timed_events_are_one_warning_that_names_three_and_the_way_out():
    (warning,) = read_ics(MEETINGS).warnings
    assert warning.startswith("5 timed events are left out")
    assert '"M1"' in warning
    assert '"M3"' in warning
    assert '"M4"' not in warning
    assert "and 2 more" in warning
    assert " state: closed}" in warning


def test_a_start_that_its_own_rule_does_not_give_is_a_warning():
    reading = read_ics(OUTSIDE_ITS_RULE)
    (warning,) = reading.warnings
    assert "2026-12-24, which its own " in warning
    assert reading.events(date(2026, 12, 24))
    assert reading.events(date(2027, 1, 6))


def test_a_start_before_2020_that_its_own_rule_does_not_give_is_not_worth_a_word():
    mothers_day = "DTSTART:20000510 RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=2SU"
    assert read_ics(calendar(mothers_day)).warnings == ()


def test_a_change_is_not_measured_by_the_rule_that_it_repeats():
    series = "UID:m DTSTART:20261102 RRULE:FREQ=WEEKLY;BYDAY=MO"
    change = "UID:m RECURRENCE-ID:20261109 DTSTART:20261110 RRULE:FREQ=WEEKLY;BYDAY=MO"
    assert read_ics(calendar(series, change)).warnings == ()


def test_a_file_whose_rules_all_ended_before_2020_is_an_error():
    reading = read_ics(ENDED)
    assert reading.events is None
    (error,) = reading.errors
    assert "(1 ended before 2020)" in error


def test_an_end_that_cannot_be_read_is_an_error_where_the_event_may_last_into_2020():
    reading = read_ics(calendar("DTSTART:20191227 DTEND:20200106x"))
    assert reading.events is None
    assert "DTEND is not a date" in reading.errors[0]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("EXRULE:FREQ=WEEKLY;INTERVAL=2", "02-13 02-27"),
        ("EXRULE:FREQ=WEEKLY;INTERVAL=2 EXDATE:20260213", "02-27"),
        ("EXRULE:FREQ=WEEKLY;INTERVAL=2 RDATE:20260207", "02-07 02-13 02-27"),
        ("EXRULE:FREQ=WEEKLY;INTERVAL=2 RDATE:20260220", "02-13 02-27"),
        ("EXRULE:FREQ=WEEKLY;UNTIL=20260213", "02-20 02-27"),
        ("EXRULE:FREQ=WEEKLY;COUNT=1", "02-13 02-20 02-27"),
        ("EXRULE:FREQ=MONTHLY;BYMONTHDAY=13 EXRULE:FREQ=MONTHLY;BYMONTHDAY=27", "02-06 02-20"),
        ("EXRULE:FREQ=MONTHLY;BYMONTHDAY=14", "02-06 02-13 02-20 02-27"),
        ("EXRULE:FREQ=DAILY", ""),
    ],
)
def test_dates_that_an_exception_rule_gives_do_not_count(rules, expected):
    fridays = calendar(f"DTSTART;VALUE=DATE:20260206 RRULE:FREQ=WEEKLY;COUNT=4 {rules}")
    assert dates(fridays, "2026-01-01", "2026-03-31") == expected
    assert read_ics(fridays).warnings == ()


@given(
    weekday=st.sampled_from(["MO", "TU,TH", "FR"]),
    every=st.integers(1, 4),
    out=st.sampled_from(
        ["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY;BYMONTHDAY=1,9,16,-1", "FREQ=WEEKLY;BYDAY=TU"]
    ),
    gap=st.integers(1, 3),
)
def test_an_exception_rule_takes_the_dates_that_dateutil_takes(weekday, every, out, gap):
    rules = rruleset()
    start = parse("2026-01-06")
    rules.rrule(rrulestr(f"FREQ=WEEKLY;BYDAY={weekday};INTERVAL={every};UNTIL=20261231", dtstart=start))
    rules.exrule(rrulestr(f"{out};INTERVAL={gap}", dtstart=start))
    left = {f"{each:%m-%d}" for each in rules}
    text = f"DTSTART:20260106 RRULE:FREQ=WEEKLY;BYDAY={weekday};INTERVAL={every};UNTIL=20261231"
    found = dates(calendar(f"{text} EXRULE:{out};INTERVAL={gap}"), "2026-01-01", "2026-12-31")
    is_start_out = start in rrulestr(f"{out};INTERVAL={gap}", dtstart=start)
    assert set(found.split()) == left | (set() if is_start_out else {"01-06"})  # the start counts, too


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("DTSTART;VALUE=DATE:20261127 DTEND;VALUE=DATE:20261120", "DTEND"),
        ("DTSTART;VALUE=DATE:20261127 DURATION:-P1D", "DURATION"),
        ("DTSTART;VALUE=DATE:20261127 DURATION:-PT1H", "DURATION"),
        ("DTSTART;VALUE=DATE:20261127 DURATION:-P9999W", "DURATION"),
        ("DTSTART:20261127T000000 DTEND:20261126T000000 X-MICROSOFT-CDO-ALLDAYEVENT:TRUE", "DTEND"),
    ],
)
def test_an_event_that_ends_before_it_starts_is_one_day_and_a_warning(body, name):
    reading = read_ics(calendar(f"{body} SUMMARY:Party"))
    assert dates(calendar(body), "2026-11-01", "2026-12-31") == "11-27"
    (warning,) = reading.warnings
    assert '"Party" (line 4)' in warning
    assert f"({name})" in warning


@pytest.mark.parametrize(
    "body", ["DTEND;VALUE=DATE:20261127", "DURATION:PT0S", "DURATION:P0D", "DURATION:PT1H", ""]
)
def test_one_that_ends_as_it_starts_is_one_day_without_a_warning(body):
    reading = read_ics(calendar(f"DTSTART;VALUE=DATE:20261127 {body}"))
    assert (reading.events.summary.last, reading.warnings) == (date(2026, 11, 27), ())


@pytest.mark.parametrize("plain", ["RSCALE=GREGORIAN", "RSCALE=gregorian;SKIP=OMIT", "SKIP=OMIT"])
def test_a_rule_may_say_that_it_is_of_the_usual_calendar(plain):
    rule = f"DTSTART:20260131 RRULE:FREQ=MONTHLY;{plain};UNTIL=20260601"
    assert dates(calendar(rule), "2026-01-01", "2026-12-31") == "01-31 03-31 05-31"


def test_what_is_beyond_2040_counts_too():
    reading = read_ics(calendar("DTSTART:20500101", "DTSTART:20261127"))
    assert (reading.events.summary.used, reading.events.summary.left_out) == (2, {})


def test_a_file_of_which_nothing_counts_is_an_error():
    reading = read_ics(CANCELLED_AND_TIMED)
    assert reading.events is None
    (error,) = reading.errors
    assert "(1 timed, 1 cancelled)" in error
    assert " state: closed}" in error
    assert reading.warnings == ()


def test_one_timed_event_is_one():
    (warning,) = read_ics(calendar("DTSTART:20261127", "DTSTART:20261127T100000")).warnings
    assert warning.startswith("1 timed event is left out")


def test_the_summary_has_the_first_and_the_last_date():
    summary = read_ics(calendar("DTSTART:20261127", "DTSTART:20260105 DURATION:P3D")).events.summary
    assert (summary.first, summary.last) == (date(2026, 1, 5), date(2026, 11, 27))
    endless = read_ics(calendar("DTSTART:20261127 RRULE:FREQ=YEARLY")).events.summary
    assert (endless.first, endless.last) == (date(2026, 11, 27), None)


@given(
    st.lists(
        st.sampled_from(
            [
                "DTSTART:20261127",
                "DTSTART:20261127T100000Z",
                "DTSTART:20261127 STATUS:CANCELLED",
                "DTSTART:20191127",
                "DTSTART:x",
                "DTSTART:20261127 RRULE:FREQ=YEARLY;COUNT=3",
                "DTSTART:20261127 RRULE:FREQ=OFTEN",
                "UID:m DTSTART:20261127 RRULE:FREQ=YEARLY",
                "UID:m SEQUENCE:2 DTSTART:20261127",
                "UID:m RECURRENCE-ID:20271127 DTSTART:20271128",
                "UID:m RECURRENCE-ID:20281127 STATUS:CANCELLED",
                "UID:m SEQUENCE:1 RECURRENCE-ID:20261128 DTSTART:20261129 RRULE:FREQ=YEARLY",
                "UID:m SEQUENCE:3 DTSTART:20261127 EXDATE:20261127",
                "UID:m RECURRENCE-ID:x DTSTART:20261127 STATUS:CANCELLED",
                "UID:m RECURRENCE-ID:20261127 DTSTART:20261127T100000",
                "DTSTART:20141127 RRULE:FREQ=YEARLY;COUNT=3",
                "DTSTART:20141127T100000Z DTEND:x",
                "DTSTART:20500101",
            ]
        ),
        min_size=1,
        max_size=12,
    )
)
def test_every_event_is_used_or_left_out(bodies):
    reading = read_ics(calendar(*bodies, "UID:z DTSTART:20261225"))
    summary = reading.events.summary
    assert summary.events == len(bodies) + 1 == summary.used + sum(summary.left_out.values())
    assert len(reading.errors) == summary.left_out.get(SkipReason.UNREADABLE, 0)


PROBLEMS = [
    pytest.param("DTSTART:20261301T080000Z SUMMARY:Party", "DTSTART 20261301T080000Z is not", id="no month"),
    pytest.param("DTSTART:20261127T250000 SUMMARY:Party", "the time 250000 of its DTSTART", id="no hour"),
    pytest.param(
        "DTSTART:20261127 EXRULE:FREQ=OFTEN SUMMARY:Party", "EXRULE is not valid", id="no exception"
    ),
    *(
        pytest.param(
            f"DTSTART:20261127 RRULE:FREQ=MONTHLY;{part} SUMMARY:Party", f"RRULE has {named}", id=part
        )
        for part, named in (
            ("RSCALE=HEBREW", "RSCALE, "),
            ("RSCALE=GREGORIAN;SKIP=FORWARD", "SKIP, "),
            ("BYEASTER=0", "BYEASTER, "),
            ("X=Y", "a part that is not of iCal"),
        )
    ),
    pytest.param("SUMMARY:Party", "has no start (DTSTART)", id="no start"),
    pytest.param("DTSTART;VALUE=DATE:20261399 SUMMARY:Party", "DTSTART 20261399 is not a date", id="no date"),
    pytest.param("DTSTART:20261127T250000 SUMMARY:Party", "250000 of its DTSTART", id="no time"),
    pytest.param("DTSTART:20261127 DTEND:later SUMMARY:Party", "DTEND is not a date", id="no end"),
    pytest.param("DTSTART:20261127 DTEND;VALUE=20261130 SUMMARY:Party", "DTEND is not a date", id="no colon"),
    pytest.param("DTSTART:20261127 DURATION:P SUMMARY:Party DTEND:x", "DTEND is not a date", id="neither"),
    pytest.param("DTSTART:20261127 DURATION:long SUMMARY:Party", "DURATION is not valid", id="no duration"),
    pytest.param(
        "DTSTART:20261127T000000 DURATION:P9999999D SUMMARY:Party", "beyond the year 9999", id="very long"
    ),
    pytest.param("DTSTART:20261127 RRULE:FREQ=OFTEN SUMMARY:Party", "RRULE is not valid", id="no rule"),
    pytest.param("DTSTART:20261127 RRULE:COUNT=3 SUMMARY:Party", "needs a FREQ", id="no frequency"),
    pytest.param(
        "DTSTART:20261127 RRULE:FREQ=SECONDLY SUMMARY:Party", "recurs within a day", id="every second"
    ),
    pytest.param(
        "DTSTART:20261127 RRULE:FREQ=DAILY;BYSECOND=1,2 SUMMARY:Party", "recurs within a day", id="seconds"
    ),
    pytest.param(
        "DTSTART:20261127 RRULE:FREQ=DAILY;INTERVAL=0 SUMMARY:Party", "with INTERVAL below 1", id="again"
    ),
    pytest.param("DTSTART:20261127 RRULE:FREQ=DAILY;COUNT=0 SUMMARY:Party", "with COUNT below 1", id="never"),
    pytest.param("DTSTART:20261127 RRULE:FREQ=DAILY;BYEASTER=0 SUMMARY:Party", "BYEASTER", id="Easter"),
    pytest.param(
        "DTSTART:20261127 RRULE:FREQ=DAILY;COUNT=3 RRULE:FREQ=WEEKLY SUMMARY:Party",
        "has more than one rule",
        id="two rules",
    ),
    pytest.param("DTSTART:20261127 RDATE:20261128,x SUMMARY:Party", "RDATE is not a date", id="no dates"),
    pytest.param(
        "UID:m RECURRENCE-ID:x DTSTART:20261127 SUMMARY:Party",
        "RECURRENCE-ID is not a date",
        id="no change",
    ),
    *(
        pytest.param(
            f"DTSTART:20261127 RRULE:FREQ=YEARLY;{part} SUMMARY:Party", f"recurs on no date: {part}", id=part
        )
        for part in ("BYMONTH=13", "BYMONTHDAY=32", "BYYEARDAY=-367", "BYWEEKNO=54", "BYSETPOS=367")
    ),
]


@pytest.mark.parametrize(("body", "problem"), PROBLEMS)
def test_an_event_that_cannot_be_used_is_named_with_its_line_and_the_others_are_used(body, problem):
    reading = read_ics(calendar("DTSTART;VALUE=DATE:20261128", body))
    (told,) = reading.errors
    assert told.startswith('event "Party" (line 8) ')
    assert problem in told
    assert reading.events(date(2026, 11, 28)) == ("all-day event",)
    assert reading.events.summary.left_out == {SkipReason.UNREADABLE: 1}


NOT_CALENDARS = [
    pytest.param(b"", "does not begin with BEGIN:VCALENDAR", id="empty"),
    pytest.param("BEGIN:VCALENDAR".encode("utf-16"), "save the file as UTF-8", id="UTF-16"),
    pytest.param(b"<!DOCTYPE html>\n<title>Sign in</title>", "perhaps a login page", id="a login page"),
    pytest.param(b'{"items": []}', "JSON", id="JSON"),
    pytest.param(b"closures: []\n", "does not begin with BEGIN:VCALENDAR", id="YAML"),
    pytest.param(b"BEGIN:VEVENT\nDTSTART:20261127\nEND:VEVENT\n", "outside of BEGIN", id="an event"),
    pytest.param(calendar("DTSTART:20261127")[:-17], "cut off", id="cut off"),
    pytest.param(calendar("DTSTART:20261127") + b"END:VEVENT\r\n", "closes nothing", id="an end too many"),
    pytest.param(calendar(), "it has no events", id="no event"),
    pytest.param(calendar("DTSTART:20261127", head="X-CALENDAR-TYPE:DEFAULT_CLOSED"), "mean open", id="open"),
    pytest.param(b"A" * (MAX_ICS_BYTES + 1), "larger than 512 KiB; export", id="too large"),
]


@pytest.mark.parametrize(("data", "why"), NOT_CALENDARS)
def test_a_file_that_cannot_be_used_is_told_in_one_line_without_its_contents(data, why, capfd):
    reading = read_ics(data)
    (problem,) = reading.errors
    assert reading.events is None
    assert why in problem
    assert "\n" not in problem
    assert "Sign in" not in problem
    assert capfd.readouterr() == ("", "")


MANY = ",".join(f"{date(2020, 1, 1) + timedelta(days=n):%Y%m%d}" for n in range(7000))
COSTLY = [
    pytest.param(["DTSTART:20200101 RRULE:FREQ=DAILY"] * 400, id="every day"),
    pytest.param(["DTSTART:20200101 RRULE:FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=2"] * 400, id="never"),
    pytest.param(["DTSTART:16040101 RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3"], id="30 February"),
    pytest.param(["DTSTART:20200101 DTEND:20400101"] * 400, id="twenty years"),
    pytest.param([f"DTSTART:20200101 DTEND:20210101 RDATE;VALUE=DATE:{MANY}"], id="long ones on many dates"),
    pytest.param(["DTSTART:20200101 RRULE:FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;BYSETPOS=-1"] * 400, id="weeks"),
    pytest.param(
        [
            "UID:m DTSTART:20200101 RRULE:FREQ=DAILY",
            *["UID:m RECURRENCE-ID;RANGE=THISANDFUTURE:20210101 DTSTART:20210102"] * 400,
        ],
        id="changed from a date on, again and again",
    ),
    pytest.param(
        ["UID:m DTSTART:20200101"] * 2000 + ["UID:m RECURRENCE-ID:20200101 DTSTART:20200102"] * 2000, id="all"
    ),
]


@pytest.mark.parametrize("bodies", COSTLY)
def test_a_file_that_costs_too_much_is_refused_by_what_it_would_produce(bodies, monkeypatch):
    """Far fewer steps than the budget: so the budget is what stops it."""
    spent = []
    spend = ics.StepBudget.spend

    def counting(budget, steps):
        spent.append(steps)
        spend(budget, steps)

    monkeypatch.setattr(ics.StepBudget, "spend", counting)
    reading = read_ics(calendar(*bodies))
    assert reading.events is None
    (problem,) = reading.errors
    assert "can be followed" in problem
    assert sum(spent[:-1]) <= ics.STEPS_MAX


@pytest.mark.parametrize(
    "rule", ["FREQ=DAILY;BYMONTHDAY=1", "FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=1", "FREQ=DAILY;BYMONTH=12"]
)
def test_what_rfc_5545_allows_is_allowed(rule):
    assert read_ics(calendar(f"DTSTART:20260601 RRULE:{rule}")).errors == ()


def test_a_year_far_away_is_answered_too():
    reading = read_ics(
        calendar("DTSTART:20261127 RRULE:FREQ=YEARLY", "DTSTART:20261224 RRULE:FREQ=YEARLY;COUNT=5")
    )
    assert reading.events(date(2526, 11, 27)) == ("all-day event",)
    assert [year for year in range(2026, 2040) if reading.events(date(year, 12, 24))] == [*range(2026, 2031)]


def test_a_file_may_be_as_large_as_512_kib():
    short = calendar("DTSTART;VALUE=DATE:20261127 SUMMARY:x")
    data = short.replace(b"SUMMARY:x", b"SUMMARY:" + b"x" * (512 * 1024 - len(short) + 1))
    reading = read_ics(data)
    assert (len(data), reading.errors) == (512 * 1024, ())
    assert reading.events(date(2026, 11, 27)) == ("x" * 200,)


@pytest.mark.parametrize(
    ("rule", "endless"),
    [
        ("", False),
        (" RRULE:FREQ=YEARLY", True),
        (" RRULE:FREQ=YEARLY;COUNT=3", False),
        (" RRULE:FREQ=YEARLY;UNTIL=20300101", False),
        (" RRULE:FREQ=YEARLY STATUS:CANCELLED", False),
        (" RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", False),
        (" RRULE:FREQ=MONTHLY;BYMONTH=2,4;BYMONTHDAY=31", False),
        (" RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", False),
        (" RRULE:FREQ=YEARLY EXRULE:FREQ=YEARLY", False),
        (" RRULE:FREQ=YEARLY EXRULE:FREQ=YEARLY;INTERVAL=2", True),
        (" RRULE:FREQ=YEARLY EXRULE:FREQ=YEARLY;UNTIL=20500101", True),
        (" RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", True),
        (" RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", True),
        (" RRULE:FREQ=YEARLY;BYYEARDAY=366;BYDAY=MO", True),
        (" RRULE:FREQ=YEARLY;INTERVAL=100", True),
    ],
)
def test_a_calendar_is_endless_if_an_event_recurs_without_an_end(rule, endless):
    reading: IcsReading = read_ics(calendar("DTSTART:20260101", f"DTSTART;VALUE=DATE:20261127{rule}"))
    assert reading.events.endless is endless


def test_a_series_that_a_change_ends_is_not_endless():
    series = "UID:m DTSTART:20261102 RRULE:FREQ=YEARLY"
    change = "UID:m RECURRENCE-ID;RANGE=THISANDFUTURE:20281102 DTSTART:20281103 STATUS:CANCELLED"
    found = read_ics(calendar(series, change)).events
    assert (found.endless, found.summary.last) == (False, date(2027, 11, 2))


def test_one_that_never_recurs_ends_with_its_start():
    summary = read_ics(calendar("DTSTART:20261207 RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")).events.summary
    assert (summary.first, summary.last) == (date(2026, 12, 7), date(2026, 12, 7))


def test_many_that_never_recur_are_searched_at_a_bounded_cost(monkeypatch):
    spent = []
    spend = ics.StepBudget.spend
    monkeypatch.setattr(
        ics.StepBudget, "spend", lambda budget, steps: (spent.append(steps), spend(budget, steps))
    )
    read_ics(calendar(*["DTSTART:20261207 RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"] * 2_000))
    assert sum(spent) <= ics.STEPS_MAX + 4 * ics.SEARCH_STEPS_MAX


def test_the_last_date_is_that_of_the_years_asked_for():
    found = read_ics(
        calendar("DTSTART;VALUE=DATE:20261127 DTEND;VALUE=DATE:20261130", "DTSTART;VALUE=DATE:20280101")
    ).events
    assert found.last(range(2026, 2028)) == date(2026, 11, 29)
    assert found.last(range(2020, 2022)) is None


FILE = "calendars:\n  company: {ics: closures.ics, also: {2026-12-24: Eve}}\n"
TEXT = schedule("    hours: {}\n    holidays: {calendars: [company]}\n", also=FILE)


def test_a_calendar_of_the_file_has_the_events_and_the_dates_by_hand():
    files = {"closures.ics": calendar("DTSTART;VALUE=DATE:20261127 SUMMARY:Inventory")}
    names = understood(TEXT, files).specs["office"].holidays[0].names
    assert (names(date(2026, 11, 27)), names(date(2026, 12, 24))) == (("Inventory",), ("Eve",))


@pytest.mark.parametrize(
    ("files", "doubt"),
    [
        pytest.param({}, "closures.ics cannot be read: not found", id="missing"),
        pytest.param({"closures.ics": b"x"}, "closures.ics: not an iCalendar file", id="no calendar"),
        pytest.param(
            {"closures.ics": calendar("DTSTART:20261127T100000Z SUMMARY:Party")},
            "closures.ics: no event of it counts (1 timed)",
            id="a timed event",
        ),
    ],
)
def test_what_is_wrong_with_a_calendar_file_is_a_doubt_and_the_rest_is_used(files, doubt):
    (told,) = doubts(TEXT, files)
    assert told.startswith(f"3:18: calendars.company.ics: {doubt}")
    assert understood(TEXT, files).specs["office"].holidays[0].names(date(2026, 12, 24)) == ("Eve",)


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
