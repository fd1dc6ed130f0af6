from __future__ import annotations

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from controller.core.timefmt import month, month_start, utc

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
