"""Rules and files beside two other readers: `dateutil`, and `recurring-ical-events` with `icalendar`."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from recurring_ical_events import of

from controller.schedule.ics import read_ics

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
END = date(2031, 1, 1)


def numbers(most: int, *, signed: bool = True) -> st.SearchStrategy[str]:
    number = st.integers(-most, most).filter(bool) if signed else st.integers(1, most)
    return st.lists(number, min_size=1, max_size=3, unique=True).map(lambda each: ",".join(map(str, each)))


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Parts that RFC 5545 allows with the frequency, and of which `dateutil` keeps the meaning.

    It does not where weekly sets have positions (its first week begins at the start), where weeks are
    numbered, and where weekdays with and without a number stand together.
    """
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = {"FREQ": frequency, "INTERVAL": str(draw(st.integers(1, 4)))}
    if draw(st.booleans()):
        parts["BYMONTH"] = draw(numbers(12, signed=False))
    if frequency != "WEEKLY" and draw(st.booleans()):
        parts["BYMONTHDAY"] = draw(numbers(31))
    if frequency == "YEARLY" and draw(st.booleans()):
        parts["BYYEARDAY"] = draw(numbers(366))
    if draw(st.booleans()):
        nth = st.sampled_from(["1", "2", "-1", "4"]) if frequency in {"MONTHLY", "YEARLY"} else st.just("")
        prefix = draw(st.one_of(st.just(""), nth))
        days = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=3, unique=True))
        parts["BYDAY"] = ",".join(f"{prefix}{day}" for day in days)
    if frequency in {"MONTHLY", "YEARLY"} and draw(st.booleans()):
        parts["BYSETPOS"] = draw(numbers(5))
    if draw(st.booleans()):
        parts["WKST"] = draw(st.sampled_from(WEEKDAYS))
    return ";".join(f"{name}={value}" for name, value in parts.items())


starts = st.dates(date(2015, 1, 1), date(2028, 12, 31))


def a_file(*lines: str) -> bytes:
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN")
    return "\r\n".join((*head, *lines, "END:VCALENDAR", "")).encode()


def an_event(uid: str, *lines: str) -> tuple[str, ...]:
    return ("BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT")


def ours(data: bytes, first: date, last: date) -> list[date]:
    reading = read_ics(data)
    assert reading.errors == ()
    days = (first + timedelta(days=n) for n in range((last - first).days))
    return [day for day in days if reading.events(day)]


def by_dateutil(rule: str, start: date) -> list[date]:
    bounded = f"{rule};UNTIL={END:%Y%m%d}"
    found = rrulestr(bounded, dtstart=datetime.combine(start, time.min))
    return [each.date() for each in found]


def gives_something(rule: str) -> bool:
    """Of a rule that no date fits `dateutil` looks for one until the year 9999."""
    text = rule.replace(";", " ")
    return "BYSETPOS" not in text or "BYYEARDAY" not in text


@settings(max_examples=150, deadline=None)
@given(rules(), starts)
def test_a_rule_has_the_dates_that_dateutil_finds(rule, start):
    assume(gives_something(rule))
    data = a_file(*an_event("1", f"DTSTART;VALUE=DATE:{start:%Y%m%d}", f"RRULE:{rule};UNTIL=20310101"))
    expected = {start, *by_dateutil(rule, start)}
    first = date(2020, 1, 1)
    if max(expected) < first:
        return
    assert ours(data, first, END) == sorted(day for day in expected if first <= day < END)


