"""People who lay hands on a pipeline, for reasons of their own."""

from __future__ import annotations

from controller.sim.aws.pipeline import EmbeddedPipeline, ManualChange
from controller.sim.aws.world import SimulatedWorld


class Operator:
    """Starts, stops, enables or disables now and then, until the faults cease."""

    def __init__(self, world: SimulatedWorld, pipeline: EmbeddedPipeline) -> None:
        self._clock = world.clock
        self._trouble = world.trouble
        self._pipeline = pipeline
        self._come_back()

    def _come_back(self) -> None:
        after_s = self._trouble.hand_after_s(self._pipeline.name)
        if after_s is not None:
            self._clock.at(self._clock.now_s + after_s, self._act)

    def _act(self) -> None:
        if self._trouble.faults.hands:
            self._pipeline.act_by_hand(self._trouble.hand(self._pipeline.name).choice(tuple(ManualChange)))
            self._come_back()
