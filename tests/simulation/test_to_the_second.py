"""An opening, a closing and a warm-up happen to the second where an invocation can wait for them.

Ticks come at every five minutes past the hour, and an invocation may look again for four minutes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from controller.core.settings import Settings
from controller.loop.context import LoopContext, pipeline_contexts
from controller.loop.workers import InTurn
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.transport import SentCall
from controller.sim.checks.expectations import ExpectedBounds
from controller.sim.simulate import SimulationRequest, drive, monitored, scenario
from controller.storage.memories import ProcessMemories
from tests.support.embedded import a_pipeline
from tests.support.loop import TICK, a_config, utc
from tests.support.schedules import span, spec

EARLY = utc("2026-11-23T07:00")


def a_day(hours: str, warm_up: timedelta, closed: tuple[str, str] | None = None) -> list[str]:
    """Every write of a day with these hours (UTC): the second, and what was asked for."""
    overrides = (span(*(f"2026-11-23T{clock}" for clock in closed), "closed"),) if closed else ()
    pipeline = replace(a_pipeline(), settings=Settings(warm_up=warm_up))
    config = a_config(pipeline, specs=(replace(spec(daily=hours, overrides=overrides), name="office"),))
    request = SimulationRequest(
        start=EARLY, end=EARLY + timedelta(hours=12), tick=TICK, start_minutes=(8.0, 8.0)
    )
    aws = EmbeddedAws.for_pipelines(config.pipelines, scenario(config, request, None))
    monitor = monitored(aws, config, ExpectedBounds(aws, config, TICK))
    world = LoopContext(
        contexts=pipeline_contexts(config, aws.clients),
        memories=ProcessMemories(),
        clock=aws.now,
        tick=TICK,
        workers=InTurn(),
    )
    writes: list[str] = []
    aws.listen(partial(_note, writes))
    for _ in drive(aws, world, monitor, request):
        pass
    assert monitor.violations == []
    return writes


def _note(writes: list[str], call: SentCall) -> None:
    enabled = call.request.parameters.get("Enabled")
    words = {"StartProjectVersion": "start", "StopProjectVersion": "stop"}
    word = words.get(call.request.operation) or {True: "enable", False: "disable", None: ""}[enabled]
    if word:
        writes.append(f"{call.at:%H:%M:%S} {word}")


@pytest.mark.parametrize(
    ("hours", "warm_up_s", "starts_at"),
    [
        pytest.param("08:33-17:00", 1800, "08:03:00", id="within the invocation of 08:00"),
        pytest.param("08:30-17:00", 1800, "08:00:00", id="at a tick"),
        pytest.param("08:34-17:00", 1770, "08:03:55", id="after the last tick of 08:00, before 08:05"),
    ],
)
def test_a_model_starts_a_lead_before_the_opening(hours, warm_up_s, starts_at):
    assert a_day(hours, timedelta(seconds=warm_up_s))[0] == f"{starts_at} start"


def test_consumption_ends_when_the_opening_does():
    writes = a_day("08:30-17:02", timedelta(minutes=30))
    assert next(write for write in writes if write.endswith("disable")) == "17:02:00 disable"


def test_consumption_begins_when_an_explicit_closure_ends():
    writes = a_day("08:30-17:00", timedelta(minutes=30), ("08:00:00", "09:03:20"))
    assert next(write for write in writes if write.endswith("enable")) == "09:03:20 enable"
