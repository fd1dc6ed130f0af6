"""``explain --timeline``: a local date, stretch by stretch."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

STRETCHES = [
    ("05:00", "closed", "OFF"),
    ("13:00", "warm-up", "ON"),
    ("13:30", "open", "ON"),
    ("17:00", "closed", "OFF"),
    ("17:30", "warm-up", "ON"),
    ("18:00", "open", "ON"),
    ("21:00", "closed", "OFF"),
]
"""Of Friday, 2026-12-04, from when on, in UTC."""


def test_a_day_is_told_stretch_by_stretch_and_counted_in_its_first_line(desk):
    args = ("explain", "logos", "--timeline", "--at", "2026-12-04")
    stages = desk(*args, "--json").data["timeline"]
    assert [(each["from"][11:16], each["rule"], each["desired"]["power"]) for each in stages] == STRETCHES
    first, _, *rows = desk(*args).out.splitlines()
    assert first.endswith("OFF for 16h30m, ON for 7h30m")
    assert [tuple(row.split()[4:6]) for row in rows] == [(power, rule) for _, rule, power in STRETCHES]


@pytest.mark.parametrize(
    ("date", "hours"),
    [("2026-03-08", 23), ("2026-11-01", 25), ("2026-11-23", 24)],
    ids=["short", "long", "usual"],
)
def test_the_stretches_fill_the_local_date_without_a_gap(desk, date, hours):
    stages = desk("explain", "logos", "--timeline", "--json", "--at", date).data["timeline"]
    assert all(before["to"] == after["from"] for before, after in pairwise(stages))
    begins, ends = (datetime.fromisoformat(at) for at in (stages[0]["from"], stages[-1]["to"]))
    assert ends - begins == timedelta(hours=hours)
