"""How quick a schedule answers, beside opening-hours-py (Rust): ``python -m tests.benchmarks.schedule``.

Figures only: nothing here passes or fails on time. Both know the same hours in the same zone, are asked about
the same instants spread over a year, each in the zone it likes best, and are warm unless it says "first";
each figure is the best of several runs. The schedules: hours with overrides, the example that ships with its
holidays, and the same with three rules of holidays in a list.
"""

from __future__ import annotations

import sys
import timeit
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial

from opening_hours import OpeningHours

from controller.schedule import Schedule
from controller.schedule.model import Spec
from controller.schedule.zones import load_zone
from tests.support.config_file import EXAMPLE, edited, understood
from tests.support.schedules import dated, spec

ZONE = "America/New_York"
OFFICE = spec(
    ZONE,
    days={
        **dict.fromkeys(("mon", "tue", "wed", "thu"), "08:30-17:00"),
        "fri": "08:30-12:00, 13:00-16:00",
    },
    overrides=(dated("2026-12-24", "08:30-12:00"), dated("2026-12-28..2026-12-31", "closed")),
)
THEIRS = "Mo-Th 08:30-17:00; Fr 08:30-12:00,13:00-16:00; 2026 Dec 24 08:30-12:00; 2026 Dec 28-2026 Dec 31 off"
START, END = datetime(2026, 1, 1, 5, tzinfo=UTC), datetime(2027, 1, 1, 5, tzinfo=UTC)
INSTANTS = [START + timedelta(minutes=262 * step) for step in range(2000)]
LOCAL = [t.astimezone(load_zone(ZONE)) for t in INSTANTS]
TICKS = [START + timedelta(minutes=5 * step) for step in range(105_120)]


EXAMPLE_RULE = """\
      calendars: [us]
      hours: closed # the default; or hours for every holiday
"""
RULES = """\
      - calendars: [us]
      - {calendars: [half], hours: 08:30-12:00}
      - {calendars: [made-up], hours: 09:00-15:00}
"""
CALENDARS = "  half: {also: {12-24: Eve}}\n  made-up: {also: {2026-12-12: Working Saturday}}\n"
LISTED = edited(EXAMPLE_RULE, RULES, edited("calendars:\n", f"calendars:\n{CALENDARS}", EXAMPLE))
THEIR_EXAMPLE = (
    "Mo-Th 08:30-17:00; Fr 08:30-12:00,13:00-16:00; PH off; 2026 Nov 11 08:30-17:00; 2026 Nov 27 off; "
    "2026 Dec 24 08:30-12:00; 2026 Dec 28-2026 Dec 31 off; 2026 Dec 05 20:00-26:00"
)


def main() -> None:
    theirs = partial(OpeningHours, timezone=load_zone(ZONE), country="US")
    _compare("hours and overrides", OFFICE, theirs(THEIRS))
    _compare("the example", understood(EXAMPLE).specs["office"], theirs(THEIR_EXAMPLE))
    listed = theirs(f"{THEIR_EXAMPLE}; 2026 Dec 12 09:00-15:00")
    _compare("the example, three rules of holidays", understood(LISTED).specs["office"], listed)


def _compare(title: str, spec_: Spec, theirs: OpeningHours) -> None:
    ours = Schedule(spec_)
    _agree(ours, theirs)
    rows = [
        ("is_open, us", _each(ours.is_open, INSTANTS), _each(theirs.is_open, LOCAL)),
        ("next_change, us", _each(ours.next_change, INSTANTS), _each(theirs.next_change, LOCAL)),
        ("a year's openings, ms", _once(lambda: ours.openings(START, END)), _once(lambda: _year(theirs))),
        ("a year's openings, the first time, ms", _once(lambda: Schedule(spec_).openings(START, END)), None),
        ("the first is_open, ms", _once(lambda: Schedule(spec_).is_open(START)), None),
        ("at, in five-minute steps, us", _each(ours.at, TICKS, repeat=3), None),
    ]
    sys.stdout.write(f"{title:40}{'this':>10}{'opening-hours-py':>20}{'times':>8}\n")
    for what, mine, other in rows:
        beside = "" if other is None else f"{other:20.2f}{other / mine:8.1f}"
        sys.stdout.write(f"{what:40}{mine:10.2f}{beside}\n")
    sys.stdout.write("\n")


def _agree(ours: Schedule, theirs: OpeningHours) -> None:
    """A comparison of two that mean different things would be worth nothing."""
    assert [ours.is_open(t) for t in INSTANTS] == [theirs.is_open(t) for t in LOCAL]
    assert [ours.next_change(t) for t in INSTANTS] == [theirs.next_change(t) for t in LOCAL]


def _each(ask: Callable[[datetime], object], instants: list[datetime], repeat: int = 7) -> float:
    """Microseconds for one instant, the loop's own time taken off."""

    def loop(instants: Iterable[datetime] = instants) -> None:
        for t in instants:
            ask(t)

    def empty(instants: Iterable[datetime] = instants) -> None:
        for _ in instants:
            pass

    best, idle = (min(timeit.repeat(run, number=1, repeat=repeat)) for run in (loop, empty))
    return (best - idle) / len(instants) * 1e6


def _once(ask: Callable[[], object]) -> float:
    """Milliseconds."""
    return min(timeit.repeat(ask, number=1, repeat=20)) * 1e3


def _year(theirs: OpeningHours) -> list[object]:
    zone = load_zone(ZONE)
    return list(theirs.intervals(START.astimezone(zone), END.astimezone(zone)))


if __name__ == "__main__":
    main()
