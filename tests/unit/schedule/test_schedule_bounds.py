"""From when until when an override can matter, worked by hand; expectations in UTC."""

from __future__ import annotations

from datetime import UTC

import pytest

from controller.schedule import load_zone
from controller.schedule.walltime import bounds
from tests.support.schedules import dated, instant, span

# New York is at UTC-5 in winter and at UTC-4 in summer: forward at 07:00Z on 2026-03-08, back at 06:00Z
# on 2026-11-01.
DATED = [
    pytest.param("2026-12-24", "closed", "12-24T05:00 12-25T05:00", id="a closed date"),
    pytest.param("2026-12-24", "open", "12-24T05:00 12-25T05:00", id="an open date"),
    pytest.param(
        "2026-12-24", "08:30-12:00", "12-24T05:00 12-25T05:00", id="hours: the rest of it is closed"
    ),
    pytest.param("2026-12-24", "20:00-24:00", "12-24T05:00 12-25T05:00", id="hours until its end"),
    pytest.param("2026-12-24", "22:00-06:00", "12-24T05:00 12-25T11:00", id="a night into the next date"),
    pytest.param(
        "2026-12-24", "22:00-06:00, 08:00-12:00", "12-24T05:00 12-25T11:00", id="the latest of its windows"
    ),
    pytest.param("2026-12-24..2026-12-26", "closed", "12-24T05:00 12-27T05:00", id="closed dates"),
    pytest.param("2026-12-24..2026-12-26", "22:00-06:00", "12-24T05:00 12-27T11:00", id="the last night"),
    pytest.param("2026-07-04", "closed", "07-04T04:00 07-05T04:00", id="in summer"),
    pytest.param("2026-03-08", "closed", "03-08T05:00 03-09T04:00", id="23 hours"),
    pytest.param("2026-11-01", "closed", "11-01T04:00 11-02T05:00", id="25 hours"),
    pytest.param(
        "2026-10-31", "22:00-01:30", "10-31T04:00 11-01T06:30", id="a night until 01:30 comes again"
    ),
]


@pytest.mark.parametrize(("dates", "hours", "expected"), DATED)
def test_an_override_of_dates_matters_from_the_first_midnight_until_its_last_window_is_over(
    dates, hours, expected
):
    found = bounds(dated(dates, hours), load_zone("America/New_York"))
    assert found == tuple(instant(f"2026-{part}") for part in expected.split())


SPANS = [
    pytest.param("12-24T10:00 12-24T18:00", "12-24T15:00 12-24T23:00", id="wall time"),
    pytest.param("12-24T10:00+01:00 12-24T18:00+01:00", "12-24T09:00 12-24T17:00", id="offsets"),
    pytest.param("12-24T10:00Z 12-24T18:00", "12-24T10:00 12-24T23:00", id="an offset at the start"),
    pytest.param("12-24T10:00 12-24T18:00Z", "12-24T15:00 12-24T18:00", id="an offset at the end"),
    pytest.param("03-08T02:10 03-08T03:10", "03-08T07:00 03-08T07:10", id="from the jump of the clocks"),
    pytest.param(
        "11-01T01:30 11-01T01:45", "11-01T05:30 11-01T06:45", id="from the first to the second time"
    ),
]


@pytest.mark.parametrize("state", ["open", "closed"])
@pytest.mark.parametrize(("written", "expected"), SPANS)
def test_a_span_matters_from_its_start_until_its_end(written, expected, state):
    start, end = (f"2026-{part}" for part in written.split())
    found = bounds(span(start, end, state), load_zone("America/New_York"))
    assert found == tuple(instant(f"2026-{part}") for part in expected.split())


@pytest.mark.parametrize(
    "override",
    [
        pytest.param(dated("2026-12-24", "closed"), id="dates"),
        pytest.param(span("2026-12-24T10:00", "2026-12-24T18:00", "open"), id="wall times"),
        pytest.param(span("2026-12-24T10:00+01:00", "2026-12-24T18:00+01:00", "open"), id="offsets"),
    ],
)
def test_the_bounds_are_told_in_utc_whatever_was_written(override):
    assert all(moment.tzinfo is UTC for moment in bounds(override, load_zone("Asia/Tokyo")))
