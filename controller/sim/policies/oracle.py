"""The oracle policy: it knows how long every start, stop and transition will take, and wastes nothing.

It meets the same faults: starts fail, models fail while they run, calls are refused, operators interfere.
But every change is seen when it happens, and what failed is repeated at once. It serves the openings alone,
without the other rules.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from enum import StrEnum
from math import inf

from controller.core.actions import Action, ActionKind, FailureKind
from controller.loop.act import execute
from controller.loop.context import PipelineContext
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.accounting import Interval
from controller.sim.aws.lambda_ import TRANSITION_S
from controller.sim.aws.rekognition import STARTABLE, STOP_MINUTES

LATE_WORK_S = 180.0
"""How long work may reach the model after Disabled: pollers go on for two minutes, counts lag by one."""
RETRY_S = 1.0
"""After which a refused call is repeated, and work in flight is read again."""
QUOTA_RETRY_S = 60.0
"""After which a call that a quota refused is repeated."""


class Foresight(StrEnum):
    """What the oracle knows in advance; the longest is assumed for the rest, so that nothing is unserved."""

    EVERYTHING = "everything"
    BUT_STARTS = "all but how long a start takes"
    NOTHING = "nothing"
    """Nor how long a transition takes, and for how long work still reaches the model after Disabled."""


class Oracle:
    """Serves exactly ``wanted`` (intervals in order, aware UTC), from now on.

    With less ``foresight`` its unit-hours are a lower bound for every policy that knows no more.
    """

    def __init__(
        self,
        aws: EmbeddedAws,
        context: PipelineContext,
        wanted: Sequence[Interval],
        foresight: Foresight = Foresight.EVERYTHING,
    ) -> None:
        pipeline = aws.pipelines[context.pipeline.name]
        self._clock = aws.world.clock
        self._knows_starts = foresight is Foresight.EVERYTHING
        self._knows_the_rest = foresight is not Foresight.NOTHING
        self._longest_start_s = aws.world.scenario.start_minutes[1] * 60
        self._context = context
        self._model = pipeline.model
        self._mapping = pipeline.mapping
        self._consumer = pipeline.consumer
        self._gated = context.pipeline.consumer is not None
        self._wanted = deque((start.timestamp(), end.timestamp()) for start, end in wanted)
        self._epoch = 0
        pipeline.on_change.append(lambda _: self._look_now())
        self._look_now()

    def _look_now(self) -> None:
        self._look_at(self._clock.now_s)

    def _look_at(self, when_s: float) -> None:
        """Replaces the look that was scheduled before."""
        self._epoch += 1
        epoch = self._epoch
        self._clock.at(when_s, lambda: self._look() if self._epoch == epoch else None)

    def _look(self) -> None:
        """Do what is due, and schedule the next look."""
        while self._wanted and self._wanted[0][1] <= self._clock.now_s:
            self._wanted.popleft()
        repeats = [self._execute(action) for action in tuple(self._due())]
        times = (*repeats, *(at_s for at_s in self._next_times() if at_s > self._clock.now_s))
        if times:
            self._look_at(min(times))

    def _execute(self, action: ActionKind) -> float:
        """Execute the action, and return when to look again."""
        outcome = execute(self._context, Action.own(action))
        return self._clock.now_s + (QUOTA_RETRY_S if outcome.refusal is FailureKind.QUOTA else RETRY_S)

    def _due(self) -> Iterator[ActionKind]:
        now_s, running = self._clock.now_s, self._model.status == "RUNNING"
        consuming = running and now_s >= self._enable_at_s()
        if self._gated and self._mapping.state == "Enabled" and not consuming:
            yield ActionKind.DISABLE_MAPPING
        if self._gated and self._mapping.state == "Disabled" and consuming:
            yield ActionKind.ENABLE_MAPPING
        if self._model.status in STARTABLE and now_s >= self._start_at_s():
            yield ActionKind.START_MODEL
        if self._is_superfluous() and self._work_has_ended():
            yield ActionKind.STOP_MODEL

    def _next_times(self) -> Iterator[float]:
        if self._wanted:
            yield self._start_at_s()
            yield self._enable_at_s()
            yield self._wanted[0][1]
        if self._is_superfluous():
            yield self._clock.now_s + RETRY_S

    def _work_has_ended(self) -> bool:
        if not self._gated:
            return True
        off_for_s = self._clock.now_s - self._mapping.last_modified.timestamp()
        return not self._consumer.busy and (self._knows_the_rest or off_for_s >= LATE_WORK_S)

    def _enable_at_s(self) -> float:
        """When to enable the mapping, for it to be Enabled when the opening begins."""
        takes_s = self._mapping.next_transition_s if self._knows_the_rest else TRANSITION_S[1]
        takes_s = takes_s if self._gated else 0.0
        return self._wanted[0][0] - takes_s if self._wanted else inf

    def _start_at_s(self) -> float:
        """When to start the model, for it to be RUNNING when the mapping is to be enabled."""
        return self._enable_at_s() - self._start_takes_s()

    def _start_takes_s(self) -> float:
        return self._model.next_start_s if self._knows_starts else self._longest_start_s

    def _is_superfluous(self) -> bool:
        """Whether the model is up and not consuming, with time to stop and start before the next opening."""
        stop_s = self._model.next_stop_s if self._knows_the_rest else STOP_MINUTES[1] * 60
        down_s = stop_s + self._start_takes_s()
        off = not self._gated or self._mapping.state == "Disabled"
        unused = self._model.status == "RUNNING" and off
        return unused and self._clock.now_s + down_s < self._enable_at_s()
