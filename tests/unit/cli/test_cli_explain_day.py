"""``explain --timeline``: a local date, stretch by stretch."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest


def told(desk, *args: str) -> list[str]:
    return desk("explain", "logos", "--timeline", *args).out.splitlines()


def test_a_day_is_told_in_its_first_line_and_then_stretch_by_stretch(desk):
    assert told(desk, "--at", "2026-12-04") == [
        "logos on Fri 2026-12-04: OFF for 16h30m, ON for 7h30m",
        "local                           desired  rule     reason",
        "Fri 2026-12-04 00:00-08:00 EST  OFF      closed   outside fri 08:30-12:00, 13:00-16:00 (line 9)",
        (
            "Fri 2026-12-04 08:00-08:30 EST  ON       warm-up  "
            "lead 30 min before the opening at Fri 2026-12-04 08:30 EST"
        ),
        "Fri 2026-12-04 08:30-12:00 EST  ON       open     fri 08:30-12:00, 13:00-16:00 (line 9)",
        "Fri 2026-12-04 12:00-12:30 EST  OFF      closed   outside fri 08:30-12:00, 13:00-16:00 (line 9)",
        (
            "Fri 2026-12-04 12:30-13:00 EST  ON       warm-up  "
            "lead 30 min before the opening at Fri 2026-12-04 13:00 EST"
        ),
        "Fri 2026-12-04 13:00-16:00 EST  ON       open     fri 08:30-12:00, 13:00-16:00 (line 9)",
        "Fri 2026-12-04 16:00-24:00 EST  OFF      closed   outside fri 08:30-12:00, 13:00-16:00 (line 9)",
    ]


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
