from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest

from controller.sim.aws.chance import stream
from controller.sim.aws.traffic import Traffic
from tests.support.embedded import MONDAY

WEEKS = 20


def arrivals(zone="UTC", per_day=400.0, seed=1):
    start_s = MONDAY.timestamp()
    found = Traffic(per_day=per_day).arrivals(start_s, zone, stream(seed, "test"))
    return list(takewhile(lambda at_s: at_s < start_s + WEEKS * 7 * 86_400, found))


def test_messages_come_in_order_and_from_the_start_on():
    times = arrivals()
    assert times == sorted(times)
    assert MONDAY.timestamp() <= times[0] < MONDAY.timestamp() + 600


@pytest.mark.parametrize("per_day", [24, 400, 2000])
def test_as_many_messages_come_as_a_day_has_on_average(per_day):
    expected = per_day * 7 * WEEKS
    # Four standard deviations of a Poisson count.
    assert abs(len(arrivals(per_day=per_day)) - expected) < 4 * expected**0.5


def test_no_traffic_is_no_traffic():
    assert arrivals(per_day=0) == []


def test_most_messages_come_by_day_some_at_night_and_at_weekends():
    zone = ZoneInfo("America/New_York")
    shares = Counter(
        kind(datetime.fromtimestamp(at_s, UTC).astimezone(zone)) for at_s in arrivals("America/New_York")
    )
    total = shares.total()
    assert shares["working hours"] / total == pytest.approx(50 / 63.07, abs=0.02)
    assert 0.005 < shares["night"] / total < 0.1
    assert shares["weekend"] / total == pytest.approx(2 * 0.15 * 11.9 / 63.07, abs=0.01)


def kind(local):
    if local.weekday() >= 5:
        return "weekend"
    if 8 <= local.hour < 18:
        return "working hours"
    return "night" if local.hour < 6 or local.hour >= 22 else "evening"


def test_the_same_seed_brings_the_same_messages_and_another_others():
    assert arrivals(seed=1) == arrivals(seed=1) != arrivals(seed=2)


def test_the_hours_follow_the_clocks_of_the_zone_through_their_change():
    """New York leaves summer time on 2026-11-01: 08:00 there is 12:00 UTC before, 13:00 after."""
    rate, zone = Traffic(per_day=400).per_hour, ZoneInfo("America/New_York")
    friday, monday = datetime(2026, 10, 30, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
    busy = rate(datetime(2026, 10, 30, 9))  # noqa: DTZ001 - wall time
    for day, first in ((friday, 12), (monday, 13)):
        by_hour = [rate((day + timedelta(hours=hour)).astimezone(zone)) for hour in (first - 1, first)]
        assert by_hour == [busy / 4, busy]


def test_traffic_next_to_none_ends():
    near_the_end = datetime(2199, 12, 31, tzinfo=UTC).timestamp()
    assert list(Traffic(per_day=1e-9).arrivals(near_the_end, "UTC", stream(1, "test"))) == []
