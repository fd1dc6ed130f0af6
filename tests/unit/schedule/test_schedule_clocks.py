"""Wall times that the clocks skip or repeat, worked by hand from the zone's rules; expectations in UTC."""

from __future__ import annotations

import pytest

from controller.schedule import Schedule
from tests.support.schedules import dated, span, spec, told, told_closures

# New York goes from 02:00 EST (UTC-5) to 03:00 EDT (UTC-4) at 07:00Z on Sunday 2026-03-08,
# and from 02:00 EDT back to 01:00 EST at 06:00Z on Sunday 2026-11-01.
NEW_YORK = [
    pytest.param("2026-03-08", "open", "03-08T05:00 03-09T04:00", id="23 hours of a date"),
    pytest.param("2026-03-08", "02:30-03:30", "03-08T07:00 03-08T07:30", id="a start that is skipped"),
    pytest.param("2026-03-08", "01:30-02:30", "03-08T06:30 03-08T07:00", id="an end that is skipped"),
    pytest.param("2026-03-08", "02:15-02:45", None, id="a window that is skipped"),
    pytest.param("2026-03-07", "22:00-02:30", "03-08T03:00 03-08T07:00", id="a night into the jump"),
    pytest.param("2026-11-01", "open", "11-01T04:00 11-02T05:00", id="25 hours of a date"),
    pytest.param("2026-11-01", "01:30-03:00", "11-01T05:30 11-01T08:00", id="a start that comes twice"),
    pytest.param("2026-11-01", "00:30-01:30", "11-01T04:30 11-01T06:30", id="an end that comes twice"),
    pytest.param("2026-11-01", "01:30-01:45", "11-01T05:30 11-01T06:45", id="a window that comes twice"),
    pytest.param(
        "2026-11-01", "01:00-02:00", "11-01T05:00 11-01T07:00", id="exactly the hour that comes twice"
    ),
    pytest.param("2026-11-01", "02:00-03:00", "11-01T07:00 11-01T08:00", id="the hour after it"),
    pytest.param("2026-10-31", "22:00-01:30", "11-01T02:00 11-01T06:30", id="a night into the repetition"),
]

# Havana: forward from midnight at 05:00Z on 2024-03-10, back from 01:00 to midnight at 05:00Z on 2024-11-03.
HAVANA = [
    pytest.param("2024-03-10", "open", "03-10T05:00 03-11T04:00", id="a date without midnight"),
    pytest.param("2024-03-10", "00:30-02:00", "03-10T05:00 03-10T06:00", id="a start in the skipped hour"),
    pytest.param("2024-03-09", "22:00-24:00", "03-10T03:00 03-10T05:00", id="24:00 is the jump"),
    pytest.param("2024-11-03", "open", "11-03T04:00 11-04T05:00", id="a date with two midnights"),
    pytest.param("2024-11-03", "00:15-00:30", "11-03T04:15 11-03T05:30", id="a window after both midnights"),
    pytest.param("2024-11-02", "22:00-24:00", "11-03T02:00 11-03T04:00", id="24:00 is the first midnight"),
    pytest.param("2024-11-02", "22:00-00:30", "11-03T02:00 11-03T05:30", id="a night until after both"),
]

# Cairo: forward from midnight at 22:00Z on 2026-04-23, back from 24:00 to 23:00 at 21:00Z on 2026-10-29.
CAIRO = [
    pytest.param("2026-04-24", "open", "04-23T22:00 04-24T21:00", id="a Friday without midnight"),
    pytest.param("2026-10-29", "open", "10-28T21:00 10-29T22:00", id="a Thursday of 25 hours"),
    pytest.param("2026-10-29", "22:00-24:00", "10-29T19:00 10-29T22:00", id="until midnight, the long way"),
    pytest.param("2026-10-29", "23:15-23:30", "10-29T20:15 10-29T21:30", id="a window that comes twice"),
]

# St. John's went back from 00:01 NDT (UTC-2:30) to 23:01 NST (UTC-3:30) at 02:31Z on Sunday 2006-10-29:
# Sunday begins at its first midnight, and the last hour of Saturday is shown again within it.
ST_JOHNS = [
    pytest.param("2006-10-28", "20:00-24:00", "10-28T22:30 10-29T02:30", id="24:00 is the first midnight"),
    pytest.param("2006-10-28", "20:00-23:30", "10-28T22:30 10-29T03:00", id="an end shown again on Sunday"),
    pytest.param("2006-10-29", "open", "10-29T02:30 10-30T03:30", id="the Sunday that goes back to Saturday"),
    pytest.param("2006-10-29", "00:00-06:00", "10-29T02:30 10-29T09:30", id="from the first midnight"),
]

