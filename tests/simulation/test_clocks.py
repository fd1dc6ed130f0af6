"""A controller whose clock is not AWS's: it may be late or early by as much, and nothing worse."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from controller.sim.aws.faults import NONE
from controller.sim.aws.world import Scenario
from tests.support.embedded import QUIET, a_pipeline
from tests.support.loop import Stage, a_config, is_ready, utc, with_settings
from tests.support.schedules import spec

OPENS, CLOSES = utc("2026-11-23T08:30"), utc("2026-11-23T17:00")
CONFIG = a_config(
    with_settings(a_pipeline(), warm_up=timedelta(minutes=30)),
    specs=(replace(spec(daily="08:30-17:00"), name="office"),),
)


BY_THE_HOURS = {"S1", "LEFT", "UNWANTED", "BACKOFF"}
"""Rules that judge by AWS's clock."""


def a_stage(start: datetime) -> Stage:
    return Stage(
        config=CONFIG,
        scenario=Scenario(start=start, seed=1, traffic=QUIET, start_minutes=(10, 10), faults=NONE),
    )


@pytest.mark.parametrize(
    "skew", [timedelta(minutes=-1), timedelta(minutes=-2), timedelta(hours=-1), timedelta(days=-1)], ids=str
)
def test_a_clock_that_is_behind_ends_a_drain_as_soon_as_any(skew):
    stage = a_stage(OPENS - skew)
    stage.world = replace(stage.world, clock=lambda: stage.aws.now() + skew)
    for _ in stage.ticks(CLOSES - skew + timedelta(minutes=15)):
        pass
    assert stage.state == ("STOPPED", "Disabled")
    stopped_at = next(change.at for change in stage.aws.changes if change.state == "STOPPING")
    assert stopped_at - (CLOSES - skew) <= timedelta(minutes=10)
    assert [found for found in stage.monitor.violations if found.rule == "S2"] == []


@pytest.mark.parametrize("seed", range(5))
def test_a_clock_that_jumps_leaves_nothing_behind_once_it_stands(seed):
    dice, stage, jump = random.Random(seed), a_stage(OPENS), [timedelta(0)]  # noqa: S311 - dice, and no secret
    stage.world = replace(stage.world, clock=lambda: stage.aws.now() + jump[0])
    for _ in stage.ticks(OPENS + timedelta(hours=26)):
        jump[0] = timedelta(minutes=dice.choice([0, 0, 0, -120, 120, -1, 1]))
    assert [found for found in stage.monitor.violations if found.rule not in BY_THE_HOURS] == []
    jump[0] = timedelta(0)
    stage.monitor.violations.clear()
    stage.until(OPENS + timedelta(hours=27))
    assert stage.state == ("RUNNING", "Enabled")
    assert is_ready(stage.reports[-1])
