"""What is written means the instants that were asked for, at every change of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from controller.config.times import instant
from controller.editing.entries import hold, override
from controller.editing.request import EditReason
from controller.schedule import load_zone
from controller.schedule.model import Rule, SpanOverride
from controller.schedule.walltime import bounds

WHY = EditReason(reason="x", by=None)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/New_York", "2027-03-14"),
        ("America/New_York", "2027-11-07"),
        ("Europe/Berlin", "2027-10-31"),
        ("Australia/Lord_Howe", "2027-04-04"),
        ("America/Santiago", "2027-04-04"),
        ("Asia/Kolkata", "2027-06-01"),
    ],
)
def test_an_override_means_its_instants_around_every_change_of_the_clocks(zone, day):
    where, first = load_zone(zone), datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(hours=12)
    for quarters in range(4 * 48):
        start = first + timedelta(minutes=15 * quarters, seconds=quarters % 2)
        for length in (timedelta(minutes=30), timedelta(hours=1), timedelta(hours=3)):
            written = override(start, start + length, "open", where, WHY)
            read = SpanOverride(
                start=instant(written["from"]),
                end=instant(written["until"]),
                state_open=True,
                rule=Rule(label="", line=1),
            )
            assert bounds(read, where) == (start, start + length)
            has_offset = read.start.tzinfo is not None and read.end.tzinfo is not None
            assert has_offset or read.start.replace(tzinfo=None) < read.end.replace(tzinfo=None)


def test_who_and_why_stand_in_the_entry_and_nobody_does_not():
    at = datetime(2026, 12, 1, tzinfo=UTC)
    assert hold("off", at, load_zone("UTC"), EditReason(reason="x", by="ana")) == {
        "state": "off",
        "until": "2026-12-01T00:00",
        "reason": "x",
        "by": "ana",
    }
    assert "by" not in hold("off", at, load_zone("UTC"), WHY)
