"""Weeks of the real loop in a world where everything goes wrong; then faults cease, and it converges.

Safety: S1 to S8 hold at every step, with faults, and nothing that must be tried is left undone.
Liveness (L1): once faults cease and while the schedule asks for the same, every pipeline is as desired, by
what the embedded AWS says, within ``CONVERGES_WITHIN`` ticks: a backoff of an hour, a stop that is under way,
a start of half an hour, and the tick that enables.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from controller.core.settings import Settings
from controller.loop.context import LoopContext, pipeline_contexts
from controller.loop.workers import InTurn
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.faults import HARSH
from controller.sim.checks.expectations import ExpectedBounds
from controller.sim.policies.compare import Policy, run
from controller.sim.simulate import SimulationRequest, drive, monitored, scenario
from controller.storage.memories import ProcessMemories
from tests.simulation import proof
from tests.support.embedded import a_pipeline
from tests.support.loop import TICK, a_config, converged, utc
from tests.support.schedules import dated, span, spec

WEEK = timedelta(days=7)
CONVERGES_WITHIN = 24
OPEN, CLOSED = utc("2026-11-25T10:00"), utc("2026-11-25T22:00")
"""Instants of a Wednesday with four hours and more to the next change of every schedule here."""

OFFICE = spec(daily="closed", days=dict.fromkeys(("mon", "tue", "wed", "thu"), "08:30-17:00"))
SPLIT = spec(
    daily="closed",
    days=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "07:30-09:30, 09:50-15:00, 17:00-17:30"),
    overrides=(
        dated("2026-11-27", "closed"),
        dated("2026-11-28", "10:00-11:00, 20:00-03:00"),
        span("2026-11-30T10:00", "2026-11-30T10:20", "closed"),
        span("2026-11-30T18:00", "2026-11-30T19:30", "open"),
    ),
)
WEEKS = {
    "one pipeline": (100, (("logos", OFFICE, Settings(warm_up=timedelta(minutes=30))),)),
    "learning its lead": (50, (("logos", SPLIT, Settings(drain=timedelta(minutes=6))),)),
    "two pipelines": (
        50,
        (
            ("logos", OFFICE, Settings(warm_up=timedelta(minutes=10))),
            ("labels", SPLIT, Settings(bridge=timedelta(0))),
        ),
    ),
}


def a_week(kind: str, seed: int):
    """A configuration and a request for a week that ends open or closed."""
    made = [
        (replace(a_pipeline(name, number), schedule=name, settings=settings), replace(hours, name=name))
        for number, (name, hours, settings) in enumerate(WEEKS[kind][1], start=1)
    ]
    end = OPEN + WEEK if seed % 2 else CLOSED + WEEK
    request = SimulationRequest(start=end - WEEK, end=end, seed=seed, faults=True)
    config = a_config(*(pipeline for pipeline, _ in made), specs=tuple(hours for _, hours in made))
    return config, request


SEEDS = [
    pytest.param(kind, seed, id=f"{kind}-{seed}")
    for kind, (count, _) in WEEKS.items()
    for seed in range(count)
]


@pytest.mark.parametrize(("kind", "seed"), SEEDS)
def test_a_week_of_faults_breaks_no_rule_and_then_converges(kind, seed):
    config, request = a_week(kind, seed)
    aws = EmbeddedAws.for_pipelines(config.pipelines, scenario(config, request, HARSH))
    made = pipeline_contexts(config, aws.clients)
    bounds = ExpectedBounds(aws, config, TICK)
    monitor = monitored(aws, config, bounds)
    world = LoopContext(contexts=made, memories=ProcessMemories(), clock=aws.now, tick=TICK, workers=InTurn())

    for report in drive(aws, world, monitor, request):
        assert monitor.violations == [], f"seed {seed} of {kind}"
        assert len(report.pipelines) == len(config.pipelines)

    aws.end_faults()
    after = replace(request, start=request.end, end=request.end + CONVERGES_WITHIN * TICK)
    last = list(drive(aws, world, monitor, after))[-1]
    assert monitor.violations == [], f"seed {seed} of {kind}, after the faults"
    assert converged(bounds, last), f"seed {seed} of {kind}: {last}"


@pytest.mark.parametrize("start", [OPEN, CLOSED], ids=["open", "closed"])
def test_a_week_without_faults_loses_no_minute_and_no_message(start):
    config, request = a_week("one pipeline", 1)
    request = replace(request, start=start, end=start + WEEK, faults=False)
    aws = EmbeddedAws.for_pipelines(config.pipelines, scenario(config, request, None))
    made = pipeline_contexts(config, aws.clients)
    monitor = monitored(aws, config, ExpectedBounds(aws, config, TICK))
    world = LoopContext(contexts=made, memories=ProcessMemories(), clock=aws.now, tick=TICK, workers=InTurn())
    for report in drive(aws, world, monitor, request):
        assert not any(each.failed for each in report.pipelines)
    messages = aws.pipelines["logos"].accounting().messages
    assert monitor.violations == []
    assert (messages.failed_receives, messages.dead_lettered, messages.expired) == (0, 0, 0)
    assert messages.processed > 0


def test_a_quiet_fortnight_serves_every_minute_for_little_more_than_the_oracles_hours():
    config = proof.example()
    request = SimulationRequest(start=proof.START, end=proof.START + 2 * WEEK, seed=1)
    (ours,) = run(Policy.CONTROLLER, config, request).pipelines
    (oracles,) = run(Policy.ORACLE, config, request).pipelines
    assert ours.violations == ()
    assert ours.unserved_minutes == 0
    assert ours.messages.expired == ours.messages.dead_lettered == 0
    assert ours.billed_unit_hours <= proof.MOST_OF_ORACLE * oracles.billed_unit_hours
