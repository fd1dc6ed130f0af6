"""Two invocations at once, each with a memory of its own, that take turns at every call to AWS."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from controller.loop.act import execute
from controller.loop.context import LoopContext, pipeline_contexts
from controller.loop.reconcile import reconcile
from controller.loop.workers import InTurn
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.faults import NONE, Faults
from controller.sim.aws.traffic import Traffic
from controller.sim.aws.world import Scenario
from controller.sim.checks.safety import Monitor
from controller.storage.memories import ProcessMemories
from tests.support.embedded import a_pipeline
from tests.support.loop import a_config, utc, with_settings
from tests.support.schedules import spec

OPENS, CLOSES = utc("2026-11-23T08:30"), utc("2026-11-23T10:00")
LEAD = timedelta(minutes=35)
"""The warm-up and a tick; in it what has come is worked on already."""
CONFIG = a_config(
    with_settings(a_pipeline(), warm_up=timedelta(minutes=30)),
    specs=(replace(spec(daily="08:30-10:00"), name="office"),),
)


class Turns:
    """Of several threads one goes at a time, until it makes a call; then the dice choose, and time passes."""

    def __init__(self, aws: EmbeddedAws, dice: random.Random, players: int) -> None:
        self.aws, self.dice = aws, dice
        self.playing = set(range(players))
        self.turn = 0
        self.changed = threading.Condition()

    def wait(self, me: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.turn == me, timeout=60)

    def pass_on(self, me: int, *, within_s: float) -> None:
        self.aws.sleep(self.dice.uniform(0, within_s))
        with self.changed:
            self.turn = self.dice.choice(sorted(self.playing))
            self.changed.notify_all()
        self.wait(me)

    def leave(self, me: int) -> None:
        with self.changed:
            self.playing.discard(me)
            self.turn = min(self.playing, default=-1)
            self.changed.notify_all()


class Slow:
    """A client each of whose calls first gives the others their turn."""

    def __init__(self, client: object, before: Callable[[], None]) -> None:
        self._client, self._before = client, before

    def __getattr__(self, name: str) -> Callable[..., object]:
        call = getattr(self._client, name)

        def later(**parameters: object) -> object:
            self._before()
            return call(**parameters)

        return later


class Invocation:
    """One of them; its monitor hears its calls alone, and judges by the instant at which a tick began."""

    def __init__(self, number: int, aws: EmbeddedAws, turns: Turns) -> None:
        self.number, self.aws, self.turns = number, aws, turns
        self.began_at = aws.now()
        self.monitor = Monitor(
            CONFIG.pipelines, wants_consumption=lambda _name, _at: OPENS - LEAD <= self.began_at < CLOSES
        )
        self.world = LoopContext(
            contexts=pipeline_contexts(CONFIG, self.clients),
            memories=ProcessMemories(),
            clock=self.clock,
            workers=InTurn(),
        )
        self.thread = threading.Thread(target=self.run, daemon=True)
        aws.listen(lambda call: self.monitor.on_call(call) if self.turns.turn == self.number else None)

    def clients(self, service: str, target: object) -> object:
        made = self.aws.clients(service, target)
        return Slow(made, lambda: self.turns.pass_on(self.number, within_s=8))

    def clock(self) -> datetime:
        self.began_at = self.aws.now()
        return self.began_at

    def run(self) -> None:
        self.turns.wait(self.number)
        try:
            while self.aws.now() < CLOSES + timedelta(minutes=50):
                self.tick()
                self.turns.pass_on(self.number, within_s=240)
        finally:
            self.turns.leave(self.number)

    def tick(self) -> None:
        self.monitor.begin_invocation()
        self.monitor.begin_tick(self.aws.now())
        report = reconcile(self.world, act=execute)
        self.monitor.end_tick(report.at)


@pytest.mark.parametrize("faults", [NONE, Faults()], ids=["quiet", "with faults"])
@pytest.mark.parametrize("seed", range(10))
def test_two_invocations_in_any_order_break_no_rule_and_reach_what_is_desired(seed, faults):
    scenario = Scenario(
        start=OPENS - timedelta(minutes=40), seed=seed, traffic=Traffic(per_day=2000), start_minutes=(5, 15)
    )
    aws = EmbeddedAws.for_pipelines(CONFIG.pipelines, replace(scenario, faults=faults))
    turns = Turns(aws, random.Random(seed), players=2)  # noqa: S311 - dice, and no secret
    both = [Invocation(number, aws, turns) for number in range(2)]
    for each in both:
        each.thread.start()
    for each in both:
        each.thread.join(timeout=60)
    assert [violation for each in both for violation in each.monitor.violations] == []
    (pipeline,) = aws.pipelines.values()
    assert aws.now() >= CLOSES + timedelta(minutes=50)
    if faults is NONE:
        states = [change.state for change in aws.changes if change.resource == "model"]
        assert states == ["STARTING", "RUNNING", "STOPPING", "STOPPED"]
        assert pipeline.mapping.state == "Disabled"
        assert pipeline.accounting().messages.dead_lettered == 0
