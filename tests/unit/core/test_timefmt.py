from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from controller.core.timefmt import (
    clock,
    compact,
    in_hours,
    in_minutes,
    interval,
    iso,
    local,
    local_minute,
    local_or_never,
    month,
    month_start,
    spelled,
    utc,
)

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("instant", "told"),
    [
        pytest.param(
            datetime(2026, 11, 23, 13, 30, 5, 999_999, UTC), "2026-11-23T13:30:05Z", id="to the second"
        ),
        pytest.param(datetime(2026, 11, 23, 8, 30, tzinfo=NEW_YORK), "2026-11-23T13:30:00Z", id="of a zone"),
    ],
)
def test_an_instant_is_told_in_utc(instant, told):
    assert utc(instant) == told


def test_the_two_passes_of_a_repeated_hour_are_told_apart():
    first = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK)
    assert (utc(first), utc(first.replace(fold=1))) == ("2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z")


@pytest.mark.parametrize("at", ["2026-11-01T00:00:00+00:00", "2026-11-30T23:59:59.999999+00:00"])
def test_a_month_is_a_calendar_month_in_utc(at):
    now = datetime.fromisoformat(at)
    assert (month(now), month_start(now)) == ("2026-11", datetime(2026, 11, 1, tzinfo=UTC))


def test_the_systems_zone_changes_nothing(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    try:
        assert utc(datetime(2026, 11, 23, 9, tzinfo=NEW_YORK)) == "2026-11-23T14:00:00Z"
    finally:
        monkeypatch.undo()
        time.tzset()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ("2026-11-23T08:30", "2026-11-23T17:00", "Mon 2026-11-23 08:30-17:00 EST"),
        ("2026-11-23T08:30:05", "2026-11-23T17:00", "Mon 2026-11-23 08:30:05-17:00 EST"),
        ("2026-11-27T22:00", "2026-11-28T00:00", "Fri 2026-11-27 22:00-24:00 EST"),
        ("2026-11-27T22:00", "2026-11-28T06:00", "Fri 2026-11-27 22:00-Sat 06:00 EST"),
        ("2026-11-27T00:00", "2026-11-29T00:00", "Fri 2026-11-27 00:00-Sun 00:00 EST"),
        ("2026-11-23T08:30", "2026-11-30T17:00", "Mon 2026-11-23 08:30 EST to Mon 2026-11-30 17:00 EST"),
        ("2026-10-31T22:00", "2026-11-01T06:00", "Sat 2026-10-31 22:00 EDT to Sun 2026-11-01 06:00 EST"),
    ],
)
def test_an_interval_names_its_second_day_and_zone_only_where_they_differ(start, end, text):
    assert interval(at(start), at(end), NEW_YORK) == text


def test_an_instant_is_written_in_the_zone_given_with_seconds_where_there_are_any():
    instant = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
    assert local(instant, NEW_YORK) == "Mon 2026-11-23 08:30 EST"
    assert local_or_never(instant, NEW_YORK) == "Mon 2026-11-23 08:30 EST"
    assert local_or_never(None, NEW_YORK) == "never within 400 days"
    assert local_minute(instant, NEW_YORK) == "2026-11-23 08:30"
    assert (clock(instant), clock(instant.replace(second=7))) == ("13:30", "13:30:07")
    assert (iso(instant.replace(tzinfo=None)), iso(instant)) == ("2026-11-23T13:30", "2026-11-23T13:30+00:00")


@pytest.mark.parametrize(
    ("length", "words", "yaml"),
    [
        (timedelta(0), "0 min", "0m"),
        (timedelta(seconds=20), "20 s", "20s"),
        (timedelta(minutes=45, seconds=10), "45 min 10 s", "45m10s"),
        (timedelta(hours=8, minutes=30, seconds=10), "8 h 30 min", "8h30m10s"),
        (timedelta(days=10, hours=20, minutes=30), "260 h 30 min", "10d20h30m"),
        (timedelta(days=4), "96 h", "4d"),
    ],
)
def test_a_duration_is_spelled_for_a_table_and_compact_as_in_the_file(length, words, yaml):
    assert (spelled(length.total_seconds()), compact(length)) == (words, yaml)


def test_a_duration_in_one_unit_has_only_the_digits_that_count():
    lengths = (timedelta(minutes=90), timedelta(minutes=4, seconds=30))
    assert [in_minutes(length) for length in lengths] == ["90 min", "4.5 min"]
    assert [in_hours(length) for length in lengths] == ["1.5 h", "0.1 h"]