# Lord Howe: 02:00 to 02:30 at 15:30Z on 2026-10-03, and 02:00 back to 01:30 at 15:00Z on 2026-04-04.
LORD_HOWE = [
    pytest.param("2026-10-04", "02:15-02:45", "10-03T15:30 10-03T15:45", id="half an hour skipped"),
    pytest.param("2026-04-05", "01:45-01:50", "04-04T14:45 04-04T15:20", id="half an hour repeated"),
]

# Apia went from Thursday 2011-12-29 24:00 (UTC-10) to Saturday 00:00 (UTC+14) at 10:00Z on the 30th.
APIA = [
    pytest.param("2011-12-30", "open", None, id="a date that never was"),
    pytest.param("2011-12-30", "08:00-16:00", None, id="hours that never were"),
    pytest.param("2011-12-29", "22:00-06:00", "12-30T08:00 12-30T10:00", id="a night into the skipped date"),
    pytest.param(
        "2011-12-30", "22:00-06:00", "12-30T10:00 12-30T16:00", id="a night out of the skipped date"
    ),
    pytest.param("2011-12-29..2011-12-31", "open", "12-29T10:00 12-31T10:00", id="a range over it"),
]

ZONES = {
    "America/New_York": NEW_YORK,
    "America/Havana": HAVANA,
    "Africa/Cairo": CAIRO,
    "America/St_Johns": ST_JOHNS,
    "Australia/Lord_Howe": LORD_HOWE,
    "Pacific/Apia": APIA,
}
CASES = [
    pytest.param(zone, *case.values, id=f"{zone}: {case.id}")
    for zone, cases in ZONES.items()
    for case in cases
]


@pytest.mark.parametrize(("zone", "dates", "hours", "expected"), CASES)
def test_an_interval_is_as_long_as_its_wall_times_allow(zone, dates, hours, expected):
    schedule = Schedule(spec(zone, overrides=(dated(dates, hours),)))
    year = dates[:4]
    found = told(schedule, f"{year}-01-02T00:00", f"{int(year) + 1}-01-02T00:00")
    assert found == ([" ".join(f"{year}-{part}" for part in expected.split())] if expected else [])


SPANS = [
    pytest.param("2026-03-08T02:10", "2026-03-08T02:50", [], id="wholly skipped"),
    pytest.param("2026-03-08T02:10", "2026-03-08T03:10", ["03-08T07:00 03-08T07:10"], id="from the jump"),
    pytest.param("2026-03-08T01:50", "2026-03-08T02:50", ["03-08T06:50 03-08T07:00"], id="until the jump"),
    pytest.param(
        "2026-11-01T01:30", "2026-11-01T01:45", ["11-01T05:30 11-01T06:45"], id="from first to second"
    ),
    pytest.param(
        "2026-11-01T01:30-04:00",
        "2026-11-01T01:45-04:00",
        ["11-01T05:30 11-01T05:45"],
        id="an offset tells which",
    ),
]


@pytest.mark.parametrize(("start", "end", "expected"), SPANS)
@pytest.mark.parametrize("state", ["open", "closed"])
def test_a_span_follows_the_same_rule_whether_it_opens_or_closes(state, start, end, expected):
    around = "closed" if state == "open" else "open"
    schedule = Schedule(spec("America/New_York", around, overrides=(span(start, end, state),)))
    a, b = f"{start[:10]}T05:00", f"{start[:10]}T12:00"
    opens, closes = told(schedule, a, b), told_closures(schedule, a, b)
    assert (opens if state == "open" else closes) == [
        " ".join(f"2026-{part}" for part in interval.split()) for interval in expected
    ]


def test_a_night_shown_again_after_midnight_is_cut_where_an_override_begins():
    hours = (dated("2006-10-28", "20:00-23:30"), dated("2006-10-29", "closed"))
    schedule = Schedule(spec("America/St_Johns", overrides=hours))
    (opening,) = told(schedule, "2006-10-27T00:00", "2006-10-31T00:00")
    assert opening.split() == ["2006-10-28T22:30", "2006-10-29T02:30"]
