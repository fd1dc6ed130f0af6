"""A model that is always on, and the person who finds it down in the morning."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from controller.core.actions import Action, ActionKind
from controller.loop.act import execute
from controller.loop.context import PipelineContext
from controller.sim.aws.account import EmbeddedAws
from controller.sim.aws.rekognition import STARTABLE

BREAK_S = 60.0
"""Between two looks of a person who waits."""
PATIENCE = timedelta(hours=1)
"""How long a person waits for a model to come up, and for a mapping to come on."""


class AlwaysOn:
    """Brings model and mapping on at each of ``visits`` (aware UTC), and lets them be at other times."""

    def __init__(self, aws: EmbeddedAws, context: PipelineContext, visits: Iterable[datetime]) -> None:
        self._clock = aws.world.clock
        self._bench = context
        self._pipeline = aws.pipelines[context.pipeline.name]
        for visit in visits:
            until_s = (visit + PATIENCE).timestamp()
            self._clock.at(visit.timestamp(), partial(self._look, until_s))

    def _look(self, until_s: float) -> None:
        """Once the mapping is Enabled and the model RUNNING, or patience ends, there is no further look."""
        model, mapping = self._pipeline.model.status, self._pipeline.mapping.state
        if (model, mapping) == ("RUNNING", "Enabled") or self._clock.now_s >= until_s:
            return
        if model in STARTABLE:
            execute(self._bench, Action.own(ActionKind.START_MODEL))
        elif model == "RUNNING" and mapping == "Disabled":
            execute(self._bench, Action.own(ActionKind.ENABLE_MAPPING))
        self._clock.at(self._clock.now_s + BREAK_S, partial(self._look, until_s))
