"""The clocks of the world go forward and back, and every answer still agrees with a scan of the minutes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

import pytest

from controller.schedule import Schedule, load_zone, zone_names
from controller.schedule.model import Spec
from tests.property.schedule.oracle import assert_agrees_around
from tests.support.schedules import DAYS, dated, holidays, instant, span, spec

HALF_A_DAY = timedelta(hours=12)


@cache
def distinct_zones() -> tuple[str, ...]:
    """One name for each content: most names are links to another."""
    folder = resources.files("tzdata").joinpath("zoneinfo")
    by_content = {folder.joinpath(*name.split("/")).read_bytes(): name for name in zone_names()}
    return tuple(by_content.values())


def offset(t: datetime, zone: ZoneInfo) -> timedelta:
    return t.astimezone(zone).utcoffset()


def changes(zone: ZoneInfo, year: int) -> Iterator[tuple[datetime, timedelta, timedelta]]:
    """When the clocks change in a year, and the offsets before and after."""
    t = datetime(year, 1, 1, tzinfo=UTC)
    before = offset(t, zone)
    while t.year == year:
        after = offset(t + HALF_A_DAY, zone)
        if after != before:
            yield _changed_at(t, zone), before, after
        t, before = t + HALF_A_DAY, after


def _changed_at(t: datetime, zone: ZoneInfo) -> datetime:
    before = offset(t, zone)
    minute = bisect_left(
        range(12 * 60), 1, key=lambda minute: offset(t + timedelta(minutes=minute), zone) != before
    )
    return t + timedelta(minutes=minute)


def specs(zone: str, change: datetime) -> Iterator[Spec]:
    """Windows that begin, end, lie in and straddle what the clocks skip or repeat, at any hour of the day."""
    today = change.astimezone(load_zone(zone)).date()
    yesterday, tomorrow = today - timedelta(days=1), today + timedelta(days=1)
    yield spec(
        zone,
        ", ".join(f"{hour:02}:15-{hour:02}:45" for hour in range(24)),
        holidays=holidays({str(yesterday): ("Eve",)}, "open"),
    )
    yield spec(
        zone,
        "22:30-02:30, 03:30-03:15",
        overrides=(dated(f"{today}..{tomorrow}", "23:30-01:30, 02:15-03:15"),),
    )
    yield spec(
        zone,
        days={DAYS[today.weekday()]: "open"},
        overrides=(
            span(f"{yesterday}T23:45", f"{today}T00:30", "open"),
            span(f"{today}T02:30", f"{today}T03:00", "closed"),
        ),
    )


@pytest.mark.parametrize("year", range(2020, 2030))
def test_every_change_of_the_clocks_in_ten_years_is_got_right(year):
    # Zones that change at the same instant by the same offsets are asked once.
    distinct = {change: name for name in distinct_zones() for change in changes(load_zone(name), year)}
    assert len(distinct) > 50
    for (change, _, _), zone in distinct.items():
        for around in specs(zone, change):
            assert_agrees_around(Schedule(around), change)


ODD_CHANGES = [
    pytest.param("Pacific/Apia", "2011-12-30T10:00", id="a whole day skipped"),
    pytest.param("Pacific/Kwajalein", "1993-08-21T12:00", id="a whole day skipped, long ago"),
    pytest.param("America/Havana", "2012-04-01T05:00", id="midnight skipped"),
    pytest.param("America/Havana", "2012-11-04T05:00", id="midnight repeated, back from 01:00"),
    pytest.param("Africa/Cairo", "2010-09-30T21:00", id="the hour before midnight repeated"),
    pytest.param("Africa/Cairo", "2014-05-15T22:00", id="midnight skipped in the middle of a week"),
    pytest.param("America/Sao_Paulo", "2018-02-18T02:00", id="the last hour of a Saturday repeated"),
    pytest.param("America/Sao_Paulo", "2018-11-04T03:00", id="the first hour of a Sunday skipped"),
    pytest.param("Asia/Beirut", "2010-10-30T21:00", id="back from midnight"),
    pytest.param("America/St_Johns", "2006-10-29T02:31", id="back over midnight from 00:01"),
    pytest.param("America/St_Johns", "2007-03-11T03:31", id="forward at 00:01"),
    pytest.param("America/St_Johns", "1988-10-30T01:31", id="two hours back over midnight"),
    pytest.param("Australia/Lord_Howe", "2026-10-03T15:30", id="half an hour forward"),
    pytest.param("Australia/Lord_Howe", "2026-04-04T15:00", id="half an hour back"),
    pytest.param("Asia/Pyongyang", "2015-08-14T15:00", id="half an hour back from midnight, for good"),
    pytest.param("Asia/Pyongyang", "2018-05-04T15:00", id="half an hour forward to midnight, for good"),
    pytest.param("Antarctica/Troll", "2026-03-29T01:00", id="two hours forward"),
]


@pytest.mark.parametrize(("zone", "change"), ODD_CHANGES)
def test_an_odd_change_of_the_clocks_is_got_right(zone, change):
    moment = instant(change)
    if offset(moment, load_zone(zone)) == offset(moment - timedelta(minutes=1), load_zone(zone)):
        pytest.skip("the installed tzdata knows of no change then: a country changed its law, or its history")
    for around in specs(zone, moment):
        assert_agrees_around(Schedule(around), moment)
