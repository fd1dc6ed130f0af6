"""Times of overrides that the clocks skip or show twice, and zones whose sign is the other way round."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from controller.config.warnings import warnings
from tests.support.config_file import schedule, understood

NOW = datetime(2026, 1, 15, tzinfo=UTC)


def told(override: str = "", zone: str = "America/New_York") -> list[str]:
    listed = f"    overrides: [{{{override}}}]\n" if override else ""
    config = understood(schedule(f"    hours: {{daily: open}}\n{listed}").replace("America/New_York", zone))
    parts = ("overrides", "timezone")
    return [each.message for each in warnings(config, NOW) if each.path.split(".")[-1].startswith(parts)]


SKIPPED = [
    "from: 2026-03-08T02:10, until: 2026-03-08T02:50, state: closed",
    "from: 2026-03-08T02:10, until: 2026-03-08T09:00, state: closed",
    "from: 2026-03-07T02:10, until: 2026-03-08T02:50, state: closed",
    "date: 2026-03-08, hours: 02:10-02:50",
    "dates: 2026-03-01..2026-03-20, hours: 02:10-09:00",
    "dates: 2026-03-01..2026-03-20, hours: {sun: 02:10-09:00}",
    "date: 2026-03-07, hours: 22:00-02:10",
]
TWICE = [
    "from: 2026-11-01T01:10, until: 2026-11-01T09:00, state: closed",
    "from: 2026-10-31T01:10, until: 2026-11-01T01:50, state: open",
    "date: 2026-11-01, hours: 01:10-09:00",
    "date: 2026-10-31, hours: 20:00-01:10",
]
PLAIN = [
    "from: 2026-03-08T01:59, until: 2026-03-08T03:00, state: closed",
    "from: 2026-03-08T02:10Z, until: 2026-03-08T02:50Z, state: closed",
    "from: 2026-11-01T01:10-04:00, until: 2026-11-01T01:50-05:00, state: closed",
    "from: 2026-11-01T00:59, until: 2026-11-01T02:00, state: closed",
    "dates: 2026-03-01..2026-03-20, hours: {mon: 02:10-09:00}",
    "date: 2026-03-08, hours: open",
    "date: 2026-11-01, hours: closed",
    "date: 2026-11-01, hours: 08:00-24:00",
]


@pytest.mark.parametrize("override", SKIPPED)
def test_a_time_that_the_clocks_skip_is_a_warning(override):
    (message,) = told(override)
    assert message.startswith("2026-03-08 02:")
    assert "the clocks skip it: 03:00" in message


@pytest.mark.parametrize("override", TWICE)
def test_a_time_that_comes_twice_is_a_warning(override):
    (message,) = told(override)
    assert message.startswith("2026-11-01 01:")
    assert "comes twice" in message


@pytest.mark.parametrize("override", PLAIN)
def test_another_time_is_none(override):
    assert told(override) == []


FROM_A_SKIPPED_HOUR = "from: 2026-03-08T00:30, until: 2026-03-08T08:00, state: open"


def test_a_date_whose_midnight_the_clocks_skip_begins_where_it_does():
    assert told("date: 2026-03-08, hours: open", "America/Havana") == []
    assert len(told(FROM_A_SKIPPED_HOUR, "America/Havana")) == 1


def test_what_is_past_is_not_told_of_its_clocks():
    (message,) = told("from: 2025-03-09T02:10, until: 2025-03-09T02:50, state: closed")
    assert message.endswith("is past; it can be removed")


@pytest.mark.parametrize(
    ("zone", "says"),
    [
        ("Etc/GMT+5", ("5 hours behind UTC", "for UTC+5 write Etc/GMT-5")),
        ("Etc/GMT-10", ("10 hours ahead of UTC", "for UTC-10 write Etc/GMT+10")),
    ],
)
def test_the_sign_of_etc_is_told(zone, says):
    (message,) = told(zone=zone)
    assert all(part in message for part in says)


@pytest.mark.parametrize("zone", ["Etc/GMT", "Etc/GMT+0", "Etc/UTC", "America/New_York"])
def test_another_zone_has_no_sign_to_be_told_of(zone):
    assert told(zone=zone) == []