@settings(max_examples=60, deadline=None)
@given(
    starts,
    st.integers(1, 4),
    st.integers(1, 30),
    st.lists(st.integers(0, 40), max_size=4),
    st.lists(st.integers(0, 400), max_size=3),
    st.one_of(st.none(), st.tuples(st.integers(0, 20), st.integers(1, 5))),
)
def test_a_series_with_exceptions_has_the_dates_that_a_library_made_for_it_finds(
    start, length, count, without, besides, moved
):
    def on(days: int) -> str:
        return f"{start + timedelta(days=days):%Y%m%d}"

    lines = [f"DTSTART;VALUE=DATE:{on(0)}", f"DTEND;VALUE=DATE:{on(length)}"]
    lines += [f"RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT={count}"]
    lines += [f"EXDATE;VALUE=DATE:{on(14 * each)}" for each in without]
    lines += [f"RDATE;VALUE=DATE:{on(each)}" for each in besides]
    events = an_event("1", *lines)
    if moved is not None:
        place, by = moved
        assume(place not in without)  # of a date that is excluded and moved, theirs leaves out both
        events += an_event(
            "1",
            f"RECURRENCE-ID;VALUE=DATE:{on(14 * place)}",
            f"DTSTART;VALUE=DATE:{on(14 * place + by)}",
            f"DTEND;VALUE=DATE:{on(14 * place + by + length)}",
        )
    data = a_file(*events)
    found = read_ics(data)
    assume(found.events is not None)
    first, last = date(2020, 1, 1), END
    theirs: set[date] = set()
    for event in of(Calendar.from_ical(data)).between(first, last):
        theirs |= {event.start + timedelta(days=n) for n in range((event.end - event.start).days)}
    assert ours(data, first, last) == sorted(day for day in theirs if first <= day < last)


# The all-day rules among the examples of RFC 5545 (section 3.8.5.3), and the dates that it lists.
OF_THE_RFC = [
    ("FREQ=DAILY;INTERVAL=10;COUNT=5", "19970902", "0902 0912 0922 1002 1012"),
    (
        "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
        "19970902",
        "0902 0904 0916 0918 0930 1002 1014 1016",
    ),
    ("FREQ=MONTHLY;COUNT=10;BYDAY=1FR", "19970905", "0905 1003 1107 1205 0102 0206 0306 0403 0501 0605"),
    (
        "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
        "19970907",
        "0907 0928 1102 1130 0104 0125 0301 0329 0503 0531",
    ),
    ("FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "19970922", "0922 1020 1117 1222 0119 0216"),
    (
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
        "19970930",
        "0930 1001 1031 1101 1130 1201 1231 0101 0131 0201",
    ),
    ("FREQ=YEARLY;COUNT=10;BYMONTH=6,7", "19970610", "0610 0710 0610 0710 0610 0710 0610 0710 0610 0710"),
    ("FREQ=YEARLY;INTERVAL=3;COUNT=4;BYYEARDAY=1,100,200", "19970101", "0101 0410 0719 0101"),
    ("FREQ=YEARLY;COUNT=3;BYDAY=20MO", "19970519", "0519 0518 0517"),
    ("FREQ=YEARLY;COUNT=3;BYWEEKNO=20;BYDAY=MO", "19970512", "0512 0511 0517"),
    ("FREQ=YEARLY;COUNT=3;BYWEEKNO=20", "19970512", "0512 0511 0517"),
    ("FREQ=MONTHLY;COUNT=4;BYDAY=FR;BYMONTHDAY=13", "19980213", "0213 0313 1113 0813"),
    (
        "FREQ=MONTHLY;COUNT=4;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
        "19970913",
        "0913 1011 1108 1213",
    ),
    (
        "FREQ=YEARLY;INTERVAL=4;COUNT=3;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        "19961105",
        "1105 1107 1102",
    ),
    ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "19970904", "0904 1007 1106"),
    (
        "FREQ=MONTHLY;COUNT=7;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
        "19970929",
        "0929 1030 1127 1230 0129 0226 0330",
    ),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "19970805", "0805 0810 0819 0824"),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "19970805", "0805 0817 0819 0831"),
    ("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "20070115", "0115 0130 0215 0315 0330"),
]


@pytest.mark.parametrize(("rule", "start", "expected"), OF_THE_RFC, ids=[rule for rule, _, _ in OF_THE_RFC])
def test_the_examples_of_the_rfc_have_the_dates_that_it_lists(rule, start, expected):
    # An event beside it that matters: what ended before 2020 is left out otherwise.
    data = a_file(*an_event("1", f"DTSTART;VALUE=DATE:{start}", f"RRULE:{rule}", "RDATE;VALUE=DATE:20300101"))
    began = date.fromisoformat(start)
    found = ours(data, began, date(2029, 1, 1))
    assert [f"{day:%m%d}" for day in found] == expected.split()
