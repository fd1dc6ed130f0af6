"""An oracle: it knows how long every start, stop and transition will take, and wastes nothing.

What goes wrong goes wrong for it, too: starts fail, models die, calls are refused, people lay hands on it.
But it sees every change when it happens, and tries again at once. It serves the openings, and knows nothing
of the rules beyond them.
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

WORK_S = 180.0
"""How long work may reach the model after Disabled: pollers go on for two minutes, counts lag by one."""
AT_ONCE_S = 1.0
"""How soon it tries again what was refused, and looks again at work in flight."""
PATIENCE_S = 60.0
"""How soon it tries again where a quota stands in the way."""


class Foresight(StrEnum):
    """What is known in advance; for what is not, the longest is allowed, so that nothing is unserved."""

    EVERYTHING = "everything"
    BUT_STARTS = "all but how long a start takes"
    NOTHING = "nothing"
    """Nor how long a transition takes, and for how long work still reaches the model after Disabled."""


class Oracle:
    """Serves exactly ``wanted`` (intervals in order, aware UTC), from now on.

    With less ``foresight`` it is the least that any policy can do which knows no more than that.
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
        self._bench = context
        self._model = pipeline.model
        self._mapping = pipeline.mapping
        self._consumer = pipeline.consumer
        self._gated = context.pipeline.consumer is not None
        self._wanted = deque((start.timestamp(), end.timestamp()) for start, end in wanted)
        self._epoch = 0
        pipeline.on_change = self._look_now
        self._look_now()

    def _look_now(self) -> None:
        self._look_at(self._clock.now_s)

    def _look_at(self, when_s: float) -> None:
        """The latest promise to look holds; those before it are dropped."""
        self._epoch += 1
        epoch = self._epoch
        self._clock.at(when_s, lambda: self._look() if self._epoch == epoch else None)

    def _look(self) -> None:
        """Do what is due, and come back when there is something else to do."""
        while self._wanted and self._wanted[0][1] <= self._clock.now_s:
            self._wanted.popleft()
        again = [self._carry_out(action) for action in tuple(self._due())]
        moments = (*again, *(at_s for at_s in self._moments() if at_s > self._clock.now_s))
        if moments:
            self._look_at(min(moments))

    def _carry_out(self, action: ActionKind) -> float:
        """When to look again."""
        outcome = execute(self._bench, Action.own(action))
        return self._clock.now_s + (PATIENCE_S if outcome.refusal is FailureKind.QUOTA else AT_ONCE_S)

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

    def _moments(self) -> Iterator[float]:
        if self._wanted:
            yield self._start_at_s()
            yield self._enable_at_s()
            yield self._wanted[0][1]
        if self._is_superfluous():
            yield self._clock.now_s + AT_ONCE_S

    def _work_has_ended(self) -> bool:
        if not self._gated:
            return True
        off_for_s = self._clock.now_s - self._mapping.last_modified.timestamp()
        return not self._consumer.busy and (self._knows_the_rest or off_for_s >= WORK_S)

    def _enable_at_s(self) -> float:
        """Then the mapping is Enabled when the opening begins."""
        takes_s = self._mapping.next_transition_s if self._knows_the_rest else TRANSITION_S[1]
        takes_s = takes_s if self._gated else 0.0
        return self._wanted[0][0] - takes_s if self._wanted else inf

    def _start_at_s(self) -> float:
        """Then the model is RUNNING when the mapping is to be enabled."""
        return self._enable_at_s() - self._start_takes_s()

    def _start_takes_s(self) -> float:
        return self._model.next_start_s if self._knows_starts else self._longest_start_s

    def _is_superfluous(self) -> bool:
        """Up and not consuming, and there is time to stop and to start before the next opening."""
        stop_s = self._model.next_stop_s if self._knows_the_rest else STOP_MINUTES[1] * 60
        down_s = stop_s + self._start_takes_s()
        off = not self._gated or self._mapping.state == "Disabled"
        unused = self._model.status == "RUNNING" and off
        return unused and self._clock.now_s + down_s < self._enable_at_s()
