"""The judge's own reading of a schedule: the same as the schedule's, by other code."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from controller.schedule import Schedule
from controller.schedule.model import Spec
from controller.schedule.zones import load_zone
from controller.sim.checks.hours import HoursOracle
from tests.simulation.soak import YEAR, a_schedule
from tests.support.loop import utc
from tests.support.schedules import dated, span, spec


def oracle(hours: Spec) -> HoursOracle:
    return HoursOracle(hours, load_zone(hours.zone))


@pytest.mark.parametrize("seed", range(20))
def test_it_agrees_with_the_schedule_at_any_instant(seed):
    chance = Random(seed)  # noqa: S311 - no secret
    hours = a_schedule(chance)
    second, first = oracle(hours), Schedule(hours)
    for _ in range(60):
        t = YEAR + timedelta(seconds=chance.randrange(372 * 86_400))
        now, moment = second.at(t), first.at(t)
        assert (now.open, now.explicit) == (moment.open, moment.explicit), t
        assert (now.started_at, now.ends_at) == (moment.started_at, moment.ends_at), t


NEW_YORK = spec("America/New_York", daily="01:30-02:30")


@pytest.mark.parametrize(
    ("hours", "at", "opened", "until"),
    [
        pytest.param(spec(daily="09:00-17:00"), "11-23T09:00", "11-23T09:00", "11-23T17:00", id="inclusive"),
        pytest.param(spec(daily="09:00-17:00"), "11-23T17:00", "11-23T17:00", "11-24T09:00", id="exclusive"),
        pytest.param(spec(daily="22:00-06:00"), "11-24T01:00", "11-23T22:00", "11-24T06:00", id="overnight"),
        pytest.param(NEW_YORK, "03-08T06:40", "03-08T06:30", "03-08T07:00", id="an end that is skipped"),
        pytest.param(NEW_YORK, "11-01T06:40", "11-01T05:30", "11-01T07:30", id="a start that comes twice"),
        pytest.param(
            spec(daily="22:00-06:00", overrides=(dated("2026-11-24", "closed"),)),
            "11-23T23:00",
            "11-23T22:00",
            "11-24T00:00",
            id="cut by an override",
        ),
        pytest.param(
            spec(daily="09:00-17:00", overrides=(span("2026-11-23T16:00", "2026-11-23T19:00", "open"),)),
            "11-23T18:00",
            "11-23T09:00",
            "11-23T19:00",
            id="prolonged",
        ),
    ],
)
def test_the_bounds_of_an_opening_or_closure(hours, at, opened, until):
    now = oracle(hours).at(utc(f"2026-{at}"))
    assert (now.started_at, now.ends_at) == (utc(f"2026-{opened}"), utc(f"2026-{until}"))


def test_what_never_changes_has_no_bounds():
    now = oracle(spec(daily="closed")).at(utc("2026-11-23T09:00"))
    assert (now.open, now.explicit, now.started_at, now.ends_at) == (False, False, None, None)


def test_only_what_an_override_closes_is_explicit():
    hours = oracle(spec(daily="09:00-17:00", overrides=(dated("2026-11-24", "closed"),)))
    assert [hours.at(utc(f"2026-11-{at}")).explicit for at in ("23T20:00", "24T10:00", "25T08:00")] == [
        False,
        True,
        False,
    ]
