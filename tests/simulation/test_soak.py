"""A few runs of the soak, and that it would tell a failure."""

from __future__ import annotations

from random import Random

import pytest

from controller.core.states import Desired
from tests.embedded import MONDAY
from tests.loop import TICK
from tests.simulation import soak

SEEDS = (0, 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_week_of_anything_breaks_no_rule_and_comes_to_be_as_desired(seed):
    ended = soak.soak(seed)
    assert ended.fine, "\n".join(soak.told(ended))
    assert ended.steps > 2016 * 0.7


def test_a_seed_always_draws_the_same():
    first, second = (soak.a_configuration(Random("5")) for _ in range(2))  # noqa: S311 - no secret
    assert first == second


def test_a_run_that_breaks_down_is_told_with_its_seed(monkeypatch):
    monkeypatch.setattr(soak, "a_configuration", lambda _chance: 1 / 0)
    ended = soak.soak(7)
    assert not ended.fine
    assert next(soak.told(ended)).startswith("seed 7: Traceback")


def most_ticks(*ticks: tuple[Desired, bool]) -> int:
    """A tick after the other: what is desired, and whether it is so."""
    waiting = soak.Waiting(name="logos", since=MONDAY)
    for number, (desired, ready) in enumerate(ticks):
        waiting.see(desired, MONDAY + number * TICK, ready=ready)
    return waiting.most


ON, OFF = Desired.ON, Desired.OFF


@pytest.mark.parametrize(
    ("ticks", "most"),
    [
        pytest.param(((ON, True),), 0, id="at once"),
        pytest.param(((ON, False), (ON, False), (ON, True)), 1, id="not yet after one"),
        pytest.param(
            ((ON, False), (ON, False), (OFF, False), (OFF, False)), 1, id="something else is desired"
        ),
        pytest.param(((ON, True), (ON, False), (ON, False)), 0, id="it was, once"),
    ],
)
def test_ticks_are_counted_from_when_the_same_is_desired(ticks, most):
    assert most_ticks(*ticks) == most


def test_a_run_that_is_late_is_not_fine():
    assert most_ticks(*((ON, False),) * (soak.CONVERGES_WITHIN + 2)) > soak.CONVERGES_WITHIN
    assert soak.CALM > (soak.CONVERGES_WITHIN + 1) * TICK
    assert not soak.Ended(seed=1, late=("logos",)).fine
