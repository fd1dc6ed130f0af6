"""A few runs of the soak, and that it would tell a failure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from controller.core.settings import DEFAULT_RESCUE
from controller.core.states import Desired
from controller.sim.simulate import simulate
from tests.simulation import soak
from tests.support.embedded import MONDAY
from tests.support.loop import TICK, with_settings
from tests.support.stack import template

SEEDS = (0, 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_week_of_anything_breaks_no_rule_and_comes_to_be_as_desired(seed):
    ended = soak.soak(seed)
    assert ended.fine, "\n".join(soak.told(ended))
    assert ended.steps > 672 * 0.7


@pytest.mark.parametrize("seed", SEEDS)
def test_without_faults_no_message_of_anybodys_week_is_lost(seed):
    """Whatever the schedule: closures longer than the retention are what `rescue` is for."""
    chance = Random(seed)  # noqa: S311 - no secret
    config, request = soak.a_configuration(chance), soak.a_request(chance, seed)
    unbound = {"hold": None, "rescue": DEFAULT_RESCUE, "budget": None}
    pipelines = tuple(with_settings(pipeline, **unbound) for pipeline in config.pipelines)
    week = replace(request, faults=False, arrivals=4000)
    for each in simulate(replace(config, pipelines=pipelines), week).pipelines:
        messages = each.messages
        assert each.violations == ()
        assert (messages.expired, messages.dead_lettered, messages.failed_receives) == (0, 0, 0)
        assert messages.arrived > 0


def test_a_seed_always_draws_the_same():
    first, second = (soak.a_configuration(Random("5")) for _ in range(2))  # noqa: S311 - no secret
    assert first == second


def test_a_run_that_breaks_down_is_told_with_its_seed(monkeypatch):
    monkeypatch.setattr(soak, "a_configuration", lambda _chance: 1 / 0)
    ended = soak.soak(7)
    assert not ended.fine
    assert next(soak.told(ended)).startswith("seed 7: Traceback")


def longest(*ticks: tuple[Desired, bool]) -> timedelta:
    """A tick after the other: what is desired, and whether it is so."""
    waiting = soak.Waiting(name="logos", since=MONDAY)
    for number, (desired, ready) in enumerate(ticks):
        waiting.see(desired, MONDAY + number * TICK, ready=ready)
    return waiting.most


ON, OFF = Desired.ON, Desired.OFF


@pytest.mark.parametrize(
    ("ticks", "minutes"),
    [
        pytest.param(((ON, True),), 0, id="at once"),
        pytest.param(((ON, False), (ON, False), (ON, True)), 5, id="not yet after one"),
        pytest.param(
            ((ON, False), (ON, False), (OFF, False), (OFF, False)), 5, id="something else is desired"
        ),
        pytest.param(((ON, True), (ON, False), (ON, False)), 0, id="it was, once"),
    ],
)
def test_time_counts_from_when_the_same_is_desired(ticks, minutes):
    assert longest(*ticks) == timedelta(minutes=minutes)


def test_a_run_that_is_late_is_not_fine(monkeypatch):
    slowest = timedelta(minutes=max(soak.TICKS))
    assert soak.SLOWEST + (soak.LOOKS + 1) * slowest < soak.CALM
    monkeypatch.setattr(soak, "SLOWEST", -soak.CALM)
    ended = soak.soak(SEEDS[0])
    assert not ended.fine
    assert "was not" in next(soak.told(ended))


def test_the_ticks_are_those_that_the_stack_offers():
    offered = template()["Parameters"]["TickMinutes"]["AllowedValues"]
    assert sorted(set(soak.TICKS)) == offered
