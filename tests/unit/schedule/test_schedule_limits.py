"""What goes in, what stays out, and what is kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from controller.schedule import Schedule, load_zone
from controller.schedule.walltime import earliest, latest
from tests.support.schedules import dated, instant, span, spec

NIGHTS = spec("America/New_York", "22:00-06:00")
NOON = instant("2026-12-07T12:00")
TICK = datetime.resolution
A_MONTH = timedelta(days=30)

QUESTIONS = [
    pytest.param(Schedule.is_open, id="is_open"),
    pytest.param(Schedule.next_change, id="next_change"),
    pytest.param(Schedule.at, id="at"),
    pytest.param(lambda schedule, t: schedule.openings(t, NOON), id="openings from"),
    pytest.param(lambda schedule, t: schedule.openings(NOON, t), id="openings to"),
    pytest.param(lambda schedule, t: schedule.closures(t, NOON), id="closures from"),
    pytest.param(lambda schedule, t: schedule.closures(NOON, t), id="closures to"),
]


@pytest.mark.parametrize("ask", QUESTIONS)
def test_a_naive_datetime_is_refused(ask):
    with pytest.raises(ValueError, match="2026-12-07T12:00:00 has no UTC offset"):
        ask(Schedule(NIGHTS), NOON.replace(tzinfo=None))


@pytest.mark.parametrize("ask", QUESTIONS)
def test_an_instant_that_no_calendar_has_is_refused(ask):
    west = timezone(timedelta(hours=-5))
    with pytest.raises(ValueError, match="outside the calendar"):
        ask(Schedule(NIGHTS), datetime.max.replace(tzinfo=west))


@pytest.mark.parametrize(
    "t", ["0001-01-01T00:00", "0002-06-01T00:00", "9998-06-01T00:00", "9999-12-31T23:59"]
)
@pytest.mark.parametrize("ask", QUESTIONS[:3])
def test_years_at_the_ends_of_the_calendar_are_refused(ask, t):
    with pytest.raises(ValueError, match="covers the years 3 to 9997"):
        ask(Schedule(NIGHTS), instant(t))


@pytest.mark.parametrize("t", ["0003-01-01T00:00", "9997-12-31T23:59:59.999999"])
@pytest.mark.parametrize("daily", ["closed", "open", "22:00-06:00"])
def test_the_first_and_the_last_year_are_answered_like_others(daily, t):
    schedule = Schedule(spec("Pacific/Auckland", daily))
    moment = schedule.at(instant(t))
    assert moment.open == schedule.is_open(instant(t))
    assert (moment.ends_at is None) == (daily in {"open", "closed"})


def test_overrides_at_the_ends_of_the_calendar_are_no_trouble():
    overrides = (
        dated("0001-01-01..9999-12-31", "closed"),
        span("0001-01-01T00:00", "9999-12-31T23:59", "open"),
        span("0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "open"),
    )
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        assert Schedule(spec(zone, overrides=overrides)).is_open(NOON)


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland"])
def test_a_span_over_the_whole_calendar_holds_from_the_first_instant_to_the_last(zone):
    always = span("0001-01-01T00:00", "9999-12-31T23:59", "open")
    schedule = Schedule(spec(zone, overrides=(always,)))
    assert schedule.is_open(instant("0003-01-01T00:00"))
    assert schedule.is_open(instant("9997-12-31T23:59:59.999999"))


@pytest.mark.parametrize("day", ["0003-06-01", "9997-06-01"])
def test_a_span_in_the_first_or_the_last_year_is_where_it_was_written(day):
    start, end = f"{day}T10:00", f"{day}T11:00"
    schedule = Schedule(spec(overrides=(span(start, end, "open"),)))
    (opening,) = schedule.openings(instant(start) - A_MONTH, instant(end) + A_MONTH)
    assert (opening.start, opening.end) == (instant(start), instant(end))


def test_any_zone_may_ask_and_the_answer_is_in_utc():
    schedule, tokyo = Schedule(NIGHTS), NOON.astimezone(ZoneInfo("Asia/Tokyo"))
    assert schedule.is_open(tokyo) == schedule.is_open(NOON)
    assert schedule.at(tokyo) == schedule.at(NOON)
    answers = (schedule.next_change(tokyo), schedule.openings(tokyo, tokyo + timedelta(days=1))[0].start)
    assert answers == (instant("2026-12-08T03:00"), instant("2026-12-08T03:00"))
    assert {answer.tzinfo for answer in answers} == {UTC}


def test_what_was_written_or_asked_with_an_offset_is_told_in_utc():
    written = span("2026-12-07T20:00+09:00", "2026-12-07T22:00+09:00", "open")
    schedule, tokyo = Schedule(spec(overrides=(written,))), NOON.astimezone(ZoneInfo("Asia/Tokyo"))
    moment = schedule.at(tokyo)
    (opening,) = schedule.openings(tokyo, tokyo + timedelta(minutes=30))
    answers = (moment.started_at, moment.ends_at, opening.start, opening.end)
    assert [f"{answer:%H:%M}" for answer in answers] == ["11:00", "13:00", "12:00", "12:30"]
    assert all(answer.tzinfo is UTC for answer in answers)


@pytest.mark.parametrize("length", [timedelta(0), timedelta(days=-1)])
def test_nothing_opens_or_closes_in_an_interval_that_is_empty(length):
    schedule = Schedule(spec(daily="open"))
    assert schedule.openings(NOON, NOON + length) == schedule.closures(NOON, NOON + length) == ()


def test_an_unknown_zone_is_refused():
    with pytest.raises(ValueError, match='"Mars/Olympus" is not a time zone'):
        Schedule(spec("Mars/Olympus"))


def test_what_is_kept_does_not_grow_with_history():
    schedule = Schedule(NIGHTS)
    for year in range(1990, 2020):
        schedule.openings(datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC))
    assert schedule._block.cache_info().currsize < 100


def test_threads_may_share_a_schedule():
    instants = [NOON + timedelta(hours=7 * step) for step in range(2000)]
    alone, shared = Schedule(NIGHTS), Schedule(NIGHTS)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(shared.at, instants)) == [alone.at(t) for t in instants]


# Everything is computed in blocks of a month or so; these hours begin, end or lie at any hour of UTC.
DAILY = {
    "12:00-14:00": (12, 14),
    "02:00-12:00": (2, 12),
    "10:00-14:00": (10, 14),
    "20:00-19:00": (20, 43),
    "00:00-23:00": (0, 23),
}
OFFSETS = {"Etc/GMT+12": -12, "Etc/GMT+2": -2, "Etc/GMT": 0, "Etc/GMT-10": 10, "Etc/GMT-14": 14}


@pytest.mark.parametrize("daily", DAILY)
@pytest.mark.parametrize("zone", OFFSETS)
def test_a_hundred_days_look_the_same_wherever_they_are_cut_into_blocks(zone, daily):
    opens, closes = (timedelta(hours=hour - OFFSETS[zone]) for hour in DAILY[daily])
    midnights = [instant("2026-01-01T00:00") + timedelta(days=day) for day in range(102)]
    schedule = Schedule(spec(zone, daily))
    for midnight, next_midnight in pairwise(midnights):
        start, end, next_start = midnight + opens, midnight + closes, next_midnight + opens
        assert [schedule.is_open(t) for t in (start, end - TICK, end, next_start - TICK)] == [
            True,
            True,
            False,
            False,
        ]
        assert [schedule.next_change(t) for t in (start - TICK, start, end)] == [start, end, next_start]
        assert [(opening.start, opening.end) for opening in schedule.openings(start, next_start)] == [
            (start, end)
        ]
        assert (schedule.at(start).started_at, schedule.at(end).started_at) == (start, end)


@pytest.mark.parametrize("zone", OFFSETS)
def test_an_override_is_found_wherever_the_blocks_are_cut(zone):
    for day in range(70):
        midnight = instant("2026-01-10T00:00") + timedelta(days=day)
        schedule = Schedule(spec(zone, overrides=(dated(f"{midnight:%Y-%m-%d}", "20:00-19:00"),)))
        start = midnight + timedelta(hours=20 - OFFSETS[zone])
        found = schedule.openings(midnight - timedelta(days=5), midnight + timedelta(days=5))
        assert [(opening.start, opening.end) for opening in found] == [(start, start + timedelta(hours=23))]


@pytest.mark.parametrize("hour", [6, 18])
@pytest.mark.parametrize("zone", OFFSETS)
def test_a_span_is_found_wherever_the_blocks_are_cut(zone, hour):
    for day in range(70):
        shown = instant("2026-01-10T00:00") + timedelta(days=day, hours=hour)
        written = span(f"{shown:%Y-%m-%dT%H:%M}", f"{shown:%Y-%m-%dT%H:%M:30}", "open")
        start = shown - timedelta(hours=OFFSETS[zone])
        found = Schedule(spec(zone, overrides=(written,))).openings(start - A_MONTH, start + A_MONTH)
        assert [(opening.start, opening.end) for opening in found] == [(start, start + timedelta(seconds=30))]


@pytest.mark.parametrize("microsecond", [0, 1, 999_999])
def test_the_jump_of_the_clocks_is_a_whole_second(microsecond):
    skipped = datetime(2026, 3, 8, 2, 30, 0, microsecond)  # noqa: DTZ001 - wall time
    for of in (earliest, latest):
        assert of(skipped, load_zone("America/New_York")) == instant("2026-03-08T07:00")


@pytest.mark.parametrize(
    ("of", "shown", "expected"),
    [
        pytest.param(earliest, "2026-12-24T12:00", "2026-12-24T17:00", id="a start"),
        pytest.param(latest, "2026-12-24T12:00", "2026-12-24T17:00", id="an end"),
        pytest.param(earliest, "2026-11-01T01:30", "2026-11-01T05:30", id="a start that comes twice"),
        pytest.param(latest, "2026-11-01T01:30", "2026-11-01T06:30", id="an end that comes twice"),
    ],
)
def test_a_wall_time_that_the_clocks_show_is_exact_to_the_microsecond(of, shown, expected):
    wall, fraction = datetime.fromisoformat(shown), timedelta(microseconds=7)
    assert of(wall + fraction, load_zone("America/New_York")) == instant(expected) + fraction
