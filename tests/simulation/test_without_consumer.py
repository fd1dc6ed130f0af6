"""A model without a consumer through the real loop: by the hours, under faults, held by the judge."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from controller.core.settings import Settings
from controller.sim.simulate import SimulationRequest, simulate
from tests.support.embedded import MONDAY, a_pipeline
from tests.support.loop import a_config
from tests.support.schedules import DAYS, spec

HOURS = spec("UTC", days=dict.fromkeys(DAYS[:5], "08:30-17:00"))


def callers(**settings):
    bare = replace(a_pipeline(), consumer=None, settings=Settings(consumer=False, rescue=None, **settings))
    return a_config(bare, specs=(replace(HOURS, name="office"),))


def a_week(config, **changes):
    start = MONDAY.replace(hour=0)
    return simulate(config, SimulationRequest(start=start, end=start + timedelta(days=7), seed=5, **changes))


def test_every_opening_is_served_and_nothing_is_paid_for_at_night():
    (result,) = a_week(callers()).pipelines
    assert (result.open_minutes, result.unserved_minutes) == (5 * 8.5 * 60, 0)
    assert result.billed_unit_hours < 5 * 9.25
    assert (result.violations, result.messages.arrived, result.consumer) == ((), 0, False)


def test_a_drain_is_paid_for_after_each_closing():
    (at_once,), (later,) = a_week(callers()).pipelines, a_week(callers(drain=timedelta(minutes=30))).pipelines
    assert 5 * 0.3 < later.billed_unit_hours - at_once.billed_unit_hours < 5 * 0.6


def test_no_rule_is_broken_under_faults():
    for seed in range(3):
        start = MONDAY.replace(hour=0)
        request = SimulationRequest(start=start, end=start + timedelta(days=7), seed=seed, faults=True)
        (result,) = simulate(callers(), request).pipelines
        assert result.violations == ()


def test_a_model_that_nobody_starts_stays_down():
    (result,) = a_week(callers(manual_start=True)).pipelines
    assert (result.starts, result.billed_unit_hours) == (0, 0)
